"""Keys: the same row has the same key wherever it stands, equal honest rows have two, and no key tells of a person."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.application.importing import parse_file, row_content, row_key
from ledger.errors import InputError
from tests.application.importing.offices import (
    KINDS,
    MONTH,
    Grid,
    changed,
    delimited,
    keys,
    parse_grid,
    sample,
    workbook,
    wrong_codes,
)

HONEST_TWICE = ("donation_register", "payfile", "payresult", "deaths", "mutual_aid", "lottery")
SERIALS = {"donation_register": "银行流水号或支付单号", "payresult": "银行流水号"}
"""Where a bank's or a platform's number may stand: with one, the same row again is the same row."""
ONE_AND_THE_SAME = sorted({*KINDS} - {*HONEST_TWICE} | {*SERIALS})


def renumbered(grid: Grid) -> Grid:
    """The running numbers as another person would have typed them."""
    if "序号" not in grid[0]:
        return grid
    at = grid[0].index("序号")
    return [grid[0], *([*row[:at], str(100 + number), *row[at + 1 :]] for number, row in enumerate(grid[1:]))]


@pytest.mark.parametrize("name", KINDS)
def test_keys_are_distinct_and_independent_of_file_sheet_and_running_number(name: str) -> None:
    plain = keys(parse_grid(sample(name), month=MONTH))
    assert len(set(plain)) == 3
    sheets: dict[str, list[list[object]]] = {
        f"第{number}页": [list(sample(name)[0]), list(row)] for number, row in enumerate(sample(name)[:0:-1])
    }
    other = parse_file(workbook(sheets), name="另一个文件.xlsx", month=MONTH)
    assert sorted(keys(other)) == sorted(plain)
    assert keys(parse_grid(renumbered(sample(name)), month=MONTH)) == plain


def unnumbered(name: str, word: str = "") -> Grid:
    """A sample with a word, or nothing, in the place of the banks' serial numbers."""
    grid = sample(name)
    for at in range(1, len(grid)) if name in SERIALS else ():
        grid = changed(grid, at, SERIALS[name], word)
    return grid


@pytest.mark.parametrize("word", ["", "现金", "12345"])
@pytest.mark.parametrize("name", HONEST_TWICE)
def test_two_honest_equal_rows_are_both_kept(name: str, word: str) -> None:
    grid = unnumbered(name, word)
    parsed = parse_grid([*grid, grid[1]], month=MONTH)
    assert (parsed.duplicates, parsed.wrong, len(parsed.rows)) == ((), (), 4)
    assert [row.ordinal for row in parsed.rows] == [0, 0, 0, 1]
    assert len(set(keys(parsed))) == 4
    assert set(keys(parse_grid(grid, month=MONTH))) < set(keys(parsed))


@pytest.mark.parametrize("name", ONE_AND_THE_SAME)
def test_a_numbered_row_twice_is_the_same_row(name: str) -> None:
    grid = sample(name)
    parsed = parse_grid([*grid, grid[1]], month=MONTH)
    assert [(each.place.row, each.of.row) for each in parsed.duplicates] == [(5, 2)]
    assert len(set(keys(parsed))) == 3


CONFLICTS = [
    ("dibao_roster", "备注", "另一行"),
    ("doubts", "疑点说明", "另一行"),
    ("recoveries", "备注", "另一行"),
    ("rectification", "整改进展", "另一行"),
    ("wechat_trade", "商品名称", "另一行"),
    ("alipay_trade", "备注", "另一行"),
]


@pytest.mark.parametrize(("name", "header", "value"), CONFLICTS)
def test_two_rows_under_one_number_are_a_conflict(name: str, header: str, value: str) -> None:
    grid = sample(name)
    other = changed(grid, 1, header, value)[1]
    parsed = parse_grid([*grid, other, other], month=MONTH)
    assert [(row, code) for row, _, code in wrong_codes(parsed)] == [(5, "E_KEY_CONFLICT"), (6, "E_KEY_CONFLICT")]
    assert len(parsed.rows) == 3
    assert "第2行" in parsed.wrong[0].message()
    assert parsed.wrong[0].params["fields"] == header


@pytest.mark.parametrize("name", [name for name in KINDS if "roster" in name])
def test_the_key_of_a_row_is_that_of_earlier_releases(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever tells a person's households apart, a row that stands alone is called as it was."""
    blind = [
        changed(sample(name), 1, header, "")[1] for header in ("家庭编号", "低保证号") if header in sample(name)[0]
    ]
    grid = [*sample(name), *blind[-1:]]
    now = keys(parse_grid(grid, month=MONTH))
    monkeypatch.setattr("ledger.application.importing.sameness._home", lambda *_said: ())
    assert keys(parse_grid(grid, month=MONTH)) == now


@pytest.mark.parametrize(
    ("cells", "rows", "codes"),
    [
        ({}, 5, []),
        ({"本月实发(元)": "691"}, 4, ["E_KEY_CONFLICT"]),
        ({"银行账号": "82010530000000777"}, 5, []),
        ({"村(社区)": "又一村"}, 5, []),
    ],
    ids=["the same", "another amount", "another account", "another village"],
)
def test_rows_of_one_person_may_be_of_two_households(cells: dict[str, str], rows: int, codes: list[str]) -> None:
    """Whether they are is for the book to tell; where they live and are paid alike they are one."""
    head, row = sample("dibao_roster")[:2]
    said = dict(zip(head, row, strict=True)) | {"家庭编号": "", "低保证号": "", "基本保障金(元)": "", "备注": ""}
    pair = [[one[title] for title in head] for one in (said, said | cells)]
    parsed = parse_grid([*sample("dibao_roster"), *pair], month=MONTH)
    assert (len(parsed.rows), [code for _, _, code in wrong_codes(parsed)]) == (rows, codes)
    assert len(parsed.duplicates) == (not cells)
    assert len(set(keys(parsed))) == rows - len(parsed.duplicates)
    turned = parse_grid([*sample("dibao_roster"), *reversed(pair)], month=MONTH)
    assert set(keys(turned)) == set(keys(parsed))


CORRECTED = [
    ("dibao_roster", "联系电话", "10000000099"),
    ("donation_register", "票据号码", "0000812399"),
    ("doubts", "核查结果", "部分属实"),
    ("deaths", "提供日期", "2025-10-05"),
    ("recoveries", "责任人", "示例亥"),
    ("rectification", "整改状态", "已整改"),
    ("lottery", "绩效自评分", "95"),
    ("wechat_trade", "商品名称", "一日捐"),
    ("bank_ccb", "备注", "补记"),
]


@pytest.mark.parametrize(("name", "header", "value"), CORRECTED)
def test_a_corrected_file_does_not_double(name: str, header: str, value: str) -> None:
    first = parse_grid(sample(name), month=MONTH)
    second = parse_grid(changed(sample(name), 2, header, value), month=MONTH)
    assert keys(second) == keys(first)
    contents = [[row_content(parsed.kind, row) for row in parsed.rows] for parsed in (first, second)]
    assert [one == other for one, other in zip(*contents, strict=True)] == [True, False, True]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_equal_rows_have_ordinals_that_follow_what_they_say(picks: list[int]) -> None:
    head, *rows = unnumbered("donation_register")
    pool = [*rows, changed(unnumbered("donation_register"), 1, "备注", "另一条")[1]]
    grid = [head, *(pool[pick] for pick in picks)]
    turned = [head, *(pool[pick] for pick in sorted(picks))]
    one, other = parse_grid(grid), parse_grid(turned)
    assert len(set(keys(one))) == len(picks)

    def told(grid: Grid) -> set[tuple[str, str]]:
        parsed = parse_grid(grid)
        return {(key, row_content(parsed.kind, row)) for key, row in zip(keys(parsed), parsed.rows, strict=True)}

    assert told(grid) == told(turned)
    assert set(keys(one)) == set(keys(other))


def test_late_return_of_a_success_is_another_row() -> None:
    first = parse_grid(sample("payresult"))
    late = parse_grid(
        changed(
            changed(changed(sample("payresult"), 1, "处理结果", "退回"), 1, "失败原因", "账户已销户"),
            1,
            "处理日期",
            "20250928",
        )
    )
    assert keys(first)[1:] == keys(late)[1:]
    assert keys(first)[0] != keys(late)[0]
    assert late.rows[0].values["fail_class"] == "CLOSED"


@pytest.mark.parametrize("name", ["dibao_roster", "payfile"])
def test_a_list_of_no_month_has_no_key(name: str) -> None:
    parsed = parse_grid(sample(name))
    assert (len(parsed.rows), parsed.month) == (3, None)
    with pytest.raises(InputError) as raised:
        row_key(parsed.kind, parsed.rows[0], 0)
    assert raised.value.code == "E_MONTH_NEEDED"


def test_the_next_month_is_another_row() -> None:
    september, october = (parse_grid(sample("dibao_roster"), month=month) for month in ("2025-09", "2025-10"))
    assert not set(keys(september)) & set(keys(october))


@pytest.mark.parametrize("name", KINDS)
def test_no_key_tells_of_a_person(name: str) -> None:
    parsed = parse_grid(sample(name), month=MONTH)
    private = ("id_number", "head_id", "payee_id", "donor_number", "head_name", "name", "donor_name", "phone")
    for key, row in zip(keys(parsed), parsed.rows, strict=True):
        for field in private:
            value = row.values.get(field)
            assert not value or str(value) not in key


def test_a_books_secret_changes_the_digests() -> None:
    row = parse_grid(sample("dibao_roster"), month=MONTH).rows[0]
    plain, secret = row_key("roster", row, 0), row_key("roster", row, 0, secret=b"s" * 32)
    assert plain != secret
    assert secret == row_key("roster", row, 0, secret=b"s" * 32)


def test_clear_keys_cannot_run_into_each_other() -> None:
    head = ["支付宝交易号", "业务类型", "完成时间", "商家实收(元)", "退款批次号/请求号", "服务费(元)"]
    rows = [
        ["a", "退款", "2025-09-05 12:00:00", "-1", "b/c", "0"],
        ["a/退款/b", "退款", "2025-09-05 12:00:00", "-1", "c", "0"],
    ]
    assert len(set(keys(parse_grid([head, *rows])))) == 2


def test_sub_shapes_never_share_a_key() -> None:
    received = parse_file("批次号,捐赠人,品名,数量\nW1,示例甲,大米,1\n".encode(), name="a.csv", kind="in-kind")
    counted = parse_file("批次号,品名,账面数,实盘数\nW1,大米,1,1\n".encode(), name="a.csv", kind="in-kind")
    assert not set(keys(received)) & set(keys(counted))


def test_the_digest_is_that_of_the_bytes() -> None:
    data = delimited(sample("deaths")).encode()
    assert parse_file(data, name="a.csv").digest == parse_file(data, name="b.csv").digest
    assert parse_file(data, name="a.csv").digest != parse_file(data + b"\r\n", name="a.csv").digest
