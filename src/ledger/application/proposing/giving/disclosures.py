"""The register of publications (信息公开台账): each row with a day of publication is one `disclosure.published`.

A row without that day is not published yet; what is not there is no fact, so it only counts as noted; when its term is
over, that is told.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import text
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.campaigns import name_campaign
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.flows.giving.disclosures import YEARLY, due_on, reported_year
from ledger.flows.knowledge import Need


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`disclosure.published` for each row that says when."""
    columns = dict.fromkeys(("E_FACT_IN_FUTURE", "E_DATE_FUTURE", "E_DISCLOSURE_BEFORE"), "公开日期")
    more = {"E_CAMPAIGN_DATES": "募捐终止日期", "E_DISCLOSURE_YEAR": "起算日期"}
    proposal = Proposal(columns={**columns, **more})
    entity = context.entity("charity")
    each_row(parsed, proposal, lambda row: _published(parsed, context, proposal, entity, row))
    return proposal


def _published(parsed: ParsedFile, context: Context, proposal: Proposal, entity: str, row: CleanRow) -> None:
    values, day = row.values, row.values.get("published_on")
    since = _since(values)
    if not isinstance(day, date):
        proposal.noted += 1
        due, today = due_on(str(values["matter"]), since), context.options.today
        if due < today:
            told = {"subject": values["subject"], "due_on": str(due), "days": (today - due).days}
            proposal.notes.append(Note(row.place, "W_DISCLOSURE_OVERDUE", told))
        return
    address = text(values, "address")
    if address is None:
        raise RowRefusedError("公开网址或地点", "E_CELL_MISSING")
    disclosure = context.reference("disclosure", entity, values["disclosure_no"])
    event, as_written = (
        context.event(
            "disclosure.published",
            disclosure=disclosure,
            matter=values["matter"],
            subject=values["subject"],
            since_on=str(begins),
            published_on=str(day),
            address=address,
            responsible=text(values, "responsible"),
            place=context.place(parsed, row),
        )
        for begins in (since, values["since_on"])
    )
    need = Need(f"disclosure:{disclosure}", ("disclosure.published",))
    proposal.add(row, need, entity, day, event, once=(as_written,))
    if str(values["matter"]).startswith("campaign_"):
        days = {name: values.get(name) for name in ("starts_on", "ends_on")}
        plan = {name: str(one) for name, one in days.items() if isinstance(one, date)}
        name_campaign(
            context, proposal, (parsed, row), entity, day, values["subject"], plan_no=text(values, "plan_no"), **plan
        )


def _since(values: Mapping[str, Any]) -> date:
    """The day from which the term runs; the day after the year that is reported stands for that year's last day."""
    since: date = values["since_on"]
    year = reported_year(values["subject"])
    if values["matter"] not in YEARLY or year is None:
        return since
    return date(year, 12, 31) if since == date(year + 1, 1, 1) else since
