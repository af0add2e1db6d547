"""Another department's list is compared with who is paid: a run with its digests, one clue a hit, nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.application.proposing.redress.exposed import Exposed, Window
from ledger.application.proposing.reports import FileReport
from ledger.flows.public_money.entitlement.enrolments import EnrolmentConfirmed
from ledger_projections.public_money.doubts import clues
from ledger_projections.public_money.matching_runs import matching_runs
from ledger_projections.registry import catch_up
from tests.application.importing.offices import Grid, workbook
from tests.application.proposing.county import TODAY, County, codes, rows_of
from tests.application.proposing.county_facts import BUREAU
from tests.flows.public_money import samples_relief as s

HEAD = ["序号", "数据来源", "姓名", "身份证号", "比对内容", "起始日期", "数据截止日", "提供单位", "备注"]
A, B, C = ("示例甲", "431099194803120016"), ("示例乙", "431099196207050129"), ("示例丙", "431099195509210242")
STRANGER = ("示例丁", "431099194011020412")
CAR = "小型客车,2024年登记"


def listed(*rows: tuple[tuple[str, str], str, str, str], cut_off: str = "2025-09-20") -> Grid:
    """(person, source, what it says, since)."""
    return [
        HEAD,
        *(
            [str(n), source, person[0], person[1], told, since, cut_off, "示例县某局", ""]
            for n, (person, source, told, since) in enumerate(rows, 1)
        ),
    ]


CARS = listed((A, "车辆", CAR, "2025-08-01"), (B, "车辆", CAR, "2025-03"), (STRANGER, "车辆", CAR, "2025-08"))


@pytest.fixture
def paid(county: County) -> County:
    """The county whose September was paid: 690 and 580 yuan arrived, 760 yuan came back."""
    for name in ("dibao_roster.csv", "road", "payfile.csv", "payresult.csv"):
        county.road() if name == "road" else county.take_in(name)
    county.sign_off()
    return county


def test_a_hit_is_a_clue_with_what_was_paid(paid: County) -> None:
    report = paid.one(paid.write("车辆.csv", CARS))
    assert (report.kind, report.new, report.noted, report.duplicate, report.wrong) == ("matching", 2, 1, 0, [])
    (run,) = paid.of_kind("matching.performed")
    assert (run.data, run.data_as_of, run.test) == ("vehicles", date(2025, 9, 20), "T05车辆")
    assert (run.listed, run.compared, run.hits, run.exposure_fen) == (3, 3, 2, 69_000)
    assert run.source.organisation == "示例县某局"
    assert run.source.file_digest.startswith("sha256:")
    assert run.list_digest.startswith("blake2b:")
    clues = {one.person: one for one in paid.of_kind("clue.raised")}
    first, second = (clues[paid.vault.reference("person", number)] for _, number in (A, B))
    assert (first.exposure_fen, first.period_from, first.period_to) == (69_000, "2025-09", "2025-09")
    assert (first.programme, first.township, first.village) == ("rural-dibao", "石岭镇", "上坪村")
    assert (first.summary, first.found_by) == (f"车辆:{CAR},2025-08-01起", "matching")
    assert first.clue.startswith("YD20250920-T05-")
    assert (second.exposure_fen, second.period_from) == (0, None), "what came back is not at stake; who is enrolled is"
    assert {one.source for one in clues.values()} == {run.source}


def test_no_number_and_no_stranger_gets_into_the_book(paid: County) -> None:
    before = paid.size()
    paid.one(paid.write("车辆.csv", CARS))
    said = "".join(one.model_dump_json() for one in paid.all_events())
    assert not any(part in said for person in (A, B, STRANGER) for part in person)
    assert paid.size()[2] == before[2], "the vault keeps nobody because a list named him"
    assert paid.vault.reference("person", STRANGER[1]) not in said


def test_the_same_list_again_adds_nothing_in_whatever_form(paid: County) -> None:
    paid.one(paid.write("车辆.csv", CARS))
    before = paid.size()
    path = paid.folder / "车辆表.xlsx"
    path.write_bytes(workbook({"名单": [list(row) for row in [CARS[0], *reversed(CARS[1:])]]}))
    for again in (paid.write("车辆.csv", CARS), path):
        report = paid.one(again)
        assert (report.new, report.duplicate, report.noted, report.wrong) == (0, 2, 1, [])
        assert paid.size() == before
    dry = paid.one(path, dry_run=True)
    assert (dry.duplicate, paid.size()) == (2, before)


def test_a_corrected_list_of_the_day_raises_only_what_is_new(paid: County) -> None:
    paid.one(paid.write("车辆.csv", CARS))
    more = listed((A, "车辆", CAR, "2025-08-01"), (C, "车辆", "货车", "2025-01"))
    report = paid.one(paid.write("车辆改.csv", more))
    assert (report.new, report.duplicate) == (1, 1)
    assert [run.hits for run in paid.of_kind("matching.performed")] == [2, 2]
    assert len(paid.of_kind("clue.raised")) == 3


def test_a_list_that_hits_nobody_is_a_run_all_the_same(paid: County) -> None:
    strangers = paid.write("房产.csv", listed((STRANGER, "房产", "商品房一套", "2025-01")))
    report = paid.one(strangers)
    assert (report.new, report.noted, report.wrong) == (0, 1, [])
    (run,) = paid.of_kind("matching.performed")
    assert (run.hits, run.exposure_fen, run.data) == (0, 0, "property")
    before = paid.size()
    paid.one(strangers)
    assert paid.size() == before


def test_a_list_before_the_rosters_is_compared_again_after_them(county: County) -> None:
    path = county.write("车辆.csv", CARS)
    assert county.one(path).new == 0
    county.take_in("dibao_roster.csv")
    assert county.one(path).new == 2
    assert [run.hits for run in county.of_kind("matching.performed")] == [0, 2]


CASES: list[tuple[str, tuple[str, str, str], str, int | None]] = [
    # what, (source, since, cut-off), test, fen at stake of 示例甲 (None: no hit)
    ("since the month itself", ("公积金", "2025-09", "2025-09-30"), "T04公积金", 69_000),
    ("since a later month than was paid", ("公积金", "2025-09", "2025-09-01"), "T04公积金", 69_000),
    ("before anything was paid", ("公积金", "2025-03", "2025-08-31"), "T04公积金", None),
    ("not said since when", ("养老金", "", "2025-09-30"), "T04养老金", 69_000),
    ("the dead are due for their month", ("死亡", "2025-09-02", "2025-09-30"), "T01死亡后领取", None),
    ("and not for the next", ("死亡", "2025-08-31", "2025-09-30"), "T01死亡后领取", 69_000),
    ("payroll", ("财政供养人员", "2025-09", "2025-09-30"), "T04财政供养", 69_000),
    ("a firm", ("工商登记", "2024-01", "2025-09-30"), "T05工商登记", 69_000),
]


@pytest.mark.parametrize(("what", "said", "test", "fen"), CASES, ids=[case[0] for case in CASES])
def test_the_months_that_a_list_speaks_of(
    paid: County, what: str, said: tuple[str, str, str], test: str, fen: int | None
) -> None:
    source, since, cut_off = said
    report = paid.one(paid.write("名单.csv", listed((A, source, "登记在册", since), cut_off=cut_off)))
    assert (report.wrong, report.new + report.noted) == ([], 1)
    assert [(one.test, one.exposure_fen) for one in paid.of_kind("clue.raised")] == (
        [] if fen is None else [(test, fen)]
    )


BAD: list[tuple[str, dict[str, str], str, str]] = [
    ("no number", {"身份证号": ""}, "E_CELL_MISSING", "身份证号"),
    ("an unknown source", {"数据来源": "听说"}, "E_CELL_CHOICE", "数据来源"),
    ("a cut-off to come", {"数据截止日": "2025-12-01"}, "E_FACT_IN_FUTURE", "数据截止日"),
    ("a fact after the cut-off", {"起始日期": "2025-10"}, "E_SINCE_AFTER_CUT_OFF", "起始日期"),
    ("a death without its month", {"数据来源": "死亡", "起始日期": ""}, "E_CELL_MISSING", "起始日期"),
    ("a number in words", {"比对内容": "电话13812345678"}, "E_TEXT_PERSONAL", "比对内容"),
]


@pytest.mark.parametrize(("what", "cells", "code", "column"), BAD, ids=[bad[0] for bad in BAD])
def test_a_wrong_row_is_placed_and_its_neighbours_are_compared(
    paid: County, what: str, cells: dict[str, str], code: str, column: str
) -> None:
    grid = listed((A, "车辆", CAR, "2025-08-01"), (C, "车辆", CAR, "2025-08"))
    for name, value in cells.items():
        grid[1][HEAD.index(name)] = value
    report = paid.one(paid.write("名单.csv", grid))
    assert [(row, told) for row, told in codes(report)] == [(2, code)]
    assert report.wrong[0].column == column
    assert report.new == 1


def test_several_facts_of_one_person_are_one_doubt_and_another_name_is_told(paid: County) -> None:
    other = ("示例甲甲", A[1])
    grid = listed(
        (other, "车辆", "轿车", "2025-08"), (other, "车辆", "货车", "2025-02"), (A, "房产", "两套", "2025-01")
    )
    report = paid.one(paid.write("名单.csv", grid))
    assert (report.new, report.noted) == (3, 0), "two rows are one doubt"
    by_test = {one.test: one.summary for one in paid.of_kind("clue.raised")}
    assert by_test == {
        "T05车辆": "车辆:轿车,2025-08起;车辆:货车,2025-02起(姓名与登记不符)",
        "T05房产": "房产:两套,2025-01起",
    }
    assert sorted((run.data, run.listed, run.compared) for run in paid.of_kind("matching.performed")) == [
        ("property", 1, 1),
        ("vehicles", 2, 1),
    ]


def test_who_left_is_a_doubt_only_for_the_time_before(paid: County) -> None:
    (term,) = [one for one in paid.of_kind("enrolment.confirmed") if one.person == ref(paid, C)]
    ended: dict[str, Any] = {name: getattr(term, name) for name in ("enrolment", "programme", "household")}
    ended |= {"persons": list(term.covered()), "from_month": "2025-10", "reason": "income", "origin": "history"}
    paid.decide(BUREAU, ("enrolment.ended", ended))
    paid.now = paid.now.replace(month=11)
    later = listed((C, "车辆", CAR, "2025-10"), cut_off="2025-10-31")
    assert paid.one(paid.write("车辆10月.csv", later), today=date(2025, 11, 2)).noted == 1
    before = listed((C, "车辆", CAR, "2025-09"), cut_off="2025-10-31")
    assert paid.one(paid.write("车辆9月.csv", before), today=date(2025, 11, 2)).new == 1
    (clue,) = paid.of_kind("clue.raised")
    assert (clue.exposure_fen, clue.raised_on) == (58_000, date(2025, 11, 2))


def test_a_masked_number_is_found_by_what_it_shows_and_the_name(county: County) -> None:
    grid = rows_of("dibao_roster.csv")
    for row in grid[1:]:
        row[grid[0].index("户主身份证号")] = row[grid[0].index("户主身份证号")][:4] + "*" * 10 + row[7][-4:]
        row[grid[0].index("领款人身份证号")] = ""
    assert county.one(county.write("花名册.csv", grid)).wrong == []
    namesake = (A[0], STRANGER[1])
    report = county.one(
        county.write("车辆.csv", listed((A, "车辆", CAR, "2025-08"), (namesake, "车辆", CAR, "2025-08")))
    )
    assert (report.new, report.noted) == (1, 1)
    (clue,) = county.of_kind("clue.raised")
    assert clue.summary.endswith("(登记的证件号有隐去的位)")


def ref(county: County, person: tuple[str, str]) -> str:
    return county.vault.reference("person", person[1])


def test_today_is_a_day_that_data_may_be_of(paid: County) -> None:
    assert paid.one(paid.write("今日.csv", listed((A, "车辆", CAR, "2025-08"), cut_off=TODAY.isoformat()))).new == 1


@pytest.mark.parametrize("mask", ["*" * 18, "*" * 14 + A[1][14:], A[1][:14] + "*" * 4])
def test_a_number_that_shows_too_little_is_nobodys(county: County, mask: str) -> None:
    grid = rows_of("dibao_roster.csv")
    for row in grid[1:]:
        row[grid[0].index("户主身份证号")] = mask if row[grid[0].index("户主姓名")] == A[0] else row[7]
        row[grid[0].index("领款人身份证号")] = ""
    assert county.one(county.write("花名册.csv", grid)).wrong == []
    report = county.one(county.write("车辆.csv", listed((A, "车辆", CAR, "2025-08"))))
    assert (report.new, report.noted) == (0, 1)


def test_namesakes_masked_whole_are_people_of_their_own_households(county: County) -> None:
    grid = rows_of("dibao_roster.csv")
    for row in grid[1:]:
        row[grid[0].index("户主姓名")], row[grid[0].index("户主身份证号")] = "示例同", "*" * 18
        row[grid[0].index("领款人身份证号")] = ""
    assert county.one(county.write("花名册.csv", grid)).wrong == []
    county.sign_off()
    people = [one.person for one in county.of_kind("enrolment.confirmed")]
    assert len(set(people)) == len(people) == len(grid) - 1


def test_money_found_through_a_masked_namesake_is_remarked() -> None:
    """The exact person is enrolled; another enrolment of the name, with a number that may be the same, adds to it."""
    stake = Exposed(
        {"P": ["P", "Q"]},
        {"E1": [_terms("E1", "P")], "E2": [_terms("E2", "Q")]},
        {"E1": [], "E2": []},
        {},
        {"P": ["E1"], "Q": ["E2"]},
    )
    (found,) = stake.at_stake("P", Window("2025-09", "2025-09"))
    assert found.masked
    alone = replace(stake, _references={"P": ["P"]})
    (found,) = alone.at_stake("P", Window("2025-09", "2025-09"))
    assert not found.masked


def _terms(enrolment: str, person: str) -> EnrolmentConfirmed:
    return s.confirmed(enrolment=enrolment, person=person, members=())


def test_the_same_list_again_is_another_run_only_where_more_was_paid_since(county: County) -> None:
    county.take_in("dibao_roster.csv")
    path = county.write("车辆.csv", CARS)
    assert county.one(path).new == 2
    county.sign_off()
    size = county.size()
    assert (county.one(path).duplicate, county.size()) == (2, size)
    county.road()
    county.take_in("payfile.csv")
    county.take_in("payresult.csv")
    county.sign_off()
    again = county.one(path)
    assert (again.new, again.duplicate, again.wrong, note_of(again)) == (1, 1, [], [(2, 0, 69_000)])
    assert [one.exposure_fen for one in county.of_kind("matching.performed")] == [0, 69_000]
    before = county.size()
    third = county.one(path)
    assert (third.new, third.duplicate, third.wrong) == (0, 2, [])
    assert county.sign_off() == 0
    assert county.size() == before


def settled_for(county: County, grid: Grid, *, first: bool) -> list[tuple[int, str | None, str | None]]:
    """What the doubts are of, the list being compared before the payments and after them, or after them only."""
    county.take_in("dibao_roster.csv")
    if first:
        county.one(county.write("名单.csv", grid))
    county.road()
    county.take_in("payfile.csv")
    county.take_in("payresult.csv")
    county.sign_off()
    report = county.one(county.write("名单.csv", grid))
    assert report.wrong == []
    before = county.size()
    again = county.one(county.write("名单.csv", grid))
    assert (again.new, again.notes, county.size()) == (0, [], before)
    catch_up(county.store)
    with county.store.read() as connection:
        rows = clues(connection, TODAY).rows
        runs = matching_runs(connection, TODAY).rows
    assert [one.exposure_fen for one in runs][-1] == sum(row.exposure_fen for row in rows)
    stand = {one.clue: one for one in county.of_kind("clue.raised")}
    last = {**stand, **{one.clue: one for one in county.of_kind("clue.restated")}}
    return [(row.exposure_fen, last[row.clue].period_from, last[row.clue].period_to) for row in rows]


def test_a_list_before_the_payments_comes_to_the_same_doubts_as_one_after_them(
    new_county: Callable[[], County],
) -> None:
    before, after = (settled_for(new_county(), CARS, first=first) for first in (True, False))
    assert before == after
    assert sorted(fen for fen, *_ in after) == [0, 69_000]


def note_of(report: FileReport) -> list[tuple[int, int, int]]:
    return [
        (note.place.row, note.params["was_fen"], note.params["amount_fen"])
        for note in report.notes
        if note.code == "W_CLUE_RESTATED"
    ]


def test_a_corrected_list_restates_the_doubt_and_says_so_at_its_row(paid: County) -> None:
    paid.one(paid.write("车辆.csv", listed((A, "车辆", CAR, "2025-08"))))
    later = listed((STRANGER, "车辆", CAR, "2025-08"), (A, "车辆", "货车", "2025-09"))
    report = paid.one(paid.write("车辆改.csv", later))
    assert (report.new, report.noted, note_of(report)) == (1, 1, [(3, 69_000, 69_000)])
    (note,) = report.notes
    assert f"原为“车辆:{CAR},2025-08起”,现为“车辆:货车,2025-09起”" in note.message().replace("，", ",")
    (anew,) = paid.of_kind("clue.restated")
    assert (anew.summary, anew.exposure_fen, anew.on) == ("车辆:货车,2025-09起", 69_000, TODAY)
    assert paid.doubts() == []


def test_another_office_restates_only_what_it_shows_more_of(county: County) -> None:
    """Two offices' lists of the dead in either order, each twice, come to the earlier month."""
    police = listed((A, "死亡", "注销", "2025-07-10"))
    parlour = [[*row[:7], "示例县殡仪馆", ""] for row in listed((A, "死亡", "火化", "2025-09-10"))[1:]]
    for name in ("dibao_roster.csv", "road", "payfile.csv", "payresult.csv"):
        county.road() if name == "road" else county.take_in(name)
    county.sign_off()
    for grid in (police, [HEAD, *parlour], police, [HEAD, *parlour]):
        county.one(county.write("死亡.csv", grid))
    (clue,) = county.of_kind("clue.raised")
    assert (clue.exposure_fen, county.of_kind("clue.restated")) == (69_000, [])


def test_what_was_answered_is_not_restated(paid: County) -> None:
    paid.one(paid.write("车辆.csv", listed((A, "车辆", CAR, "2025-08"))))
    (clue,) = paid.of_kind("clue.raised")
    refuted = {"clue": clue.clue, "reason": "stale_data", "evidence": [], "evidence_note": "过户单"}
    said = {"verifiers": ["示例申", "示例酉"], "on": str(TODAY), "origin": "decision"}
    paid.decide(BUREAU, ("clue.refuted", {**refuted, **said}))
    report = paid.one(paid.write("车辆改.csv", listed((A, "车辆", "货车", "2025-09"))))
    assert (report.new, report.duplicate, note_of(report)) == (0, 1, [])
    assert [note.code for note in report.notes] == [], "the same sum is at stake"


def test_an_answered_doubt_of_which_more_was_paid_since_is_told(county: County) -> None:
    county.take_in("dibao_roster.csv")
    path = county.write("车辆.csv", listed((A, "车辆", CAR, "2025-08")))
    county.one(path)
    (clue,) = county.of_kind("clue.raised")
    refuted = {"clue": clue.clue, "reason": "stale_data", "evidence": [], "evidence_note": "过户单"}
    said = {"verifiers": ["示例申", "示例酉"], "on": str(TODAY), "origin": "decision"}
    county.decide(BUREAU, ("clue.refuted", {**refuted, **said}))
    county.road()
    county.take_in("payfile.csv")
    county.take_in("payresult.csv")
    county.sign_off()
    report = county.one(path)
    assert (report.new, report.duplicate, county.of_kind("clue.restated")) == (0, 1, [])
    (note,) = report.notes
    assert (note.place.row, note.code) == (2, "W_CLUE_ANSWERED")
    assert all(word in note.message() for word in ("0.00", "690.00", clue.clue))
