"""Histories of one payment that is paid in parts, comes back and is taken out, and what is true of it by their sums."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from ledger.flows.event import Event
from tests.flows.public_money.samples_relief import authorised, excluded, paid, prepared, returned, returned_late

DUE = 100
PERSONS = 3

Act = tuple[str, int]
ACTS = st.lists(
    st.tuples(st.sampled_from(["paid", "late", "failed", "excluded"]), st.sampled_from([10, 30, 40, 60, 100])),
    max_size=8,
)
"""(what, fen)."""


class Truth(NamedTuple):
    """What the sums say, whatever belongs to what."""

    net: int
    rest_out: int
    """What was taken out while something stood paid."""
    out: int


def truth(acts: Sequence[Act]) -> Truth:
    net = rest_out = out = 0
    for what, fen in acts:
        net += {"paid": fen, "late": -fen}.get(what, 0)
        if what == "excluded":
            rest_out, out = (rest_out + fen, out) if net > 0 else (rest_out, out + fen)
    return Truth(net, rest_out, out)


def history(acts: Sequence[Act]) -> list[Event]:
    """The same as events, of days in order; as the import does it, what pays a rest counts no household."""
    found: list[Event] = [prepared(total_fen=DUE), authorised(amount_fen=DUE, persons=PERSONS)]
    net = 0
    for count, (what, fen) in enumerate(acts):
        day = date(2025, 9, 5) + timedelta(days=count)
        if what == "paid":
            counts = int(net <= 0)
            found.append(paid(amount_fen=fen, persons=PERSONS, households=counts, occurred_on=day))
        elif what == "excluded":
            found.append(excluded(amount_fen=fen))
        else:
            maker = returned_late if what == "late" else returned
            found.append(maker(amount_fen=fen, occurred_on=day))
        net += {"paid": fen, "late": -fen}.get(what, 0)
    return found
