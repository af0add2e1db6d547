"""A bank's rows without a household's number: of a person who is in two households, the account tells which is paid."""

import pytest

from tests.application.proposing.county import County
from tests.application.proposing.relief.october import HEAD, VILLAGES, household, id_number
from tests.application.proposing.relief.paying.bank import RESULT_HEAD, result, send

ACCOUNTS = ("82010530000000003", "82010530000009913")


def rows_of_person(*, numbered: bool) -> list[list[str]]:
    """The person of household 3 in two villages; the second household is of fewer fen."""
    rows = []
    for at, account in enumerate(ACCOUNTS):
        number = f"431099S0{at}003" if numbered else ""
        place = {"乡镇": VILLAGES[at][0], "村(社区)": VILLAGES[at][1], "银行账号": account}
        rows.append(household(3, **{"家庭编号": number, "低保证号": "", "保障人口": str(2 - at), **place}))
    return rows


def paid(at: int) -> list[str]:
    said = dict(zip(RESULT_HEAD, result(3, 0, "成功", "20250908"), strict=True))
    return [{**said, "序号": str(at + 1), "账号": ACCOUNTS[at], "备注": ""}[title] for title in RESULT_HEAD]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("numbered", [False, True])
def test_each_household_is_paid_by_its_account(funded: County, *, numbered: bool, turned: bool) -> None:
    rows = rows_of_person(numbered=numbered)
    yuan = [int(row[HEAD.index("本月实发(元)")]) for row in rows]
    report = funded.one(funded.write("花名册9月.csv", [HEAD, household(1), household(2), *rows]))
    assert (report.new, report.wrong) == (4, [])
    funded.sign_off()
    send(funded)
    lines = [paid(0), paid(1)]
    for line, each in zip(lines, yuan, strict=True):
        line[RESULT_HEAD.index("金额")] = str(each)
    assert {line[RESULT_HEAD.index("证件号码")] for line in lines} == {id_number(3)}
    grid = [RESULT_HEAD, *(reversed(lines) if turned else lines)]
    report = funded.one(funded.write("回盘.csv", grid), today=funded.now.date())
    assert (report.new, report.wrong) == (2, [])
    funded.sign_off()
    terms = {one.enrolment: one.payee.payee for one in funded.of_kind("enrolment.confirmed")}
    due = {one.enrolment: one.amount_fen for one in funded.of_kind("subsidy.authorised")}
    got = {one.enrolment: one.amount_fen for one in funded.of_kind("subsidy.paid")}
    assert len(got) == 2 == len({terms[name] for name in got})
    assert got == {name: due[name] for name in got}
