"""Results of a bank (代发回盘) in any order: what their days say counts, and not which file or row was read first."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest

from ledger.application.open_items import open_items
from ledger.application.outcomes import Receipt
from ledger.application.proposing.reports import FileReport
from ledger_projections.public_money.batches import batches
from ledger_projections.public_money.failures import failures
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.registry import catch_up
from tests.application.importing.offices import Grid
from tests.application.proposing.county import BATCH, County, codes, copied, rows_of
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, SEPTEMBER, household, id_number

TITLES = rows_of("payresult.csv")[0]
DUE = {number: int(household(number)[HEAD.index("本月实发(元)")]) for number in range(1, 13)}
QUOTA = {"document": "湘财社指〔2025〕8号", "fund": "relief", "level": "province", "budget_code": "20819"}


def result(number: int, outcome: str, day: str, **cells: str) -> list[str]:
    """What the bank says of one of the twelve households of September."""
    row = {
        "批次号": "NDB202509-01",
        "序号": str(number),
        "户名": f"示例户{number}",
        "账号": f"820105300000{number:05d}",
        "金额": str(DUE[number]),
        "证件号码": id_number(number),
        "处理结果": outcome,
        "失败原因": "账户已销户" if outcome == "失败" else "",
        "处理日期": day,
        "备注": f"431099S{number:05d}",
        **cells,
    }
    return [row.get(title, "") for title in TITLES]


def results(numbers: Sequence[int], outcome: str, day: str) -> Grid:
    return [TITLES, *(result(number, outcome, day) for number in numbers)]


@pytest.fixture(scope="module")
def at_the_bank(new_county: Callable[[], County]) -> County:
    """A county whose September batch went its whole way to the bank; for copying only."""
    county = new_county()
    more = {"fiscal_year": 2025, "carried_over": False, "direct": True, "amount_fen": 10_000_000}
    _decide(county, "appropriation.received", {**QUOTA, **more, "occurred_on": "2025-09-01"})
    assert county.one(county.write("花名册9月.csv", SEPTEMBER)).new == 12
    fen = sum(DUE.values()) * 100
    said = {"batch": BATCH, "on": "2025-09-05", "origin": "decision", "total_fen": fen}
    _decide(county, "batch.approved", {**said, "count": 12})
    _decide(county, "batch.sent", {**said, "organisation": "财政局"})
    paid = {"amount_fen": fen, "sources": [{"document": QUOTA["document"], "fen": fen}], "account": "rcc-transit"}
    order = {"batch": BATCH, "movement": "order-1", "fund": "relief", "order_no": "0908", "occurred_on": "2025-09-08"}
    _decide(county, "batch.funded", {**order, **paid})
    county.close()
    return county


def _decide(county: County, kind: str, fields: dict[str, Any]) -> None:
    day = date.fromisoformat(fields.get("on") or fields["occurred_on"])
    assert isinstance(county.decide(BUREAU, (kind, fields), day=day), Receipt)


@pytest.fixture
def sent(at_the_bank: County, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], County]]:
    """Makes counties of which the bank has told nothing yet."""
    made: list[County] = []

    def make() -> County:
        source = at_the_bank
        county = copied(tmp_path_factory.mktemp("sent"), source.folder, source.keys, source.operator)
        county.now = datetime(2025, 10, 20, 4, 0, tzinfo=UTC)
        made.append(county)
        return county

    yield make
    for county in made:
        county.close()


def take(county: County, name: str, grid: Grid) -> FileReport:
    return county.one(county.write(f"回盘{name}.csv", grid), today=county.now.date())


def standing(county: County) -> dict[str, Any]:
    """Where money, lines and failures stand."""
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        (batch,) = batches(connection).rows
        failed = failures(connection)
        paid = subsidies(connection, "2025-09", "2025-09")
    told = [(one.fen, one.state, one.failed_on, one.paid_again_on, one.had_been_paid, one.times) for one in failed.rows]
    months = [(one.paid_fen, one.returned_fen, one.failed_fen, one.reissued_fen) for one in paid.rows]
    return {
        "balances": county.balances(),
        "batch": (batch.paid_fen, batch.failed_fen, batch.pending_fen, batch.paid_count, batch.failed_count),
        "complete": batch.complete,
        "failures": sorted(told),
        "open": failed.open_fen,
        "months": months,
        "doubts": county.doubts(),
    }


ALL = range(1, 13)
FILES: dict[str, dict[str, Grid]] = {
    "a success and its late return": {
        "paid": results(ALL, "成功", "20250908"),
        "late": results([3], "失败", "20250926"),
    },
    "a late return of another month": {
        "paid": results(ALL, "成功", "20250908"),
        "late": results([3, 5], "失败", "20251010"),
    },
    "a late return that was paid again": {
        "paid": results(ALL, "成功", "20250908"),
        "late": results([3], "失败", "20250926"),
        "again": results([3], "成功", "20250928"),
    },
    "a failure that was paid and came back": {
        "first": [*results([*ALL[:7], *ALL[8:]], "成功", "20250908"), result(8, "失败", "20250908")],
        "again": results([8], "成功", "20250912"),
        "back": results([8, 9], "失败", "20250920"),
    },
    "two failures of one success": {
        "paid": results(ALL, "成功", "20250908"),
        "early": results([3], "失败", "20250915"),
        "late": results([3], "失败", "20250926"),
    },
    "a sheet that grows": {
        "half": results(ALL[:6], "成功", "20250908"),
        "whole": [*results([4], "失败", "20250920"), *results(ALL, "成功", "20250908")[1:]],
    },
}

DOUBTS = {"a sheet that grows": ["W_RESULT_SUM"]}
"""What a sheet that tells its earlier rows again brings with it, in whatever order."""


@pytest.mark.parametrize("name", FILES)
def test_results_end_alike_whichever_is_read_first(sent: Callable[[], County], name: str) -> None:
    files = FILES[name]
    ends = []
    for order in permutations(files):
        county = sent()
        for _ in range(2):  # what is refused as paid twice is told again when its return is known
            for part in order:
                take(county, part, files[part])
            county.sign_off()
        ends.append(standing(county))
        size = county.size()
        for part in order:
            again = take(county, part, files[part])
            assert (again.new, again.wrong) == (0, []), (order, part)
        assert county.size() == size, order
    for end, order in zip(ends, permutations(files), strict=True):
        assert end == ends[0], order
    assert ends[0]["doubts"] == DOUBTS.get(name, [])


def test_money_that_came_back_lies_in_transit_though_its_return_was_read_first(sent: Callable[[], County]) -> None:
    county = sent()
    take(county, "late", results([3], "失败", "20250926"))
    report = take(county, "paid", results(ALL, "成功", "20250908"))
    assert (report.new, report.wrong, len(county.waiting())) == (12, [], 0)
    assert county.fen(BUREAU, "relief", "transit", BATCH) == DUE[3] * 100
    stands = standing(county)
    assert stands["failures"] == [(DUE[3] * 100, "open", date(2025, 9, 26), None, True, 1)]
    (back,) = county.of_kind("subsidy.returned_late")
    assert (str(back.occurred_on), back.code, back.reason_text) == ("2025-09-26", "CLOSED", "账户已销户")


def test_a_late_return_that_was_read_first_is_one_move_of_the_account(sent: Callable[[], County]) -> None:
    moves = []
    for order in permutations(("paid", "late")):
        county = sent()
        for part in order:
            take(county, part, FILES["a success and its late return"][part])
        with county.store.read() as connection:
            _, found = open_items(connection, BUREAU, "rcc-transit")
        moves.append(sorted((one.day, one.fen, one.failed) for one in found))
    assert moves[0] == moves[1]
    assert (date(2025, 9, 26), DUE[3] * 100, False) in moves[0]


def test_rows_of_one_sheet_happened_on_their_days(sent: Callable[[], County]) -> None:
    county = sent()
    grid = [TITLES, result(4, "失败", "20250920"), result(4, "成功", "20250908"), result(4, "成功", "20250923")]
    report = take(county, "all", grid)
    assert (report.new, report.wrong) == (3, [])
    assert [one.kind for one in county.events(f"batch:{BATCH}", "subsidy.paid", "subsidy.returned_late")] == [
        "subsidy.paid",
        "subsidy.returned_late",
        "subsidy.paid",
    ]
    assert (standing(county)["open"], standing(county)["doubts"]) == (0, [])
    assert take(county, "all", grid).duplicate == 3


def test_a_second_success_without_a_return_between_is_told_at_its_row(sent: Callable[[], County]) -> None:
    for first, second in (("20250908", "20250912"), ("20250912", "20250908")):
        county = sent()
        take(county, "one", results([4], "成功", first))
        report = take(county, "two", results([4, 5], "成功", second))
        assert codes(report) == [(2, "E_PAID_TWICE")]
        assert (report.wrong[0].column, report.new) == ("处理结果", 1)


def test_results_that_wait_for_a_signature_count_as_read(new_county: Callable[[], County]) -> None:
    """Nothing was signed or ordered, so that every payment is a doubt, and waits."""
    ends = []
    for order in permutations(("paid", "late")):
        county = new_county()
        county.take_in("dibao_roster.csv")
        county.sign_off()
        county.now = datetime(2025, 10, 20, 4, 0, tzinfo=UTC)
        grid = rows_of("payresult.csv")
        for part in order:
            row = [("失败" if title == "处理结果" else cell) for title, cell in zip(grid[0], grid[1], strict=True)]
            row[grid[0].index("处理日期")] = "20250928"
            row[grid[0].index("失败原因")] = "账户已销户"
            take(county, part, [grid[0], row] if part == "late" else grid[:2])
        county.sign_off()
        assert county.waiting() == []
        ends.append((county.balances(), standing(county)["failures"]))
    assert ends[0] == ends[1]
