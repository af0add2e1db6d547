"""Logs of payment lines for tests: any mixture of what a county and its banks can report, most of it never in order."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import strategies as st

from ledger.flows.event import Event
from tests.flows.public_money.samples_relief import (
    authorised,
    excluded,
    offset,
    paid,
    prepared,
    reference,
    returned,
    returned_late,
)
from tests.projections.plain_log import reversal

BATCHES = ("B8", "B9", "BX")
"""Batches of August and September, and one that was never prepared here."""
ENROLMENTS = ("E1", "E2", "E3")
PROGRAMMES = ("rural-dibao", "destitute")

Act = tuple[str, int, str, int, int]


def opening() -> list[Event]:
    """The two batches that were prepared."""
    return [
        prepared(batch="B8", month="2025-08", total_fen=300_000, count=3),
        prepared(batch="B9", month="2025-09", total_fen=300_000, count=3),
    ]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["authorised", "paid", "failed", "came_back", "late", "offset", "excluded", "reverse"]),
        st.integers(0, 5),
        st.sampled_from(BATCHES),
        st.integers(1, 3),
        st.integers(1, 28),
    ),
    max_size=14,
)
"""(what, payment, batch, persons, day)."""


def events_of(acts: Sequence[Act]) -> list[Event]:
    """The events of a list of acts; `reverse` takes back the newest event that still stands."""
    found: list[Event] = opening()
    standing = list(range(1, len(found) + 1))
    for what, payment, batch, persons, day in acts:
        if what == "reverse":
            if standing:
                place = standing.pop()
                found.append(reversal(found[place - 1], place))
            continue
        found.append(_event(what, payment, batch, persons, day))
        standing.append(len(found))
    return found


def _event(what: str, payment: int, batch: str, persons: int, day: int) -> Event:
    place: dict[str, Any] = {
        "payment": f"L{payment}",
        "enrolment": ENROLMENTS[payment % 3],
        "programme": PROGRAMMES[payment % 2],
        "batch": batch,
        "amount_fen": 10_000 * (payment + 1),
    }
    said = {"component": "normal" if payment < 3 else "arrears", "persons": persons}
    month = {"period_from": "2025-07", "period_to": "2025-08" if payment % 2 else "2025-09"}
    on = date(2025, 9, day)
    if what == "authorised":
        old = reference(payment=f"L{payment - 3}") if payment >= 3 else None
        return authorised(**place, **said, **month, reference=old)
    if what == "paid":
        return paid(**place, **said, **month, households=int(payment < 3), occurred_on=on)
    if what == "offset":
        return offset(**{**place, "amount_fen": 500}, on=on)
    if what == "excluded":
        programme = place.pop("programme")
        return excluded(**place) if programme else excluded()
    if what == "late":
        return returned_late(**place, occurred_on=on)
    return returned(**place, was_paid=what == "came_back", occurred_on=on)
