"""户次 and 人次 of what is paid again: a month that came back and is made good counts as it would have."""

from typing import Any

from tests.application.proposing.county import County
from tests.application.proposing.relief.paying.bank import at, base_of, listed, result, results, roster, row_of, send

OCTOBER, NOVEMBER = "rural-dibao-2025-10-01", "rural-dibao-2025-11-01"
PERSONS = 3
"""Of household 5."""


def counted(county: County) -> tuple[int, int]:
    """(户次, 人次) of everything that was paid and has not come back."""
    back = [one.payment for one in county.of_kind("subsidy.returned_late")]
    paid: list[Any] = [one for one in county.of_kind("subsidy.paid") if one.payment not in back]
    return sum(one.households for one in paid), sum(one.households * one.persons for one in paid)


def month(county: County, number: int, grid: list[list[str]], *lines: list[str]) -> None:
    """A month's list, its way, and the results of household 5; the others are paid."""
    batch = f"rural-dibao-2025-{number:02d}-01"
    at(county, number, 8)
    assert roster(county, batch[12:19], grid).wrong == []
    send(county, batch)
    at(county, number, 25)
    others = [result(n, base_of(n), "成功", f"2025{number:02d}09", batch) for n in range(1, 13) if n != 5]
    report = results(county, *others, *lines, name=f"回盘{number}.csv")
    assert (report.new, report.wrong) == (11 + len(lines), [])


def test_two_months_in_full_count_twice(funded: County) -> None:
    month(funded, 9, listed(), result(5, base_of(5), "失败", "20250909"))
    assert counted(funded) == (11, 24 - PERSONS)
    again = row_of(5, base_of(5), remark="补发9月退票")
    both = result(5, 2 * base_of(5), "成功", "20251009", OCTOBER)
    month(funded, 10, listed(again), both)
    assert counted(funded) == (24, 48)
    once_more = results(funded, both, name="回盘10月再来.csv")
    assert (once_more.new, once_more.duplicate, once_more.wrong) == (0, 1, [])


def test_what_comes_back_twice_counts_once_it_is_paid(funded: County) -> None:
    """The reissue fails with its month, and November pays the oldest of the two, which stands for September's."""
    month(funded, 9, listed(), result(5, base_of(5), "失败", "20250909"))
    again = listed(row_of(5, base_of(5), remark="补发9月退票"))
    month(funded, 10, again, result(5, 2 * base_of(5), "失败", "20251009", OCTOBER))
    assert counted(funded) == (22, 48 - 2 * PERSONS)
    month(funded, 11, again, result(5, 2 * base_of(5), "成功", "20251109", NOVEMBER))
    assert counted(funded) == (35, 72 - PERSONS)


def test_money_that_had_arrived_and_came_back_counts_again(funded: County) -> None:
    month(funded, 9, listed(), result(5, base_of(5), "成功", "20250909"))
    late = results(funded, result(5, base_of(5), "失败", "20250924"), name="迟退.csv")
    assert (late.new, late.wrong) == (1, [])
    again = row_of(5, base_of(5), remark="补发9月退票")
    month(funded, 10, listed(again), result(5, 2 * base_of(5), "成功", "20251009", OCTOBER))
    assert counted(funded) == (24, 48)


def test_plain_arrears_beside_the_month_count_no_second_time(funded: County) -> None:
    more = row_of(5, 100, remark="补发8月漏发")
    month(funded, 9, listed(more), result(5, base_of(5) + 100, "成功", "20250909"))
    assert counted(funded) == (12, 24)


def test_what_came_back_before_the_book_had_lists_counts_as_what_came_back_in_it(funded: County) -> None:
    """No failed payment of August is in the book; the month that is made good is counted by nothing else."""
    again = row_of(5, base_of(5), remark="补发8月退票")
    both = result(5, 2 * base_of(5), "成功", "20250909")
    month(funded, 9, listed(again), both)
    assert counted(funded) == (13, 24 + PERSONS)
    known = roster(funded, "2025-09", listed(again))
    assert (known.new, known.duplicate, known.wrong) == (0, 12, [])
    assert results(funded, both, name="回盘9月再来.csv").wrong == []
    assert counted(funded) == (13, 24 + PERSONS)


def test_a_later_list_makes_good_a_month_before_the_first(funded: County) -> None:
    month(funded, 9, listed(), result(5, base_of(5), "成功", "20250909"))
    again = listed(row_of(5, base_of(5), remark="补发8月退票"))
    month(funded, 10, again, result(5, 2 * base_of(5), "成功", "20251009", OCTOBER))
    assert counted(funded) == (25, 48 + PERSONS)
