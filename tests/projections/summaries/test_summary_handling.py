"""The tables of doubts, findings, recoveries, societies and lottery proceeds, against what was put into a real book."""

from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from ledger.catalogue import say
from ledger.flows.community.mutual_aid import MutualAidLineSet
from ledger.flows.public_money.redress.clues import FoundBy
from ledger_projections.registry import catch_up
from ledger_projections.summaries.handling import redress as handling
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_facts import fact
from ledger_projections.summaries.table import Said, half_up, rate_of
from tests.flows.event_samples import make
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, CHARITY, fund, opened
from tests.projections.summaries.summary_book import checks, codes, rows, table
from tests.projections.test_near_the_village import allocated, given_to, granted, society, used

QUARTER = ("2025-07", "2025-09")
WARNED = ("warned_count", "warned_stopped_persons")
MENDED = ("matter_looked_back", "matter_systems", "matter_disciplined")


def of(found: dict[str, Any], *keys: str) -> tuple[Any, ...]:
    """Some cells of a row."""
    return tuple(found[key] for key in keys)


def test_what_comparing_data_raised_and_what_became_of_it(tmp_path: Path) -> None:
    book = opened(tmp_path)
    raised = date(2025, 9, 2)
    some = [redress.clue(clue=f"YD-{n}", raised_on=raised, exposure_fen=1_000 * n) for n in (1, 2, 3, 4)]
    other = redress.clue(clue="YD-9", raised_on=date(2025, 8, 1))
    book.post(BUREAU, *some, other, note="疑点")
    out = [redress.assigned(clue=f"YD-{n}", due_on=date(2025, 9, 20), on=date(2025, 9, 3)) for n in (1, 2, 3)]
    book.post(BUREAU, *out, note="下发")
    founded = redress.verified(clue="YD-1", result="founded", confirmed_fen=700, recover_fen=600, stop_from="2025-10")
    book.post(BUREAU, founded, redress.refuted(clue="YD-2"), note="反馈")
    found = table(book, "M6", "2025-09")
    (row,) = rows(found)
    assert of(row, "hits", "issued", "founded", "refuted", "unanswered", "overdue", "stopped_persons") == (
        4,
        3,
        1,
        1,
        1,
        1,
        1,
    )
    assert of(row, "exposure_fen", "to_recover_fen", "compared_persons") == (10_000, 600, None)
    assert of(row, "test", "data_as_of") == ("T01死亡后领取", date(2025, 8, 31))
    assert "table.note.clues_between" in codes(found)
    assert len(found.rows[0].tags) == 4
    petition = redress.clue(clue="XF-1", found_by="petition", test=None, raised_on=raised)
    book.post(BUREAU, petition, note="信访")
    catch_up(book.store)
    with book.store.read() as connection:
        september, october = (
            Books(connection, Span(month, month, None), book.head) for month in ("2025-09", "2025-10")
        )
        told = [fact(books, key).value for books in (september, october) for key in WARNED]
        nothing = [fact(Books(connection, Span("2025-09", "2025-09", None), 1), key).missing for key in WARNED]
    assert told == [4, 1, None, None], (
        "what somebody wrote in a letter is no comparison; of October nothing is recorded"
    )
    assert nothing == ["no_record", "no_record"]
    book.close()


def test_a_comparison_says_whom_it_compared_and_stands_without_a_hit(tmp_path: Path) -> None:
    book = opened(tmp_path)
    cars = redress.compared(run="R1", listed=40, compared=38, hits=3)
    again = redress.compared(run="R2", listed=41, compared=39, hits=3)
    houses = redress.compared(run="R3", test="T05房产", listed=9, compared=8, hits=0, exposure_fen=0)
    book.post(BUREAU, cars, on=date(2025, 8, 30), note="比对")
    book.post(BUREAU, again, houses, on=date(2025, 9, 4), note="比对")
    book.post(BUREAU, redress.clue(test="T05车辆", raised_on=date(2025, 9, 4)), note="疑点")
    book.post(BUREAU, redress.clue(clue="XF-1", found_by="petition", raised_on=date(2025, 9, 5)), note="信访")
    found = table(book, "M6", "2025-09")
    told = {str(row["test"]): of(row, "listed", "compared_persons", "matched", "hits") for row in rows(found)}
    assert told == {"T05房产": (9, 8, 0, 0), "T05车辆": (41, 39, 3, 1), "T01死亡后领取": ("", "", "", 1)}
    (total,) = rows(found, "total")
    assert of(total, "compared_persons", "matched", "hits") == (47, 3, 2)
    assert [row["test"] for row in rows(table(book, "M6", "2025-08"))] == ["T05车辆"]
    book.close()


def test_what_was_answered_after_the_last_day_had_not_been_answered_on_it(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.post(BUREAU, redress.clue(raised_on=date(2025, 8, 4)), on=date(2025, 8, 4), note="疑点")
    out = redress.assigned(on=date(2025, 8, 5), due_on=date(2025, 8, 20))
    book.post(BUREAU, out, on=date(2025, 8, 5), note="下发")
    answer = redress.verified(on=date(2025, 9, 2), result="founded", recover_fen=600, stop_from="2025-10")
    book.post(BUREAU, answer, on=date(2025, 9, 2), note="反馈")
    (then,) = rows(table(book, "M6", "2025-08"))
    assert of(then, "issued", "founded", "stopped_persons", "to_recover_fen", "unanswered", "overdue") == (
        1,
        0,
        0,
        0,
        1,
        1,
    )
    (now,) = rows(table(book, "M6", "2025-08", "2025-09"))
    assert of(now, "issued", "founded", "stopped_persons", "to_recover_fen", "unanswered", "overdue") == (
        1,
        1,
        1,
        600,
        0,
        0,
    )
    keys = ("state", "verifiers", "settled_on", "is_overdue")
    (before,) = rows(table(book, "C2", "2025-08"))
    assert of(before, *keys) == (Said("table_clue.assigned"), "", "", Said("table_truth.yes"))
    (after,) = rows(table(book, "C2", "2025-08", "2025-09"))
    assert of(after, *keys) == (Said("table_clue.verified"), 2, date(2025, 9, 2), Said("table_truth.no"))
    with book.store.read() as connection:
        spans = (Span("2025-08", "2025-08", None), Span("2025-08", "2025-09", None))
        told = [[one.state for one in Books(connection, span, book.head).clues] for span in spans]
    assert told == [["assigned"], ["verified"]], "a sentence of August does not know September"
    book.close()


def test_relatives_of_officials_who_draw_aid_and_what_was_found(tmp_path: Path) -> None:
    book = opened(tmp_path)
    assert codes(table(book, "C4", "2025-09")) >= {"table.note.no_relatives", "table.note.empty"}
    book.post(
        BUREAU, redress.compared(test="T06干部近亲属", listed=40, compared=38, hits=2), on=date(2025, 9, 2), note="比对"
    )
    said = {"test": "T06干部近亲属", "raised_on": date(2025, 9, 2), "summary": "干部近亲属:上坪村支书之母"}
    book.post(BUREAU, *(redress.clue(clue=f"YD-{n}", **said) for n in (1, 2)), redress.clue(clue="YD-9"), note="疑点")
    book.post(BUREAU, redress.refuted(clue="YD-1", on=date(2025, 9, 9)), on=date(2025, 9, 9), note="复核")
    found = table(book, "C4", "2025-09")
    one, other = rows(found)
    assert of(one, "relation", "clue", "state") == (said["summary"], "YD-1", Said("table_clue.refuted"))
    assert one["reviewers"].count("、") == 1, "two looked at it"
    assert of(other, "state", "reviewers", "result") == (Said("table_clue.raised"), "", "")
    (note,) = [one.params for one in found.notes if one.code == "table.note.relatives"]
    assert note == {"lists": 1, "listed": 40, "hits": 2}
    assert table(book, "C4", "2025-08").rows == ()
    book.close()


def test_findings_and_money_by_origin(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    second = {"finding": "F2", "found_by": "self_check", "on": date(2025, 9, 3)}
    book.post(BUREAU, redress.finding(), redress.finding(**second), redress.notice(), note="认定")
    book.post(BUREAU, redress.ordered(), note="责令")
    book.post(BUREAU, redress.collected(amount_fen=9_000), note="追回")
    book.post(BUREAU, redress.plan(finding="F2", due_on=date(2025, 9, 20)), note="整改")
    found = table(book, "Q5", *QUARTER)
    by = {row["found_by"].code.removeprefix("table_found_by."): row for row in rows(found)}
    assert list(by) == list(get_args(FoundBy)), "every way in which something is found, also those that found nothing"
    assert {tuple(by[name][key] for key in ("findings", "ordered_fen", "rate")) for name in ("petition", "audit")} == {
        (0, 0, "")
    }
    matching, own = by["matching"], by["self_check"]
    assert of(matching, "ordered_fen", "collected_fen", "transfer_fen", "open_fen") == (24_000, 9_000, 9_000, 15_000)
    assert of(matching, "rate", "findings") == (375, 1)
    assert of(own, "ordered_fen", "rate", "rectifying", "overdue") == (0, "", 1, 1)
    (total,) = rows(found, "total")
    assert of(total, "findings", "open_fen", "rate") == (2, 15_000, 375)
    assert of(matching, "findings", "rectified", "rectifying", "unplanned") == (1, 0, 0, 1), "told, and nothing planned"
    assert of(own, "findings", "rectified", "rectifying", "unplanned") == (1, 0, 1, 0)
    assert checks(found) == []
    (ages,) = [one.params for one in found.notes if one.code == "table.note.open_ages"]
    assert (sum(ages.values()), len(ages)) == (15_000, 5), "what is open by the days since it was due"
    assert [one.params for one in found.notes if one.code == "table.note.open_reason"] == [
        {"reason": ("unsaid",), "open_fen": 15_000}
    ]
    before = rows(table(book, "Q5", *QUARTER, as_of=date(2025, 9, 7)))
    assert {row["collected_fen"] for row in before} == {0}
    book.post(BUREAU, redress.look_back(finding="F2", sample=5, relapsed=2, on=date(2025, 9, 29)), note="回头看")
    catch_up(book.store)
    with book.store.read() as connection:
        books = Books(connection, Span("2025-07", "2025-09", None), book.head)
        assert [fact(books, key).value for key in MENDED] == [1, None, None], "nobody has reported yet"
    report = redress.report(finding="F2", systems=("月度比对办法", "公示办法"), disciplined=3, on=date(2025, 9, 29))
    book.post(
        BUREAU, report, redress.report(systems=("月度比对办法",), disciplined=0, on=date(2025, 9, 29)), note="进展"
    )
    catch_up(book.store)
    with book.store.read() as connection:
        books = Books(connection, Span("2025-07", "2025-09", None), book.head)
        assert [fact(books, key).value for key in MENDED] == [1, 2, 3]
        early = Books(connection, Span("2025-07", "2025-09", date(2025, 9, 28)), book.head)
        assert [fact(early, key).value for key in MENDED] == [0, None, None]
    year = rows(table(book, "Y9", "2025-01", "2025-12"))
    assert [of(row, "looked_back", "sampled", "relapsed", "relapsed_findings") for row in year][:2] == [
        (1, 5, 2, 1),
        (0, 0, 0, 0),
    ]
    book.close()


def test_a_problem_and_its_cases_are_one_matter(tmp_path: Path) -> None:
    """The ledger says: two persons were overpaid 480 yuan; both were found one by one, and one of them must pay back.

    Until somebody says that it is the same, nobody can know; then it counts once, with the problem's category, origin,
    persons and amount, and the cases' money.
    """
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    cases = [redress.finding(finding=f"F{n}", person=f"P{n}", category="T01死亡后领取", persons=1) for n in (1, 2)]
    unit = {
        "unit": "县民政局",
        "category": "待遇发放不精准",
        "found_by": "audit",
        "persons": 2,
        "amount_fen": 48_000,
        "reply_days": 10,
    }
    book.post(BUREAU, *cases, redress.finding(finding="PB", **unit), redress.notice(), note="认定")
    book.post(BUREAU, redress.ordered(), redress.plan(finding="PB", pace="immediate"), note="责令")
    book.post(BUREAU, redress.referred(finding="F2"), note="移送")
    keys = ("category", "findings", "cases", "concerned", "concerned_fen", "at_once", "ordered_fen", "referred")
    apart = [of(row, *keys) for row in rows(table(book, "C1", *QUARTER))]
    assert apart == [("T01死亡后领取", 2, 2, 2, 48_000, 0, 24_000, 1), ("待遇发放不精准", 1, 0, 2, 48_000, 1, 0, 0)]
    assert "table.note.ungrouped" in codes(table(book, "C1", *QUARTER)) & codes(table(book, "Q5", *QUARTER))
    book.post(BUREAU, redress.grouped(finding="PB", cases=("F1", "F2")), note="归并")
    found = table(book, "C1", *QUARTER)
    (once,) = [of(row, *keys) for row in rows(found)]
    assert once == ("待遇发放不精准", 1, 2, 2, 48_000, 1, 24_000, 1)
    assert "table.note.ungrouped" not in codes(found)
    for code in ("Q5", "Y9"):
        by = {
            row["found_by"].code: of(row, "findings", "cases", "ordered_fen")
            for row in rows(table(book, code, *QUARTER))
        }
        assert by["table_found_by.audit"] == (1, 2, 24_000), "the money stands where the problem was found"
        assert by["table_found_by.matching"] == (0, 0, 0)
    assert say("table_column.cases") == "所含个案数", "one problem takes in two cases: they are no part of the problems"
    catch_up(book.store)
    with book.store.read() as connection:
        books = Books(connection, Span("2025-07", "2025-09", None), book.head)
        told = {key: fact(books, f"matter_{key}").value for key in ("count", "categories", "referred")}
    assert told == {"count": 1, "categories": 1, "referred": 1}
    book.close()


SEEN = {
    "matter_count": ("C1", "findings"),
    "matter_done": ("C1", "rectified"),
    "matter_referred": ("C1", "referred"),
    "matter_looked_back": ("Y9", "looked_back"),
    "matter_relapsed": ("Y9", "relapsed_findings"),
    "matter_systems": ("C1", "systems"),
    "matter_disciplined": ("C1", "disciplined"),
}
"""A figure about matters -> the table that its query shows, and the column."""


def test_whatever_is_told_of_a_problem_and_of_its_cases_counts_once(tmp_path: Path) -> None:
    """Each of the three findings was reported, looked at again and had relapsed; it is one problem of 480 yuan. Another
    was reported by its cases alone, and was found before the months asked for.
    """
    early = date(2025, 5, 6)
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    unit = {"unit": "县民政局", "category": "待遇发放不精准", "found_by": "audit", "persons": 2, "amount_fen": 48_000}
    somebody = {"persons": 1, "amount_fen": 24_000}
    older = [redress.finding(finding=f"G{n}", person=f"Q{n}", on=early, **somebody) for n in (1, 2)]
    other = redress.finding(finding="PC", **{**unit, "category": "公示不到位"}, reply_days=10, on=early)
    book.post(BUREAU, *older, other, on=early, note="认定")
    book.post(BUREAU, redress.grouped(finding="PC", cases=("G1", "G2"), on=early), on=early, note="归并")
    cases = [redress.finding(finding=f"F{n}", person=f"P{n}", **somebody) for n in (1, 2)]
    book.post(BUREAU, *cases, redress.finding(finding="PB", reply_days=10, **unit), note="认定")
    book.post(BUREAU, redress.grouped(finding="PB", cases=("F1", "F2")), note="归并")
    back = {"money_means": "returned_to_persons", "disciplined": 1, "systems": ("月度比对",)}
    reports = [redress.report(finding=name, rectified_fen=24_000, **back) for name in ("F1", "F2", "G1", "G2")]
    whole = redress.report(finding="PB", rectified_fen=48_000, **{**back, "disciplined": 2})
    looked = [redress.look_back(finding=name, sample=1, relapsed=1) for name in ("F1", "F2", "PB")]
    handed = [redress.referred(finding=name, persons=1) for name in ("F1", "F2", "PB")]
    book.post(BUREAU, *reports, whole, *handed, *looked, note="整改、移送、回头看")
    keys = ("concerned_fen", "given_back", "given_back_fen", "referred_persons", "disciplined")
    both = {row["category"]: of(row, *keys) for row in rows(table(book, "C1", "2025-01", "2025-09"))}
    assert both == {"待遇发放不精准": (48_000, 1, 48_000, 1, 2), "公示不到位": (48_000, 1, 48_000, 0, 2)}
    (year,) = rows(table(book, "Y9", "2025-01", "2025-12"), "total")
    assert of(year, "findings", "looked_back", "relapsed_findings", "sampled") == (2, 1, 1, 3)
    backs = table(book, "C6", "2025-01", "2025-12")
    assert [one.params for one in backs.notes if one.code == "table.note.looked"] == [
        {"looked_back": 1, "relapsed": 1, "reopened": 0}
    ]
    with book.store.read() as connection:
        for first in ("2025-05", "2025-07"):
            books = Books(connection, Span(first, "2025-09", None), book.head)
            told = {key: fact(books, key) for key in SEEN}
            for key, (code, column) in SEEN.items():
                assert f"summary {code} --from {first} --to 2025-09 " in told[key].query
                assert rows(table(book, code, first, "2025-09"), "total")[0][column] == told[key].value, key
            assert fact(books, "matter_categories").value == len(rows(table(book, "C1", first, "2025-09")))
            found = tuple(told[key].value for key in ("matter_count", "matter_looked_back", "matter_disciplined"))
            assert found == ((2, 1, 4) if first == "2025-05" else (1, 1, 2)), "of the months, and of none before them"
    book.close()


def test_money_that_the_rows_leave_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    book.post(BUREAU, redress.finding(), redress.notice(), note="认定")
    book.post(BUREAU, redress.ordered(), note="责令")
    assert checks(table(book, "Q5", *QUARTER)) == checks(table(book, "Y9", *QUARTER)) == []
    monkeypatch.setattr(handling, "problems", lambda _found: [])
    for code in ("Q5", "Y9"):
        told = [one.params for one in table(book, code, *QUARTER).notes if one.code == "check.redress_rows"]
        assert told == [{"columns": (key,), "rows_fen": 0, "whole_fen": 24_000} for key in ("ordered_fen", "open_fen")]
    book.close()


def test_societies_and_their_line(tmp_path: Path) -> None:
    book = opened(tmp_path)
    line = make(MutualAidLineSet, line_fen=3_000_000, effective_from=date(2025, 1, 1), document="示民发〔2025〕1号")
    two = (society("shangping"), society("xiaping", status="filed", uscc=None))
    book.post(CHARITY, line, *two, fund("dongjie", "community"), on=date(2025, 1, 3), note="登记")
    book.post(CHARITY, given_to("shangping", "county", 3_200_000, 1), given_to("xiaping", "member", 2_650_000, 1))
    book.post(CHARITY, granted("shangping", 240_000, 3), note="救助")
    found = table(book, "Q3", *QUARTER)
    one, other, community = rows(found)
    assert of(one, "raised_fen", "balance_fen", "year_times", "reaches_line") == (
        *(3_200_000, 2_960_000, 3),
        Said("table_truth.yes"),
    )
    assert of(other, "member_fen", "short_fen", "registration") == (
        *(2_650_000, 350_000),
        Said("table_registration.filed"),
    )
    assert of(community, "society", "raised_fen", "balance_fen") == ("dongjie", None, 0)
    (told,) = [one.params for one in found.notes if one.code == "table.note.societies"]
    assert (told["societies"], told["registered"], told["reaching"]) == (2, 1, 1)
    (below,) = [one.params["names"] for one in found.notes if one.code == "table.note.short"]
    assert below == (f"{other['township']}{other['society']}",)
    assert other["township"]
    assert checks(found) == []
    book.close()


def test_lottery_proceeds_by_level_and_project(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.post(BUREAU, fund("lottery", "lottery"), on=date(2025, 1, 2))
    allotted = [allocated("a", "central", "poverty", 1_425_000), allocated("b", "province", "elderly", 5_000_000)]
    book.post(BUREAU, *allotted, on=date(2025, 3, 18))
    book.post(BUREAU, used("a", "poverty", 1_050_000, 1), used("b", "elderly", 2_500_000, 1))
    found = table(book, "Q4", *QUARTER)
    assert [of(row, "allocated_fen", "used_fen", "left_fen", "rate") for row in rows(found)] == [
        (1_425_000, 1_050_000, 375_000, 737),
        (5_000_000, 2_500_000, 2_500_000, 500),
    ]
    (total,) = rows(found, "total")
    assert of(total, "allocated_fen", "rate") == (6_425_000, 553)
    brought = allocated("c", "central", "poverty", 75_000, carried_over=True)
    book.post(BUREAU, brought, on=date(2025, 3, 19))
    poverty = rows(table(book, "Q4", *QUARTER))[0]
    assert of(poverty, "carried_over_fen", "allocated_fen", "left_fen") == (75_000, 1_425_000, 450_000)
    assert poverty["rate"] == 700
    assert rows(table(book, "Y8", "2025-01", "2025-12"), "total")[0]["carried_over_fen"] == 75_000
    before = rows(table(book, "Q4", "2025-07", "2025-08"))
    assert [row["used_fen"] for row in before] == [0, 0]
    position = book.head
    book.reverse(BUREAU, brought, position)
    notice = table(book, "Y8", "2025-01", "2025-12")
    assert [of(row, "used_fen", "marked", "published_on") for row in rows(notice)] == [
        (1_050_000, None, None),
        (2_500_000, None, None),
    ]
    assert "table.note.unpublished" in codes(notice)
    book.close()


def test_halves_go_up_and_nothing_is_divided_by_nothing() -> None:
    assert [half_up(part, 2) for part in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert [half_up(part, 3) for part in (1, 2, 4)] == [0, 1, 1]
    assert half_up(5, 0) is None
    assert (rate_of(1, 3), rate_of(0, 0)) == (333, "")
