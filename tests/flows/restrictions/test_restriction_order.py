"""Whatever is recorded first: the same vouchers leave a fund with the same restricted and unrestricted net assets.

Gifts, spending, grants, what comes back of them, returns of gifts, openings of a restriction and reversals meet in a
random order; only what can be known of a thing alone stands behind it (a report behind its payment, a reversal behind
its target). The statement by fund and role is always that of the one order in which the gifts come first.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ledger.accounts.roles import Role
from ledger.flows.books.reversal import EventReversed
from ledger.flows.event import Event
from ledger.flows.giving.funds import AHEAD, restricted_left, spent_ahead
from tests.flows.charity_world import VALID, fund
from tests.flows.event_samples import make
from tests.flows.fake_knowledge import FakeKnowledge

FUNDS: Final = ("school", "town")
EARLIER: Final = 5

Chain = tuple[Event, ...]
"""Events that keep their order."""


def opened(edition: int | None = None) -> FakeKnowledge:
    model = FakeKnowledge() if edition is None else FakeKnowledge(edition=edition)
    model.record(fund(fund="school", fund_kind="restricted"), fund(fund="town", fund_kind="community"))
    return model


def gift(name: str, in_fund: str, fen: int) -> Event:
    return VALID["donation.received"](donation=name, fund=in_fund, amount_fen=fen)


def goods(name: str, in_fund: str, fen: int) -> Event:
    named = {"donation": name, "lot": name, "fund": in_fund}
    return VALID["in_kind.received"](**named, quantity=10, value_fen=fen)


def returned(name: str, in_fund: str, fen: int) -> Event:
    paid = {"means": "bank", "account": "icbc", "channel": None}
    return VALID["donation.returned"](movement=f"r-{name}", donation=name, fund=in_fund, amount_fen=fen, **paid)


def fee(name: str, in_fund: str, fen: int) -> Event:
    return VALID["channel.fee_charged"](movement=f"f-{name}", fund=in_fund, fee_fen=fen)


def paid(name: str, in_fund: str, fen: int, basis: str = "cost") -> Event:
    return VALID["grant.disbursed"](movement=f"p-{name}", grant=name, fund=in_fund, amount_fen=fen, basis=basis)


def used(name: str, in_fund: str, fen: int) -> Event:
    return VALID["grant.use_reported"](movement=f"u-{name}", grant=name, fund=in_fund, used_fen=fen)


def unspent(name: str, in_fund: str, fen: int) -> Event:
    return VALID["grant.unspent_returned"](movement=f"b-{name}", grant=name, fund=in_fund, amount_fen=fen)


def moved(name: str, source: str, fen: int) -> Event:
    target = next(one for one in FUNDS if one != source)
    return VALID["fund.allocated"](movement=f"a-{name}", source=source, target=target, amount_fen=fen)


def freed(in_fund: str, fen: int) -> Event:
    return VALID["restriction.released"](fund=in_fund, amount_fen=fen, origin="history")


class Draft:
    """A reversal to come: it can only be written once its target has a place."""

    def __init__(self, target: Event) -> None:
        self.target = target

    def written(self, model: FakeKnowledge) -> Event:
        found = model.by_id(self.target.id)
        assert found is not None
        told = {"target": self.target.id, "target_position": found.position, "target_tags": self.target.tags()}
        return make(EventReversed, **told)


def chains(number: int, kind: str, in_fund: str, fen: int, part: int) -> list[tuple[Event | Draft, ...]]:
    """What belongs together, each chain in its own order, free of the others."""
    name, some = f"n{number}", 1 + part % fen
    table: dict[str, Callable[[], list[tuple[Event | Draft, ...]]]] = {
        "gift": lambda: [(gift(name, in_fund, fen),)],
        "goods": lambda: [(goods(name, in_fund, fen),)],
        "gift taken back": lambda: [(one := gift(name, in_fund, fen), Draft(one))],
        "gift returned": lambda: [(gift(name, in_fund, fen),), (returned(name, in_fund, some),)],
        "return taken back": lambda: [(gift(name, in_fund, fen),), (one := returned(name, in_fund, some), Draft(one))],
        "fee": lambda: [(fee(name, in_fund, fen),)],
        "fee taken back": lambda: [(one := fee(name, in_fund, fen), Draft(one))],
        "grant": lambda: [(paid(name, in_fund, fen),), (unspent(name, in_fund, some),)],
        "grant taken back": lambda: [(one := paid(name, in_fund, fen), Draft(one))],
        "unspent taken back": lambda: [(paid(name, in_fund, fen),), (one := unspent(name, in_fund, some), Draft(one))],
        "prepaid": lambda: [
            (paid(name, in_fund, fen, "prepaid"), used(name, in_fund, some), unspent(name, in_fund, fen - some))
            if some < fen
            else (paid(name, in_fund, fen, "prepaid"), used(name, in_fund, fen))
        ],
        "moved": lambda: [(moved(name, in_fund, fen),)],
        "moved back": lambda: [(one := moved(name, in_fund, fen), Draft(one))],
        "freed": lambda: [(freed(in_fund, fen),)],
    }
    return table[kind]()


KINDS: Final = (
    "gift",
    "gift",
    "goods",
    "gift taken back",
    "gift returned",
    "return taken back",
    "fee",
    "fee taken back",
    "grant",
    "grant taken back",
    "unspent taken back",
    "prepaid",
    "moved",
    "moved back",
    "freed",
)


def statement(model: FakeKnowledge) -> Counter[tuple[str, Role]]:
    """(fund, role) -> signed fen, without what stands at zero."""
    found: Counter[tuple[str, Role]] = Counter()
    for (name, role, _), fen in model.every_balance():
        found[name, role] += fen
    return Counter({key: fen for key, fen in found.items() if fen})


def run(order: Sequence[Event | Draft], edition: int | None = None) -> FakeKnowledge:
    """Record in that order; at every place nothing is restricted below zero nor ahead of what is still restricted.

    A reversal that would take from under what was spent is refused, and made again when all else is done.
    """
    model, refused = opened(edition), []
    for one in order:
        event = one.written(model) if isinstance(one, Draft) else one
        if isinstance(one, Draft) and "E_REVERSAL_RESTRICTED" in model.codes(event):
            refused.append(one)
            continue
        model.record(event)
        for name in FUNDS if edition is None else ():
            left, ahead = restricted_left(model, name), spent_ahead(model, name)
            assert (min(left, ahead), max(left, ahead) >= 0) == (0, True), (name, left, ahead)
    for one in refused:
        event = one.written(model)
        assume("E_REVERSAL_RESTRICTED" not in model.codes(event))
        model.record(event)
    return model


def merged(ways: list[tuple[Event | Draft, ...]], picks: Sequence[int]) -> list[Event | Draft]:
    """The chains shuffled into one another."""
    waiting = [list(way) for way in ways]
    order = []
    for pick in picks:
        waiting = [way for way in waiting if way]
        if waiting:
            order.append(waiting[pick % len(waiting)].pop(0))
    return order + [one for way in waiting for one in way]


A_CHAIN: Final = st.tuples(st.sampled_from(KINDS), st.sampled_from(FUNDS), st.integers(1, 60), st.integers(0, 60))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    st.lists(A_CHAIN, min_size=1, max_size=10),
    st.lists(st.integers(0, 1_000), min_size=40, max_size=40),
    st.lists(st.integers(0, 1_000), min_size=40, max_size=40),
)
def test_whatever_is_recorded_first_the_statement_is_the_same(
    drawn: list[tuple[str, str, int, int]], one_way: list[int], another: list[int]
) -> None:
    ways = [way for number, chain in enumerate(drawn) for way in chains(number, *chain)]
    first, second = run(merged(ways, one_way)), run(merged(ways, another))
    assert statement(first) == statement(second)
    for name in FUNDS:
        assert restricted_left(first, name) == restricted_left(second, name)
        assert spent_ahead(first, name) == spent_ahead(second, name)


def test_a_gift_after_its_spending_is_free_by_what_was_spent() -> None:
    model = run([paid("g", "school", 600), gift("d", "school", 1_000)])
    assert (restricted_left(model, "school"), spent_ahead(model, "school")) == (400, 0)
    assert model.balance("school", Role.NET_UNRESTRICTED) == -600


def test_gifts_cover_what_was_spent_one_after_the_other() -> None:
    model = run([paid("g", "school", 600), gift("a", "school", 250), gift("b", "school", 250)])
    assert (restricted_left(model, "school"), spent_ahead(model, "school")) == (0, 100)
    model.record(gift("c", "school", 250))
    assert (restricted_left(model, "school"), spent_ahead(model, "school")) == (150, 0)


def test_what_comes_back_of_a_grant_paid_ahead_is_restricted_once_its_gift_is_there() -> None:
    model = run([paid("g", "school", 600), gift("d", "school", 1_000), unspent("g", "school", 150)])
    assert restricted_left(model, "school") == 550
    model = run([paid("g", "school", 600), unspent("g", "school", 150), gift("d", "school", 1_000)])
    assert restricted_left(model, "school") == 550


def test_a_spending_taken_back_leaves_its_gift_restricted() -> None:
    spent, came = fee("f", "school", 600), gift("d", "school", 1_000)
    model = run([spent, came, Draft(spent)])
    assert (restricted_left(model, "school"), spent_ahead(model, "school")) == (1_000, 0)
    assert model.balance("school", Role.NET_UNRESTRICTED) == 0


def test_a_gift_taken_back_leaves_its_spending_ahead() -> None:
    spent, came = fee("f", "school", 600), gift("d", "school", 1_000)
    model = run([spent, came, Draft(came)])
    assert (restricted_left(model, "school"), spent_ahead(model, "school")) == (0, 600)


def test_earlier_editions_forget_what_was_spent_ahead() -> None:
    model = run([paid("g", "school", 600), gift("d", "school", 1_000)], EARLIER)
    assert (restricted_left(model, "school"), model.balance("school", Role.NET_UNRESTRICTED)) == (1_000, 0)


@pytest.mark.parametrize("edition", [EARLIER, None])
def test_where_gifts_come_first_nothing_is_posted_ahead(edition: int | None) -> None:
    model = run(
        [gift("d", "school", 1_000), paid("g", "school", 600), unspent("g", "school", 100), moved("m", "school", 200)],
        edition,
    )
    assert [key for key, _ in model.every_balance() if key[2] == AHEAD and model.balance(*key)] == []
    assert (restricted_left(model, "school"), restricted_left(model, "town")) == (300, 200)
