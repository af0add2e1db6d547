"""One month's tables and paragraphs beside each other: a figure that stands in two places is the same in both.

And a quarter's, a year's and a campaign's, of a generated year.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection

from ledger.log.appending import read_head
from ledger_api.demo.year.play import Year
from ledger_api.demo.year.targets import MONTHS
from ledger_projections.figures import LISTED, RELIEF
from ledger_projections.summaries.programmes import programmes
from ledger_projections.summaries.registry import TABLES
from ledger_projections.summaries.sentences import paragraph, span_of
from ledger_projections.summaries.sentences_catalogue import template
from ledger_projections.summaries.table import Asked, Said, Table, half_up
from tests.projections.summaries.summary_book import rows

TRUE = (Said("table_clue.founded"), Said("table_clue.partly"))
KINDS = ("row", "part", "total")
TODAY = date(2025, 1, 31)
Pair = tuple[str, object, object]
Rows = list[dict[str, Any]]


class Papers:
    """The tables and paragraphs of some months, each made once; schemes by the name of a programme."""

    def __init__(self, connection: Connection, first: str, last: str) -> None:
        self.position = read_head(connection).position
        self.asked = Asked(first, last, TODAY, at=self.position)
        self.connection = connection
        self._made: dict[str, Table] = {}
        known = programmes(connection, self.asked, self.position).values()
        self.scheme = {one.name: one.scheme for one in known}

    def table(self, code: str) -> Table:
        if code not in self._made:
            self._made[code] = TABLES[code].make(self.connection, self.asked)
        return self._made[code]

    def rows(self, code: str, kind: str = "row") -> Rows:
        return rows(self.table(code), kind)

    def total(self, code: str, label: str = "") -> Mapping[str, Any]:
        """The total with `label` in its label's code; nothing at all where a table has no such rows."""
        found = rows(self.table(code), "total")
        mine = [one for one in found if label in next(iter(one.values())).code]
        return defaultdict(int, mine[0] if mine else {})

    def slots(self, name: str) -> dict[str, Any]:
        """`sentence.slot` -> the figure's value of a paragraph; None where the book has none."""
        span = span_of(template(name), self.asked.first, self.asked.last, None)
        told = paragraph(self.connection, template(name), span, self.position)
        return {
            f"{one.name}.{slot.name}": None if slot.fact.value is None else slot.fact.exact
            for one in told.sentences
            for slot in one.slots
        }


def added(found: Rows, key: str) -> int:
    return sum(one[key] or 0 for one in found)


def of_a_month(papers: Papers) -> Iterator[Pair]:
    """M1 to M6 and the month's paragraph."""
    m1, m2, m5 = papers.rows("M1"), papers.total("M2"), papers.rows("M5")
    relief = [one for one in m1 if papers.scheme[one["programme"]] in RELIEF]
    whole, told = papers.total("M1", "relief"), papers.slots("month")
    for key in ("paid_fen", "household_times", "person_times"):
        yield f"M1 {key}, its rows", added(relief, key), whole[key]
    for key in set(m2) & set(whole) - {"township", "programme"}:
        yield f"M2 {key}, M1", m2[key], whole[key]
    yield "month total, M1", told["total.total"], whole["paid_fen"]
    yield "month 户次, M1", told["total.households"], whole["household_times"]
    yield "month 人次, M1", told["total.persons"], whole["person_times"]
    yield "month 累计, M1", told["so_far.so_far"], whole["year_paid_fen"]
    for slot, key in (
        ("in_h", "in_households"),
        ("in_p", "in_persons"),
        ("out_h", "out_households"),
        ("out_p", "out_persons"),
        ("died", "out_deaths"),
    ):
        yield f"month {slot}, M1", told[f"moves.{slot}"], whole[key]
    yield "month 失败笔, M1", told["failures.failed"], whole["failed_lines"]
    yield "month 失败额, M1", told["failures.failed_fen"], whole["failed_fen"]
    for scheme in RELIEF:
        mine = [one for one in m1 if papers.scheme[one["programme"]] == scheme and one["household_times"]]
        if not mine:
            continue
        yield f"month {scheme} 元, M1", told[f"programmes.{scheme}_fen"], added(mine, "paid_fen")
        average = told.get(f"programmes.{scheme}_average")
        if average is not None:
            yield f"month {scheme} 人均, M1", [half_up(*average.as_integer_ratio())], [one["level_fen"] for one in mine]
    everything = papers.total("M1", "all_rows") or whole
    for way in ("in", "out"):
        for unit in ("households", "persons"):
            yield f"M5 {way} {unit}, M1", papers.total("M5", f".{way}")[unit], everything[f"{way}_{unit}"]
    deaths = [one for one in m5 if one["reason"] == Said("table_reason.death")]
    yield "M5 死亡, M1", added(deaths, "persons"), everything["out_deaths"]
    yield from three_ways(papers, m1)
    yield from failed(papers, everything, told)
    yield "M6 疑点, month", papers.total("M6")["hits"], told["matching.warned"] or 0
    yield "M6 停发, month", papers.total("M6")["stopped_persons"], told["matching.stopped"] or 0
    yield "M6 疑点, C2", papers.total("M6")["hits"], sum(bool(one["test"]) for one in papers.rows("C2"))


def three_ways(papers: Papers, m1: Rows) -> Iterator[Pair]:
    """M4 beside M1, programme by programme."""
    ours = {one["programme"]: one for one in m1}
    for one in papers.rows("M4"):
        mine = ours.get(one["programme"])
        if mine is None:
            continue
        for theirs, key in (
            ("roster_households", "closing_households"),
            ("roster_persons", "closing_persons"),
            ("bank_household_times", "household_times"),
            ("bank_person_times", "person_times"),
            ("bank_fen", "paid_fen"),
        ):
            if one[theirs] is not None:
                yield f"M4 {one['programme']} {theirs}, M1", one[theirs], mine[key]
    for one in (*papers.rows("M4"), *papers.rows("M4", "total")):
        for unit in ("households", "persons", "fen"):
            if isinstance(one[f"gap_{unit}"], int):
                gap = one[f"province_{unit}"] - (one[f"roster_{unit}"] or 0)
                yield f"M4 {one['programme']} 省系统与名册差 {unit}", one[f"gap_{unit}"], gap
        if isinstance(one["difference_fen"], int):
            told = one["funded_fen"] + one["carried_fen"] - one["unspent_fen"] - one["bank_fen"]
            yield f"M4 {one['programme']} 差异", one["difference_fen"], told


def failed(papers: Papers, everything: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Pair]:
    """M3's lines of the months beside M1 and the paragraph."""
    lines = [one for one in papers.rows("M3") if papers.asked.first <= one["month"] <= papers.asked.last]
    yield "M3 笔, M1", len(lines), everything["failed_lines"]
    yield "M3 失败额, M1", added(lines, "failed_fen"), everything["failed_fen"]
    yield "M3 待补发额, M1", added(lines, "unpaid_fen"), everything["unpaid_fen"]
    waiting = sum(one["unpaid_fen"] > 0 for one in lines)
    yield "M3 待补发笔, month", waiting, told["failures.open"]
    states = Counter(one["state"].code for one in lines)
    yield "M3 已补发, month", states["table_failure.paid"], told["failures.paid"]


def of_a_year(papers: Papers) -> Iterator[Pair]:
    """The tables of quarters and years beside the paragraphs of the same months, from January on."""
    yield from public_money(papers)
    yield from redress(papers)
    yield from charity(papers)


def public_money(papers: Papers) -> Iterator[Pair]:
    """Funding documents, societies, lottery proceeds, and the year of relief."""
    told = papers.slots("quarter") | {f"year.{key}": value for key, value in papers.slots("year").items()}
    q1 = papers.total("Q1", "relief_funding") or papers.total("Q1")
    yield "Q1 下达 and 结转, quarter", q1["carried_over_fen"] + q1["allocated_fen"], told["funds.given"]
    yield "Q1 结转, quarter", q1["carried_over_fen"], told["funds.carried"]
    yield "Q1 支出, quarter", q1["spent_fen"], told["funds.paid"]
    yield "Q1 执行率, quarter", q1["rate"], thousandths(told["funds.rate"])
    for key in ("carried_over_fen", "allocated_fen", "spent_fen", "left_fen", "rate"):
        yield f"Y3 {key}, Q1", papers.total("Y3")[key], papers.total("Q1", "_word")[key]
    q3 = papers.rows("Q3")
    societies = [one for one in q3 if one["society_kind"] == Said("table_fund.mutual_aid")]
    registered = [one for one in societies if one["registration"] == Said("table_registration.registered")]
    yield "Q3 家, quarter", len(societies), told["societies.count"]
    yield "Q3 登记, quarter", len(registered), told["societies.registered"]
    yield "Q3 筹资, quarter", papers.total("Q3")["raised_fen"], told["societies.raised"]
    yield "Q3 救助, quarter", papers.total("Q3")["year_times"], told["societies.helped"]
    yield "Q3 救助额, quarter", papers.total("Q3")["year_granted_fen"], told["societies.granted"]
    q4, y8 = papers.total("Q4"), papers.total("Y8")
    yield "Q4 安排 and 结转, quarter", q4["carried_over_fen"] + q4["allocated_fen"], told["lottery.allocated"]
    yield "Q4 结转, quarter", q4["carried_over_fen"], told["lottery.carried"]
    yield "Q4 支出, quarter", q4["used_fen"], told["lottery.used"]
    yield "Q4 执行率, quarter", q4["rate"], thousandths(told["lottery.rate"])
    for key in ("carried_over_fen", "allocated_fen", "used_fen", "returned_fen", "left_fen", "rate"):
        yield f"Y8 {key}, Q4", y8[key], q4[key]
    yield from the_year(papers, told)


def the_year(papers: Papers, told: Mapping[str, Any]) -> Iterator[Pair]:
    """Y1, Y4 and Y11 beside the year's sentences."""
    y1, whole = papers.rows("Y1"), papers.total("Y1", "relief")
    by = {scheme: [one for one in y1 if papers.scheme[one["programme"]] == scheme] for scheme in RELIEF}
    listed = [one for scheme in LISTED for one in by[scheme]]
    yield "Y1 实发, year", whole["paid_fen"], told["year.total.total"]
    yield "Y1 补发, year", whole["late_fen"], told["year.total.late"]
    for slot, key in (
        ("came", "in_persons"),
        ("left", "out_persons"),
        ("moved", "out_transferred"),
        ("died", "out_deaths"),
    ):
        yield f"Y1 {key}, year", added(listed, key), told[f"year.moves.{slot}"]
    for slot, scheme, key in (
        ("urban_h", "urban_dibao", "closing_households"),
        ("urban", "urban_dibao", "closing_persons"),
        ("rural_h", "rural_dibao", "closing_households"),
        ("rural", "rural_dibao", "closing_persons"),
        ("destitute", "destitute", "closing_persons"),
    ):
        yield f"Y1 {scheme} {key}, year", added(by[scheme], key), told[f"year.moves.{slot}"]
    for slot, scheme in (("living", "disability_living"), ("care", "disability_care")):
        yield f"Y1 {scheme} 人次, year", added(by[scheme], "person_times"), told[f"year.disability.{slot}"]
    y4 = {
        one["item"].code.removeprefix("table_item."): one["amount_fen"]
        for kind in KINDS
        for one in papers.rows("Y4", kind)
    }
    yield "Y4 实发, Y1", y4["paid"], whole["paid_fen"]
    yield "Y4 应发, Y1", y4["authorised"], whole["authorised_fen"]
    yield "Y4 补发, Y1", y4["late"], whole["late_fen"]
    yield "Y4 扣回, Y1", y4["offset"], whole["offset_fen"]
    yield "Y4 另一口径, year", y4["without"], told["year.total.narrow"]
    yield "Y4 全部项目, Y1", y4["everything"], (papers.total("Y1", "all_rows") or whole)["paid_fen"]
    yield "Y11 实发, Y1", papers.total("Y11")["paid_fen"], y4["everything"]
    months = [
        Papers(papers.connection, month, month).total("M1", "relief") for month in MONTHS if month <= papers.asked.last
    ]
    for key in ("paid_fen", "household_times", "person_times", "late_fen", "failed_lines", "failed_fen"):
        yield f"M1 {key} of the months, Y1", sum(one[key] for one in months), whole[key]


def redress(papers: Papers) -> Iterator[Pair]:
    """Findings, recoveries, clues and look backs: Q5, Y9, C1, C2, C6 beside the paragraphs of the same months."""
    told, year = papers.slots("campaign"), papers.slots("year")
    q5, y9, c1 = papers.total("Q5"), papers.total("Y9"), papers.total("C1")
    for key in set(q5) - {"found_by"}:
        yield f"Y9 {key}, Q5", y9[key], q5[key]
    yield "Q5 应追, year", q5["ordered_fen"], year["redress.ordered"]
    yield "Q5 已追, year", q5["collected_fen"], year["redress.collected"]
    yield "Q5 抵扣, year", q5["offset_recovered_fen"], year["redress.offset"]
    yield "Q5 到位率, year", q5["rate"], thousandths(year["redress.rate"])
    yield "Q5 问题, campaign", q5["findings"], told["matters.matters"]
    yield "Q5 已整改, campaign", q5["rectified"], told["matters.done"]
    yield "C1 问题, campaign", c1["findings"], told["matters.matters"]
    yield "C1 类别, campaign", sum(bool(one["category"]) for one in papers.rows("C1")), told["matters.categories"]
    yield "C1 已整改, campaign", c1["rectified"], told["matters.done"]
    yield "C1 应追, campaign", c1["ordered_fen"], told["money.ordered"]
    yield "C1 已追, campaign", c1["collected_fen"], told["money.collected"]
    yield "C1 移送, campaign", c1["referred"], told["handling.referred"]
    yield "C1 处理, campaign", c1["disciplined"], told["handling.persons"]
    yield "C1 制度, campaign", c1["systems"], told["handling.rules"]
    yield "Y9 移送, campaign", y9["referred"], told["handling.referred"]
    yield "Y9 回头看, campaign", y9["looked_back"], told["handling.looked"]
    yield "Y9 反弹, campaign", y9["relapsed_findings"], told["handling.relapsed"]
    looked = papers.rows("C6")
    yield "C6 问题, Y9", len({one["finding"] for one in looked}), y9["looked_back"]
    yield "C6 抽查, Y9", added(looked, "sampled"), y9["sampled"]
    yield "C6 反弹, Y9", added(looked, "relapsed"), y9["relapsed"]
    clues = papers.rows("C2")
    yield "C2 线索, campaign", len(clues), told["clues.clues"]
    yield "M6 属实 and C2", papers.total("M6")["founded"], sum(bool(one["test"]) and is_true(one) for one in clues)
    yield "C2 属实, campaign", sum(map(is_true, clues)), told["clues.founded"]


def is_true(clue: Mapping[str, Any]) -> bool:
    """Whether a row of C2 is founded, wholly or in part."""
    return clue["result"] in TRUE or clue["state"] == Said("table_clue.confirmed")


def charity(papers: Papers) -> Iterator[Pair]:
    """M7, Y5, Y6 and Y7 beside each other and the year's sentences."""
    told, m7, y6 = papers.slots("year"), papers.total("M7"), papers.total("Y6")
    yield "Y6 认捐, year", y6["pledged_fen"] + y6["others_fen"], told["pledges.total"]
    yield "Y6 本会, year", y6["pledged_fen"], told["pledges.own"]
    yield "Y6 到账, year", y6["pledged_arrived_fen"], told["pledges.arrived"]
    yield "Y6 到位率, year", y6["rate"], thousandths(told["pledges.rate"])
    y5 = {one["item"].code.removeprefix("table_item."): one["amount_fen"] for one in papers.rows("Y5")}
    yield "Y5 管理费, M7", y5["management"], m7["management_fen"]
    yield "Y5 筹资费, M7", y5["fundraising"], m7["fundraising_fen"]
    yield "Y7 收入, M7", papers.total("Y7")["in_fen"], m7["goods_gifts_fen"]
    yield "Y6 到账合计, M7", y6["arrived_fen"], m7["cash_gifts_fen"] - m7["gifts_returned_fen"]


def thousandths(ratio: Any) -> object:
    return "" if ratio is None else half_up(*(1000 * ratio).as_integer_ratio())


@pytest.mark.parametrize("month", MONTHS)
def test_a_months_tables_and_paragraph_tell_the_same_figures(hamlet: Year, month: str) -> None:
    with hamlet.county.book.store.read() as connection:
        papers = Papers(connection, month, month)
        assert disagreeing(of_a_month(papers)) == []


@pytest.mark.parametrize("last", [MONTHS[2], MONTHS[7], MONTHS[-1]])
def test_quarters_and_years_tell_the_same_figures(hamlet: Year, last: str) -> None:
    with hamlet.county.book.store.read() as connection:
        assert disagreeing(of_a_year(Papers(connection, MONTHS[0], last))) == []


def disagreeing(pairs: Iterator[Pair]) -> list[Pair]:
    """Those that differ; what one place leaves blank is nought in the other."""
    found = list(pairs)
    assert len(found) > 70
    return [one for one in found if (one[1] or 0) != (one[2] or 0)]
