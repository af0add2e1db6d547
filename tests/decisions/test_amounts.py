"""How much money a voucher is about, where its events speak of the same money step by step."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.decisions.amounts import once_fen


class Step:
    """An event as far as it is asked."""

    def __init__(self, kind: str, fen: int | None, **chain: str) -> None:
        self.kind, self.amount_fen = kind, fen
        self.__dict__.update(chain)


def amount(*steps: Step) -> int:
    """What a voucher of these events is about, measured by all of them."""
    events: list[Any] = list(steps)
    return once_fen(events, sum(step.amount_fen or 0 for step in steps))


CASES: dict[str, tuple[tuple[Step, ...], int]] = {
    "a gift": ((Step("donation.received", 500),), 500),
    "a recovery from finding to money": (
        (
            Step("finding.confirmed", 240, finding="w-1"),
            Step("recovery.ordered", 240, finding="w-1"),
            Step("recovery.collected", 240, finding="w-1"),
        ),
        240,
    ),
    "part of it came in": (
        (Step("finding.confirmed", 960, finding="w-1"), Step("recovery.collected", 600, finding="w-1")),
        960,
    ),
    "two recoveries of one finding": (
        (
            Step("finding.confirmed", 100, finding="w-1"),
            Step("recovery.ordered", 60, finding="w-1"),
            Step("recovery.ordered", 40, finding="w-1"),
        ),
        100,
    ),
    "two findings": ((Step("finding.confirmed", 10, finding="w-1"), Step("finding.confirmed", 20, finding="w-2")), 30),
    "a grant promised and paid": (
        (Step("grant.committed", 70, grant="g"), Step("grant.disbursed", 70, grant="g"), Step("bank.fee", 1)),
        71,
    ),
    "steps without money": (
        (Step("finding.confirmed", None, finding="w"), Step("notice.served", None, finding="w")),
        0,
    ),
}


@pytest.mark.parametrize(("steps", "fen"), CASES.values(), ids=CASES.keys())
def test_the_same_money_counts_once(steps: tuple[Step, ...], fen: int) -> None:
    assert amount(*steps) == fen


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["w-1", "w-2"]), st.integers(1, 1_000)), max_size=12))
def test_it_is_never_more_than_all_nor_less_than_the_largest_step(rows: list[tuple[str, str, int]]) -> None:
    steps = [Step(kind, fen, finding=chain) for kind, chain, fen in rows]
    sums: Counter[tuple[str, str]] = Counter()
    for kind, chain, fen in rows:
        sums[kind, chain] += fen
    assert max(sums.values(), default=0) <= amount(*steps) <= sum(fen for _, _, fen in rows)
