"""Money that nobody has claimed (待查款) is not the fund's to promise; it can be named or go back all the same."""

from typing import Any

import pytest

from ledger.flows.collecting.suspense import SuspenseReceived
from ledger.flows.event import Event
from tests.flows.charity_world import VALID, committed, fund
from tests.flows.event_samples import make
from tests.flows.fake_knowledge import FakeKnowledge

WAITS: dict[str, Any] = {"suspense": "s-9", "fund": "dongjie", "means": "bank", "account": "icbc"}


def waiting(edition: int = 10) -> FakeKnowledge:
    """A fund in which 1,000 yuan wait, and nothing else."""
    model = FakeKnowledge(edition=edition)
    model.record(fund(fund="dongjie", fund_kind="community"), fund(fund="general"))
    model.record(make(SuspenseReceived, **WAITS, amount_fen=100_000))
    return model


def grant(fen: int) -> Event:
    return committed(grant="g-9", fund="dongjie", amount_fen=fen)


@pytest.mark.parametrize(("edition", "told"), [(9, []), (10, ["E_FUND_INSUFFICIENT"])])
def test_what_waits_cannot_be_promised(edition: int, told: list[str]) -> None:
    model = waiting(edition)
    assert model.available("dongjie") == (0 if told else 100_000)
    assert [code for code in model.codes(grant(100_000)) if "INSUFFICIENT" in code] == told


@pytest.mark.parametrize("kind", ["suspense.returned", "suspense.cleared", "suspense.identified"])
def test_what_waits_leaves_its_fund(kind: str) -> None:
    where = {"waited_in": "dongjie", "fund": "general"} if kind == "suspense.identified" else {}
    event = VALID[kind](**{**WAITS, "amount_fen": 60_000, **where})
    assert [code for code in waiting().codes(event) if "INSUFFICIENT" in code] == []


@pytest.mark.parametrize("kind", ["suspense.returned", "suspense.cleared", "suspense.identified"])
def test_what_waits_and_was_promised_before_is_told(kind: str) -> None:
    """An earlier edition let the fund promise what waited in it."""
    model = waiting()
    model.record(grant(100_000))
    where = {"waited_in": "dongjie", "fund": "general"} if kind == "suspense.identified" else {}
    event = VALID[kind](**{**WAITS, "amount_fen": 60_000, **where})
    (found,) = [one for one in model.judge(event) if "INSUFFICIENT" in one.code]
    assert (dict(found.params)["amount_fen"], dict(found.params)["available_fen"]) == (60_000, 0)


def test_what_is_named_in_its_own_fund_can_be_promised() -> None:
    model = waiting()
    event = VALID["suspense.identified"](**{**WAITS, "amount_fen": 60_000, "waited_in": "dongjie"})
    model.record(event)
    assert model.available("dongjie") == 60_000
