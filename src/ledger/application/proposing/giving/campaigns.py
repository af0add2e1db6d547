"""The campaigns that registers name (所属活动): a reference in every gift, the name once beside the first of them."""

from datetime import date
from typing import Any

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal
from ledger.errors import InputError
from ledger.flows.giving.campaigns import campaign_need
from ledger.values.text import has_personal_pattern


def campaign_of(context: Context, text: Any) -> str | None:
    """The reference of a campaign; None where a row names none."""
    return context.reference("campaign", text) if text else None


def name_campaign(
    context: Context,
    proposal: Proposal,
    at: tuple[ParsedFile, CleanRow],
    entity: str,
    day: date,
    text: Any,
    **more: Any,
) -> None:
    """`campaign.named` beside a row, unless the entity recorded it already: two charities may collect in one campaign,
    and each publishes what came to it. `more` is what else is known of the plan.

    A name that holds a number of a person stays a reference, as does one that no label can hold.
    """
    parsed, row = at
    campaign = campaign_of(context, text)
    if campaign is None or has_personal_pattern(str(text)):
        return
    known = {name: value for name, value in more.items() if value is not None}
    need, own = campaign_need(campaign), (entity, campaign)
    if own not in proposal.campaigns:
        proposal.campaigns[own] = [one.event for one in context.find([need])[need] if one.entity == entity]
    told = proposal.campaigns[own]
    if told and all(any(getattr(one, name) == value for one in told) for name, value in known.items()):
        return
    fields = {"campaign": campaign, "name": text, "place": context.place(parsed, row), **known}
    try:
        event = context.event("campaign.named", **fields)
    except InputError:
        return
    proposal.add_beside(row, need, entity, day, event, sameness="content", apart=True)
