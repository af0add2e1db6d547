"""The donation register: gifts by transfer and in cash are booked from it; gifts through a channel are only named.

A channel's bill knows to the second what was paid and refunded, the register knows who gave and for what: so the bill
books the gift and the register adds to it, whichever file comes first.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from ledger.application.importing.keys import row_key
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.vault.people import Subject

_BODIES: Final = {"企业": "organisation", "社会组织": "organisation", "集体": "collective", "其他": "organisation"}
_GIFTS: Final = ("donation.received", "donation.collective")
NO_CODE: Final = "register"
"""A register gives a receipt's number and not its code; the export of the receipt system gives both."""


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Gifts, their registration, and the receipts that the register names."""
    proposal = Proposal()
    entity = context.entity("charity")
    receipts: dict[str, list[tuple[CleanRow, str, int]]] = {}

    def one(row: CleanRow) -> None:
        donation = _gift(parsed, context, proposal, entity, row)
        number = row.values.get("receipt_no")
        if number and row.values.get("receipt_on"):
            receipts.setdefault(str(number), []).append((row, donation, int(row.values["amount_fen"] or 0)))

    each_row(parsed, proposal, one)
    for number, covered in receipts.items():
        _receipt(parsed, context, proposal, entity, number, covered)
    return proposal


def donor(context: Context, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Subject]]:
    """The four fields that say who gave, and what of a person the vault must keep."""
    name, number = values.get("donor_name"), values.get("donor_number")
    kind = _BODIES.get(str(values.get("donor_type") or ""), "person")
    publicity = _publicity(values.get("publicity"))
    if not name or str(name) in {"匿名", "无名氏"}:
        return {"donor": None, "donor_kind": "anonymous", "donor_label": None, "publicity": "anonymous"}, []
    reference = context.reference("donor", number or name)
    if kind != "person":
        return {"donor": reference, "donor_kind": kind, "donor_label": name, "publicity": publicity}, []
    fields = [("name", name), ("number", number), ("phone", values.get("phone"))]
    kept = tuple((field, str(value)) for field, value in fields if value)
    shown = "anonymous" if publicity == "anonymous" else "name"
    who = {"donor": reference, "donor_kind": "person", "donor_label": None, "publicity": shown}
    return who, [Subject("donor", reference, kept)]


def channel_donation(context: Context, provider: str, order_no: str) -> str:
    """The number of a gift through a channel: the same from the channel's bill and from the register."""
    return context.reference("donation", provider, order_no)


def _publicity(value: Any) -> str:
    return "anonymous" if value in {"匿名", "否"} else "name"


def _gift(parsed: ParsedFile, context: Context, proposal: Proposal, entity: str, row: CleanRow) -> str:
    values = row.values
    who, subjects = donor(context, values)
    proposal.subjects.extend((entity, subject) for subject in subjects)
    channel = context.channel_named(str(values.get("account_label") or values.get("method") or ""))
    if channel is not None:
        return _registered(parsed, context, proposal, entity, row, channel, who)
    donation = context.reference("donation", row_key(parsed.kind, row, row.ordinal))
    event = _booked(parsed, context, entity, row, donation, who)
    day = values["received_on"]
    if not isinstance(day, date):
        raise RowRefusedError("到账日期", "E_CELL_MISSING")
    proposal.add(row, Need(f"donation:{donation}", _GIFTS), entity, day, event)
    return donation


def _common(context: Context, row: CleanRow) -> dict[str, Any]:
    values = row.values
    return {
        "amount_fen": values["amount_fen"],
        "campaign": None if not values.get("campaign") else context.reference("campaign", values["campaign"]),
        "earmark": values.get("purpose"),
        "wants_receipt": bool(values.get("receipted")),
    }


def _booked(
    parsed: ParsedFile, context: Context, entity: str, row: CleanRow, donation: str, who: Mapping[str, Any]
) -> Event:
    values = row.values
    cash = "现金" in str(values.get("method") or "")
    account = context.account(label=str(values.get("account_label") or ("现金" if cash else "?")))
    restricted = str(values.get("intent") or "") == "限定"
    fund = context.fund(
        entity, str(values["purpose"]) if restricted and values.get("purpose") else None, "unrestricted"
    )
    pledge = values.get("pledge_no")
    fields = {
        **_common(context, row),
        **who,
        "donation": donation,
        "fund": fund,
        "means": "cash" if cash or account.holding == "cash" else "bank",
        "account": account.account,
        "order_no": values.get("reference"),
        "pledge_parts": [{"pledge": pledge_id(context, str(pledge)), "fen": values["amount_fen"]}] if pledge else [],
        "occurred_on": str(values["received_on"]),
        "place": context.place(parsed, row),
    }
    persons = int(values.get("persons") or 1)
    if persons > 1:
        return context.event("donation.collective", **fields, persons=persons, lines=[])
    return context.event("donation.received", **fields)


def _registered(
    parsed: ParsedFile,
    context: Context,
    proposal: Proposal,
    entity: str,
    row: CleanRow,
    channel: Any,
    who: Mapping[str, Any],
) -> str:
    values = row.values
    order = values.get("reference")
    if not order:
        raise RowRefusedError("银行流水号或支付单号", "E_ORDER_MISSING", channel=channel.name)
    donation = channel_donation(context, channel.provider, str(order))
    registered = values.get("registered_on") or values["received_on"]
    event = context.event(
        "donation.registered",
        **_common(context, row),
        **who,
        donation=donation,
        register_no=str(values.get("seq") or row.place.row),
        channel=channel.channel,
        order_no=order,
        registered_on=str(registered),
        arrived_on=str(values["received_on"]),
        place=context.place(parsed, row),
    )
    day = registered if isinstance(registered, date) else context.options.today
    proposal.add(row, Need(f"donation:{donation}", ("donation.registered",)), entity, day, event)
    return donation


def pledge_id(context: Context, number: str) -> str:
    """A pledge's id: the office's own number where it can be one, else a reference of it."""
    plain = number.isascii() and number.replace("-", "").replace(".", "").isalnum()
    return number if plain else context.reference("pledge", number)


def _receipt(
    parsed: ParsedFile,
    context: Context,
    proposal: Proposal,
    entity: str,
    number: str,
    covered: list[tuple[CleanRow, str, int]],
) -> None:
    first = covered[0][0]
    who, _ = donor(context, first.values)
    receipt = f"{NO_CODE}-{number}"
    event = context.event(
        "donation.receipt_issued",
        receipt=receipt,
        code=NO_CODE,
        number=number,
        form="electronic",
        payer=who["donor"],
        payer_label=who["donor_label"],
        amount_fen=sum(fen for _, _, fen in covered),
        covers=[{"donation": donation, "fen": fen} for _, donation, fen in covered],
        in_advance=False,
        issued_on=str(first.values["receipt_on"]),
        origin="history",
        place=context.place(parsed, first),
    )
    day = first.values["receipt_on"]
    known = Need(f"receipt:{receipt}", ("donation.receipt_issued",))
    if isinstance(day, date):
        proposal.add_beside(first, known, entity, day, event)
