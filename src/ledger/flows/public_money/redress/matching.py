"""Matching runs (数据比对): a list of another department was compared with who is paid, and what came of it.

A doubt is worth what its data is worth, so a run says whose data it was, as of which day, with the digests of the list,
how many were compared and how many were hit. The doubts it gives rise to are clues of their own; the people of the
list who are in no programme leave no trace in the book.
"""

from typing import ClassVar, Literal

from ledger.flows.checks import in_future, taken
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Commitment, Count, Day, Fen, Label, MatchingRunId
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Source

DataKind = Literal[
    "deaths",
    "payroll",
    "pension",
    "housing_fund",
    "social_insurance",
    "vehicles",
    "property",
    "business",
    "deposits",
    "relatives",
    "population",
    "prison",
    "other",
]
"""数据源: 死亡, 财政供养, 养老金, 公积金, 社保缴纳, 车辆, 房产, 工商登记, 存款, 干部近亲属, 户籍, 服刑, 其他."""


class MatchingPerformed(Event):
    """比对: one list, of one kind of data and one cut-off day, was compared with the rosters and payments."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["matching.performed"] = "matching.performed"
    version: Literal[1] = 1
    run: MatchingRunId
    data: DataKind
    data_as_of: Day
    """数据截止日 of the list."""
    test: Label
    """The test's id and name, such as T04财政供养; every clue of the run bears it."""
    list_digest: Commitment
    """Keyed BLAKE2b-256 of what the list says, whatever the form of its file; that of the file stands in `source`."""
    listed: Count
    """Rows of the list."""
    compared: Count
    """Persons of the list, each once, who could be compared by their number."""
    hits: Count
    """Persons in a programme, once for each of their programmes."""
    exposure_fen: Fen
    """What was paid to all hits in the time that the list speaks of."""
    source: Source

    def needs(self) -> tuple[Need, ...]:
        return (_run_need(self.run),)


def _run_need(run: str) -> Need:
    return Need(f"matching-run:{run}", ("matching.performed",))


@rule(MatchingPerformed, code="MATCHING_TWICE", source="重复导入不重记", form=True)
def performed_once(event: MatchingPerformed, model: Knowledge) -> Verdict:
    yield from taken(model, _run_need(event.run), run=event.run)


@rule(MatchingPerformed, code="MATCHING_COUNTS", source="疑点数据汇总表 (命中行数, 人数, 金额)", form=True)
def counts_hold(event: MatchingPerformed, model: Knowledge) -> Verdict:
    """Nobody is compared who is not listed; nobody is hit, and nothing is at stake, without a comparison."""
    if event.compared > event.listed or (event.hits and not event.compared) or (event.exposure_fen and not event.hits):
        counts = {"listed": event.listed, "compared": event.compared, "hits": event.hits}
        yield {**counts, "exposure_fen": event.exposure_fen}


@rule(MatchingPerformed, code="FACT_IN_FUTURE", source="数据截止日", form=True)
def data_is_of_the_past(event: MatchingPerformed, model: Knowledge) -> Verdict:
    yield from in_future(model, event.data_as_of)
