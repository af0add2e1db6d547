"""Charts: complete, plain, in force one at a time, and true to the codes that changed their meaning."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.accounts.charts import CHARTS, Chart, Family, chart_for, chart_of
from ledger.accounts.roles import CONTROL_ACCOUNTS, LIQUID, MONEY, Role
from ledger.errors import InputError

CHART = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.version)


@CHART
def test_every_role_has_exactly_one_leading_account(chart: Chart) -> None:
    leading = [account.role for account in chart.accounts if account.leads]
    assert sorted(leading) == sorted(Role)
    for role in Role:
        assert chart.account(chart.code(role)).role is role


@CHART
def test_codes_are_unique_digits_in_order_and_named_twice(chart: Chart) -> None:
    codes = [account.code for account in chart.accounts]
    assert codes == sorted(set(codes))
    for account in chart.accounts:
        assert account.code.isascii()
        assert account.code.isdigit()
        assert account.name_zh != account.name_en
        assert account.name("zh") == account.name_zh
        assert account.name("en") == account.name_en


@CHART
def test_the_first_digit_says_the_class_and_the_class_the_side(chart: Chart) -> None:
    classes = {"1": "asset", "2": "liability", "3": "net", "4": "income", "5": "cost", "9": "memo"}
    contra = {Role.DEPRECIATION, Role.COMMITTED_CONTRA, Role.PLEDGED_CONTRA}
    for account in chart.accounts:
        assert account.role_class == classes[account.code[0]]
        debit = account.role_class in {"asset", "cost", "memo"}
        if account.leads:
            assert (account.normal == "debit") == (debit != (account.role in contra))


@CHART
def test_money_roles_are_assets_and_control_accounts_stand_in_the_main_book(chart: Chart) -> None:
    assert LIQUID < MONEY
    assert {chart.account(chart.code(role)).role_class for role in MONEY} == {"asset"}
    assert "memo" not in {chart.account(chart.code(role)).role_class for role in CONTROL_ACCOUNTS}


@CHART
def test_a_detail_account_stands_under_an_account_of_its_class(chart: Chart) -> None:
    for account in chart.accounts:
        if len(account.code) > 4:
            parent = chart.account(account.code[:4])
            assert account.role_class == parent.role_class
            assert account.name_zh.startswith(parent.name_zh)


@given(st.dates(date(2005, 1, 1), date(2199, 12, 31)), st.sampled_from(["npo", "control"]))
def test_one_version_is_in_force_on_every_day(day: date, family: Family) -> None:
    covering = [chart for chart in CHARTS if chart.family == family and chart.covers(day)]
    assert covering == [chart_for(family, day)]
    assert chart_of(covering[0].version) is covering[0]


def test_the_system_of_2024_begins_with_2026() -> None:
    assert chart_for("npo", date(2025, 12, 31)).version == "npo-2004"
    assert chart_for("npo", date(2026, 1, 1)).version == "npo-2024"


@pytest.mark.parametrize(
    ("role", "before", "after"),
    [
        (Role.MANAGEMENT_COST, "5201", "5301"),
        (Role.FUNDRAISING_COST, "5301", "5401"),
        (Role.OTHER_COST, "5401", "5901"),
        (Role.AGENCY_ASSET, "1701", "1801"),
        (Role.AGENCY, "2601", "2601"),
        (Role.BANK, "1002", "1002"),
        (Role.NET_UNRESTRICTED, "3101", "3101"),
        (Role.NET_RESTRICTED, "3102", "3102"),
        (Role.DONATION_UNRESTRICTED, "410101", "410101"),
        (Role.DONATION_RESTRICTED, "410102", "410102"),
        (Role.PROGRAMME_COST, "5101", "5101"),
    ],
)
def test_codes_that_moved_and_codes_that_stayed(role: Role, before: str, after: str) -> None:
    assert (chart_of("npo-2004").code(role), chart_of("npo-2024").code(role)) == (before, after)


def test_5201_changed_its_meaning() -> None:
    assert chart_of("npo-2004").account("5201").name_zh == "管理费用"
    assert chart_of("npo-2024").account("5201").name_zh == "税金及附加"


@CHART
def test_an_own_detail_account_stands_under_the_longest_code_that_begins_it(chart: Chart) -> None:
    for account in chart.accounts:
        found = chart.place(account.code + "007")
        assert found is not None
        assert account.code.startswith(found.code) or found.code.startswith(account.code)
        assert (account.code + "007").startswith(found.code)
        assert chart.place(account.code) == account
    assert chart.place("0001") is None


def test_what_no_chart_has_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="E_ACCOUNT_CODE") as code:
        chart_of("npo-2004").account("7777")
    assert code.value.params == {"value": "7777", "chart": "npo-2004"}
    with pytest.raises(InputError, match="E_CHART_DAY"):
        chart_for("npo", date(2004, 12, 31))
    with pytest.raises(InputError, match="E_CHART_VERSION"):
        chart_of("npo-1998")
