"""Lists of who left: what a roster only lacked is ended by a list that says so, with its reason and its month."""

from typing import get_args

import pytest

from ledger.application.importing.kinds.base import RowDraft
from ledger.application.importing.kinds.exits import EXITS
from ledger.application.proposing.reports import FileReport
from ledger.flows.public_money.entitlement.enrolments import EndReason
from tests.application.proposing.county import County, codes
from tests.application.proposing.relief.october import (
    HEAD,
    OCTOBER,
    PLANTED,
    household,
    id_number,
    import_october,
    october,
)

EXIT_HEAD = (
    "序号,保障类别,乡镇,村(社区),家庭编号,低保证号,户主姓名,身份证号,退出人数,停发月份,退出原因,决定日期,决定文号"
)


PARTS = ("last", "came", "left", "missing", "this")
"""Of the control line."""


def leaving(number: int, **cells: str) -> list[str]:
    """A row of the list of those who left, by the household's number alone unless `cells` say otherwise."""
    row = {"序号": "1", "保障类别": "农村B类", "家庭编号": f"431099S{number:05d}", "户主姓名": f"示例户{number}"}
    row |= {"停发月份": OCTOBER, "退出原因": "收入超标", "决定日期": "2025-09-28", "决定文号": "示民停〔2025〕9号"}
    row |= cells
    return [row.get(title, "") for title in EXIT_HEAD.split(",")]


def exits(county: County, *rows: list[str]) -> FileReport:
    return county.one(county.write("退出名单.csv", [EXIT_HEAD.split(","), *rows]))


def test_a_list_of_exits_ends_what_the_roster_only_lacked(enrolled: County) -> None:
    """The exit stands with its reason, decision and month; the next roster misses nobody."""
    report = exits(enrolled, leaving(5))
    assert (report.kind, report.new, report.wrong) == ("exits", 1, [])
    (ended,) = enrolled.of_kind("enrolment.ended")
    assert (ended.reason, ended.from_month, str(ended.decided_on)) == ("income", OCTOBER, "2025-09-28")
    assert ended.document == "示民停〔2025〕9号"
    (confirmed,) = [one for one in enrolled.of_kind("enrolment.confirmed") if one.enrolment == ended.enrolment]
    assert (ended.household, ended.persons) == (confirmed.household, confirmed.covered())
    october_report = import_october(enrolled, october(1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12))
    assert [note.code for note in october_report.notes if note.code == "W_ROSTER_ABSENT"] == []
    assert (october_report.new, october_report.wrong) == (11, [])


def test_exits_and_the_roster_in_one_import_agree(enrolled: County) -> None:
    """Half the county left: no unusual loss, for the list beside the roster says so."""
    enrolled.now = enrolled.now.replace(month=10, day=8)
    staying = range(1, 7)
    roster = enrolled.write("花名册10月.csv", october(*staying))
    gone = [leaving(number) for number in range(7, 13)]
    left = enrolled.write("退出名单10月.csv", [EXIT_HEAD.split(","), *gone])
    report = enrolled.take_in(roster, left, month=OCTOBER, today=enrolled.now.date())
    assert [(one.new, one.wrong, one.refused) for one in report.files] == [(6, [], None), (6, [], None)]
    assert len(enrolled.of_kind("enrolment.ended")) == 6


def test_the_same_exits_again_add_nothing_and_who_returned_may_leave_again(enrolled: County) -> None:
    exits(enrolled, leaving(5))
    again = exits(enrolled, leaving(5))
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])
    import_october(enrolled, october(*range(1, 13)))
    back = [one.reason for one in enrolled.of_kind("enrolment.confirmed")][-1]
    assert back == "readmitted"
    left = enrolled.one(
        enrolled.write("退出名单.csv", [EXIT_HEAD.split(","), leaving(5, 停发月份="2025-11", 决定日期="2025-10-06")]),
        today=enrolled.now.date(),
    )
    assert (left.new, left.wrong) == (1, [])
    assert [one.from_month for one in enrolled.of_kind("enrolment.ended")] == [OCTOBER, "2025-11"]


BY = [
    {},
    {"家庭编号": "", "低保证号": "NC2020-0005"},
    {"家庭编号": "", "身份证号": id_number(5)},
    {"家庭编号": "", "身份证号": id_number(5)[:4] + "*" * 10 + id_number(5)[14:]},
]
"""Ways in which a list names one household."""


@pytest.mark.parametrize("cells", BY, ids=["number", "certificate", "id", "masked id"])
def test_the_same_list_again_is_a_duplicate_however_it_names_them(enrolled: County, cells: dict[str, str]) -> None:
    assert exits(enrolled, leaving(5, **cells)).new == 1
    before = enrolled.size()
    again = exits(enrolled, leaving(5, **cells))
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])
    assert enrolled.size() == before
    other = exits(enrolled, leaving(5, **cells, 退出原因="财产超标"))
    assert codes(other) == [(2, "E_ROW_CHANGED")]


def test_an_old_list_again_does_not_end_what_began_after_it(enrolled: County) -> None:
    """She left in October and came back in November under another household's number."""
    row = leaving(5, 家庭编号="", 身份证号=id_number(5))
    exits(enrolled, row)
    import_october(enrolled, october(*(n for n in range(1, 13) if n != 5)))
    back = household(5, 家庭编号="431099S00077", 低保证号="NC2020-0077")
    enrolled.now = enrolled.now.replace(month=11, day=8)
    grid = [HEAD, back, *(household(n, **PLANTED.get(n, ({}, ()))[0]) for n in range(1, 13) if n != 5)]
    november = enrolled.one(enrolled.write("11月.csv", grid), month="2025-11", today=enrolled.now.date())
    assert november.wrong == []
    before = enrolled.size()
    again = enrolled.one(enrolled.write("退出名单.csv", [EXIT_HEAD.split(","), row]), today=enrolled.now.date())
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])
    assert enrolled.size() == before


@pytest.mark.parametrize("cells", BY, ids=["number", "certificate", "id", "masked id"])
def test_who_left_is_found_by_whatever_the_list_has(enrolled: County, cells: dict[str, str]) -> None:
    assert exits(enrolled, leaving(5, **cells)).wrong == []
    (ended,) = enrolled.of_kind("enrolment.ended")
    assert ended.household == enrolled.vault.reference("household", "431099S00005")


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"家庭编号": "431099S99999"}, "E_EXIT_UNKNOWN"),
        ({"家庭编号": "", "身份证号": id_number(99)}, "E_EXIT_UNKNOWN"),
        ({"家庭编号": ""}, "E_CELL_MISSING"),
        ({"保障类别": "临时"}, "E_PROGRAMME_CHOICE"),
        ({"退出原因": "天气"}, "E_CELL_CHOICE"),
        ({"退出原因": "未就业"}, "E_CELL_CHOICE"),
        ({"退出原因": "配偶死亡后收入超标"}, "E_CELL_CHOICE"),
        ({"退出原因": "户主结婚迁出"}, "E_CELL_CHOICE"),
        ({"退出原因": "保险公司理赔"}, "E_CELL_CHOICE"),
        ({"退出人数": "1"}, "E_EXIT_PERSONS"),
        ({"身份证号": id_number(7)}, "E_EXIT_OTHER"),
        ({"身份证号": id_number(7)[:4] + "*" * 10 + id_number(7)[14:]}, "E_EXIT_OTHER"),
        ({"户主姓名": "示例户7"}, "E_EXIT_OTHER"),
        ({"家庭编号": "", "低保证号": "NC2020-0005", "户主姓名": "示例户7"}, "E_EXIT_OTHER"),
        ({"乡镇": "城关镇"}, "E_EXIT_PLACE"),
        ({"乡镇": "石岭镇", "村(社区)": "冲口村"}, "E_EXIT_PLACE"),
        ({"身份证号": id_number(5), "乡镇": "城关镇"}, "E_EXIT_PLACE"),
        ({"停发月份": "2025-08"}, "E_EXIT_UNKNOWN"),
        ({"决定文号": "示" * 201}, "E_TEXT_LONG"),
        ({"停发月份": "十月"}, "E_CELL_MONTH"),
        ({"停发月份": ""}, "E_CELL_MISSING"),
    ],
)
def test_an_exit_that_cannot_be_told_is_wrong_and_its_neighbour_is_booked(
    enrolled: County, cells: dict[str, str], code: str
) -> None:
    report = exits(enrolled, leaving(5, **cells), leaving(6, 序号="2"))
    assert codes(report) == [(2, code)]
    assert report.new == 1


UNKNOWN_AT = [
    ({"家庭编号": "431099S99999"}, "家庭编号", "431099S99999"),
    ({"家庭编号": "", "低保证号": "NC2020-9999"}, "低保证号", "NC2020-9999"),
    ({"家庭编号": "", "身份证号": id_number(99)}, "身份证号", id_number(99)),
    ({"停发月份": "2025-08"}, "停发月份", "2025-08"),
]


@pytest.mark.parametrize(("cells", "column", "value"), UNKNOWN_AT)
def test_who_cannot_be_found_is_told_at_the_column_that_names_them_or_at_the_month(
    enrolled: County, cells: dict[str, str], column: str, value: str
) -> None:
    (wrong,) = exits(enrolled, leaving(5, **cells)).wrong
    assert (wrong.code, wrong.column, wrong.value) == ("E_EXIT_UNKNOWN", column, value)
    number = cells.get("家庭编号", "431099S00005") or cells.get("低保证号") or cells["身份证号"]
    assert f"为 {number}、在该月" in wrong.message(), "the sentence says whom it sought, whichever column is at fault"


def test_who_is_named_falsely_is_told_at_the_name_and_where_they_live_at_the_place(enrolled: County) -> None:
    rows = [leaving(5, 户主姓名="示例户7"), leaving(6, 乡镇="石岭镇", 序号="2"), leaving(7, **{"村(社区)": "上坪村"})]
    report = exits(enrolled, *rows)
    assert [(cell.column, cell.value) for cell in report.wrong] == [
        ("户主姓名", "示例户7"),
        ("乡镇", "石岭镇"),
        ("村(社区)", "上坪村"),
    ]
    assert enrolled.of_kind("enrolment.ended") == []


@pytest.mark.parametrize(
    "cells",
    [
        {"乡镇": "石岭镇", "村(社区)": "下坪村"},
        {"乡镇": "石岭", "村(社区)": "石岭镇下坪村委会"},
        {"户主姓名": "示例 户5", "村(社区)": "下坪"},
    ],
)
def test_names_and_places_are_the_same_however_they_are_written(enrolled: County, cells: dict[str, str]) -> None:
    assert (exits(enrolled, leaving(5, **cells)).wrong, len(enrolled.of_kind("enrolment.ended"))) == ([], 1)


def test_a_household_may_leave_by_the_name_of_a_member_and_from_where_it_lived(enrolled: County) -> None:
    """Its members' sheet names her, and October's roster says that it moved."""
    member = [["431099S00010", name, id_number(who), "妻", "是"] for name, who in (("示例户10", 10), ("示例妻", 510))]
    head = ["家庭编号", "成员姓名", "身份证号", "与户主关系", "是否保障对象"]
    assert enrolled.one(enrolled.write("家庭成员表.csv", [head, *member]), month="2025-09").wrong == []
    import_october(enrolled, october(*range(1, 13)))
    for cells in ({"乡镇": "大冲乡"}, {"乡镇": "石岭镇"}):
        row = leaving(10, 户主姓名="示例妻", 停发月份="2025-11", **cells)
        path = enrolled.write("退出名单.csv", [EXIT_HEAD.split(","), row])
        report = enrolled.one(path, today=enrolled.now.date(), dry_run=True)
        assert (report.new, report.wrong) == (1, []), cells


def test_whose_name_was_erased_can_still_leave(enrolled: County) -> None:
    person = enrolled.vault.reference("person", id_number(5))
    with enrolled.store.write() as connection:
        enrolled.vault.erase(connection, person, "guan-1", enrolled.now.isoformat())
    assert (exits(enrolled, leaving(5)).wrong, len(enrolled.of_kind("enrolment.ended"))) == ([], 1)


WRITTEN = {
    "病故": "death",
    "转为特困供养": "to_destitute",
    "无正当理由连续3次拒绝就业": "review_refused",
    "家庭成员服刑": "imprisoned_or_adopted",
    "注册公司": "assets",
    "死亡": "death",
    "户主去世": "death",
    "收入超过低保标准": "income",
    "名下有车辆": "assets",
    "已转特困": "to_destitute",
    "转农村低保": "to_dibao",
    "户籍迁出": "moved_out",
    "本人自愿放弃": "waived",
    "不配合入户核查": "review_refused",
    "子女稳定就业": "employed",
    "家庭成员变化": "family_changed",
    "服刑": "imprisoned_or_adopted",
    "查实违规": "violation",
    "其他": "other",
    "": "pending",
    "待补原因": "pending",
}
"""What offices write, and the coded reason."""


@pytest.mark.parametrize("written", WRITTEN)
def test_reasons_as_they_are_written(enrolled: County, written: str) -> None:
    assert exits(enrolled, leaving(5, 退出原因=written)).wrong == []
    assert [one.reason for one in enrolled.of_kind("enrolment.ended")] == [WRITTEN[written]]


def test_what_the_template_offers_is_understood_and_covers_every_reason() -> None:
    (shape,) = EXITS.shapes
    offered = next(column.choices for column in shape.columns if column.name == "reason")
    drafts = [RowDraft({"reason": word, "id_number": None}) for word in offered]
    for draft in drafts:
        shape.finish(draft)
    assert [draft.faults for draft in drafts] == [[]] * len(offered)
    assert sorted(str(draft.values["reason_code"]) for draft in drafts) == sorted(get_args(EndReason))


def test_one_list_that_says_two_months_of_one_household_contradicts_itself(enrolled: County) -> None:
    report = exits(enrolled, leaving(5), leaving(5, 停发月份="2025-11", 序号="2"))
    assert (report.new, codes(report)) == (1, [(3, "E_ROW_CHANGED_WAITING")])
    assert [one.from_month for one in enrolled.of_kind("enrolment.ended")] == [OCTOBER]


def test_the_control_line_begins_with_the_last_roster_and_tells_who_left_since(enrolled: County) -> None:
    """In 户, 人 and 元: the list of exits comes first, and the last roster still had whom it names."""
    enrolled.sign_off()
    assert exits(enrolled, leaving(5)).wrong == []
    enrolled.sign_off()
    report = import_october(enrolled, [HEAD, *(household(number) for number in range(1, 13) if number not in (5, 6))])
    (control,) = [note for note in report.notes if note.code == "W_ROSTER_CONTROL"]
    counts = {what: [control.params[f"{what}_{unit}"] for unit in ("households", "persons", "fen")] for what in PARTS}
    assert [counts[what][0] for what in PARTS] == [12, 0, 1, 1, 10]
    own = [int(household(5)[HEAD.index(title)]) for title in ("保障人口", "基本保障金(元)")]
    assert counts["left"] == [1, own[0], own[1] * 100]
    for place in range(3):
        last, came, left, missing, this = (counts[what][place] for what in PARTS)
        assert last + came - left - missing == this
    assert "减退出 1 户" in control.message()
    assert "1 household" in control.message("en")
