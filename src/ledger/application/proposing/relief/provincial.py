"""The province's counts: each row is one township's households, persons and money of a programme and month."""

from typing import Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import text, whole
from ledger.application.proposing.chains import day_of
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, each_row
from ledger.application.proposing.relief.programmes import programme
from ledger.flows.knowledge import Need
from ledger.flows.public_money.entitlement.provincial import COUNTED

_SYSTEM: Final = "省社会救助信息系统"
_COLUMNS: Final = {
    "E_PROGRAMME_CHOICE": "救助项目",
    "E_PROVINCE_PERSONS": "保障人数",
    "E_FACT_IN_FUTURE": "导出日期",
    "E_DATE_FUTURE": "导出日期",
}


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`provincial.counted` for each row."""
    proposal = Proposal(columns=_COLUMNS)
    each_row(parsed, proposal, lambda row: _counted(parsed, context, proposal, row))
    return proposal


def _counted(parsed: ParsedFile, context: Context, proposal: Proposal, row: CleanRow) -> None:
    values = row.values
    opened = programme(context, str(values["programme"]))
    entity = context.entity_of("programme.opened", "programme", opened.programme)
    day = day_of(values["counted_on"], context)
    event = context.event(
        COUNTED,
        programme=opened.programme,
        month=str(values["month"]),
        township=str(values["township"]),
        households=whole(values, "households"),
        persons=whole(values, "persons"),
        amount_fen=whole(values, "amount_fen"),
        counted_on=str(day),
        explanation=text(values, "remark"),
        source=context.source(parsed, _SYSTEM),
        place=context.place(parsed, row),
    )
    known = Need(f"provincial:{opened.programme}:{values['month']}", (COUNTED,))
    proposal.add(row, known, entity, day, event, sameness="content")
