"""What went back counts for no pledge: how much of each is owed again when a gift is returned."""

from typing import Any

import pytest

from ledger.flows.giving.pledges import PledgePart
from ledger.flows.giving.returns import still_fulfilled
from tests.flows.charity_world import VALID, gift, world
from tests.flows.fake_knowledge import FakeKnowledge

PAYS: dict[str, Any] = {"means": "bank", "account": "icbc", "channel": None, "order_no": None}
CODE = "E_PLEDGE_STILL_FULFILLED"


def parts(**fen: int) -> tuple[PledgePart, ...]:
    return tuple(PledgePart(pledge=name.replace("_", "-"), fen=one) for name, one in fen.items())


def returned(model: FakeKnowledge, amount_fen: int, **fen: int) -> list[str]:
    """The pledges' codes of a return of gift d-half, of which 60,000 of 100,000 fen count for a pledge."""
    event = VALID["donation.returned"](donation="d-half", amount_fen=amount_fen, pledge_parts=parts(**fen), **PAYS)
    return [code for code in model.codes(event) if "PLEDGE" in code]


def half() -> FakeKnowledge:
    model = world()
    model.record(gift(donation="d-half", amount_fen=100_000, pledge_parts=parts(p_1=60_000)))
    return model


@pytest.mark.parametrize(
    ("amount_fen", "fen", "told"),
    [
        (40_000, 0, []),
        (40_001, 0, [CODE]),
        (40_001, 1, []),
        (100_000, 0, [CODE]),
        (100_000, 59_999, [CODE]),
        (100_000, 60_000, []),
    ],
)
def test_a_return_opens_what_its_gift_no_longer_covers(amount_fen: int, fen: int, told: list[str]) -> None:
    assert returned(half(), amount_fen, **({"p_1": fen} if fen else {})) == told


@pytest.mark.parametrize(
    ("left", "most", "owed"),
    [
        (10, 99, {}),
        (7, 99, {"b": 3}),
        (5, 99, {"b": 4, "a": 1}),
        (-5, 99, {"b": 4, "a": 6}),
        (0, 2, {"b": 2}),
        (0, 0, {}),
        (0, -1, {}),
    ],
)
def test_the_last_pledge_is_owed_again_first(left: int, most: int, owed: dict[str, int]) -> None:
    assert still_fulfilled({"a": 6, "b": 4}, left, most) == owed
