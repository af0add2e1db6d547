"""A round on its way back: signed vouchers matched with what was handed out, posted, and told to the plan.

The events are at hand, so the maker sends only what was signed. Whatever is in the book already, because the answer of
an earlier request was lost, is answered from the book.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.application import waiting
from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError, Waiting
from ledger.application.proposing.planning import results_of
from ledger.decisions.prepared import Submission
from ledger.errors import AuthorityError, LedgerError, RefusedError
from ledger.flows.registry import read_event
from ledger.log import reading
from ledger.signing.dsse import Envelope
from ledger.signing.statements import Statement
from ledger_api.http.imports.held import waiting_already
from ledger_api.http.imports.rounds import Handed
from ledger_api.http.imports.sessions import Import
from ledger_api.http.service import Service

Signed = tuple[Envelope, tuple[Envelope, ...]]
"""A maker's envelope, and approvals that were collected with it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one voucher."""

    voucher: str
    outcome: Outcome | LedgerError


def hand_in(service: Service, found: Import, signed: Sequence[Signed]) -> list[Answered]:
    """Post the vouchers of a round, in the order given; one answer each. Raises RefusedError E_IMPORT_ROUND when one is
    neither of the open round nor in the book, AuthorityError E_IMPORT_SIGNER for one that another than the uploader
    signed; and where all or nothing is wanted, the error of the first that was refused.
    """
    stated = [Statement.from_bytes(envelope.payload) for envelope, _ in signed]
    for one in stated:
        if one.maker != found.upload.officer:
            raise AuthorityError("E_IMPORT_SIGNER", officer=found.upload.officer, maker=one.maker)
    roots = [one.events.root for one in stated]
    for at, one in enumerate(stated):
        if roots.index(one.events.root) < at:  # signed twice: which of the two is meant, nobody knows
            raise RefusedError("E_IMPORT_ROUND", round=found.round, voucher=one.voucher)
    with service.store.read() as connection:
        answers: dict[str, Outcome | LedgerError] = {
            one.voucher: known for one in stated if (known := _known(service, connection, one)) is not None
        }
        held = waiting_already(
            connection, {one: found.open[one.events.root].data for one in _open(found, stated, answers)}
        )
    for statement, error in held.items():
        plan = _planned(found, statement)
        if found.upload.chosen.mode == "atomic":
            _plan_anew(service, found)
            raise error
        answers[statement.voucher] = error
        _close(found, plan, error)
        if found.plan is not None:
            found.plan.outdate()
    fresh = [pair for pair in zip(stated, signed, strict=True) if pair[0].voucher not in answers]
    planned = [_planned(found, statement) for statement, _ in fresh]
    submissions = [
        Submission(envelope, plan.data, approvals, unexplained=not plan.codes)
        for (_, (envelope, approvals)), plan in zip(fresh, planned, strict=True)
    ]
    if found.upload.chosen.mode == "atomic" and fresh:
        outcomes = _together(service, found, submissions)
    else:
        outcomes = service.post_all(submissions)
    for (statement, _), plan, outcome in zip(fresh, planned, outcomes, strict=True):
        answers[statement.voucher] = outcome
        if not isinstance(outcome, LedgerError) or isinstance(outcome, VoucherRefusedError):
            _close(found, plan, outcome)
    service.imports.keep_round(found)
    return [Answered(one.voucher, answers[one.voucher]) for one in stated]


def settle(service: Service, found: Import) -> None:
    """Close what was handed out and came into the book by another door: posted as any voucher, or waiting."""
    if not found.open:
        return
    handed_out = len(found.open)
    with service.store.read() as connection:
        firsts = {read_event(plan.data[0]).id: plan for plan in found.open.values()}
        posted = reading.positions_of_ids(connection, list(firsts))
        for event, position in posted.items():
            stored = reading.voucher_of_position(connection, position)
            if stored is not None:
                _close(found, firsts[event], service.writer.receipt(stored.voucher_id))
        for held in waiting.all_waiting(connection) if found.open else ():
            root = Statement.from_bytes(held.submission.envelope.payload).events.root
            if root in found.open:
                _close(found, found.open[root], Waiting(held.voucher, held.statement, (), held.amount_fen))
    if len(found.open) < handed_out:
        service.imports.keep_round(found)


def _known(service: Service, connection: Connection, statement: Statement) -> Outcome | None:
    """The answer that a voucher has already; None for a new one, and for another one under its id."""
    stored = reading.voucher_by_id(connection, statement.voucher)
    if stored is not None and stored.statement_digest == statement.digest:
        receipt: Receipt = service.writer.receipt(statement.voucher)
        return receipt
    held = waiting.rows_of(connection, [statement.voucher]).get(statement.voucher)
    if held is not None and held.statement == statement.digest and held.state == waiting.PENDING:
        return Waiting(held.voucher, held.statement, (), held.amount_fen)
    return None


def _open(found: Import, stated: Sequence[Statement], answers: Mapping[str, Outcome | LedgerError]) -> list[Statement]:
    """Those that are of the open round and have no answer yet."""
    return [one for one in stated if one.voucher not in answers and one.events.root in found.open]


def _planned(found: Import, statement: Statement) -> Handed:
    """What was handed out for a statement: the same events, of the same entity and day."""
    plan = found.open.get(statement.events.root)
    if plan is None or (plan.entity, plan.day) != (statement.entity, statement.voucher_date):
        raise RefusedError("E_IMPORT_ROUND", round=found.round, voucher=statement.voucher)
    return plan


def _together(service: Service, found: Import, submissions: Sequence[Submission]) -> Sequence[Outcome | LedgerError]:
    """All or none; what was refused is planned anew, for the book has moved since it was judged."""
    if len(submissions) != len(found.open):
        raise RefusedError("E_IMPORT_INCOMPLETE", given=len(submissions), wanted=len(found.open))
    outcomes = service.post_together(submissions)
    errors = [one for one in outcomes if isinstance(one, LedgerError)]
    if errors:
        _plan_anew(service, found)
        raise next((one for one in errors if one.code != "E_NOT_TOGETHER"), errors[0])
    return outcomes


def _plan_anew(service: Service, found: Import) -> None:
    found.open, found.plan = {}, None
    service.imports.keep_round(found)


def _close(found: Import, given: Handed, outcome: Outcome | LedgerError) -> None:
    """What became of a voucher that was handed out. After one that another process planned, what is left is planned
    anew: a plan that was made beside it knows nothing of it.
    """
    found.open.pop(given.root, None)
    if found.plan is not None and given.planned is not None:
        found.plan.record(given.planned, outcome)
        return
    found.plan = None
    if not isinstance(outcome, LedgerError):
        found.results |= results_of(given.parts, outcome)
