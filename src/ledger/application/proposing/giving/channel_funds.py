"""WeChat's fund bill: fees, taken and given back, and settlements. Its payments and refunds are the trade bill's.

A bill names no merchant. Where the charity has several it is told by the merchant number with which WeChat begins the
number of a movement, by the orders that the book knows, or by the user.

A refund takes less from the channel than the donor gets where WeChat gives its fee back: its remark says both sums.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from ledger.application.importing.fields.money import parse_money
from ledger.application.importing.fields.plain import CellContext, CellFault
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.donors import channel_donation
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.flows.event import Event
from ledger.flows.knowledge import Need

_PROVIDER: Final = "wechat"
_MERCHANT_DIGITS: Final = range(6, 13)
"""How long a merchant number may be; most have ten digits, old ones eight."""
_REFUNDED: Final = re.compile(r"退款总?金额[:：]?([\d.,]+)元")
_FEE_BACK: Final = re.compile(r"手续费[:：]?([\d.,]+)元")


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Fees and settlements, each known by the number of its movement."""
    proposal = Proposal(columns=dict.fromkeys(("E_CHANNEL_CHOICE", "E_CHANNEL_SEVERAL"), "资金流水单号"))
    days = _days_settled(parsed)
    channels = _channels(parsed, context)

    def one(row: CleanRow) -> None:
        values = row.values
        kind, fen = str(values.get("business_type") or values.get("business_name") or ""), whole(values, "amount_fen")
        entity, channel = channels.get(id(row)) or context.channel(_PROVIDER, None)
        movement = context.reference("movement", "wechat", "fund", str(values["serial"]))
        common = {
            "movement": movement,
            "channel": channel.channel,
            "fee_kind": "payment_channel",
            "occurred_on": str(values["occurred_on"]),
            "place": context.place(parsed, row),
        }
        if "手续费" in kind:
            fields = {"fund": channel.default_fund, "fee_fen": -fen, "order_no": values.get("business_no")}
            event = context.event("channel.fee_charged", **common, **fields)
        elif "提现" in kind and fen < 0:
            event = _settled(context, common, channel, -fen, days[id(row)], parsed.digest)
        elif (back := _given_back(values, kind, fen)) > 0:
            fields = {"fund": channel.default_fund, "fee_fen": -back, "order_no": values.get("business_no")}
            event = context.event("channel.fee_charged", **common, **fields)
        elif kind in {"交易", "退款"} or "交易" in kind:
            proposal.noted += 1
            return
        else:
            raise RowRefusedError("业务类型", "E_CHANNEL_BUSINESS", value=kind)
        day = values["occurred_on"]
        if not isinstance(day, date):
            raise RowRefusedError("记账时间", "E_CELL_MISSING")
        proposal.add(row, Need(f"movement:{movement}", (event.kind,)), entity, day, event)

    each_row(parsed, proposal, one)
    return proposal


def _channels(parsed: ParsedFile, context: Context) -> dict[int, tuple[str, Any]]:
    """Row -> (entity, channel), of rows of which it is told; nothing where the user named one, or there is but one."""
    found = context.channels(_PROVIDER)
    if len(found) < 2 or any(channel.channel == context.options.account for _, channel in found):
        return {}
    by_number = {channel.merchant_ref: (entity, channel) for entity, channel in found if channel.merchant_ref}
    told = {id(row): one for row in parsed.rows if (one := _by_serial(context, str(row.values["serial"]), by_number))}
    rest = [row for row in parsed.rows if id(row) not in told]
    gifts = {id(row): _gifts(context, row) for row in rest}
    recorded = context.find(need for needs in gifts.values() for need in needs)
    by_name = {(entity, channel.channel): (entity, channel) for entity, channel in found}
    for row in rest:
        items = [item for need in gifts[id(row)] for item in recorded[need]]
        names = {(item.entity, getattr(item.event, "channel", None)) for item in items} & by_name.keys()
        if len(names) == 1:
            told[id(row)] = by_name[names.pop()]
    if len({(entity, channel.channel) for entity, channel in told.values()}) == 1:
        told |= dict.fromkeys(map(id, parsed.rows), next(iter(told.values())))
    return told


def _by_serial(context: Context, serial: str, by_number: Mapping[str, tuple[str, Any]]) -> tuple[str, Any] | None:
    """The channel whose merchant number a movement's number begins with."""
    lengths = (n for n in _MERCHANT_DIGITS if n < len(serial) and serial[:n].isdigit())
    references = (context.reference("merchant-number", serial[:n]) for n in lengths)
    return next((by_number[one] for one in references if one in by_number), None)


def _gifts(context: Context, row: CleanRow) -> list[Need]:
    """The gifts of the orders that a row names."""
    orders = {str(row.values[name]) for name in ("business_no", "voucher_no") if row.values.get(name)}
    return [Need(f"donation:{channel_donation(context, _PROVIDER, one)}", ("donation.received",)) for one in orders]


def _given_back(values: Mapping[str, Any], kind: str, fen: int) -> int:
    """Fen of a fee that came back with a refund: what the donor got less what it took from the channel.
    E_CHANNEL_REFUND where the bill contradicts itself.
    """
    if kind != "退款" or fen >= 0:
        return 0
    remark = re.sub(r"\s", "", str(values.get("remark") or ""))
    total, fee = _fen_said(_REFUNDED, remark), _fen_said(_FEE_BACK, remark)
    back = (fee or 0) if total is None else total + fen
    if back < 0 or (fee is not None and fee != back):
        raise RowRefusedError("备注", "E_CHANNEL_REFUND", value=remark, amount_fen=-fen)
    return back


def _fen_said(pattern: re.Pattern[str], remark: str) -> int | None:
    """A sum that a remark says; None where it says none."""
    found = pattern.search(remark)
    try:
        return None if found is None else parse_money(found.group(1), CellContext())
    except CellFault:
        return None


def _settled(context: Context, common: dict[str, Any], channel: Any, fen: int, days: list[str], digest: str) -> Event:
    """The net to the bank; the fee was booked from rows of its own."""
    sums = {"gross_fen": fen, "refunds_fen": 0, "fee_fen": 0, "net_fen": fen}
    return context.event(
        "channel.settled",
        **common,
        **sums,
        business_days=days,
        parts=[{"fund": channel.default_fund, **sums}],
        account=channel.settles_to,
        bill_digest=digest,
    )


def _days_settled(parsed: ParsedFile) -> dict[int, list[str]]:
    """For each settlement the days of the income since the one before it; its own day when the file shows none."""
    found: dict[int, list[str]] = {}
    days: set[str] = set()
    for row in sorted(parsed.rows, key=lambda one: str(one.values.get("booked_at"))):
        day, kind = str(row.values["occurred_on"]), str(row.values.get("business_type") or "")
        if "提现" in kind:
            found[id(row)] = sorted(days) or [day]
            days = set()
        elif row.values.get("direction") == "收入":
            days.add(day)
            found[id(row)] = [day]
        else:
            found[id(row)] = [day]
    return found
