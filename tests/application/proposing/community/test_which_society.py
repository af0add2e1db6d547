"""A society is one society under every spelling of its register: without a township, shortened, renamed, registered."""

from datetime import date
from typing import Any

import pytest

from ledger_projections.charity.societies import Society, societies
from ledger_projections.registry import catch_up
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of

HEAD, *ROWS = rows_of("mutual_aid.csv")
RAISED = {"上坪村救急难互助社": 3_200_000, "下坪村救急难互助社": 2_650_000, "冲口村救急难互助社": 3_000_000}


def changed(row: list[str], **cells: str) -> list[str]:
    return [cells.get(column, cell) for column, cell in zip(HEAD, row, strict=True)]


def take(county: County, name: str, rows: Grid, month: int = 10, without: str = "", **more: Any) -> Any:
    """A month's sheet, signed."""
    kept = [at for at, column in enumerate(HEAD) if column != without]
    grid = [[row[at] for at in kept] for row in (HEAD, *rows)]
    county.now = county.now.replace(month=month, day=28)
    report = county.one(county.write(name, grid), month=f"2025-{month:02d}", today=date(2025, month, 28), **more)
    county.sign_off()
    return report


def listed(county: County) -> list[Society]:
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        return list(societies(connection, date(2025, 12, 28)).rows)


@pytest.fixture
def three(county: County) -> County:
    """September's sheet."""
    county.take_in("mutual_aid.csv")
    county.sign_off()
    return county


SPELT: list[tuple[str, Any]] = [
    ("no column of townships", {"rows": ROWS, "without": "乡镇"}),
    ("a township cut short", {"rows": [changed(row, 乡镇=row[1].rstrip("镇乡")) for row in ROWS]}),
    ("a village cut short", {"rows": [changed(row, **{"村(社区)": row[2].rstrip("村")}) for row in ROWS]}),
    ("brackets in the name", {"rows": [changed(row, 互助社名称=f"({row[2]})救急难互助社") for row in ROWS]}),
]


@pytest.mark.parametrize(("what", "sheet"), SPELT, ids=[one[0] for one in SPELT])
def test_the_same_sheet_spelt_otherwise_is_the_same_societies(three: County, what: str, sheet: dict[str, Any]) -> None:
    found = take(three, "十月.csv", **sheet)
    assert codes(found) == []
    assert {one.name: one.raised_fen for one in listed(three)} == RAISED
    assert len(three.of_kind("mutual_aid.society_registered")) == 3
    assert three.of_kind("mutual_aid.society_changed") == []


@pytest.mark.parametrize("kept", ["统一社会信用代码", "账号", "both"])
def test_a_renamed_society_is_known_by_its_code_or_account(three: County, kept: str) -> None:
    gone = {"统一社会信用代码", "账号"} - {kept} if kept != "both" else set()
    cells = dict.fromkeys(gone & {"统一社会信用代码"}, "")
    found = take(
        three,
        "十月.csv",
        [changed(ROWS[0], 互助社名称="上坪互助社", **cells)],
        without="".join(gone - {"统一社会信用代码"}),
    )
    assert codes(found) == []
    (change,) = three.of_kind("mutual_aid.society_changed")
    assert change.name == "上坪互助社"
    assert sorted(one.raised_fen for one in listed(three)) == sorted(RAISED.values())
    assert codes(take(three, "旧名.csv", [ROWS[0]], 11)) == [], "the old name is known too"
    assert len(listed(three)) == 3


def test_a_filed_society_that_is_registered_and_renamed_later(three: County) -> None:
    own = {"登记状态": "已登记", "统一社会信用代码": ROWS[0][5], "账号": "82010500000098803"}
    row = changed(ROWS[2], **own)
    assert codes(take(three, "十月.csv", [row])) == [(2, "E_SOCIETY_CHOICE")], "that code is another society's"
    row = changed(ROWS[2], **{**own, "统一社会信用代码": ""})
    assert codes(take(three, "十月改.csv", [row])) == []
    assert codes(take(three, "十一月.csv", [changed(row, 互助社名称="冲口互助社")], 11)) == []
    assert {one.name for one in listed(three)} == {"上坪村救急难互助社", "下坪村救急难互助社", "冲口互助社"}


def test_a_row_that_fits_two_societies_is_for_a_person_to_settle(three: County) -> None:
    twin = changed(ROWS[0], 乡镇="大冲乡", 统一社会信用代码="", 账号="")
    assert codes(take(three, "十月.csv", [twin])) == []
    assert len(listed(three)) == 4
    found = take(three, "十一月.csv", [changed(twin, 乡镇="")], 11)
    assert codes(found) == [(2, "E_SOCIETY_CHOICE")]
    assert "上坪村救急难互助社" in str(found.wrong[0].params["found"])


def test_an_account_under_several_names_tells_nothing(three: County) -> None:
    """One bookkeeper's account for three villages: each is its own society."""
    shared = [changed(row, 统一社会信用代码="", 登记状态="备案", 账号="82010500000098899") for row in ROWS]
    assert codes(take(three, "十月.csv", shared)) == []
    again = [changed(row, 互助社名称=f"{row[2]}互助社", **{"村(社区)": f"新{row[2]}"}) for row in shared]
    assert codes(take(three, "十一月.csv", again, 11)) == []
    assert len(listed(three)) == 6


def test_a_sheet_that_names_a_society_twice_is_told(three: County) -> None:
    found = take(three, "十月.csv", [ROWS[0], changed(ROWS[0], 乡镇="石岭"), ROWS[0]])
    assert codes(found) == [(3, "E_SOCIETY_AGAIN")]
    assert listed(three)[0].raised_fen in RAISED.values()
