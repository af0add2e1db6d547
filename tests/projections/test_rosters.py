"""Rosters: opening + in - out = closing in households and persons, against what the rules read of a month."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.flows.event import Event
from ledger.flows.public_money.entitlement.enrolments import EnrolmentReasonFilled, terms
from ledger_projections import registry
from ledger_projections.keeping.clocks import Moment
from ledger_projections.public_money.rosters import RosterMonth, rosters, standing_counts
from tests.flows.event_samples import make
from tests.flows.fake_knowledge import FakeKnowledge
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, opened
from tests.projections.plain_log import folder, reversal, written

MONTHS = ("2025-06", "2025-07", "2025-08", "2025-09")
PROGRAMMES = (relief.DIBAO, relief.DESTITUTE)

Act = tuple[str, int, int, int, int]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["confirmed", "changed", "ended", "reverse"]),
        st.integers(0, 2),
        st.integers(0, 1),
        st.integers(0, len(MONTHS) - 1),
        st.integers(1, 4),
    ),
    max_size=12,
)
"""(what, enrolment, programme, month, persons), recorded in any order of months."""


def events_of(acts: Sequence[Act]) -> list[Event]:
    found: list[Event] = [relief.fund_opened()]
    standing: list[int] = []
    for what, enrolment, programme, month, persons in acts:
        if what == "reverse":
            if standing:
                place = standing.pop()
                found.append(reversal(found[place - 1], place))
            continue
        said: dict[str, Any] = {
            "enrolment": f"E{enrolment}",
            "programme": PROGRAMMES[programme],
            "from_month": MONTHS[month],
        }
        monthly = relief.amount(persons=persons)
        if what == "ended":
            found.append(relief.ended(**said))
        else:
            build = relief.confirmed if what == "confirmed" else relief.changed
            found.append(build(**said, monthly=monthly))
        standing.append(len(found))
    return found


def closing_by_the_rules(events: Sequence[Event], programme: str, month: str) -> tuple[int, int]:
    """Households and persons that `terms`, which the gate reads, finds entitled in a month."""
    model = FakeKnowledge(entity="charity")
    model.record(*events)
    found = [terms(model, f"E{n}", month) for n in range(3)]
    mine = [one for one in found if one is not None and one.programme == programme]
    return len(mine), sum(one.monthly.persons for one in mine)


def ties(row: RosterMonth) -> bool:
    households = row.opening_households + row.in_households - row.out_households == row.closing_households
    came = row.opening_persons + row.in_persons - row.out_persons
    return households and came + row.added_persons - row.removed_persons == row.closing_persons


@settings(max_examples=25)
@given(acts=ACTS)
def test_every_month_ties_and_closes_where_the_rules_see_it(acts: list[Act]) -> None:
    events = events_of(acts)
    with folder() as here:
        store = written(here / "log.db", events)
        registry.catch_up(store, ["rosters"], page=4)
        with store.read() as connection:
            for at in range(len(events), max(0, len(events) - 3), -1):
                rows = rosters(connection, MONTHS[0], MONTHS[-1], at=at).rows
                found = {(row.programme, row.month): row for row in rows}
                assert all(ties(row) for row in rows)
                for programme in PROGRAMMES:
                    before = (0, 0)
                    for month in MONTHS:
                        expected = closing_by_the_rules(events[:at], programme, month)
                        row = found.get((programme, month))
                        opening = (0, 0) if row is None else (row.opening_households, row.opening_persons)
                        closing = (0, 0) if row is None else (row.closing_households, row.closing_persons)
                        assert (opening, closing) == (before, expected)
                        before = expected
                        at_once = standing_counts(connection, Moment(at), month)
                        assert at_once.get(("charity", programme), (0, 0)) == expected
        store.close()


def test_a_household_corrected_in_its_first_month_still_came_for_its_own_reason() -> None:
    first = {"from_month": "2025-09"}
    events = [relief.fund_opened(), relief.confirmed(**first, reason="discovered"), relief.changed(**first)]
    with folder() as here:
        store = written(here / "log.db", events)
        registry.catch_up(store, ["rosters"])
        with store.read() as connection:
            (row,) = rosters(connection, "2025-09", "2025-09").rows
            assert [(move.way, move.reason) for move in row.movements] == [("in", "discovered")]
        store.close()


def test_who_came_who_went_and_why(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    two, three = relief.amount(), relief.amount(persons=3, base_fen=96_000, total_fen=101_000)
    old = relief.confirmed(enrolment="E1", monthly=three, members=relief.members("P1", "P2", "P3"))
    new = relief.confirmed(
        enrolment="E2", household="H2", person="P5", members=relief.members("P5", "P6"), from_month="2025-09"
    )
    book.post(BUREAU, old, new, on=date(2025, 1, 10))
    fewer = relief.changed(enrolment="E1", monthly=two, removed=("P3",), reasons=("members",))
    book.post(BUREAU, fewer, on=date(2025, 8, 30))
    gone = relief.ended(enrolment="E2", household="H2", persons=("P5", "P6"), from_month="2025-10", reason="pending")
    position = book.post(BUREAU, gone).first_position
    registry.catch_up(book.store)
    with book.store.read() as connection:
        september, october = rosters(connection, "2025-09", "2025-10").rows
        assert (september.opening_households, september.in_households, september.closing_households) == (1, 1, 2)
        assert (september.opening_persons, september.in_persons, september.removed_persons) == (3, 2, 1)
        assert september.closing_monthly_fen == 2 * relief.LINE_FEN
        assert [(m.way, m.reason, m.households, m.persons) for m in september.movements] == [("in", "new", 1, 2)]
        assert (october.out_households, october.closing_persons, october.pending_reasons) == (1, 2, 1)
        assert rosters(connection, "2025-10", "2025-10", at=position - 1).rows[0].out_households == 0
        assert rosters(connection, "2025-09", "2025-09", township="别处").rows == ()
    filled = make(EnrolmentReasonFilled, enrolment="E2", about=gone.id, reason="to_destitute", on=date(2025, 9, 30))
    book.post(BUREAU, filled)
    registry.catch_up(book.store)
    with book.store.read() as connection:
        (october,) = rosters(connection, "2025-10", "2025-10").rows
        assert (october.pending_reasons, october.transfers_out) == (0, 1)
    book.close()
