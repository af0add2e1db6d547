"""Which of a household's payments in a batch a line of the bank means.

A line says an amount and no component. What the book has of the line already is what it means; else the payments that
it can still be of: a success is of what is unpaid on its day, and a failure rather of what stands paid. So one line of
two that failed, paid on a later day, is not taken for the one that stands, whichever file is read first.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

from ledger.application.proposing.relief.paying.stories import Result, Story
from ledger.flows.public_money.payment.batches import PAID, RETURNED
from ledger.flows.public_money.payment.tellings import same_serial, serial

Share = tuple[Any, int]
"""What was authorised, and what of it a line pays."""


class Line(NamedTuple):
    """One line of the bank."""

    fen: int
    day: date
    paid: bool
    ref: str | None
    claimed: Collection[str]
    """The events of which lines of its file told."""
    taken: Collection[str]
    """The payments of which other lines told anything of the same day."""
    story: Callable[[str], Story]

    def of(self, fen: int) -> Result:
        """What it says of a payment."""
        return Result(self.day, self.paid, fen, self.ref)


def recorded_as(known: Iterable[Any], line: Line) -> Sequence[Any]:
    """What the book has of a line: of its day, by its number, or else as it was told without one; of a line without a
    number, by any.
    """
    told = _told_alike(known, line)
    refs = dict.fromkeys(one.result_ref for one in told)
    ranks = {ref: rank for ref in refs if (rank := _rank_ref(ref, line.ref)) is not None}
    for ref in sorted(ranks, key=ranks.__getitem__):
        alike = [one for one in told if one.result_ref == ref]
        if alike and sum(one.amount_fen for one in alike) == line.fen:
            return alike
        if single := [one for one in alike if one.amount_fen == line.fen]:
            return single[:1]
    return ()


def _rank_ref(known: str | None, ref: str | None) -> int | None:
    """How well a number of the book fits the one of a line; None where the bank says that they are two."""
    if known == ref:
        return 0
    one, other = serial(known), serial(ref)
    if one is not None and other is not None:
        return 1 if same_serial(one, other) else None
    return 2 if one is None else 3


def meant(nets: Sequence[Share], line: Line) -> Sequence[Share]:
    """All of the components where they come to a line's amount; else the one that it may be of, or the fewest; none
    where several sets would. What it may be of comes before what it can only be another slice of.
    """
    if sum(net for _, net in nets) == line.fen:
        return nets
    free = [(one, net) for one, net in nets if one.payment not in line.taken]
    if alone := _fitting(free, line):
        return alone
    rooms = [(one, line.story(one.payment).room(line.of(net), net) if line.paid else net) for one, net in free]
    if together := _together([(one, fen) for one, fen in rooms if fen > 0], line.fen):
        return together
    return _fitting(_sliced(nets, line), line)


def _fitting(nets: Sequence[Share], line: Line) -> Sequence[Share]:
    """The one that a line is of, where it may be of any."""
    rank = _rank_paid if line.paid else _rank_failed
    ranks = [(rank(line.story(one.payment), net, line), index) for index, (one, net) in enumerate(nets)]
    fitting = [(found, index) for found, index in ranks if found is not None]
    return [(nets[min(fitting)[1]][0], line.fen)] if fitting else ()


def _sliced(nets: Sequence[Share], line: Line) -> Sequence[Share]:
    """The payments of which another line told on the same day, and this may tell of another slice."""
    taken = [(one, net) for one, net in nets if one.payment in line.taken]
    return [(one, net) for one, net in taken if line.story(one.payment).is_another(line.of(line.fen))]


def otherwise(nets: Sequence[Share], known: Iterable[Any], line: Line) -> Sequence[Share]:
    """Of a line that can be of nothing that is open: what another line told alike of the day, for a file that was saved
    anew may have lost its numbers; else what comes to its amount, whatever was told of it.
    """
    alike = {one.payment for one in _told_alike(known, line) if one.amount_fen == line.fen}
    if said := [(one, line.fen) for one, _ in nets if one.payment in alike]:
        return said[:1]
    return [(one, net) for one, net in nets if net == line.fen][:1] or _together(nets, line.fen)


def spread(nets: Sequence[Share], line: Line) -> Sequence[Share]:
    """A line that comes to nothing of what is due, component by component as far as it goes: a success over what is
    unpaid, a failure over what stands paid, or else over what is due; over what other lines of the day told a part of
    where nothing else is left. None where it goes further.
    """
    free = [(one, net) for one, net in nets if one.payment not in line.taken]
    both = [*free, *_sliced(nets, line)]
    tries = [_rooms(free, line), _rooms(both, line), [] if line.paid else free]
    for rooms in tries:
        found: list[Share] = []
        left = line.fen
        for one, room in rooms:
            found += [(one, min(left, room))] if min(left, room) > 0 else []
            left -= min(left, room)
        if not left:
            return found
    return ()


def _rooms(nets: Sequence[Share], line: Line) -> list[Share]:
    """How much of each a line may be."""
    stories = [(one, line.story(one.payment), net) for one, net in nets]
    if line.paid:
        return [(one, story.room(line.of(line.fen), net)) for one, story, net in stories]
    stands = [(one, sum(story.stands(line.day))) for one, story, _ in stories]
    due = [(one, max(0, net - story.failed(line.day))) for one, story, net in stories]
    return stands if any(fen for _, fen in stands) else due


def _told_alike(known: Iterable[Any], line: Line) -> list[Any]:
    kinds = PAID if line.paid else RETURNED
    found: dict[tuple[str, str | None, int], Any] = {}
    for one in known:
        if one.kind in kinds and one.occurred_on == line.day and one.id not in line.claimed:
            # a return may be told a second time, as money
            found.setdefault((one.payment, one.result_ref, one.amount_fen), one)
    return list(found.values())


def _together(nets: Sequence[Share], fen: int) -> Sequence[Share]:
    """The fewest of several components that come to an amount together; none where several sets would."""
    for count in range(2, len(nets) + 1):
        found = [chosen for chosen in combinations(nets, count) if sum(net for _, net in chosen) == fen]
        if found:
            return found[0] if len(found) == 1 else ()
    return ()


def _rank_paid(story: Story, net: int, line: Line) -> tuple[int, ...] | None:
    """A success is of what is unpaid, rather of a whole payment than of a rest, and rather of one that failed before.
    One that failed on the same day is rather another line.
    """
    if not story.fills(line.of(line.fen), net):
        return None
    return story.told(line.day, success=False), line.fen != net, not story.failed_before(line.day)


def _rank_failed(story: Story, net: int, line: Line) -> tuple[int, ...] | None:
    """A failure is of what stands paid, else of what no other failure is told of. One that was paid on the same day is
    rather another line.
    """
    parts = story.stands(line.day)
    stands = sum(parts)
    ways = (
        line.fen in {stands, *parts},
        net == line.fen and not stands,
        net - stands == line.fen,
        net == line.fen,
    )
    if not any(ways):
        return None
    return ways.index(True), story.told(line.day, success=True), story.fails_beside(line.day)
