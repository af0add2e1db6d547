"""Bank statements: the chain of balances, its breaks, its direction, several accounts, pages and overlaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.importing import ParsedFile, parse_file, row_key
from ledger.values.money import fen_to_yuan
from tests.application.importing.offices import Grid, changed, facts, keys, parse_grid, sample, workbook, wrong_codes

HEAD = sample("bank_abc")[0]


def statement(opening_fen: int, amounts_fen: list[int], *, serials: bool = False) -> Grid:
    """A statement of the ABC shape, a row a day; amounts are signed."""
    balance, grid = opening_fen, [[*HEAD, "日志号"] if serials else HEAD]
    for number, amount in enumerate(amounts_fen, 1):
        balance += amount
        into, out = (fen_to_yuan(amount), "") if amount > 0 else ("", fen_to_yuan(-amount))
        row = [f"2025-09-{number % 28 + 1:02d} 10:00:{number % 60:02d}", into, out, fen_to_yuan(balance)]
        row += ["", "", "", f"示例户{number}", "摘要"]
        grid.append([*row, f"S{number}"] if serials else row)
    return grid


def breaks(parsed: ParsedFile) -> list[int]:
    return [cell.place.row for chain in parsed.statements for cell in chain.breaks]


amounts = st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=20)


@given(opening=st.integers(0, 10**12), moved=amounts)
def test_a_whole_statement_proves_itself_in_both_directions(opening: int, moved: list[int]) -> None:
    grid = statement(opening, moved)
    for descending, turned in ((False, grid), (len(moved) > 1, [grid[0], *grid[:0:-1]])):
        parsed = parse_grid(turned, kind="bank-statement")
        assert parsed.wrong == ()
        chain = parsed.statement
        assert chain is not None
        assert chain.holds
        assert chain.descending == descending
        assert (chain.opening_fen, chain.closing_fen) == (opening, opening + sum(moved))


def test_money_that_came_and_went_again_is_put_in_order_by_its_days() -> None:
    """The chain holds in both directions; only one of them begins with the opening balance."""
    grid = statement(1, [500, -500])
    for turned in (grid, [grid[0], *grid[:0:-1]]):
        chain = parse_grid(turned, kind="bank-statement").statement
        assert chain is not None
        assert (chain.opening_fen, chain.closing_fen, chain.descending) == (1, 1, turned is not grid)


@given(moved=st.lists(st.integers(1, 10**6), min_size=4, max_size=12), data=st.data())
def test_a_line_cut_from_the_middle_breaks_the_chain_where_it_was(moved: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(2, len(moved) - 1))
    grid = statement(100, moved)
    parsed = parse_grid([*grid[:cut], *grid[cut + 1 :]])
    assert breaks(parsed) == [cut + 1]
    assert len(parsed.rows) == len(moved) - 1, "the rows stay readable"
    assert parsed.wrong == ()
    (told,) = [note for note in parsed.notes if note.code == "W_BALANCE_CHAIN"]
    assert told.place.row == cut + 1
    assert all(fen_to_yuan(fen) in told.message() for fen in (moved[cut - 1], 100 + sum(moved[: cut + 1])))


@given(moved=st.lists(st.integers(1, 10**6), min_size=3, max_size=12), data=st.data())
def test_an_edited_amount_breaks_the_chain_at_its_row(moved: list[int], data: st.DataObject) -> None:
    edited = data.draw(st.integers(2, len(moved)))
    grid = changed(statement(100, moved), edited, "收入金额", fen_to_yuan(moved[edited - 1] + 1))
    assert edited + 1 in breaks(parse_grid(grid))


def test_lines_cut_from_the_top_or_the_foot_move_the_ends() -> None:
    grid = statement(1_000, [100, 200, -50, 300])
    cut = parse_grid([grid[0], *grid[2:-1]]).statement
    assert cut is not None
    assert (cut.opening_fen, cut.closing_fen, cut.holds) == (1_100, 1_250, True)


def test_title_lines_give_the_account_and_totals_at_the_foot_are_checked() -> None:
    titles = [
        ["账户明细"],
        ["账号：1800 0000 0000 12345", "", "户名：示例县慈善总会"],
        ["起止日期：2025-09-01至2025-09-30"],
    ]
    foot = ["合计", "5000.00", "18012.00"]
    parsed = parse_grid([*titles, *sample("bank_abc"), foot])
    assert parsed.wrong == ()
    assert parsed.account == "18000000000012345"
    assert {row.values["account"] for row in parsed.rows} == {"18000000000012345"}
    spoiled = parse_grid([*titles, *sample("bank_abc"), ["合计", "5000.00", "18000.00"]])
    assert wrong_codes(spoiled) == [(8, "支出金额", "E_SUBTOTAL")]


def test_a_title_line_changes_no_key() -> None:
    plain = parse_grid(sample("bank_abc"))
    titled = parse_grid([["账号：1800000000012345"], *sample("bank_abc")])
    assert keys(plain) == keys(titled)


def test_page_sub_totals_and_carried_balances_are_not_rows() -> None:
    grid = statement(1_000, [100, -200, 300, -400])
    page = [
        *grid[:3],
        ["本页小计", "1.00", "2.00"],
        ["承前页", "", "", "9.00"],
        *grid[3:],
        ["本页小计", "3.00", "4.00"],
    ]
    parsed = parse_grid([*page, ["合计", "4.00", "6.00"]])
    assert (parsed.wrong, len(parsed.rows), breaks(parsed)) == ((), 4, [])
    assert keys(parsed) == keys(parse_grid(grid))


def test_two_accounts_in_one_sheet_have_a_chain_each() -> None:
    first, second = statement(1_000, [100, 200]), statement(50_000, [-100, 300])
    grid = [["账号：1800000000011111"], *first, [], ["账号：1800000000022222"], *second]
    parsed = parse_grid(grid)
    assert parsed.wrong == ()
    assert {chain.account: (chain.opening_fen, chain.holds) for chain in parsed.statements} == {
        "1800000000011111": (1_000, True),
        "1800000000022222": (50_000, True),
    }
    assert parsed.statement is None


def test_an_account_over_two_sheets_is_one_chain() -> None:
    grid = statement(1_000, [100, 200, 300, 400])
    title = ["账号：1800000000011111"]
    sheets: dict[str, list[list[object]]] = {
        "下半月": [[*row] for row in (title, grid[0], *grid[3:])],
        "上半月": [[*row] for row in (title, *grid[:3])],
    }
    parsed = parse_file(workbook(sheets), name="a.xlsx")
    assert parsed.statement is not None
    assert (parsed.statement.opening_fen, parsed.statement.closing_fen, parsed.statement.holds) == (1_000, 2_000, True)


def test_a_reversal_with_a_negative_sum_stays_on_its_side() -> None:
    grid = [
        HEAD,
        ["2025-09-01 10:00:00", "100.00", "", "1100.00", "", "", "", "示例", "来款"],
        ["2025-09-01 11:00:00", "-100.00", "", "1000.00", "", "", "", "示例", "冲正"],
    ]
    parsed = parse_grid(grid)
    assert [row.values["amount_fen"] for row in parsed.rows] == [10_000, -10_000]
    assert parsed.statements[0].holds


def test_lines_pasted_twice_are_duplicates_and_honest_equal_lines_are_not() -> None:
    day = ["2025-09-01", "100.00", "", "1100.00", "", "", "", "示例", "来款"]
    back = ["2025-09-01", "", "100.00", "1000.00", "", "", "", "示例", "退回"]
    honest = parse_grid([HEAD, day, back, day])
    assert honest.duplicates == ()
    assert [row.ordinal for row in honest.rows] == [0, 0, 1]
    assert len(set(keys(honest))) == 3
    whole = statement(1_000, [100, 200, 300, 400])
    pasted = parse_grid([*whole[:4], *whole[2:]])
    assert [(each.place.row, each.of.row) for each in pasted.duplicates] == [(5, 3), (6, 4)]
    assert set(keys(pasted)) == set(keys(parse_grid(whole)))


def test_overlapping_downloads_share_the_keys_of_the_days_they_share() -> None:
    for serials in (False, True):
        whole = statement(1_000, [100, 200, 300, 400, 500], serials=serials)
        first, second = parse_grid([*whole[:4]]), parse_grid([whole[0], *whole[3:]])
        assert set(keys(first)) & set(keys(second)) == {keys(parse_grid(whole))[2]}


def test_two_lines_of_one_serial_are_both_kept_in_any_order() -> None:
    whole = statement(1_000, [-100, -20], serials=True)
    whole[2][-1] = whole[1][-1]
    forward, backward = parse_grid(whole), parse_grid([whole[0], whole[2], whole[1]])
    assert (forward.duplicates, forward.wrong) == ((), ())
    assert len(set(keys(forward))) == 2
    by_amount = {row.values["amount_fen"]: row_key("bank-statement", row, row.ordinal) for row in forward.rows}
    assert by_amount == {r.values["amount_fen"]: row_key("bank-statement", r, r.ordinal) for r in backward.rows}


def test_a_statement_of_another_bank_is_read_by_its_headers() -> None:
    head = ["交易日期", "摘要", "支出", "收入", "余额", "对方户名"]
    rows = [
        ["2025-09-01", "来款", "", "10.00", "110.00", "示例甲"],
        ["2025-09-02", "付款", "20.00", "", "90.00", "示例乙"],
    ]
    parsed = parse_grid([head, *rows])
    assert (parsed.kind, parsed.sheets[0].header.shape.name) == ("bank-statement", "other")
    assert [fact["amount_fen"] for fact in facts(parsed)] == [1_000, -2_000]
    assert parsed.statements[0].opening_fen == 10_000


def test_an_icbc_file_begins_with_its_mark() -> None:
    parsed = parse_grid([["[HISTORYDETAIL]"], *sample("bank_icbc")])
    assert keys(parsed) == keys(parse_grid(sample("bank_icbc")))


def day_of(opening_fen: int, *told: tuple[str, int]) -> Grid:
    """A statement in the order of time: moments and signed amounts."""
    balance, grid = opening_fen, [HEAD]
    for moment, amount in told:
        balance += amount
        into, out = (fen_to_yuan(amount), "") if amount > 0 else ("", fen_to_yuan(-amount))
        grid.append([moment, into, out, fen_to_yuan(balance), "", "", "", "示例户", "摘要"])
    return grid


EARLIER = [("2025-09-05 09:00:00", 5_000), ("2025-09-06 09:00:00", -200)]
LAST = [("2025-09-07 09:00:00", 10_000), ("2025-09-07 10:00:00", -4_000), ("2025-09-07 11:00:00", -1_000)]
ROUND = [("2025-09-07 09:00:00", 100), ("2025-09-07 10:00:00", 200), ("2025-09-07 11:00:00", -300)]
DISORDER = {
    "the last day newest first": (EARLIER + LAST, (1, 2, 5, 4, 3)),
    "two rows of the last day swapped": (EARLIER + LAST, (1, 2, 3, 5, 4)),
    "the first day's rows swapped": ([*LAST, ("2025-09-08 09:00:00", 7)], (2, 1, 3, 4)),
    "all of it shuffled": (EARLIER + LAST, (4, 1, 5, 2, 3)),
    "there and back, newest first": ([*ROUND[:1], ("2025-09-07 10:00:00", -100)], (2, 1)),
    "round and back, begun elsewhere": (ROUND, (2, 3, 1)),
    "round and back after other days": (EARLIER + ROUND, (1, 2, 4, 5, 3)),
    "round and back before other days": ([*ROUND, ("2025-09-08 09:00:00", 7)], (2, 3, 1, 4)),
}


@pytest.mark.parametrize("case", DISORDER)
def test_a_statement_ends_where_its_lines_end_whatever_the_order_of_the_rows(case: str) -> None:
    told, order = DISORDER[case]
    grid = day_of(1_000_000, *told)
    chain = parse_grid([HEAD, *(grid[row] for row in order)]).statement
    assert chain is not None
    closing = 1_000_000 + sum(fen for _, fen in told)
    assert (chain.opening_fen, chain.closing_fen, chain.breaks) == (1_000_000, closing, ())


@given(moved=st.lists(st.integers(-9, 9).filter(bool), min_size=1, max_size=9), data=st.data())
def test_no_order_of_rows_changes_a_day(moved: list[int], data: st.DataObject) -> None:
    """Few balances, so that the lines come by the same ones again and again."""
    grid = day_of(100, *((f"2025-09-07 09:{number:02d}:00", fen) for number, fen in enumerate(moved)))
    rows = data.draw(st.permutations(grid[1:]))
    chain = parse_grid([HEAD, *rows]).statement
    assert chain is not None
    assert (chain.opening_fen, chain.closing_fen, chain.breaks) == (100, 100 + sum(moved), ())


def test_without_times_the_other_days_say_where_a_round_trip_began() -> None:
    told = [("2025-09-06", -200), ("2025-09-07", 100), ("2025-09-07", 200), ("2025-09-07", -300)]
    grid = day_of(1_000, *told)
    chain = parse_grid([HEAD, grid[1], grid[3], grid[4], grid[2]]).statement
    assert chain is not None
    assert (chain.opening_fen, chain.closing_fen, chain.holds) == (1_000, 800, True)


@given(moved=st.lists(st.integers(1, 10**6), min_size=4, max_size=9), data=st.data())
def test_a_missing_line_is_a_break_in_any_order(moved: list[int], data: st.DataObject) -> None:
    grid = day_of(100, *((f"2025-09-07 09:{number:02d}:00", fen) for number, fen in enumerate(moved)))
    cut = data.draw(st.integers(2, len(moved) - 1))
    rows = data.draw(st.permutations([*grid[1:cut], *grid[cut + 1 :]]))
    chain = parse_grid([HEAD, *rows]).statement
    assert chain is not None
    assert (chain.opening_fen, chain.closing_fen, len(chain.breaks)) == (100, 100 + sum(moved), 1)
