"""A month's roster against the last one: every planted change is found with its kind, and absence ends nothing."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from ledger.application.importing.rows import Place
from ledger.flows.public_money.entitlement.enrolments import EnrolmentConfirmed
from ledger.flows.public_money.entitlement.monthly import Monthly
from tests.application.importing.offices import Grid, changed, delimited, zipped
from tests.application.proposing.county import County, codes
from tests.application.proposing.relief.october import (
    HEAD,
    OCTOBER,
    PLANTED,
    SEPTEMBER,
    household,
    id_number,
    import_october,
    october,
)


def test_every_planted_change_is_found_with_its_kind(enrolled: County) -> None:
    report = import_october(enrolled, october(*range(1, 13)))
    enrolled.sign_off()
    assert (report.new, report.wrong) == (12, [])
    where = {one.household: one for one in enrolled.of_kind("enrolment.confirmed")}
    assert len(where) == 12
    number_of = {enrolled.vault.reference("household", f"431099S{number:05d}"): number for number in range(1, 13)}
    found = {number_of[one.household]: one.reasons for one in enrolled.of_kind("enrolment.changed")}
    assert found == {number: reasons for number, (_, reasons) in PLANTED.items() if reasons}


def test_the_terms_of_a_row_are_laid_open_once(enrolled: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """A county's list has fifty thousand of them."""
    opened: list[str] = []

    def counted(of: type[BaseModel]) -> None:
        dump = of.model_dump

        def dumped(self: BaseModel, **options: Any) -> dict[str, Any]:
            opened.append(of.__name__)
            return dump(self, **options)

        monkeypatch.setattr(of, "model_dump", dumped)

    counted(EnrolmentConfirmed)
    counted(Monthly)
    report = import_october(enrolled, [HEAD, *(household(number) for number in range(1, 13))])
    assert (report.new, report.wrong) == (12, [])
    assert opened == ["EnrolmentConfirmed"] * 12


def test_a_new_household_is_confirmed_and_its_reason_is_asked_for(enrolled: County) -> None:
    report = import_october(enrolled, october(*range(1, 13), beside=[household(13)]))
    assert report.new == 13
    newest = enrolled.of_kind("enrolment.confirmed")[-1]
    assert (newest.reason, newest.from_month, newest.origin) == ("pending", OCTOBER, "history")
    assert "W_REASON_PENDING" in enrolled.findings()


def test_who_is_missing_is_named_and_stays_enrolled(enrolled: County) -> None:
    report = import_october(enrolled, october(1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12))
    absent = [note for note in report.notes if note.code == "W_ROSTER_ABSENT"]
    assert [(note.params["household"], note.params["village"]) for note in absent] == [("431099S00005", "下坪村")]
    assert "431099S00005" in absent[0].message()
    assert "下坪村" in absent[0].message("en")
    assert enrolled.of_kind("enrolment.ended") == []
    later = import_october(enrolled, october(1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12))
    assert (later.new, [note.code for note in later.notes].count("W_ROSTER_ABSENT")) == (0, 1)


@pytest.mark.parametrize(
    ("column", "text"),
    [("本月实发(元)", "五百x"), ("本月实发(元)", "1.00"), ("保障类别", "不知道")],
    ids=["a cell", "a sum", "a word"],
)
def test_whose_row_is_wrong_is_not_missing(enrolled: County, column: str, text: str) -> None:
    """It stands on the list, and nobody is to take it off by a list of exits."""
    grid = october(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
    grid[5][grid[0].index(column)] = text
    report = import_october(enrolled, grid)
    told = {note.code: note for note in report.notes}
    assert len({cell.place for cell in report.wrong}) == 1
    absent = [note.params["household"] for note in report.notes if note.code == "W_ROSTER_ABSENT"]
    unread = [note.params["household"] for note in report.notes if note.code == "W_ROSTER_UNREAD"]
    assert (absent, unread) == (["431099S00012"], ["431099S00005"])
    assert told["W_ROSTER_KINDS"].params["absent"] == 1
    assert "有误" in told["W_ROSTER_UNREAD"].message()


def test_the_control_line_adds_up(enrolled: County) -> None:
    report = import_october(enrolled, october(*range(1, 12), beside=[household(13), household(14)]))
    (control,) = [note.params for note in report.notes if note.code == "W_ROSTER_CONTROL"]
    assert (control["last_households"], control["came_households"], control["missing_households"]) == (12, 2, 1)
    for what in ("households", "persons", "fen"):
        moved = control.get(f"changed_{what}", 0)
        total = control[f"last_{what}"] + control[f"came_{what}"] - control[f"missing_{what}"] + moved
        assert total == control[f"this_{what}"], what
    assert control["this_households"] == 13
    assert "等于本次 13 户" in next(note.message() for note in report.notes if note.code == "W_ROSTER_CONTROL")
    assert control["changed_fen"] != 0


KINDS = {
    "increase": "amount",
    "decrease": "amount",
    "members": "persons",
    "payee": "householder",
}
"""Reason -> the kind that it is told as, where the two are not called the same."""


@pytest.mark.parametrize("dry_run", [True, False], ids=["looked at", "posted"])
def test_changes_are_told_by_kind_and_row_before_anything_is_signed(enrolled: County, *, dry_run: bool) -> None:
    """One household is missing, two are new, a change of every kind is planted: the counts are those of the list."""
    grid = october(*range(1, 12), beside=[household(13), household(14)])
    report = import_october(enrolled, grid, dry_run=dry_run)
    wanted = Counter(
        KINDS.get(why, why) for number, (_, why_all) in PLANTED.items() for why in set(why_all) if number < 12
    )
    (kinds,) = [note for note in report.notes if note.code == "W_ROSTER_KINDS"]
    counts = {name: value for name, value in kinds.params.items() if isinstance(value, int) and value}
    unchanged = sum(not why for number, (_, why) in PLANTED.items())
    assert counts == {**wanted, "new": 2, "absent": 1, "same": unchanged}
    assert "新增 2 户" in kinds.message()
    assert "2 new" in kinds.message("en")
    changed = {note.place.row - 1: note for note in report.notes if note.code == "W_ROSTER_CHANGED"}
    assert set(changed) == {number for number, (_, why) in PLANTED.items() if why}, "each at its own row"
    assert "人口变动、金额变动" in changed[3].message()
    assert "石岭镇上坪村" in changed[10].message()
    assert "农村B类→农村C类" in changed[11].message()
    new = [note.params["household"] for note in report.notes if note.code == "W_ROSTER_NEW"]
    assert new == ["431099S00013", "431099S00014"]
    for note in report.to_json()["notes"]:
        assert json.loads(json.dumps(note["params"])) == note["params"]
    told = "".join(note.message() for note in report.notes)
    assert not any(id_number(number) in told for number in range(1, 120)), "no whole number of a person"
    assert "82010530" not in told, "no account"


def test_a_books_first_roster_is_told_as_taken_over(county: County) -> None:
    county.now = county.now.replace(month=9, day=8)
    report = county.one(county.write("花名册9月.csv", SEPTEMBER), month="2025-09", dry_run=True)
    (kinds,) = [note.params for note in report.notes if note.code == "W_ROSTER_KINDS"]
    assert (kinds["opening"], kinds["new"], kinds["same"], kinds["absent"]) == (12, 0, 0, 0)
    assert [note.code for note in report.notes if note.code in {"W_ROSTER_NEW", "W_ROSTER_CHANGED"}] == []


def test_the_same_roster_again_changes_nothing(enrolled: County) -> None:
    import_october(enrolled, october(*range(1, 13)))
    enrolled.sign_off()
    before = enrolled.size()
    again = import_october(enrolled, october(*range(1, 13)))
    assert (again.new, again.duplicate, again.wrong) == (0, 12, [])
    assert enrolled.size() == before


def test_last_months_roster_again_takes_nothing_back(enrolled: County) -> None:
    """September's list comes again after October's: it is known, and October's changes stand."""
    import_october(enrolled, october(*range(1, 13)))
    enrolled.sign_off()
    before = enrolled.size()
    again = enrolled.one(enrolled.write("花名册9月.csv", SEPTEMBER))
    assert (again.new, again.duplicate, again.wrong) == (0, 12, [])
    assert enrolled.size() == before


def test_a_month_that_was_left_out_cannot_follow_a_later_one(enrolled: County) -> None:
    import_october(enrolled, october(*range(1, 13)))
    report = enrolled.one(enrolled.write("花名册8月.csv", SEPTEMBER), month="2025-08")
    assert report.refused is not None
    assert report.refused.code == "E_ROSTER_OLD"


# ---- incomplete lists


@pytest.mark.parametrize(
    ("present", "place"),
    [
        (lambda number: number % 4 not in (2, 3), "大冲乡"),
        (lambda number: number % 4 != 1, "石岭镇下坪村"),
    ],
    ids=["a township", "a village"],
)
def test_a_place_that_is_missing_whole_stops_the_import(
    enrolled: County, present: Callable[[int], bool], place: str
) -> None:
    numbers = [number for number in range(1, 13) if present(number)]
    before = enrolled.size()
    grid: Grid = [HEAD, *(household(number) for number in numbers)]
    report = import_october(enrolled, grid)
    assert report.refused is not None
    assert (report.refused.code, report.refused.params["place"]) == ("E_ROSTER_PLACE", place)
    assert enrolled.size() == before
    assert import_october(enrolled, grid, absences_known=True).new == len(numbers)


def test_an_unusual_loss_stops_the_import(enrolled: County) -> None:
    grid: Grid = [HEAD, *(household(number) for number in (1, 2, 3, 4, 5, 6, 7))]
    report = import_october(enrolled, grid)
    assert report.refused is not None
    params = {"file": "花名册10月.csv", "missing": 5, "last": 12, "limit": 5, "unit_words": ("roster_unit.household",)}
    assert report.refused.params == params
    assert "上次 12 户，这次少了 5 户" in report.refused.message()
    assert import_october(enrolled, grid, loss_percent_max=50).new == 7


def test_a_roster_in_several_files_of_one_import_is_one_list(funded: County) -> None:
    county = funded
    files = [
        county.write(f"{township}.csv", [HEAD, *(row for row in SEPTEMBER[1:] if row[1] == township)])
        for township in ("石岭镇", "大冲乡")
    ]
    report = county.take_in(*files)
    assert [(one.new, one.wrong) for one in report.files] == [(6, []), (6, [])]
    (batch,) = county.of_kind("batch.prepared")
    assert batch.count == 12
    again = county.take_in(*reversed(files))
    assert [one.duplicate for one in again.files] == [6, 6]


def test_what_is_wrong_with_the_list_of_an_archive_is_told_of_the_archive(county: County) -> None:
    members = {
        f"{township}.csv": delimited([HEAD, *(row for row in SEPTEMBER[1:] if row[1] == township)]).encode()
        for township in ("石岭镇", "大冲乡")
    }
    path = county.folder / "名册.zip"
    path.write_bytes(zipped(members))
    report = county.one(path)
    assert [(cell.place, cell.code) for cell in report.wrong] == [(Place("名册.zip", None, 0), "E_QUOTA_SHORT")]
    assert [note.place for note in report.notes if note.code == "W_ROWS_HELD"] == [Place("名册.zip", None, 0)]


def test_a_household_that_comes_after_its_batch_was_added_up(enrolled: County) -> None:
    late = enrolled.one(enrolled.write("全.csv", [*SEPTEMBER, household(13)]))
    assert (codes(late), late.duplicate) == ([(14, "E_ROSTER_PREPARED")], 12)
    assert [note.code for note in late.notes] == ["W_ROSTER_CONTROL", "W_ROSTER_KINDS"], "wrong, not new"
    kinds = late.notes[-1].params
    assert {name: kinds[name] for name in ("new", "same")} == {"new": 0, "same": 12}
    supplement = enrolled.one(enrolled.write("补.csv", [HEAD, household(13)]), batch_no="02")
    assert (supplement.new, [note.code for note in supplement.notes]) == (1, ["W_ROSTER_KINDS", "W_ROSTER_NEW"])
    assert [one.batch for one in enrolled.of_kind("batch.prepared")][-1] == "rural-dibao-2025-09-02"


def test_one_household_twice_is_wrong_unless_both_rows_say_the_same(county: County) -> None:
    twice: Grid = [HEAD, household(1), household(2, 家庭编号="", 低保证号="")]
    other = changed([HEAD, household(2, 家庭编号="", 低保证号="")], 1, "户主姓名", "示例别名")[1]
    report = county.one(county.write("两次.csv", [*twice, other]))
    assert {code for _, code in codes(report)} <= {"E_ROSTER_TWICE", "E_KEY_CONFLICT"}
    assert len(report.wrong) == 1


# ---- finding a household again


@pytest.mark.parametrize(
    "cells",
    [
        {"家庭编号": ""},
        {"家庭编号": "431099X00001"},
        {"家庭编号": "431099X00001", "低保证号": ""},
        {
            "家庭编号": "",
            "低保证号": "",
            "户主身份证号": id_number(1)[:4] + "*" * 10 + id_number(1)[14:],
            "领款人身份证号": "",
        },
    ],
    ids=["by certificate", "by certificate when renumbered", "by ID number", "by masked ID and name"],
)
def test_a_household_is_found_again(enrolled: County, cells: dict[str, str]) -> None:
    grid: Grid = [HEAD, household(1, **cells), *(household(number) for number in range(2, 13))]
    report = import_october(enrolled, grid)
    assert (report.new, report.wrong) == (12, [])
    assert [note.code for note in report.notes] == ["W_ROSTER_CONTROL", "W_ROSTER_KINDS"]
    assert len(enrolled.of_kind("enrolment.confirmed")) == 12
    assert enrolled.of_kind("enrolment.changed") == []


def test_rounding_to_the_yuan_is_part_of_the_amount(county: County) -> None:
    """见角进元: the list pays 361 where its columns add up to 360.50."""
    row = household(1, **{"家庭月人均收入(元)": "139"})
    row = changed([HEAD, row], 1, "保障标准(元/人月)", "319.25")[1]
    row = changed([HEAD, row], 1, "基本保障金(元)", "360.50")[1]
    row = changed([HEAD, row], 1, "本月实发(元)", "361")[1]
    assert county.one(county.write("角.csv", [HEAD, row])).new == 1
    county.sign_off()
    (one,) = county.of_kind("enrolment.confirmed")
    assert (one.monthly.rounding, one.monthly.total_fen) == ("household_yuan_up", 36_100)


# ---- rosters of persons


def test_a_roster_of_persons(county: County) -> None:
    """特困: a living allowance and care, paid to a home for the one and to the person for the other."""
    named = "序号,乡镇,村,姓名,身份证号,类别,供养方式,自理能力,基本生活费(元),照料护理费(元),标准(元),实发(元),银行账号"
    head = named.split(",")
    grid: Grid = [
        head,
        [
            "1",
            "石岭镇",
            "上坪村",
            "示例孤老",
            id_number(201),
            "特困",
            "集中",
            "全护理",
            "800",
            "300",
            "800",
            "1100",
            "8201",
        ],
        [
            "2",
            "石岭镇",
            "上坪村",
            "示例独老",
            id_number(202),
            "特困",
            "分散",
            "全自理",
            "800",
            "",
            "800",
            "800",
            "8202",
        ],
    ]
    report = county.one(county.write("特困.csv", grid))
    county.sign_off()
    assert (report.new, report.wrong) == (2, [])
    confirmed = county.of_kind("enrolment.confirmed")
    assert [(one.unit, one.household, one.programme) for one in confirmed] == [("person", None, "destitute")] * 2
    assert [one.monthly.total_fen for one in confirmed] == [110_000, 80_000]
    assert county.findings() == []
    (batch,) = county.of_kind("batch.prepared")
    assert (batch.count, batch.persons, batch.total_fen) == (2, 2, 190_000)
    assert county.one(county.write("特困.csv", grid)).new == 0
