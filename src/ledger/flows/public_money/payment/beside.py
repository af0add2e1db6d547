"""Claims beside a claim: what else was claimed, and stands, of an enrolment's months. `subsidy_rules.py` asks."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.payment.batches import BatchLineExcluded
from ledger.flows.public_money.payment.payments import RESTS_SINCE, SUMS_SINCE, SubsidyPaid, line_in
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised

Claim = SubsidyAuthorised | SubsidyPaid
_AGAIN_SINCE: Final = 5
"""The edition of the rules since which a payment that was authorised again counts as that."""


def beside(history: Sequence[Recorded], claim: Claim, edition: int) -> Iterator[tuple[Claim, int]]:
    """Other claims on months of a claim's period with their fen, but those that came back or were taken out. Of one of
    which the bank paid less than was due, and of which the rest was taken out, what is left counts; of one of which a
    part came back, what stands.
    """
    out = _taken_out(history, edition)
    for other in _claims(history, edition):
        if other.payment == claim.payment:
            continue
        mine = [one for one in history if getattr(one.event, "payment", "") == other.payment]
        state = line_in(mine, other.payment, edition)
        rest = state.rest_out_fen if edition >= RESTS_SINCE and state.rests_out else 0
        rest += state.back_fen if edition >= SUMS_SINCE else 0
        if other.payment in out and not rest:
            continue
        came_back = state.failed is not None and state.standing <= 0 and not (state.again and edition >= _AGAIN_SINCE)
        if not came_back and other.period_from <= claim.period_to and claim.period_from <= other.period_to:
            yield other, other.amount_fen - rest


def _taken_out(history: Sequence[Recorded], edition: int) -> set[str]:
    """The payments that were taken out, and not authorised again since in another batch."""
    out: dict[str, str] = {}
    batches: dict[str, str] = {}
    for event in (recorded.event for recorded in history):
        if isinstance(event, BatchLineExcluded) and event.payment is not None:
            if edition < _AGAIN_SINCE or batches.get(event.payment, event.batch) == event.batch:
                out[event.payment] = event.batch
        elif isinstance(event, SubsidyAuthorised):
            batches[event.payment] = event.batch
            if edition >= _AGAIN_SINCE:
                out.pop(event.payment, None)
    return set(out)


def _claims(history: Sequence[Recorded], edition: int = _AGAIN_SINCE) -> Iterable[Claim]:
    """The claims of a history, each once: as it was authorised last, or of the past as it was paid. The first editions
    had one that was authorised again twice.
    """
    found: dict[str | int, Claim] = {}
    for recorded in history:
        event = recorded.event
        if isinstance(event, SubsidyAuthorised) or (isinstance(event, SubsidyPaid) and event.origin == "history"):
            found[event.payment if edition >= _AGAIN_SINCE else recorded.position] = event
    return found.values()


def makes_good(claim: Claim) -> str | None:
    """The failed payment in whose place a claim stands."""
    reference = claim.reference if isinstance(claim, SubsidyAuthorised) else None
    return None if reference is None else reference.payment


def first_component(history: Sequence[Recorded], claim: Claim) -> str:
    """The component of the payment that a claim makes good in the end; its own where it makes none good."""
    earlier = {one.payment: one for one in _claims(history)}
    seen = {claim.payment}
    while (before := makes_good(claim)) in earlier and before not in seen:
        claim = earlier[str(before)]
        seen.add(claim.payment)
    return claim.component
