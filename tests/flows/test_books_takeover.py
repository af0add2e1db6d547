"""What older books hand over goes on in its own flow: pledges are fulfilled, recoveries collected, assets worn."""

from datetime import date
from typing import Any

import pytest

from ledger.accounts.roles import Role
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningAsset, OpeningLine, OpeningPledge, OpeningRecovery
from ledger.flows.giving.donations import DonationReceived
from ledger.flows.giving.pledges import PledgeMade, PledgePart, outstanding
from ledger.flows.public_money.redress.recoveries import (
    RecoveryCollected,
    RecoveryHandedOver,
    RecoveryWrittenOff,
    ordered,
    unsettled_fen,
)
from ledger.flows.running.assets import AssetAcquired, AssetDepreciated, AssetWear
from tests.flows.books_world import world
from tests.flows.event_samples import make
from tests.flows.fake_knowledge import FakeKnowledge


def line(role: Role, fen: int, party: str = "") -> OpeningLine:
    return make(OpeningLine, fund="free", role=role, party=party, balance_fen=fen)


def handed_over(box_fen: int = 0) -> FakeKnowledge:
    """A pledge of 3,000.00, a recovery of 80.00 of which 30.00 came in, a computer worth 500.00, and a cash box."""
    model = world()
    opening = make(
        OpeningRecorded,
        entity="charity",
        period="2025-07",
        on=date(2025, 7, 1),
        lines=(
            line(Role.RECOVERABLE, 5_000, "r-1"),
            line(Role.FIXED_ASSET, 90_000, "pc-1"),
            line(Role.DEPRECIATION, -40_000, "pc-1"),
            line(Role.CASH, box_fen, "box"),
            line(Role.NET_UNRESTRICTED, -55_000 - box_fen),
        ),
        pledges=(make(OpeningPledge, pledge="p-1", fund="free", amount_fen=300_000),),
        recoveries=(
            make(
                OpeningRecovery,
                recovery="r-1",
                finding="f-1",
                fund="free",
                destination="treasury",
                ordered_fen=8_000,
                collected_fen=3_000,
            ),
        ),
        assets=(make(OpeningAsset, asset="pc-1", fund="free"),),
    )
    model.record(opening)
    return model


def gift(fen: int) -> DonationReceived:
    part = PledgePart(pledge="p-1", fen=fen)
    given: dict[str, Any] = {"fund": "free", "means": "bank", "account": "icbc", "amount_fen": fen}
    return make(DonationReceived, donation=f"d-{fen}", pledge_parts=(part,), **given)


def collection(fen: int, finding: str = "f-1") -> RecoveryCollected:
    given: dict[str, Any] = {"recovery": "r-1", "finding": finding, "fund": "free", "amount_fen": fen}
    return make(RecoveryCollected, mode="transfer", account="icbc", **given)


def test_a_pledge_of_older_books_is_fulfilled_and_not_made_twice() -> None:
    model = handed_over()
    assert model.balance("free", Role.PLEDGED, "p-1") == 300_000
    assert "E_PLEDGE_UNKNOWN" not in model.codes(gift(200_000))
    model.record(gift(200_000))
    assert model.balance("free", Role.PLEDGED, "p-1") == outstanding(model, "p-1") == 100_000
    assert "W_PLEDGE_OVERPAID" in model.codes(gift(100_001))
    assert "W_PLEDGE_OVERPAID" not in model.codes(gift(100_000))
    assert "E_PLEDGE_TWICE" in model.codes(make(PledgeMade, pledge="p-1", fund="free"))


def test_a_recovery_of_older_books_is_collected() -> None:
    model = handed_over()
    order = ordered(model, "r-1")
    assert order is not None
    assert (order.amount_fen, order.destination, order.origin) == (8_000, "treasury", "history")
    assert unsettled_fen(model, "f-1") == 5_000
    model.record(collection(2_000))
    assert model.balance("free", Role.RECOVERABLE, "r-1") == unsettled_fen(model, "f-1") == 3_000
    assert "E_RECOVERY_UNKNOWN" not in model.codes(collection(5))
    assert "E_RECOVERY_UNKNOWN" in model.codes(collection(5, "f-2"))
    assert "W_OVER_COLLECTED" in model.codes(collection(3_001))


@pytest.mark.parametrize(
    ("box_fen", "fen", "told"), [(3_000, 3_000, False), (3_000, 3_001, True), (2_000, 2_001, True)]
)
def test_cash_of_a_recovery_of_older_books_is_banked(box_fen: int, fen: int, *, told: bool) -> None:
    """Of 3,000 fen that had come in, as much may lie in a box as the box held."""
    model = handed_over(box_fen)
    given: dict[str, Any] = {"recovery": "r-1", "finding": "f-1", "fund": "free", "amount_fen": fen}
    banked = make(RecoveryHandedOver, cash_account="box", account="icbc", movement="m-1", **given)
    model.edition = 7
    assert ("W_HANDED_OVER_MORE" in model.codes(banked)) is told
    model.edition = 6
    assert "W_HANDED_OVER_MORE" in model.codes(banked), "as earlier editions said"


@pytest.mark.parametrize("fen", [1, 5_000])
def test_a_recovery_of_older_books_is_written_off_against_its_destination(fen: int) -> None:
    event = make(RecoveryWrittenOff, recovery="r-1", finding="f-1", fund="free", amount_fen=fen)
    legs = {(leg.role, leg.amount_fen) for leg in handed_over().legs(event)}
    assert legs == {(Role.DUE_TO_TREASURY, fen), (Role.RECOVERABLE, -fen)}


def test_an_asset_of_older_books_is_worn_to_nothing_and_not_bought_twice() -> None:
    model = handed_over()

    def wear(fen: int) -> AssetDepreciated:
        return make(AssetDepreciated, fund="free", lines=(AssetWear(asset="pc-1", fen=fen),))

    assert "E_ASSET_OVER_WORN" not in model.codes(wear(50_000))
    assert "E_ASSET_OVER_WORN" in model.codes(wear(50_001))
    assert "E_ASSET_TWICE" in model.codes(make(AssetAcquired, asset="pc-1"))
