"""What a row says otherwise than what was recorded under its key, column by column."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ledger.application.importing.fields.plain import CellContext, CellFault, folded
from ledger.application.importing.kinds.base import YUAN
from ledger.application.importing.recognising.headers import MappedColumn
from ledger.application.importing.rows import Place, WrongCell
from ledger.application.proposing.outside import OUTSIDE
from ledger.application.proposing.telling.places import Places
from ledger.catalogue import Words
from ledger.flows.knowledge import Recorded
from ledger.flows.naming import is_reference
from ledger.values.money import fen_to_yuan

_SHOWN: Final = 5
_COMPOSED: Final = frozenset({"memo", "occurred_at"})
"""Fields that are put together from several cells."""
_JOINED: Final = frozenset({"memo"})
"""Those of them in which the cells' texts stand one after another."""
_SCALED: Final = re.compile(r"quantity|value|ppm")
_CODE: Final = re.compile(r"[a-z][a-z0-9_.-]*")
"""What the book calls something by itself: a fund, a kind, a state."""
_CONTENT: Final = Words("内容", "what it says")


def change_told(
    places: Places, place: Place, before: Recorded | None, was: Mapping[str, Any], now: Mapping[str, Any]
) -> WrongCell:
    """The row's fault, at the first column that differs; it names them all, with what is recorded."""
    kind = str(now.get("kind", ""))
    columns: dict[str, tuple[MappedColumn, str | None]] = {}
    composed: set[str] = set()
    for field, recorded in _differences(was, now):
        shown, meant = _shown(field, recorded), places.all_named(place, field, kind)
        if shown is not None:
            first = places.named(place, field, kind)
            meant = [] if first is None else [first]
            if first is not None and type(recorded) is int:
                turned = _is_turned(now.get(field), first, places.text(place, first))
                shown = _shown(field, -recorded if turned else recorded, places.fen_per_unit(place, first))
        else:
            composed |= {each.title for each in meant} - columns.keys() if len(meant) > 1 else set()
            meant = _not_in(recorded, meant, lambda each: places.text(place, each)) if field in _JOINED else meant
        for each in meant:
            columns.setdefault(each.title, (each, shown))
    same = composed & _agreeing(places, place, was, now)
    columns = {title: told for title, told in columns.items() if title not in same or len(same) == len(columns)}
    return told_in(place, before, list(columns.values()), lambda each: places.text(place, each))


def told_in(
    place: Place,
    before: Recorded | None,
    columns: Sequence[tuple[MappedColumn, str | None]],
    text: Callable[[MappedColumn], str] = str,
) -> WrongCell:
    """A row's fault at the first of the columns that differ, rather at one whose `text` is blank; each with what is
    recorded, as the file would write it.
    """
    told = columns[:_SHOWN]
    zh = "、".join(each.title if shown is None else f"{each.title}（已入账：{shown or '空'}）" for each, shown in told)
    en = ", ".join(
        each.title if shown is None else f"{each.title} (recorded: {shown or 'nothing'})" for each, shown in told
    )
    params: dict[str, Any] = {"fields": Words(zh, en) if told else _CONTENT}
    blank = (each.title for each, _ in told if not text(each))
    column = next(blank, told[0][0].title if told else "")
    if before is None or before.position == OUTSIDE:
        return WrongCell(place, column, "", "", "E_ROW_CHANGED_WAITING", params)
    return WrongCell(place, column, "", "", "E_ROW_CHANGED", {**params, "position": before.position})


def _differences(was: Mapping[str, Any], now: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """Each field that differs, with what it was; of parts the fields inside."""
    for name, value in now.items():
        before = was.get(name)
        if value == before:
            continue
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            yield from _differences(before, value, f"{within}{name}.")
        else:
            yield f"{within}{name}", before


def _agreeing(places: Places, place: Place, was: Mapping[str, Any], now: Mapping[str, Any]) -> set[str]:
    """The columns of which the row says by itself what was recorded: a key that is made of several cells and differs
    does not differ in these.
    """
    kind = str(now.get("kind", ""))
    equal = (name for name, value in now.items() if value == was.get(name) and _shown(name, value))
    found = (places.named(place, name, kind) for name in equal)
    return {each.title for each in found if each is not None}


def _not_in(recorded: Any, meant: Sequence[MappedColumn], text: Callable[[MappedColumn], str]) -> list[MappedColumn]:
    """Of the columns whose texts were put together those that say what was not recorded; where all was, those that are
    blank, for a part of it is gone.
    """
    other = [each for each in meant if folded(text(each)) not in str(recorded or "")]
    return other or [each for each in meant if not text(each)] or list(meant)


def _is_turned(now: Any, each: MappedColumn, text: str) -> bool:
    """Whether a cell, read as its column is read, shows an amount below zero without its sign: the column, or another
    cell, says it.
    """
    if type(now) is not int or now >= 0:
        return False
    try:
        shown = each.column.type.parse(text, CellContext())
    except CellFault:
        return False
    return shown is None or (type(shown) is int and shown >= 0)


def _shown(field: str, value: Any, fen_per_unit: int = YUAN) -> str | None:
    """A recorded value as the file would write it; None for what no file writes (codes, references, parts)."""
    if field in _COMPOSED:
        return None
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        if field.endswith("_fen"):
            return in_units(value, fen_per_unit)
        return None if _SCALED.search(field) else str(value)
    return value if isinstance(value, str) and not is_reference(value) and not _CODE.fullmatch(value) else None


def in_units(fen: int, fen_per_unit: int) -> str:
    """An amount as its column counts: 1234.50 yuan, or 0.1234 of ten thousand; a unit is a power of ten of fen."""
    if fen_per_unit == YUAN:
        return fen_to_yuan(fen)
    whole, rest = divmod(abs(fen), fen_per_unit)
    digits = str(fen_per_unit + rest)[1:].rstrip("0")
    return f"{'-' if fen < 0 else ''}{whole}" + (f".{digits}" if digits else "")
