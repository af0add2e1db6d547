"""The samples in any order and cut into any files give the same books, and the same doubts, as the tidy order.

Each drawn case is a desk where files arrive as they come, in separate imports; afterwards everything is imported once
more, which adds nothing but what had to wait for another file, and every checker signs.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger_projections.books.trial_balance import trial_balance
from ledger_projections.charity.pledge_report import pledge_report
from ledger_projections.charity.societies import societies
from ledger_projections.public_money.lottery.report import lottery_report
from ledger_projections.public_money.recoveries import recoveries
from ledger_projections.public_money.rosters import rosters
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.registry import catch_up
from tests.application.proposing.county import FILES, STANDARD, TODAY, County, parts_of, rows_of
from tests.application.proposing.county_facts import ENTITIES

Run = tuple[str, tuple[int, ...]]
"""A sample and the part of it that each of its three rows goes to."""
CUTS = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (0, 0, 1), (2, 1, 0))


def reports(county: County) -> dict[str, Any]:
    """What every reader says of the book, without the positions at which it stands."""
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        return {name: _tidy(answer) for name, answer in _answers(connection).items()}


def _answers(connection: Connection) -> dict[str, Any]:
    answers: dict[str, Any] = {
        f"trial-{entity}": trial_balance(connection, entity, "2024-01", "2025-09") for entity in ENTITIES
    }
    answers["pledges"] = pledge_report(connection, 2025)
    answers["subsidies"] = subsidies(connection, "2025-08", "2025-09")
    answers["rosters"] = rosters(connection, "2025-08", "2025-09")
    answers["recoveries"] = recoveries(connection, on=TODAY)
    answers["societies"] = societies(connection, TODAY)
    answers["lottery"] = lottery_report(connection)
    return answers


def _tidy(answer: Any) -> Any:
    """JSON in an order of its own: two books number the same facts differently."""
    value = answer.to_json() if hasattr(answer, "to_json") else answer
    if isinstance(value, dict):
        return {name: _tidy(one) for name, one in value.items() if "position" not in name and name != "root"}
    return sorted((_tidy(one) for one in value), key=repr) if isinstance(value, list) else value


def run_in(county: County, run: Run) -> None:
    """Import the parts of a sample; a roster's parts are one list, so they come together."""
    name, cuts = run
    paths: list[str | Path] = [
        county.write(f"{number}_{name}", part) for number, part in enumerate(parts_of(rows_of(name), cuts))
    ]
    if name == "dibao_roster.csv":
        county.take_in(*paths)
    else:
        for path in paths:
            county.take_in(path)


@st.composite
def desks(draw: st.DrawFn) -> tuple[list[Run], bool]:
    """Samples with their cuts in the order of arrival; whether the batch goes its way at once or at the end."""
    order = draw(st.permutations(FILES))
    return [(name, draw(st.sampled_from(CUTS))) for name in order], draw(st.booleans())


@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@example(([(name, CUTS[0]) for name in reversed(STANDARD) if name != "road"], False))
@example(([(name, CUTS[4]) for name in reversed(STANDARD) if name != "road"], True))
@given(desk=desks())
def test_the_books_do_not_know_in_which_order_files_came(
    new_county: Callable[[], County], september: County, desk: tuple[list[Run], bool]
) -> None:
    runs, at_once = desk
    county = new_county()
    for run in runs:
        run_in(county, run)
        if at_once:
            county.road()
    county.road()
    for run in runs:
        run_in(county, run)
    county.sign_off()
    assert county.balances() == september.balances()
    assert reports(county) == reports(september)
    assert county.doubts() == september.doubts()
    rest = [(one.file, one.new, [cell.code for cell in one.wrong]) for run in runs for one in _again(county, run)]
    assert [one for one in rest if one[1] or one[2]] == []
    county.close()


def _again(county: County, run: Run) -> list[Any]:
    before = len(county.reports)
    run_in(county, run)
    return [one for report in county.reports[before:] for one in report.files]
