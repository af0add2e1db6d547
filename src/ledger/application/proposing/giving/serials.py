"""The serial numbers of a donation register: what a row that has one is called, and which rows may be one gift twice.

One transfer may be several gifts: of several givers, amounts or purposes. Rows that agree in all of that are one gift
written down twice, unless the office says otherwise.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ledger.application.importing.fields.identity import is_serial
from ledger.application.importing.keys import row_key
from ledger.application.importing.kinds.registry import kind_named
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.importing.sameness import differing_columns
from ledger.application.proposing.context import Context
from ledger.flows.knowledge import Need

GIFTS: Final = ("donation.received", "donation.collective")
SERIAL_COLUMN: Final = "银行流水号或支付单号"
_ANOTHER: Final = "另一笔"
"""What the office writes into a row's remark to say that it is not the gift that looks like it."""


def says_another(row: CleanRow) -> bool:
    """Whether the office says that a row is not the gift that it looks like."""
    return _ANOTHER in str(row.values.get("remark") or "")


def by_serial(rows: Iterable[CleanRow]) -> Mapping[tuple[str, str], Sequence[CleanRow]]:
    """(account as the row names it, serial number) -> its rows; rows without a serial number are in none."""
    found: dict[tuple[str, str], list[CleanRow]] = {}
    for row in rows:
        serial = row.values.get("reference")
        if is_serial(serial):
            found.setdefault((str(row.values.get("account_label") or ""), str(serial)), []).append(row)
    return found


def ranked(parsed: ParsedFile) -> Mapping[int, tuple[str, ...]]:
    """The id of a row with a serial number -> what it is called: the account, the number, and from the second gift of
    one transfer on a rank. Ranks follow what rows say, with those that stood beside them in the file that they were
    taken from; a row that the office calls another gift comes after the one that it looks like.
    """
    named: dict[int, tuple[str, ...]] = {}
    for (label, serial), rows in by_serial((*parsed.others, *parsed.rows)).items():
        orders = {id(row): _order(parsed, row) for row in rows}
        ranks = {order: rank for rank, order in enumerate(sorted(set(orders.values())))}
        for row in rows:
            rank = ranks[orders[id(row)]]
            named[id(row)] = (label, serial, *((str(rank),) if rank else ()))
    return named


def twice_told(context: Context, parsed: ParsedFile, names: Mapping[int, str]) -> Mapping[int, Mapping[str, Any]]:
    """The id of a row -> what E_GIFT_SERIAL_TWICE says of it: a transfer's gift that another row tells with another
    receipt, remark or the like. Never a row whose gift is in the book.
    """
    groups: defaultdict[tuple[str, ...], list[CleanRow]] = defaultdict(list)
    for (label, serial), rows in by_serial((*parsed.others, *parsed.rows)).items():
        for row in rows:
            wanted = (str(row.values.get(name) or "") for name in ("intent", "purpose"))
            groups[label, serial, row_key(parsed.kind, row, 0), *wanted].append(row)
    told: dict[int, Mapping[str, Any]] = {}
    for rows in groups.values():
        first = min(rows, key=lambda row: _order(parsed, row))
        others = [row for row in rows if names[id(row)] != names[id(first)] and not says_another(row)]
        for row in others:
            fields = "、".join(differing_columns(kind_named(parsed.kind), row, first))
            told[id(row)] = {"other_row": first.place.row, "fields": fields}
    known = context.find(Need(f"donation:{names[one]}", GIFTS) for one in told)
    return {one: said for one, said in told.items() if not known[Need(f"donation:{names[one]}", GIFTS)]}


def _order(parsed: ParsedFile, row: CleanRow) -> tuple[str, bool, str]:
    return row_key(parsed.kind, row, 0), says_another(row), row_key(parsed.kind, row, row.ordinal)
