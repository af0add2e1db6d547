"""Payment channels' trade bills: gifts and refunds; fees where the bill states them beside each order (Alipay).

What a bill calls the goods (商品名称) is the campaign, and is named as the register names one. Income is the gross at
the moment of payment; what lies with the platform is a clearing account, which is empty when every day is settled.
WeChat's fees and settlements come with its fund bill (`channel_funds.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from ledger.application.importing.kinds.channels import REFUND_FAILED, REFUND_PENDING
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import hidden, whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.campaigns import campaign_of, name_campaign
from ledger.application.proposing.giving.donors import channel_donation
from ledger.application.proposing.giving.serials import GIFTS
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.flows.event import Event
from ledger.flows.giving.returns import fulfilled, still_fulfilled
from ledger.flows.knowledge import Need
from ledger.vault.people import Subject


def propose_wechat_trade(parsed: ParsedFile, context: Context) -> Proposal:
    """Gifts and refunds of a WeChat trade bill; the fee comes with the fund bill."""
    return _trades(parsed, context, "wechat", "merchant_no", _payer_wechat)


def propose_alipay_trade(parsed: ParsedFile, context: Context) -> Proposal:
    """Gifts, refunds and fees of an Alipay trade bill."""
    return _trades(parsed, context, "alipay", None, _payer_alipay)


def _payer_wechat(values: Any) -> tuple[tuple[str, str], ...]:
    pairs = (("openid", values.get("payer_ref")), ("nickname", values.get("attach")))
    return tuple((name, str(value)) for name, value in pairs if value)


def _payer_alipay(values: Any) -> tuple[tuple[str, str], ...]:
    who = values.get("counterparty")
    return (("account", str(who)),) if who else ()


def _trades(
    parsed: ParsedFile,
    context: Context,
    provider: str,
    merchant_field: str | None,
    payer: Callable[[Any], tuple[tuple[str, str], ...]],
) -> Proposal:
    told = dict.fromkeys(("E_CHANNEL_CHOICE", "E_CHANNEL_SEVERAL"), "商户号")
    proposal = Proposal(columns=told if merchant_field else {})
    refunds: defaultdict[str, list[Event]] = defaultdict(list)

    def one(row: CleanRow) -> None:
        values = row.values
        merchant = values.get(merchant_field) if merchant_field else None
        entity, channel = context.channel(provider, None if merchant is None else str(merchant))
        if values["is_refund"]:
            _refund(parsed, context, proposal, row, (entity, channel), refunds)
        else:
            _gift(parsed, context, proposal, row, (entity, channel), payer(values))
        if provider == "alipay" and values.get("fee_fen"):
            _fee(parsed, context, proposal, row, (entity, channel))

    each_row(parsed, proposal, one)
    return proposal


def _gift(
    parsed: ParsedFile,
    context: Context,
    proposal: Proposal,
    row: CleanRow,
    where: tuple[str, Any],
    payer: tuple[tuple[str, str], ...],
) -> None:
    (entity, channel), values = where, row.values
    donation = channel_donation(context, channel.provider, str(values["order_no"]))
    donor = context.reference("donor", channel.provider, *(value for _, value in payer[:1])) if payer else None
    if donor is not None:
        proposal.subjects.append((entity, Subject("donor", donor, payer)))
    event = context.event(
        "donation.received",
        donation=donation,
        fund=channel.default_fund,
        donor=donor,
        donor_kind="person" if donor else "anonymous",
        publicity="anonymous",
        amount_fen=values["gross_fen"],
        means="channel",
        channel=channel.channel,
        order_no=values["order_no"],
        campaign=campaign_of(context, values.get("goods")),
        pledge_parts=[],
        wants_receipt=False,
        occurred_on=str(values["occurred_on"]),
        occurred_at=values.get("paid_at"),
        place=context.place(parsed, row),
    )
    proposal.add(row, Need(f"donation:{donation}", ("donation.received",)), entity, _day(row), event)
    name_campaign(context, proposal, (parsed, row), entity, _day(row), values.get("goods"))


def _refund(
    parsed: ParsedFile,
    context: Context,
    proposal: Proposal,
    row: CleanRow,
    where: tuple[str, Any],
    refunds: defaultdict[str, list[Event]],
) -> None:
    """`refunds` are those of the bill's earlier rows, by gift; this one becomes one of them."""
    (entity, channel), values = where, row.values
    movement = context.reference("movement", channel.provider, "refund", values["order_no"], values["refund_no"])
    need, state = Need(f"movement:{movement}", ("donation.returned",)), values.get("refund_state")
    if state in REFUND_FAILED:
        _failed(context, proposal, row, need)
        return
    if state in REFUND_PENDING:
        proposal.notes.append(Note(row.place, "W_REFUND_PENDING", {"value": state}))
    donation = channel_donation(context, channel.provider, str(values["order_no"]))
    event = context.event(
        "donation.returned",
        movement=movement,
        donation=donation,
        fund=channel.default_fund,
        amount_fen=-whole(values, "gross_fen"),
        reason="channel_refund",
        reason_text=hidden(values, "remark"),
        means="channel",
        channel=channel.channel,
        order_no=values["order_no"],
        pledge_parts=_owed_again(context, (donation, refunds[donation]), movement, -whole(values, "gross_fen")),
        occurred_on=str(values["occurred_on"]),
        place=context.place(parsed, row),
    )
    refunds[donation].append(event)
    proposal.add(row, need, entity, _day(row), event)


def _owed_again(
    context: Context, of_gift: tuple[str, Sequence[Event]], movement: str, fen: int
) -> list[dict[str, Any]]:
    """The parts of pledges that a refund opens again: a gift that was booked by hand, before its bill, may count for
    some. A refund of which the book or an earlier row of the bill knows already says what it said; the other rows have
    taken what they open.
    """
    donation, earlier = of_gift
    gifts, back = Need(f"donation:{donation}", GIFTS), Need(f"donation:{donation}", ("donation.returned",))
    found = context.find((gifts, back))
    given, recorded = [one.event for one in found[gifts]], [one.event for one in found[back]]
    by_movement = {getattr(one, "movement", None): one for one in (*earlier, *recorded)}
    known, returns = by_movement.get(movement), by_movement.values()
    if known is not None:
        return [part.model_dump() for part in getattr(known, "pledge_parts", ())]
    left = sum(getattr(one, "amount_fen", 0) for one in given)
    left -= sum(getattr(one, "amount_fen", 0) for one in returns) + fen
    owed = still_fulfilled(fulfilled(given, returns), left, fen)
    return [{"pledge": pledge, "fen": part} for pledge, part in owed.items()]


def _failed(context: Context, proposal: Proposal, row: CleanRow, need: Need) -> None:
    """A refund that gave nothing back is evidence only. An earlier bill, which did not know it yet, may have booked it;
    what only waits for its signatures has no place in the book (position 0).
    """
    proposal.noted += 1
    told = {"value": row.values["refund_state"], "refund_no": row.values["refund_no"]}
    booked = [item.position for item in context.find([need])[need]]
    code = "W_REFUND_FAILED_WAITS" if booked else "W_REFUND_FAILED"
    if any(booked):
        code, told["position"] = "W_REFUND_FAILED_BOOKED", max(booked)
    proposal.notes.append(Note(row.place, code, told))


def _fee(parsed: ParsedFile, context: Context, proposal: Proposal, row: CleanRow, where: tuple[str, Any]) -> None:
    (entity, channel), values = where, row.values
    movement = context.reference(
        "movement",
        channel.provider,
        "fee",
        values["order_no"],
        values.get("refund_no") or "",
        values.get("serial") or "",
    )
    event = context.event(
        "channel.fee_charged",
        movement=movement,
        channel=channel.channel,
        fund=channel.default_fund,
        fee_fen=values["fee_fen"],
        fee_kind="payment_channel",
        order_no=values["order_no"],
        occurred_on=str(values["occurred_on"]),
        place=context.place(parsed, row),
    )
    proposal.add_beside(row, Need(f"movement:{movement}", ("channel.fee_charged",)), entity, _day(row), event)


def _day(row: CleanRow) -> date:
    day = row.values["occurred_on"]
    if not isinstance(day, date):
        raise RowRefusedError("", "E_CELL_MISSING")
    return day
