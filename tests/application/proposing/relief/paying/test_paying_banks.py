"""Which bank a pay file went to and a result came from, as far as somebody says it; and lines that are sent again."""

from collections.abc import Callable, Sequence

import pytest

from ledger.application.proposing.relief.paying import pay_files
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.relief.october import id_number
from tests.application.proposing.relief.paying.test_results_any_order import (
    DUE,
    TITLES,
    at_the_bank,
    result,
    results,
    sent,
)

__all__ = ["at_the_bank", "sent"]
PAY = rows_of("payfile.csv")[0]
NOBODY = "代发银行"


def payfile(numbers: Sequence[int], bank: str | None = None) -> Grid:
    rows = [
        {
            "序号": str(number),
            "户名": f"示例户{number}",
            "账号": f"820105300000{number:05d}",
            "金额": str(DUE[number]),
            "证件类型": "身份证",
            "证件号码": id_number(number),
            "摘要": "农低保9月",
            "备注": f"431099S{number:05d}",
            "代发银行": bank or "",
        }
        for number in numbers
    ]
    head = PAY if bank is None else [*PAY, "代发银行"]
    return [head, *([row[title] for title in head] for row in rows)]


def banks(county: County) -> list[str]:
    return [one.bank for one in county.of_kind("batch.instructed")]


NAMED = [
    # the file's name, its column, the bank
    ("上盘农商.csv", None, "农村商业银行"),
    ("9月低保上盘(邮储).csv", None, "邮储银行"),
    ("上盘工行.csv", None, "工商银行"),
    ("上盘.csv", None, NOBODY),
    ("新建行政村上盘.csv", None, NOBODY),
    ("农商邮储汇总上盘.csv", None, NOBODY),
    ("村账上盘.csv", None, NOBODY),
    ("上盘邮储.csv", "示例农商行", "示例农商行"),
]


@pytest.mark.parametrize(("name", "column", "bank"), NAMED, ids=[one[0] for one in NAMED])
def test_the_bank_is_whom_the_file_names(sent: Callable[[], County], name: str, column: str | None, bank: str) -> None:
    county = sent()
    report = county.one(county.write(name, payfile([1, 2], column)))
    assert (report.new, report.wrong) == (2, [])
    assert banks(county) == [bank]


def test_two_banks_are_told_apart_in_pay_files_and_results(sent: Callable[[], County]) -> None:
    county = sent()
    for bank, numbers in (("农商", range(1, 8)), ("邮储", range(8, 13))):
        assert county.one(county.write(f"上盘{bank}.csv", payfile(numbers))).wrong == []
        assert county.one(county.write(f"回盘{bank}.csv", results(numbers, "成功", "20250908"))).wrong == []
    assert banks(county) == ["农村商业银行", "邮储银行"]
    assert [one.source.organisation for one in county.of_kind("batch.result_imported")] == banks(county)


def test_the_account_that_the_user_names_is_of_its_bank(sent: Callable[[], County]) -> None:
    county = sent()
    county.one(county.write("上盘.csv", payfile([1])), account="icbc-9991")
    assert banks(county) == ["工商银行"]


def test_a_pay_file_that_an_older_release_recorded_adds_nothing(
    sent: Callable[[], County], monkeypatch: pytest.MonkeyPatch
) -> None:
    county = sent()
    path = county.write("上盘农商.csv", payfile([1, 2]))
    with monkeypatch.context() as patch:
        patch.setattr(pay_files, "paying_bank", lambda *_: NOBODY)
        assert county.one(path).new == 2
    again = county.one(path)
    assert (again.new, again.duplicate, again.wrong) == (0, 2, [])
    assert banks(county) == [NOBODY]


def test_failed_lines_are_sent_again_without_a_doubt(sent: Callable[[], County]) -> None:
    county = sent()
    county.one(county.write("上盘.csv", payfile(range(1, 13))))
    first = [TITLES, *(result(one, "失败" if one in (5, 8) else "成功", "20250908") for one in range(1, 13))]
    county.one(county.write("回盘.csv", first))
    report = county.one(county.write("上盘重发.csv", payfile([5, 8])))
    assert (report.new, report.wrong, len(county.waiting())) == (2, [], 0)
    assert county.one(county.write("回盘2.csv", results([5, 8], "成功", "20250924"))).wrong == []
    assert county.doubts() == []
    county.one(county.write("上盘又发.csv", payfile([5])))
    county.sign_off()
    assert county.doubts() == ["W_PAY_FILE_SUM"]


def test_a_whole_list_that_came_back_is_sent_again_and_then_known(sent: Callable[[], County]) -> None:
    """The same rows in another file: news while there is room for them, and the same file when there is none."""
    county = sent()
    grid = payfile(range(1, 13))
    county.one(county.write("上盘.csv", grid))
    failed = [TITLES, *(result(one, "失败", "20250908") for one in range(1, 13))]
    assert county.one(county.write("另存.csv", [grid[0], *reversed(grid[1:])])).duplicate == 12
    assert county.one(county.write("回盘.csv", failed)).wrong == []
    again = county.one(county.write("重发.csv", [grid[0], *reversed(grid[1:])]))
    assert (again.new, again.wrong, len(county.waiting())) == (12, [], 0)
    assert county.one(county.write("再存.csv", [grid[0], *grid[2:], grid[1]])).duplicate == 12
    assert county.doubts() == []
