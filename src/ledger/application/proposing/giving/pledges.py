"""The register of pledges (认捐登记表): one row an instalment, one event a pledge.

What arrived is booked by the donation register, which names the pledge; here stands what was promised and when it is
due. Only what was paid before the book began is taken over, so that the rest is still to come; what the register says
was paid since and the donation register has not brought is told.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import spoilt_names, whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.campaigns import campaign_of, name_campaign
from ledger.application.proposing.giving.donors import donor, donors_once, pledge_id
from ledger.application.proposing.giving.receivers import whose
from ledger.application.proposing.proposal import Proposal, RowRefusedError, attempt_together
from ledger.flows.knowledge import Need

_KINDS: Final = {"一次": "single", "分期": "instalments", "留本": "principal_kept"}


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`pledge.made` for each pledge, with all its instalments."""
    proposal = Proposal(columns={"E_PLEDGE_SUM": "应付金额", "E_DATE_FUTURE": "认捐日期"})
    entity = context.entity("charity")
    began = context.began.get(entity)
    pledges: dict[str, list[CleanRow]] = {}
    for row in parsed.rows:
        pledges.setdefault(str(row.values["pledge_no"]), []).append(row)
    spoilt = spoilt_names(parsed, "pledge_no")
    for number, rows in pledges.items():
        if number in spoilt or (None in spoilt and _short(rows)):
            proposal.hold(number, rows)
            continue
        if (undated := next((row for row in rows if _undated(row)), None)) is not None:
            proposal.refuse(undated, "应付日期", "E_CELL_MISSING", {})
            proposal.hold(number, [row for row in rows if row is not undated])
            continue
        if (odd := next((row for row in rows if _pledged(row) != _pledged(rows[0])), None)) is not None:
            told = {"pledge": number, "first_fen": _pledged(rows[0])}
            proposal.refuse(odd, "认捐总额", "E_PLEDGE_TOTALS", told)
            proposal.hold(number, [row for row in rows if row is not odd])
            continue
        attempt_together(
            rows, proposal, partial(_pledge, parsed, context, proposal, (entity, number, began), rows), number
        )
    return proposal


def _short(rows: Sequence[CleanRow]) -> bool:
    """Whether the instalments are less than the pledge."""
    due = sum(whole(row.values, "due_fen") for row in rows)
    return bool(due) and due < whole(rows[0].values, "pledged_fen")


def _pledged(row: CleanRow) -> int:
    """The whole of the pledge, as a row states it."""
    return whole(row.values, "pledged_fen")


def _undated(row: CleanRow) -> bool:
    """Whether an instalment is due on no day."""
    return whole(row.values, "due_fen") > 0 and not isinstance(row.values.get("due_on"), date)


def _pledge(
    parsed: ParsedFile,
    context: Context,
    proposal: Proposal,
    of: tuple[str, str, date | None],
    rows: Sequence[CleanRow],
    first: CleanRow,
) -> None:
    (entity, number, began), values = of, first.values
    pledgor = {"donor_name": values["pledgor_name"], "donor_type": values.get("pledgor_type")}
    who, subjects = donor(context, pledgor)
    proposal.subjects.extend((entity, subject) for subject in subjects)
    receiver = str(values.get("receiver") or "")
    ours = _is_ours(receiver, context.names_of(entity))
    said = {
        "pledge": pledge_id(context, entity, number),
        "fund": context.fund(entity, None, "unrestricted") if ours else None,
        "recipient_label": None if ours else receiver,
        **_promised(rows),
        "paid_before_fen": sum(_paid_before(row.values, began) for row in rows),
        "instalments": [part for row in rows for part in _instalment(row.values, began)],
        "campaign": campaign_of(context, values.get("campaign")),
        "public": bool(values.get("campaign")),
        "agreement": values.get("scan"),
        "on": str(values["pledged_on"]),
        "place": context.place(parsed, first),
    }
    given = (who, *donors_once(context, pledgor))
    event, *once = (context.event("pledge.made", **said, **one) for one in given)
    day = values["pledged_on"]
    if not isinstance(day, date):
        raise RowRefusedError("认捐日期", "E_CELL_MISSING")
    known = Need(f"pledge:{getattr(event, 'pledge', '')}", ("pledge.made", "opening.recorded"))
    stands = max(day, began or day)
    proposal.add(first, known, entity, stands, event, once=tuple(once))
    if ours:
        _paid_is_booked(context, proposal, rows, (str(getattr(event, "pledge", "")), number, began))
    name_campaign(context, proposal, (parsed, first), entity, stands, values.get("campaign"))


def _paid_is_booked(
    context: Context, proposal: Proposal, rows: Sequence[CleanRow], of: tuple[str, str, date | None]
) -> None:
    """What the register says was paid (实付金额) is booked by the donation register; what that has not yet is told."""
    pledge, number, began = of
    tag = Need(f"pledge:{pledge}")
    booked = sum(
        part.fen * (-1 if event.kind == "donation.returned" else 1)
        for event in context.events(tag)
        for part in getattr(event, "pledge_parts", ())
        if part.pledge == pledge
    )
    paid = [row for row in rows if whole(row.values, "paid_fen") > _paid_before(row.values, began)]
    stated = sum(whole(row.values, "paid_fen") for row in paid)
    if stated > booked:
        params = {"value": number, "paid_fen": stated, "booked_fen": booked}
        proposal.notes.append(Note(paid[-1].place, "W_PLEDGE_PAID", params))


def _is_ours(receiver: str, names: Sequence[str]) -> bool:
    """Whether a pledge is made to the entity of a name, or of an earlier one. E_PLEDGE_RECEIVER where its receiver does
    not tell.
    """
    found = {whose(receiver, name) for name in names}
    if found.isdisjoint({"ours"}) and "unclear" in found:
        raise RowRefusedError("接收单位", "E_PLEDGE_RECEIVER", value=receiver, name=names[-1])
    return "ours" in found


def _promised(rows: Sequence[CleanRow]) -> dict[str, Any]:
    """What counts as promised: of a pledge that keeps its principal, the yearly returns only."""
    values = rows[0].values
    kind = next((code for word, code in _KINDS.items() if word in str(values.get("mode") or "")), None)
    kind = kind or ("instalments" if len(rows) > 1 else "single")
    total = whole(values, "pledged_fen")
    if kind != "principal_kept":
        return {"pledge_kind": kind, "principal_fen": None, "amount_fen": total}
    returns = sum(whole(row.values, "due_fen") for row in rows)
    if not returns:
        raise RowRefusedError("应付金额", "E_CELL_MISSING")
    return {"pledge_kind": kind, "principal_fen": total, "amount_fen": returns}


def _paid_before(values: Mapping[str, Any], began: date | None) -> int:
    """Fen of an instalment that older books took in."""
    paid_on = values.get("paid_on")
    return whole(values, "paid_fen") if began and isinstance(paid_on, date) and paid_on < began else 0


def _instalment(values: Mapping[str, Any], began: date | None) -> list[dict[str, Any]]:
    """What of an instalment was still to come when the book began, and when."""
    due_on, left = values.get("due_on"), whole(values, "due_fen") - _paid_before(values, began)
    return [{"due": str(due_on), "fen": left}] if isinstance(due_on, date) and left > 0 else []
