"""Sorting a file's new items into vouchers: what is clean together, what breaks a rule apart, what is refused out.

A gate's refusal takes its own row out and leaves the rest; facts that break a rule go into vouchers of their own,
because each needs an explanation and a second person, and a thousand sound rows must not wait for them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ledger.application.outcomes import VoucherRefusedError
from ledger.application.proposing.proposal import Proposed
from ledger.application.proposing.telling.teller import Refusal
from ledger.errors import LedgerError
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding

VOUCHER_EVENTS: Final = 1000
BY_OTHERS: Final = frozenset({"DIFFERENCE_EXCEEDED", "EXCLUSIVE_BENEFIT"})
"""What another row of the same import may make right (补差、互斥), without the letter."""
Judge = Callable[[Sequence[Proposed], tuple[str, ...]], Sequence[Finding]]
"""Judges items as one voucher: answers its warnings, raises VoucherRefusedError or another LedgerError."""


@dataclass(slots=True)
class Sorting:
    """What one group of items came apart into."""

    clean: list[Proposed] = field(default_factory=list)
    odd: dict[tuple[str, ...], list[Proposed]] = field(default_factory=dict)
    """Items whose facts break rules, by the codes of those rules."""
    refused: list[Refusal] = field(default_factory=list)
    instead: list[Proposed] = field(default_factory=list)
    """What is recorded in the place of a refused row: the line that is taken out of its batch."""
    put_off: list[Proposed] = field(default_factory=list)
    """What is judged again when the other lists of the import were read: see `BY_OTHERS`."""

    def vouchers(self) -> Iterator[tuple[list[Proposed], tuple[str, ...]]]:
        """The items of each voucher to be, with the codes that its note must explain."""
        for items, codes in ((self.clean, ()), *((items, codes) for codes, items in self.odd.items())):
            if items:
                yield items, codes


def groups(items: Sequence[Proposed]) -> list[list[Proposed]]:
    """Vouchers to be: by entity, day and kinds in the order of first appearance, at most 1,000 events each; but what
    rests on an act of another row comes after it, wherever the two stand.
    """
    return _causes_first(_alike(items), _causes(items))


def _alike(items: Sequence[Proposed]) -> list[list[Proposed]]:
    """Items of one entity, day and kinds together, in the order of first appearance."""
    found: dict[tuple[Any, ...], list[list[Proposed]]] = {}
    filled: dict[tuple[Any, ...], int] = {}
    for item in items:
        kinds = ("chain",) if item.chain else tuple(dict.fromkeys(event.kind for event in item.events))
        key = (item.entity, item.day, kinds)
        parts = found.setdefault(key, [])
        if not parts or filled[key] + len(item.events) > VOUCHER_EVENTS:
            parts.append([])
            filled[key] = 0
        parts[-1].append(item)
        filled[key] += len(item.events)
    return [part for parts in found.values() for part in parts]


def _causes(items: Sequence[Proposed]) -> dict[int, list[int]]:
    """By `id`, what an item rests on among the others; nothing of one that rests on none of them."""
    classes = {type(event) for item in items for event in item.events}
    resting = {kind for cls in classes for kinds in cls.rested_on.values() for kind in kinds}
    resting &= {cls.model_fields["kind"].default for cls in classes}
    if not resting:
        return {}
    borne: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for item, event in _events_of(items):
        for tag in event.tags() if event.rested_on else ():
            for kind in event.rested_on.get(tag.partition(":")[0], ()):
                borne[kind, tag].append(id(item))
    found: dict[int, list[int]] = {}
    for item, event in _events_of(items):
        for tag in event.tags() if event.kind in resting else ():
            if causes := [one for one in borne.get((event.kind, tag), ()) if one != id(item)]:
                found.setdefault(id(item), []).extend(causes)
    return found


def _events_of(items: Sequence[Proposed]) -> Iterator[tuple[Proposed, Event]]:
    return ((item, event) for item in items for event in item.events)


def _causes_first(parts: list[list[Proposed]], causes: Mapping[int, Sequence[int]]) -> list[list[Proposed]]:
    """The parts, each after those that it rests on and else in their order. Where parts rest on each other, as much of
    one as rests on nothing that is left goes before the others.
    """
    if not causes:
        return parts
    home = {id(item): number for number, part in enumerate(parts) for item in part}
    ahead = {one for told in causes.values() for one in told}
    left, ordered = dict(enumerate(parts)), list[list[Proposed]]()

    def waits(item: Proposed, number: int | None = None) -> bool:
        return any(one in ahead and home[one] != number for one in causes.get(id(item), ()))

    while left:
        chosen = next((n for n, part in left.items() if not any(waits(item, n) for item in part)), None)
        first = left.pop(chosen) if chosen is not None else []
        for number, part in left.items() if chosen is None else ():
            first = [item for item in part if not waits(item)]
            if first:
                left[number] = [item for item in part if waits(item)]
                break
        if not first:  # they rest on each other: no order is better than theirs
            return [*ordered, *left.values()]
        ordered.append(first)
        ahead.difference_update(map(id, first))
    return ordered


def sort_out(group: Sequence[Proposed], judge: Judge, *, last: bool = True) -> Sorting:
    """Judge a group until nothing in it is refused, each time without what was; but for the `last` time what others
    may make right is put off.
    """
    sorting, left = Sorting(), list(group)
    while left:
        try:
            findings = judge(left, ("W_",))
        except VoucherRefusedError as refused:
            left = _without_refused(left, refused.findings, sorting, last=last)
            continue
        except LedgerError as error:
            sorting.refused += [Refusal(item, error.code, dict(error.params), of_voucher=True) for item in left]
            return sorting
        late = set() if last else _late(left, [one for one in findings if one.demands])
        if not late:
            _part(left, findings, sorting)
            return sorting
        sorting.put_off += [item for item in left if id(item) in late]
        left = [item for item in left if id(item) not in late]  # judged anew: they may have rested on those
    return sorting


def _late(group: Sequence[Proposed], findings: Sequence[Finding]) -> set[int]:
    """By `id`, the items of which one of these findings may be made right by others."""
    owners = _owners(group)
    return {id(owners[one.event]) for one in findings if one.event >= 0 and one.code.partition("_")[2] in BY_OTHERS}


def _part(group: Sequence[Proposed], findings: Sequence[Finding], sorting: Sorting) -> None:
    """Put the items whose facts break rules apart, by their codes."""
    owners = _owners(group)
    codes: dict[int, set[str]] = {}
    for finding in findings:
        if finding.demands and finding.event >= 0:
            codes.setdefault(id(owners[finding.event]), set()).add(finding.code)
    for item in group:
        if id(item) in codes:
            sorting.odd.setdefault(tuple(sorted(codes[id(item)])), []).append(item)
        else:
            sorting.clean.append(item)


def _without_refused(
    group: list[Proposed], findings: Sequence[Finding], sorting: Sorting, *, last: bool
) -> list[Proposed]:
    """Drop the items that a gate refuses; a finding about the voucher as a whole refuses them all."""
    owners = _owners(group)
    refusing = [finding for finding in findings if finding.refuses]
    bad = {id(owners[f.event]) for f in refusing if f.event >= 0} or {id(item) for item in group}
    late = set() if last else _late(group, refusing)
    sorting.put_off += [item for item in group if id(item) in late]
    for item in (item for item in group if id(item) not in late):
        own = [f for f in refusing if f.event < 0 or owners[f.event] is item] if id(item) in bad else []
        sorting.refused += [Refusal(item, f.code, dict(f.params), of_voucher=f.event < 0) for f in own]
        if own and item.instead is not None:
            events = item.instead(own[0].code)
            sorting.instead += [replace(item, events=events, bearing="beside", instead=None)] if events else []
    return [item for item in group if id(item) not in bad]


def _owners(group: Sequence[Proposed]) -> dict[int, Proposed]:
    """Which item each event of the voucher belongs to, by the event's index."""
    return dict(enumerate(item for item in group for _ in item.events))
