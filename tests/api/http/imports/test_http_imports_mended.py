"""The workbook of wrong rows, mended and uploaded as it stands, brings what the whole mended file would bring."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from ledger_api.client.imports import upload
from tests.api.http.house import House
from tests.api.http.uploads import MAKER, OTHER, choose, roster, signed_off
from tests.application.importing.offices import delimited, sample
from tests.application.proposing.county import MONTH

Grid = list[list[str]]
CASH = {
    **dict.fromkeys(("银行流水号或支付单号", "票据号码", "开票日期", "指定项目或受益人", "证件号码"), ""),
    "捐赠方式": "现金",
    "收款账户": "",
    "是否开票": "否",
    "捐赠意向": "非限定",
    "捐赠人类型": "个人",
    "捐赠金额(元)": "101.00",
}


def workbook_of(house: House, import_id: str, mends: dict[str, str], officer: str = OTHER) -> bytes:
    """The wrong rows, each cell that has one of these texts mended."""
    answer = house.program(officer).get(f"/v1/imports/{import_id}/errors.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            cell.value = mends.get(str(cell.value), cell.value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def cash(count: int) -> Grid:
    """A register in which the same gift of cash stands several times, without a number that would tell them apart."""
    head, *body = sample("donation_register")
    row = body[0]
    for title, text in CASH.items():
        row[head.index(title)] = text
    return [head, *([*row] for _ in range(count))]


def register(house: House, grid: Grid, **chosen: Any) -> Any:
    return upload(house.program(OTHER), "登记.csv", delimited(grid).encode(), {"month": MONTH, **chosen})


def told(made: Any) -> tuple[int, ...]:
    return tuple(made["counts"][name] for name in ("new", "duplicate", "wrong"))


@pytest.mark.parametrize("posted_first", [True, False], ids=["posted first", "posted later"])
def test_an_honest_equal_row_is_not_lost(house: House, posted_first: bool) -> None:  # noqa: FBT001 - pytest's way
    grid = cash(3)
    grid[2][grid[0].index("捐赠金额(元)")] = "1o2"
    made = register(house, grid)
    assert told(made) == (2, 0, 1)
    right = sample("donation_register")
    amount = cash(1)[1][right[0].index("捐赠金额(元)")]
    if posted_first:
        signed_off(house, made["id"], OTHER)
    data = workbook_of(house, made["id"], {"1o2": amount})
    again = upload(house.program(OTHER), "改正.xlsx", data, {"month": MONTH})
    assert told(again) == (1, 0, 0), [
        one["faults"] for one in house.get(OTHER, f"/v1/imports/{again['id']}/rows")["rows"]
    ]
    signed_off(house, again["id"], OTHER)
    assert told(upload(house.program(OTHER), "改正.xlsx", data, {"month": MONTH})) == (0, 1, 0)
    whole = register(house, cash(3))
    assert told(whole) == ((0, 3, 0) if posted_first else (2, 1, 0))


def test_it_is_told_when_the_file_is_not_at_hand(house: House) -> None:
    grid = cash(2)
    grid[2][grid[0].index("捐赠金额(元)")] = "1o2"
    made = register(house, grid)
    data = workbook_of(house, made["id"], {"1o2": "88"})
    assert house.call(OTHER, "DELETE", f"/v1/imports/{made['id']}", if_match="*").status_code == 204
    again = upload(house.program(OTHER), "改正.xlsx", data, {"month": MONTH})
    assert "W_SOURCE_AWAY" in [note["code"] for note in again["notes"]]


def test_what_the_lines_above_the_header_say_is_kept(house: House) -> None:
    """The month of a roster stands in its title only."""
    grid = sample("dibao_roster")
    place = grid[0].index("本月实发(元)")
    right, grid[2][place] = grid[2][place], "很多"
    above = ["示例县2025年9月农村低保金发放花名册", *[""] * (len(grid[0]) - 1)]
    data = delimited([above, *grid]).encode()
    made = upload(house.program(MAKER), "花名册.csv", data, {})
    assert (made["error"], made["counts"]["wrong"]) == (None, 1)
    signed_off(house, made["id"])
    mended = workbook_of(house, made["id"], {"很多": right}, MAKER)
    again = upload(house.program(MAKER), "改正.xlsx", mended, {"batch": "02"})
    assert (again["error"], told(again)[::2]) == (None, (1, 0))


def test_a_mapped_file_comes_back_under_what_was_said_of_it(house: House) -> None:
    grid = cash(2)
    place = grid[0].index("捐赠金额(元)")
    right, grid[2][place], grid[0][place] = grid[2][place], "1o2", "善款数"
    made = register(house, grid)
    assert choose(house, OTHER, made["id"], {"columns": {"善款数": "捐赠金额(元)"}}).json()["state"] == "ready"
    signed_off(house, made["id"], OTHER)
    again = upload(house.program(OTHER), "改正.xlsx", workbook_of(house, made["id"], {"1o2": right}), {"month": MONTH})
    seen = house.get(OTHER, f"/v1/imports/{again['id']}/rows")["rows"]
    assert (again["state"], again["mapped_by"], told(again)) == ("ready", OTHER, (1, 0, 0)), seen


def test_rows_that_are_wrong_again_come_back_once_more(house: House) -> None:
    grid = cash(3)
    place = grid[0].index("捐赠金额(元)")
    right, grid[1][place], grid[2][place] = grid[3][place], "1o1", "1o2"
    made = register(house, grid)
    signed_off(house, made["id"], OTHER)
    again = upload(house.program(OTHER), "二.xlsx", workbook_of(house, made["id"], {"1o1": right}), {"month": MONTH})
    assert told(again) == (1, 0, 1)
    signed_off(house, again["id"], OTHER)
    data = workbook_of(house, again["id"], {"1o2": right})
    heads = [cell.value for cell in load_workbook(io.BytesIO(data)).worksheets[0][1]]
    assert heads.count("原因") == heads.count("原文件行号") == 1
    last = upload(house.program(OTHER), "三.xlsx", data, {"month": MONTH})
    assert last["error"] is None
    assert last["counts"]["wrong"] == 0


def test_what_is_added_is_no_column_of_the_file(house: House) -> None:
    made = roster(house, [*sample("dibao_roster")[:2], [*sample("dibao_roster")[2][:-1], "x"]])
    data = workbook_of(house, made["id"], {}, MAKER)
    again = upload(house.program(MAKER), "改正.xlsx", data, {"month": MONTH})
    told_ = [note["detail"] for note in again["notes"]]
    assert not any("原文件行号" in one or "_source" in one for one in told_), told_


def test_another_officers_file_is_nobodys_original(house: House) -> None:
    grid = cash(2)
    grid[2][grid[0].index("捐赠金额(元)")] = "1o2"
    made = register(house, grid)
    data = workbook_of(house, made["id"], {"1o2": "88"})
    other = upload(house.program(MAKER), "改正.xlsx", data, {"month": MONTH})
    assert "W_SOURCE_AWAY" in [note["code"] for note in other["notes"]]
