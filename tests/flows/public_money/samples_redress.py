"""What follows a doubt, event by event: clue, finding, recovery, rectification. Any field can be overridden.

`recoverable()` is a book in which a recovery of 240 yuan stands ordered after a finding and a notice.
"""

from datetime import date
from typing import Any

from ledger.flows.event import Event
from ledger.flows.public_money.redress.clues import (
    ClueAssigned,
    ClueRaised,
    ClueRefuted,
    ClueRestated,
    ClueVerified,
    FindingConfirmed,
    FindingReferred,
    NoticeServed,
)
from ledger.flows.public_money.redress.matching import MatchingPerformed
from ledger.flows.public_money.redress.recoveries import (
    Instalment,
    RecoveryCollected,
    RecoveryHandedOver,
    RecoveryOrdered,
    RecoveryPlanListed,
    RecoveryPlanned,
    RecoveryRefunded,
    RecoveryRemitted,
    RecoveryWrittenOff,
)
from ledger.flows.public_money.redress.rectification import (
    CasesGrouped,
    FindingClosed,
    FindingReopened,
    LookBackPerformed,
    RectificationAccepted,
    RectificationPlanned,
    RectificationReported,
)
from tests.flows.event_samples import make
from tests.flows.public_money.samples_relief import DAY, DIBAO, FUND, Fields, setup

FEN = 24_000
"""Row 1 of the recoveries sample: 240 yuan."""
_TWO = ("示例申", "示例酉")


def _recovery() -> Fields:
    return {"recovery": "R1", "finding": "F1", "fund": FUND}


def _movement() -> Fields:
    return {**_recovery(), "amount_fen": FEN, "occurred_on": DAY}


def compared(**over: Any) -> MatchingPerformed:
    fields: Fields = {"run": "RUN-1", "data": "vehicles", "data_as_of": date(2025, 8, 31), "test": "T05车辆"}
    counts: Fields = {"listed": 3, "compared": 2, "hits": 1, "exposure_fen": FEN}
    return make(MatchingPerformed, **{**fields, **counts, **over})


def clue(**over: Any) -> ClueRaised:
    fields: Fields = {
        "clue": "YD-1",
        "found_by": "matching",
        "test": "T01死亡后领取",
        "data_as_of": date(2025, 8, 31),
        "exposure_fen": FEN,
    }
    return make(ClueRaised, **{**fields, **over})


def restated(**over: Any) -> ClueRestated:
    return make(ClueRestated, **{"clue": "YD-1", "exposure_fen": 2 * FEN, "summary": "改", **over})


def assigned(**over: Any) -> ClueAssigned:
    return make(ClueAssigned, **{"clue": "YD-1", **over})


def verified(**over: Any) -> ClueVerified:
    fields: Fields = {"clue": "YD-1", "confirmed_fen": FEN, "recover_fen": FEN, "verifiers": _TWO}
    return make(ClueVerified, **{**fields, **over})


def refuted(**over: Any) -> ClueRefuted:
    fields: Fields = {"clue": "YD-1", "reason": "policy_allows", "evidence_note": "岗位协议", "verifiers": _TWO}
    return make(ClueRefuted, **{**fields, **over})


def finding(**over: Any) -> FindingConfirmed:
    fields: Fields = {
        "finding": "F1",
        "found_by": "matching",
        "confirmed_by": ("经办子", "分管丑"),
        "amount_fen": FEN,
        "on": date(2025, 9, 3),
    }
    return make(FindingConfirmed, **{**fields, **over})


def notice(**over: Any) -> NoticeServed:
    return make(NoticeServed, **{"finding": "F1", "on": date(2025, 9, 4), **over})


def referred(**over: Any) -> FindingReferred:
    return make(FindingReferred, **{"finding": "F1", **over})


def ordered(**over: Any) -> RecoveryOrdered:
    fields: Fields = {
        **_recovery(),
        "programme": DIBAO,
        "enrolment": "E1",
        "amount_fen": FEN,
        "destination": "programme",
        "on": date(2025, 9, 5),
    }
    return make(RecoveryOrdered, **{**fields, **over})


def planned(*fen: int, **over: Any) -> RecoveryPlanned:
    parts = tuple(Instalment(due_on=date(2025, 12, 31), fen=part) for part in fen)
    return make(RecoveryPlanned, **{**_recovery(), "instalments": parts, **over})


def plan_listed(*fen: int, **over: Any) -> RecoveryPlanListed:
    parts = tuple(Instalment(due_on=date(2025, 12, 31), fen=part) for part in fen)
    return make(RecoveryPlanListed, **{**_recovery(), "instalments": parts, **over})


def collected(**over: Any) -> RecoveryCollected:
    fields: Fields = {**_movement(), "movement": "in-1", "mode": "transfer", "account": "rcb-0001"}
    return make(RecoveryCollected, **{**fields, **over})


def handed_over(**over: Any) -> RecoveryHandedOver:
    fields: Fields = {**_movement(), "movement": "bank-1", "cash_account": "cash-shiling", "account": "rcb-0001"}
    return make(RecoveryHandedOver, **{**fields, **over})


def remitted(**over: Any) -> RecoveryRemitted:
    return make(RecoveryRemitted, **{**_movement(), "movement": "treasury-1", "account": "rcb-0001", **over})


def refunded(**over: Any) -> RecoveryRefunded:
    fields: Fields = {**_movement(), "movement": "back-1", "mode": "transfer", "account": "rcb-0001", "amount_fen": 300}
    return make(RecoveryRefunded, **{**fields, **over})


def written_off(**over: Any) -> RecoveryWrittenOff:
    return make(RecoveryWrittenOff, **{**_recovery(), "amount_fen": FEN, "reason": "deceased", **over})


def plan(**over: Any) -> RectificationPlanned:
    fields: Fields = {"finding": "F1", "responsible": "示例巳", "due_on": date(2025, 9, 30)}
    return make(RectificationPlanned, **{**fields, **over})


def report(**over: Any) -> RectificationReported:
    fields: Fields = {
        "finding": "F1",
        "rectified_fen": FEN,
        "evidence_note": "追缴凭证",
        "reporter": "示例巳",
        "on": DAY,
    }
    return make(RectificationReported, **{**fields, **over})


def accepted(**over: Any) -> RectificationAccepted:
    return make(RectificationAccepted, **{"finding": "F1", "accepted_by": "赵股长", **over})


def look_back(**over: Any) -> LookBackPerformed:
    return make(LookBackPerformed, **{"finding": "F1", "sample": 5, "relapsed": 0, **over})


def grouped(**over: Any) -> CasesGrouped:
    return make(CasesGrouped, **{"finding": "P1", "cases": ("F1",), **over})


def closed(**over: Any) -> FindingClosed:
    return make(FindingClosed, **{"finding": "F1", "closed_by": "赵股长", **over})


def reopened(**over: Any) -> FindingReopened:
    return make(FindingReopened, **{"finding": "F1", **over})


def recoverable() -> tuple[Event, ...]:
    """A recovery that stands ordered."""
    return (*setup(), finding(), notice(), ordered())
