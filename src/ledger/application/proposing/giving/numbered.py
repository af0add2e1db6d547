"""Gifts of the book that bear a row's number and may be that very row, corrected.

A bank's serial number is what a row is called, so whatever else was corrected it is known again. A short number (K2,
记字3号) is a voucher's: it comes again next month, and one transfer may be several gifts; so a row that bears one and
says almost what a gift of the book says is asked for, and the office answers.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.donors import donor
from ledger.application.proposing.giving.serials import GIFTS, says_another
from ledger.application.proposing.outside import OUTSIDE
from ledger.application.proposing.proposal import RowRefusedError
from ledger.catalogue import Words
from ledger.flows.knowledge import Need, Recorded
from ledger.values.money import fen_to_yuan

_DIGIT: Final = re.compile(r"\d")
_DAYS_APART: Final = 20
"""A correction moves a gift by days; the same short number a month later is the next month's."""
_ONE_OF_THREE: Final = 1
_ACCOUNT: Final = "收款账户"
_TITLES: Final = {"amount_fen": "捐赠金额(元)", "donor": "捐赠人", "occurred_on": "到账日期"}


def alike_by_number(
    context: Context, parsed: ParsedFile, names: Mapping[int, str], accounts: Mapping[int, str]
) -> Mapping[int, Recorded]:
    """The id of a row that is not in the book -> a gift of the same account and number which is not in the file and
    differs in at most one of amount, giver and day. `accounts` are those of the rows that are no channel's.
    """
    rows = [
        row
        for row in parsed.rows
        if id(row) in accounts and _DIGIT.search(_number(row)) and isinstance(row.values.get("received_on"), date)
    ]
    own = {id(row): Need(f"donation:{names[id(row)]}", GIFTS) for row in rows}
    known = context.find(own.values())
    rows = [row for row in rows if not known[own[id(row)]] and not says_another(row)]
    here = set(names.values())
    needs = {accounts[id(row)]: Need(f"account:{accounts[id(row)]}", GIFTS) for row in rows}
    found = context.find(needs.values())
    numbered: dict[tuple[str, str], list[Recorded]] = {}
    for account, need in needs.items():
        for item in found[need]:
            if getattr(item.event, "donation", "") not in here:
                numbered.setdefault((account, str(getattr(item.event, "order_no", None) or "")), []).append(item)
    told: dict[int, Recorded] = {}
    for row in rows:
        for item in numbered.get((accounts[id(row)], _number(row)), ()):
            if _is_near(row, item) and len(_differing(context, row, item)) <= _ONE_OF_THREE:
                told[id(row)] = item
    return told


def refuse_number(context: Context, row: CleanRow, gift: Recorded | None) -> None:
    """E_GIFT_NUMBER_ALIKE at the column that differs, with what the book has there."""
    if gift is None:
        return
    shown = _differing(context, row, gift) or {_ACCOUNT: None}
    zh = "、".join(title if was is None else f"{title}（已入账：{was}）" for title, was in shown.items())
    en = ", ".join(title if was is None else f"{title} (recorded: {was})" for title, was in shown.items())
    told: dict[str, Any] = {"order_no": _number(row), "fields": Words(zh, en)}
    column = next(iter(shown))
    if gift.position == OUTSIDE:
        raise RowRefusedError(column, "E_GIFT_NUMBER_ALIKE_WAITING", **told)
    raise RowRefusedError(column, "E_GIFT_NUMBER_ALIKE", **told, position=gift.position)


def _number(row: CleanRow) -> str:
    return str(row.values.get("reference") or "")


def _is_near(row: CleanRow, item: Recorded) -> bool:
    day, other = row.values["received_on"], getattr(item.event, "occurred_on", None)
    return isinstance(day, date) and isinstance(other, date) and abs((day - other).days) < _DAYS_APART


def _differing(context: Context, row: CleanRow, item: Recorded) -> Mapping[str, str | None]:
    """Title of each of the three that differs -> what the book has there; None for a name that only the vault knows."""
    event: Any = item.event
    found: dict[str, str | None] = {}
    if event.amount_fen != whole(row.values, "amount_fen"):
        found[_TITLES["amount_fen"]] = fen_to_yuan(event.amount_fen)
    if event.donor != donor(context, row.values)[0]["donor"]:
        found[_TITLES["donor"]] = event.donor_label
    if event.occurred_on != row.values["received_on"]:
        found[_TITLES["occurred_on"]] = event.occurred_on.isoformat()
    return found
