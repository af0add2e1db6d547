"""Lists of aid given once: made up, signed, paid by a bank or by hand, and never compared with another month."""

from collections.abc import Mapping

import pytest

from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import id_number

HEAD = (
    "序号,救助项目,乡镇,审批编号,申请人,身份证号,家庭人口,救助原因,救助方式,"
    "救助金额(元),审批日期,审批文号,发放日期,凭证号"
)
TEMPORARY_AID = {
    "programme": "temporary-aid",
    "name": "临时救助",
    "scheme": "temporary_aid",
    "unit": "household",
    "fund": "relief",
    "categories": [],
    "function_code": "20820",
    "on": "2025-09-01",
    "origin": "history",
}
MASK = id_number(1)[:4] + "*" * 10 + id_number(1)[14:]
MASK_OF_ANOTHER = id_number(71)[:4] + "*" * 10 + id_number(71)[14:]
BATCH = "temporary-aid-2025-09-01"


def helped(number: int, **cells: str) -> list[str]:
    row = {"序号": str(number), "救助项目": "临时救助", "乡镇": "石岭镇", "审批编号": f"LS2025-{number:03d}"}
    row |= {"申请人": f"示例户{number}", "身份证号": id_number(number), "家庭人口": "2", "救助原因": "突发重病"}
    row |= {"救助方式": "现金", "救助金额(元)": "1200.00", "审批文号": "示民临〔2025〕9号", "审批日期": "2025-09-03"}
    row |= cells
    return [row.get(title, "") for title in HEAD.split(",")]


@pytest.fixture
def aiding(funded: County) -> County:
    """A county whose relief fund pays temporary aid."""
    funded.decide(BUREAU, ("programme.opened", TEMPORARY_AID))
    return funded


def listed(county: County, *rows: list[str], **more: str | None) -> FileReport:
    return county.one(county.write("临时救助9月.csv", [HEAD.split(","), *rows]), **more)


def test_a_list_is_authorised_and_ends_with_its_month(aiding: County) -> None:
    report = listed(aiding, helped(1), helped(2, **{"救助金额(元)": "800.50", "家庭人口": ""}))
    assert (report.kind, report.new, report.wrong, report.refused) == ("aid-list", 2, [], None)
    aiding.sign_off()
    (prepared,) = aiding.of_kind("batch.prepared")
    assert (prepared.count, prepared.persons, prepared.total_fen) == (2, 3, 200_050)
    assert [(one.amount_fen, one.persons) for one in aiding.of_kind("subsidy.authorised")] == [
        (120_000, 2),
        (80_050, 1),
    ]
    assert {(one.from_month, one.reason) for one in aiding.of_kind("enrolment.ended")} == {("2025-10", "other")}
    decided = [(one.document, str(one.decided_on)) for one in aiding.of_kind("enrolment.confirmed")]
    assert decided == [("示民临〔2025〕9号", "2025-09-03")] * 2
    assert aiding.doubts() == []


def test_days_of_payment_are_taken_once_the_batch_is_signed(aiding: County) -> None:
    rows = [helped(1, 发放日期="2025-09-12", 凭证号="QS-1"), helped(2)]
    first = listed(aiding, *rows)
    assert [note.code for note in first.notes] == ["W_AID_PAID_LATER"]
    aiding.sign_off()
    assert aiding.of_kind("subsidy.paid") == []
    aiding.road(BATCH)
    second = listed(aiding, *rows)
    assert (second.new, second.duplicate, second.wrong, second.notes) == (1, 1, [], [])
    (paid,) = aiding.of_kind("subsidy.paid")
    assert (paid.amount_fen, paid.persons, paid.households, paid.result_ref) == (120_000, 2, 1, "QS-1")
    (result,) = aiding.of_kind("batch.result_imported")
    assert (result.paid_count, result.paid_fen) == (1, 120_000)
    third = listed(aiding, rows[0], helped(2, 发放日期="2025-09-15"))
    assert (third.new, third.duplicate, third.wrong) == (1, 1, [])
    aiding.sign_off()
    assert aiding.fen(BUREAU, "relief", "transit", BATCH) == 0
    assert aiding.fen(BUREAU, "relief", "relief_cost", "temporary-aid") == 240_000
    assert aiding.doubts() == []
    size = aiding.size()
    again = listed(aiding, rows[0], helped(2, 发放日期="2025-09-15"))
    assert (again.new, again.duplicate, aiding.size()) == (0, 2, size)


def test_the_banks_result_may_tell_what_was_paid(aiding: County) -> None:
    """By the case number where the bank's file has it, by the ID number where not."""
    listed(aiding, helped(1), helped(2))
    aiding.sign_off()
    aiding.road(BATCH)
    head = "批次号,序号,户名,账号,金额,证件号码,处理结果,失败原因,处理日期,银行流水号,备注"
    paid = ["LSJZ202509-01", "1", "示例户1", "82010530000099912", "1200.00", id_number(1), "成功"]
    failed = ["LSJZ202509-01", "2", "示例户2", "82010530000099920", "1200.00", "", "失败"]
    rows = [[*paid, "", "20250912", "8501D1", ""], [*failed, "账号不存在", "20250912", "", "LS2025-002"]]
    report = aiding.one(aiding.write("回盘.csv", [head.split(","), *rows]))
    assert (report.kind, report.new, report.wrong) == ("pay-result", 2, [])
    assert [one.amount_fen for one in aiding.of_kind("subsidy.paid")] == [120_000]
    assert [(one.code, one.was_paid) for one in aiding.of_kind("subsidy.returned")] == [("NO_ACCOUNT", False)]
    assert aiding.doubts() == []


def test_next_month_knows_nothing_of_this_one_and_may_help_again(aiding: County) -> None:
    listed(aiding, helped(1, 审批编号=""), helped(2))
    aiding.sign_off()
    aiding.now = aiding.now.replace(month=10, day=30)
    path = aiding.write("10月.csv", [HEAD.split(","), helped(1, 审批编号=""), helped(3)])
    report = aiding.one(path, month="2025-10", today=aiding.now.date())
    assert (report.new, report.wrong, report.notes) == (2, [], [])
    aiding.sign_off()
    assert [one.from_month for one in aiding.of_kind("enrolment.ended")] == ["2025-10"] * 2 + ["2025-11"] * 2
    assert aiding.doubts() == []


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"救助金额(元)": "0"}, "E_AID_NOTHING"),
        ({"救助金额(元)": "-5"}, "E_AID_NOTHING"),
        ({"救助金额(元)": ""}, "E_CELL_MISSING"),
        ({"家庭人口": "0"}, "E_ROSTER_PERSONS"),
        ({"申请人": ""}, "E_CELL_MISSING"),
        ({"救助项目": "不知什么项目"}, "E_PROGRAMME_CHOICE"),
        ({"身份证号": "431099194803120017"}, "E_ID_CHECK"),
        ({"审批编号": "LS2025-001"}, "E_KEY_CONFLICT"),
    ],
)
def test_a_row_that_cannot_be_used_is_shown_and_stops_no_other(
    aiding: County, cells: dict[str, str], code: str
) -> None:
    report = listed(aiding, helped(1), helped(2, **cells), helped(3))
    assert [found for _, found in codes(report)] == [code]
    assert report.new == 2


def test_what_was_authorised_otherwise_is_a_change_and_nothing_is_paid_late_to_a_stranger(aiding: County) -> None:
    listed(aiding, helped(1))
    aiding.sign_off()
    changed = listed(aiding, helped(1, **{"救助金额(元)": "1300"}))
    assert codes(changed) == [(2, "E_ROW_CHANGED")]
    late = listed(aiding, helped(1), helped(4))
    assert codes(late) == [(3, "E_ROSTER_PREPARED")]
    assert late.duplicate == 1


_FULL = f"{HEAD},村(社区),领款人,代发银行,银行账号"
_PAID_TO = {"村(社区)": "上坪村", "代发银行": "示例农商行", "银行账号": "82010530000077001"}


def _to_account(county: County, *rows: Mapping[str, str], **more: str | None) -> FileReport:
    """A list that also says where people live and who receives the money."""
    made = [
        {**dict(zip(HEAD.split(","), helped(at), strict=True)), **_PAID_TO, **cells} for at, cells in enumerate(rows, 1)
    ]
    filled = [[row.get(title, "") for title in _FULL.split(",")] for row in made]
    return county.one(county.write("临时救助9月.csv", [_FULL.split(","), *filled]), **more)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"身份证号": id_number(71)}, "身份证号"),
        ({"身份证号": MASK_OF_ANOTHER}, "身份证号"),
        ({"申请人": "示例户甲"}, "申请人"),
        ({"银行账号": "82010530000077999"}, "银行账号"),
        ({"领款人": "示例代领"}, "领款人"),
        ({"乡镇": "大冲乡"}, "乡镇"),
        ({"村(社区)": "下坪村"}, "村(社区)"),
        ({"审批日期": "2025-09-04"}, "审批日期"),
        ({"审批文号": "示民临〔2025〕10号"}, "审批文号"),
    ],
)
@pytest.mark.parametrize("signed", [True, False])
def test_whatever_a_list_says_otherwise_of_a_case_is_a_change(
    aiding: County, cells: Mapping[str, str], column: str, *, signed: bool
) -> None:
    """Of whom, to whom, where, when, by which paper; and the day of payment of such a row is not taken."""
    own = {"领款人": "示例户1"}
    assert _to_account(aiding, own).wrong == []
    if signed:
        aiding.sign_off()
        aiding.road(BATCH)
    before = aiding.size()
    report = _to_account(aiding, {**own, "发放日期": "2025-09-12", **cells})
    assert [(cell.column, cell.code) for cell in report.wrong] == [(column, "E_ROW_CHANGED")]
    assert (report.new, report.duplicate, aiding.size()) == (0, 0, before)


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"身份证号": MASK},
        {"身份证号": ""},
        {"申请人": "示例 户1"},
        {"银行账号": "", "领款人": "", "村(社区)": "", "乡镇": "", "审批日期": "", "审批文号": ""},
    ],
    ids=["the same", "masked", "no number", "blanks in the name", "less"],
)
def test_what_a_list_shows_less_of_is_no_change(aiding: County, cells: Mapping[str, str]) -> None:
    assert _to_account(aiding, {"领款人": "示例代领"}, {"领款人": "示例代领"}).wrong == []
    aiding.sign_off()
    report = _to_account(aiding, {"领款人": "示例代领", **cells}, {"领款人": "示例代领"})
    assert (report.new, report.duplicate, report.wrong) == (0, 2, [])


def test_an_account_that_several_receive_by_is_any_of_theirs(aiding: County) -> None:
    rows = [{"领款人": "示例代甲"}, {"领款人": "示例代乙"}]
    assert _to_account(aiding, *rows).wrong == []
    aiding.sign_off()
    assert (_to_account(aiding, *rows).duplicate, _to_account(aiding, *rows).wrong) == (2, [])


def test_a_masked_number_that_is_written_out_is_the_same_and_another_is_not(aiding: County) -> None:
    assert _to_account(aiding, {"身份证号": MASK}).wrong == []
    aiding.sign_off()
    assert _to_account(aiding, {"身份证号": id_number(1)}).duplicate == 1
    assert codes(_to_account(aiding, {"身份证号": id_number(71)})) == [(2, "E_ROW_CHANGED")]


def test_a_county_that_set_a_standard_is_held_to_it(aiding: County) -> None:
    fields = {"programme": "temporary-aid", "category": "临时救助", "amount_fen_per_month": 50_000, "tiers_fen": []}
    rest = {
        "effective_from": "2025-01",
        "decided_on": "2024-12-20",
        "document": "示民发〔2024〕31号",
        "origin": "history",
    }
    aiding.decide(BUREAU, ("standard.set", {**fields, **rest}))
    report = listed(aiding, helped(1, **{"救助金额(元)": "1000"}), helped(2, **{"救助金额(元)": "1000.01"}))
    found = [code for _, code in codes(report)]
    assert "E_PAID_ABOVE_STANDARD" in found
    assert aiding.of_kind("enrolment.confirmed") == [] or report.new == 1


def test_a_list_without_a_month_is_asked_for_it(aiding: County) -> None:
    report = listed(aiding, helped(1), month=None)
    assert report.refused is not None
    assert report.refused.code == "E_MONTH_NEEDED"


def test_whom_a_gate_refuses_is_taken_out_and_the_others_are_paid(aiding: County) -> None:
    """The list's total is restated, as that of a roster is."""
    head = "序号,数据来源,姓名,身份证号,性别,死亡日期,注销或火化日期,户籍地址,经办单位,提供日期,备注"
    dead = [
        "1",
        "公安",
        "示例户2",
        id_number(2),
        "男",
        "2025-07-19",
        "2025-07-25",
        "石岭镇",
        "石岭派出所",
        "2025-09-01",
        "",
    ]
    aiding.one(aiding.write("死亡名单.csv", [head.split(","), dead]))
    aiding.sign_off()
    report = listed(aiding, helped(1), helped(2, 家庭人口="1"), helped(3))
    assert codes(report) == [(3, "E_PAYEE_DEAD")]
    aiding.sign_off()
    (out,) = aiding.of_kind("batch.line_excluded")
    assert (out.amount_fen, out.rule_code) == (120_000, "PAYEE_DEAD")
    aiding.road(BATCH)
    paid = listed(aiding, *(helped(number, 发放日期="2025-09-12") for number in (1, 3)))
    assert (paid.new, paid.wrong) == (2, [])
    aiding.sign_off()
    assert aiding.fen(BUREAU, "relief", "transit", BATCH) == 0


def test_a_rehearsal_leaves_nothing(aiding: County) -> None:
    before = aiding.size()
    report = aiding.take_in(aiding.write("试导入.csv", [HEAD.split(","), helped(1), helped(2)]), dry_run=True)
    assert (report.files[0].new, report.files[0].wrong) == (2, [])
    assert aiding.size() == before


_BARE = {"审批编号": "", "身份证号": "", "申请人": "示例同", "家庭人口": "1"}


def test_namesakes_of_two_townships_without_any_number_are_two_people(aiding: County) -> None:
    report = listed(aiding, helped(1, **_BARE), helped(2, **_BARE | {"乡镇": "大冲乡"}))
    assert (report.new, report.wrong) == (2, [])
    aiding.sign_off()
    confirmed = aiding.of_kind("enrolment.confirmed")
    assert len({one.person for one in confirmed}) == len({one.payee.payee for one in confirmed}) == 2
    again = listed(aiding, helped(1, **_BARE), helped(2, **_BARE | {"乡镇": "大冲乡"}))
    assert (again.new, again.duplicate) == (0, 2)
    third = listed(aiding, helped(1, **_BARE), helped(3, **_BARE))
    assert codes(third) == [(3, "E_ROSTER_TWICE")], "of one township they cannot be told apart"


@pytest.mark.parametrize("months", [("9", "10"), ("10", "9")], ids=["in order", "the later month first"])
def test_lists_without_a_case_number_may_come_in_any_order(aiding: County, months: tuple[str, str]) -> None:
    aiding.now = aiding.now.replace(month=11, day=5)
    row = helped(1, 审批编号="", 审批日期="")
    for month in months:
        path = aiding.write(f"临时救助{month}月.csv", [HEAD.split(","), row])
        report = aiding.one(path, month=f"2025-{int(month):02d}")
        assert (report.new, report.wrong) == (1, [])
        aiding.sign_off()
    assert sorted(one.period_from for one in aiding.of_kind("subsidy.authorised")) == ["2025-09", "2025-10"]
    assert len({one.enrolment for one in aiding.of_kind("enrolment.confirmed")}) == 2
    assert len({one.person for one in aiding.of_kind("enrolment.confirmed")}) == 1
    assert aiding.of_kind("batch.line_excluded") == []


@pytest.mark.parametrize("hidden", [False, True], ids=["whole", "masked"])
def test_nobody_is_helped_who_was_reported_dead_whatever_the_list_hides(aiding: County, *, hidden: bool) -> None:
    head, number = rows_of("deaths.csv")[0], id_number(1)
    cells = {"序号": "1", "数据来源": "公安", "姓名": "示例户1", "身份证号": number, "死亡日期": "2025-07-19"}
    dead = [cells.get(title, "") for title in head]
    assert aiding.one(aiding.write("死亡.csv", [head, dead])).new == 1
    aiding.sign_off()
    shown = number[:4] + "*" * 10 + number[-4:] if hidden else number
    report = listed(aiding, helped(1, 身份证号=shown, 家庭人口="1"), helped(2))
    assert codes(report) == [(2, "E_PAYEE_DEAD")]
    assert len(aiding.of_kind("death.reported")) == 1 + hidden
