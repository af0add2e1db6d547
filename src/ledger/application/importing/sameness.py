"""Telling equal rows of one file apart: the same row twice, two rows under one number, or honest equal rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ledger.application.importing.checks.balances import segments
from ledger.application.importing.keys import row_content, row_key, rule_of, shape_of, values_differ
from ledger.application.importing.kinds.base import FileKind, KeyRule
from ledger.application.importing.report import Duplicate
from ledger.application.importing.rows import CleanRow, WrongCell

_FIELDS_SHOWN = 5


@dataclass(slots=True)
class Sorted:
    """A file's rows with their ordinals, the rows that stand in it again, and the rows that contradict another."""

    rows: list[CleanRow] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    conflicts: list[WrongCell] = field(default_factory=list)


def tell_apart(kind: FileKind, rows: Sequence[CleanRow]) -> Sorted:
    """Gives every row its ordinal. Ordinals follow what rows say, not where they stand."""
    result = Sorted()
    groups: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        groups.setdefault(_group(kind, row), []).append(position)
    runs = segments(rows) if any(len(group) > 1 for group in groups.values()) else []
    placed: dict[int, CleanRow] = {}
    for group in groups.values():
        placed.update(_ordered(kind, rows, group, runs, result) if len(group) > 1 else [(group[0], rows[group[0]])])
    result.rows = [placed[position] for position in sorted(placed)]
    return result


def _ordered(
    kind: FileKind, rows: Sequence[CleanRow], group: list[int], runs: list[int], result: Sorted
) -> Iterator[tuple[int, CleanRow]]:
    """The rows of one key with their ordinals, in the manner that their key rule asks for."""
    rule = rule_of(kind.name, rows[group[0]])
    if rule is not None and rule.chained:
        yield from _by_run(rows, group, runs, result)
        return
    contents = {position: row_content(kind.name, rows[position]) for position in group}
    ranked = sorted(group, key=lambda position: (contents[position], position))
    if rule is None or not rule.unique:
        yield from ((position, replace(rows[position], ordinal=rank)) for rank, position in enumerate(ranked))
        return
    first = {contents[position]: position for position in reversed(group)}
    homes = {position: _home(rule, rows[position], contents[position]) for position in group}
    leading = {homes[position]: position for position in reversed(group)}
    ranks = {home: rank for rank, home in enumerate(sorted(leading))}
    for position in group:
        original, lead = first[contents[position]], leading[homes[position]]
        if original != lead:
            result.conflicts.append(_conflict(kind, rows[position], rows[lead]))
            continue
        if original != position:
            result.duplicates.append(Duplicate(rows[position].place, rows[original].place))
        yield position, replace(rows[position], ordinal=ranks[homes[position]])


def _home(rule: KeyRule, row: CleanRow, content: str) -> tuple[str, ...]:
    """What rows of one key must have in common to be one row: by it the second of a file has its ordinal, and a lone
    row the key that it always had.
    """
    return (content,) if rule.shared else tuple(str(row.values.get(name) or "") for name in rule.apart)


def _by_run(
    rows: Sequence[CleanRow], group: list[int], runs: list[int], result: Sorted
) -> Iterator[tuple[int, CleanRow]]:
    """Equal rows of one unbroken run are honest; the same again after a break is the same again."""
    seen: dict[int, int] = {}
    first: dict[int, int] = {}
    for position in group:
        ordinal = seen.get(runs[position], 0)
        seen[runs[position]] = ordinal + 1
        if ordinal in first:
            result.duplicates.append(Duplicate(rows[position].place, rows[first[ordinal]].place))
        first.setdefault(ordinal, position)
        yield position, replace(rows[position], ordinal=ordinal)


def _group(kind: FileKind, row: CleanRow) -> str:
    """The key without ordinal; rows that still lack their month are told apart by their content."""
    if kind.needs_month and row.values.get("month") is None:
        return row_content(kind.name, row)
    return row_key(kind.name, row, 0)


def _conflict(kind: FileKind, row: CleanRow, other: CleanRow) -> WrongCell:
    """The later of two rows under one number, with the headers of the columns in which they differ."""
    titles = differing_columns(kind, row, other)
    params = {"other_row": other.place.row, "fields": "、".join(titles)}
    return WrongCell(row.place, titles[0] if titles else "", "", "", "E_KEY_CONFLICT", params)


def differing_columns(kind: FileKind, row: CleanRow, other: CleanRow) -> list[str]:
    """The headers of the first columns in which two rows of a kind differ."""
    differing = set(values_differ(row.values, other.values))
    titles = [column.headers[0] for column in shape_of(kind.name, row).columns if column.name in differing]
    return titles[:_FIELDS_SHOWN]
