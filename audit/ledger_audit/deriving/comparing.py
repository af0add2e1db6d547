"""Comparing stored rows with derived ones: every column, and rows that are missing or that nobody derived."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from ledger.log import tables
from ledger_audit.deriving.issues import Issues
from ledger_audit.deriving.replay import Derived, Kept, Row
from ledger_audit.deriving.stored import SHOWN_CHARS, as_stored, is_sound, own_place, row_of

Key = tuple[Any, ...]

NOT_DERIVED: Final = {("vouchers", "software")}
"""Columns that nothing else says: which program posted a voucher stands in its row alone."""


class Page:
    """The stored rows that belong to the vouchers of one page, by table and position."""

    def __init__(self, connection: Connection, issues: Issues, first: int, last: int) -> None:
        span = (connection, issues, first, last)
        self.events = {row["position"]: row for row in _between(tables.events, *span)}
        self.postings = _grouped(_between(tables.postings, *span))
        self.findings = _grouped(_between(tables.findings, *span))

    def kept(self, first: int, count: int) -> Kept:
        """What a voucher's rows say of the rules that let it in."""
        places = range(first, first + count)
        findings = [row for place in places for row in self.findings.get(place, ())]
        columns = ("position", "code", "ordinal", "stage", "detail")
        days = ((place, row["occurred_on"]) for place in places for row in self.postings.get(place, ()))
        return Kept(frozenset(tuple(row[name] for name in columns) for row in findings), frozenset(days))


def _between(table: Table, connection: Connection, issues: Issues, first: int, last: int) -> list[Row]:
    """Rows that can be compared; of any other it is told what stands there, and it is missing."""
    chosen = as_stored(table).where(table.c.position.between(first, last))
    rows = [row_of(found) for found in connection.execute(chosen)]
    return [row for row in rows if is_sound(issues, table, row, own_place)]


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["position"], []).append(row)
    return found


def compare_voucher(issues: Issues, stored: Row, page: Page, derived: Derived) -> None:
    """Compare everything stored for one voucher with what was derived for it."""
    first = derived.voucher["first_position"]
    columns(issues, "vouchers", (derived.voucher["number"],), first, stored, derived.voucher)
    plain = {**derived.voucher, **{name: stored[name] for table, name in NOT_DERIVED if table == "vouchers"}}
    is_sound(issues, tables.vouchers, plain, lambda _: first)
    places = range(first, first + len(derived.events))
    for event in derived.events:
        columns(issues, "events", (event["position"],), event["position"], page.events[event["position"]], event)
    for name, key, kept, rows in (
        ("postings", ("position", "line"), page.postings, derived.postings),
        ("findings", ("position", "code", "ordinal"), page.findings, derived.findings),
    ):
        mine = [row for place in places for row in kept.get(place, ())]
        rows_of(issues, name, key, mine, rows, lambda row: int(row["position"]))


def rows_of(
    issues: Issues,
    table: str,
    key: tuple[str, ...],
    stored: Iterable[Row],
    derived: Iterable[Row],
    position: Callable[[Row], int],
) -> None:
    """Compare two sets of rows by their key."""
    wanted = {tuple(row[name] for name in key): row for row in derived}
    for row in stored:
        names = tuple(row[name] for name in key)
        expected = wanted.pop(names, None)
        if expected is None:
            issues.add("E_DERIVE_EXTRA", position(row), table=table, key=shown(names))
        else:
            columns(issues, table, names, position(expected), row, expected)
    for names, row in wanted.items():
        issues.add("E_DERIVE_MISSING", position(row), table=table, key=shown(names))


def columns(
    issues: Issues, table: str, key: Key, position: int, stored: Mapping[str, Any], derived: Mapping[str, Any]
) -> None:
    """Compare every column of a row."""
    for name, expected in derived.items():
        found = stored[name]
        if found != expected or type(found) is not type(expected):
            what = {"table": table, "key": shown(key), "column": name}
            issues.add("E_DERIVE_VALUE", position, **what, stored=shown(found), derived=shown(expected))


def count_of(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def shown(value: Any) -> str:
    """A value for a sentence: bytes as hex, keys joined, long ones cut."""
    if isinstance(value, tuple):
        text = "/".join(map(str, value))
    else:
        text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS] + "…"
