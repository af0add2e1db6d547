"""Remarks of a roster (备注) that say more than one thing: what is paid beside the month, each with its own amount.

`取暖费300元、10月价格临时补贴50元` is two payments where the amounts come to the cell, `提标补差9月60元、10月60元`
one of two months. Where several kinds are said and their amounts do not come to the cell, the row is told. What is
neither arrears nor a rise rests on a document, which the remark may name.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial
from typing import Any, Final, NamedTuple

from ledger.application.importing.rows import Note, Place
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.relief.beside_normal import Beside, Component, beside, component_of, sound
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.flows.public_money.payment.subsidies import ARREARS, tells_return
from ledger.values.money import fen_to_yuan

_AMOUNT: Final = r"(?<!\d)\d{1,9}(?:,\d{3}){0,2}(?:\.\d{1,2})?\s*元"
_UP_TO_AMOUNT: Final = re.compile(rf"(.*?)({_AMOUNT})", re.DOTALL)
_FROM_AMOUNT: Final = re.compile(rf"({_AMOUNT})((?:(?!{_AMOUNT}).)*)", re.DOTALL)
_KEPT_BACK: Final = re.compile("扣回|扣除|扣减|扣发|抵扣")
_TOTAL: Final = re.compile(rf"[,\uff0c、;；。:：(\uff08\s]*(?:合计|共计|总计|小计|共)[为是:：\s]*({_AMOUNT})[)\uff09]?")
_EDGES: Final = re.compile(r"^[\s、,\uff0c;；。]+|[\s、,\uff0c;；。]+$")
_DOCUMENT: Final = re.compile(r"[〔\[(（【]\s*20\d\d\s*(?:年)?[〕\])）】]\s*第?\s*\d+\s*号|会议纪要|号文|批复")
_ROWS_SHOWN: Final = 20
UNSAID: Final = "补发"
"""The reason of what is paid beside the month where the row says none."""


class _Said(NamedTuple):
    """A part of a remark that ends or begins at an amount; the kind is None where no word says it."""

    text: str
    fen: int
    component: Component | None
    is_own: bool
    """Whether a word of the part says the kind, and not one of another part."""


class Remarks:
    """What the remarks of a roster of one month say. A text is read once, however many rows have it and however often
    it is asked for.
    """

    def __init__(self, month: str) -> None:
        self._month: Final = month
        self._whole: Final = cache(partial(beside, month=month))
        self._said: Final = cache(_said)
        self._read: Final = cache(partial(_read, month, self._whole, self._said))

    def of(self, remark: str, fen: int) -> Sequence[tuple[Beside, int]]:
        """What a remark says that `fen` are paid for, kind by kind; one where the amounts that it names are no parts
        of it. E_REMARK_MONTHS as `beside` has it.
        """
        return self._read(remark, fen)

    def parts(self, entry: Entry) -> Sequence[tuple[Beside, int]]:
        """The same of what a row pays beside the month."""
        return self.of(entry.text("remark") or "", entry.arrears_fen)

    def readable(self, entry: Entry) -> Sequence[tuple[Beside, int]]:
        """As `parts`; nothing of a row that is known as it was recorded, though its remark could not be read today."""
        try:
            return self.parts(entry)
        except RowRefusedError:
            return ()

    def is_past(self, entry: Entry) -> bool:
        """Whether a row pays something beside the month, and all of it for months that have been or for what came
        back.
        """
        if entry.arrears_fen <= 0:
            return False
        return all(one.says_returned or (one.is_dated and one.last < self._month) for one, _ in self.parts(entry))

    def recorded(self, entry: Entry, lines: Sequence[Any]) -> Sequence[tuple[Beside, int]]:
        """What a batch has of a household already (its `lines` beside the month), where the row says the same: an
        earlier release may have read its remark otherwise, and the list is known again.
        """
        remark, kinds = entry.text("remark") or "", dict[Any, list[Any]]()
        for one in lines:
            if one.reason == (remark or UNSAID):
                kinds.setdefault(one.component, []).append(one)
        sums = {kind: sum(one.amount_fen for one in some) for kind, some in kinds.items()}
        if not kinds or sum(sums.values()) != entry.arrears_fen:
            return ()
        is_dated, returned = self._is_dated(remark), tells_return(remark)
        return [
            (Beside(kind, some[0].period_from, some[-1].period_to, is_dated, returned), sums[kind])
            for kind, some in kinds.items()
        ]

    def _is_dated(self, remark: str) -> bool:
        """Whether a remark names months, also such as could not be read today."""
        try:
            return self._whole(remark).is_dated
        except RowRefusedError:
            return True

    def of_rows(self, entries: Mapping[str, Entry]) -> Iterator[tuple[Entry, Note]]:
        """Remarks at the rows (enrolment -> row) whose amounts do not come to the cell, and a remark a sheet on what is
        paid without a document.
        """
        bare: dict[tuple[Place, str], list[Entry]] = {}
        for entry in entries.values():
            found = self.readable(entry) if entry.arrears_fen > 0 else ()
            if not found:
                continue
            remark = entry.text("remark") or ""
            said = self._said(remark)
            if len({one.component for one in said}) > 1 and sum(one.fen for one in said) != entry.arrears_fen:
                yield entry, Note(entry.row.place, "W_REMARK_AMOUNTS", _differs(said, *found[0]))
            for meant, _ in found:
                if meant.component not in ARREARS and not _DOCUMENT.search(remark):
                    bare.setdefault((entry.row.place.as_a_whole(), meant.component), []).append(entry)
        for (place, component), some in bare.items():
            rows = "、".join(str(one.row.place.row) for one in some[:_ROWS_SHOWN])
            more = "……" if len(some) > _ROWS_SHOWN else ""
            told = {"component": component, "count": len(some), "rows": rows + more}
            yield some[0], Note(place, "W_BESIDE_DOCUMENT", told)


def _read(
    month: str, whole: Callable[[str], Beside], cut: Callable[[str], tuple[_Said, ...]], remark: str, fen: int
) -> tuple[tuple[Beside, int], ...]:
    said = cut(remark)
    if sum(one.fen for one in said) != fen:
        _require_total(remark)
    if len(said) < 2 or sum(one.fen for one in said) != fen:
        return ((whole(remark), fen),)
    _require_kinds(remark, said, month)
    kinds: dict[Component, list[_Said]] = {}
    for one in said:
        kinds.setdefault(one.component or "arrears", []).append(one)
    parts = ((_joined(kind, some, month), sum(one.fen for one in some)) for kind, some in kinds.items())
    return tuple(parts)


def _require_total(remark: str) -> None:
    """E_REMARK_TOTAL where a remark begins or ends with a sum that its parts do not come to."""
    total = _TOTAL.search(remark)
    if total is None or (total.start() and total.end() < len(remark.rstrip())):
        return
    rest = _beside(remark, total)
    sum_fen, stated_fen = sum(one.fen for one in rest), _fen(total[1])
    if len(rest) > 1 and sum_fen != stated_fen:
        raise RowRefusedError("备注", "E_REMARK_TOTAL", value=remark, stated_fen=stated_fen, sum_fen=sum_fen)


def _require_kinds(remark: str, said: Sequence[_Said], month: str) -> None:
    """E_REMARK_KIND where a part names months and no kind, beside aid of some kind that names none: whether 9月500元
    beside 取暖费300元 is the heating of September or its arrears, nobody can tell.
    """
    for one in said:
        if one.is_own or one.component in ARREARS or one.component is None:
            continue
        others = [other for other in said if other.is_own and other.component == one.component]
        if beside(one.text, month, one.component).is_dated and not any(
            beside(other.text, month, other.component).is_dated for other in others
        ):
            raise RowRefusedError("备注", "E_REMARK_KIND", value=remark, part=_EDGES.sub("", one.text))


def _joined(kind: Component, some: Sequence[_Said], month: str) -> Beside:
    """Parts of one kind as one payment, from the first month that any names to the last."""
    each = [beside(one.text, month, kind) for one in some]
    dated = [one for one in each if one.is_dated] or each
    first, last = min(one.first for one in dated), max(one.last for one in dated)
    returned = any(one.says_returned for one in each)
    return sound(replace(dated[0], first=first, last=last, says_returned=returned), _text(some), month)


def _text(some: Sequence[_Said]) -> str:
    return "".join(one.text for one in some)


def _said(remark: str) -> tuple[_Said, ...]:
    """The parts of a remark that name amounts, without what is kept back and without the sum that it says of them."""
    found = _parts(remark)
    total = _TOTAL.search(remark)
    if total is None:
        return found
    rest = _beside(remark, total)
    return rest if len(rest) > 1 and sum(one.fen for one in rest) == _fen(total[1]) else found


def _beside(remark: str, total: re.Match[str]) -> tuple[_Said, ...]:
    """The parts of a remark beside the sum that it states."""
    return _parts(remark[: total.start()] + remark[total.end() :])


def _parts(remark: str) -> tuple[_Said, ...]:
    """A part that says no kind is of the kind of the part before it, the first of the next that says one."""
    begins = re.match(rf"\s*{_AMOUNT}", remark) is not None
    cut = (_FROM_AMOUNT if begins else _UP_TO_AMOUNT).findall(remark)
    texts = ["".join(one) for one in cut]
    rest = remark[sum(map(len, texts)) :]
    if texts and rest:
        texts[-1] += rest
    plain = [(text, cut[n][0 if begins else 1]) for n, text in enumerate(texts) if not _KEPT_BACK.search(text)]
    kinds = [component_of(text) for text, _ in plain]
    known = next((kind for kind in kinds if kind is not None), None)
    found: list[_Said] = []
    for (text, amount), kind in zip(plain, kinds, strict=True):
        known = kind or known
        found.append(_Said(text, _fen(amount), known, is_own=kind is not None))
    return tuple(found)


def _fen(amount: str) -> int:
    return int(Decimal(amount.rstrip("元").strip().replace(",", "")).scaleb(2))


def _differs(said: Sequence[_Said], taken: Beside, fen: int) -> dict[str, Any]:
    """What the remark of a row says and what the cell does, and as what the whole is taken."""
    stated = {"amounts": "+".join(fen_to_yuan(one.fen) for one in said), "stated_fen": sum(one.fen for one in said)}
    return {**stated, "amount_fen": fen, "component": taken.component}
