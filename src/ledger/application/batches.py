"""One batch under the lock: judge each voucher against the log plus what the batch accepted, then write all at once.

A refused voucher never harms its neighbours: its trial is forgotten and the next is judged as if it had not come.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from ledger.application import waiting
from ledger.application.closing import closing_findings
from ledger.application.endings import ending_findings, joined, twice_signed
from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError, Waiting
from ledger.application.pins import Pins
from ledger.application.releasing import papers_of, release
from ledger.application.state import State, changes_authority, require_named
from ledger.application.telling.findings import named
from ledger.decisions.amounts import once_fen
from ledger.decisions.judging import Judgement, judge, needs_of
from ledger.decisions.model import World
from ledger.decisions.prepared import Prepared
from ledger.decisions.rows import events_of, findings_of, number_key, postings_of
from ledger.errors import EvidenceError, InputError, LedgerError, RefusedError
from ledger.flows.authority.book import OperatorKeyRotated
from ledger.flows.knowledge import Finding, Recorded
from ledger.log import reading, tables
from ledger.log.appending import (
    Head,
    NewPosting,
    NewVoucher,
    append_vouchers,
    put_checkpoint,
    send_ahead,
)
from ledger.log.proofs import NewNodes, voucher_inclusion
from ledger.signing.checkpoints import Checkpoint, sign_checkpoint
from ledger.signing.leaves import Leaf, VoucherNo
from ledger.signing.merkle import inclusion_path, leaf_hash
from ledger.signing.vkeys import NoteSigner

AtHand = Callable[[str], None]
"""Raises LedgerError where the file of an operator's public key is not at hand."""


def anywhere(_key: str) -> None:
    """Nobody knows where key files are kept."""


@dataclass(slots=True)
class Accepted:
    """A voucher that will be written, with what its receipt needs."""

    prepared: Prepared
    new: NewVoucher
    items: list[Recorded]
    voucher_no: VoucherNo | None
    warnings: tuple[Finding, ...]


@dataclass(slots=True)
class Batch:
    """What a batch has decided so far, and the places that come next."""

    connection: Connection
    state: State
    head: Head
    posted_at: str
    software: str
    known: dict[str, reading.StoredVoucher]
    numbers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)
    kept: dict[str, waiting.WaitingVoucher] = field(default_factory=dict)
    """What waits under the ids of this batch, and under the ids that its events end."""
    released: dict[str, list[Outcome | LedgerError]] = field(default_factory=dict)
    """Voucher that holds a paper -> what became of those that waited for it."""
    looked_at: int = 0
    """How many of the accepted ones were asked for papers."""
    rehearsed: bool = False
    """Whether a dry judgement counts for the vouchers that follow, as if it had been posted."""
    rotated: bool = False
    """Whether it ended: the old operator key's last checkpoint covers nothing behind the voucher that names the new."""
    at_hand: AtHand = anywhere
    shows: bool = False
    """Whether a dry judgement tells what would be booked."""

    @property
    def next_number(self) -> int:
        """The number of the next accepted voucher."""
        return self.head.number + len(self.accepted) + 1

    @property
    def next_position(self) -> int:
        """The position of the next accepted event."""
        if not self.accepted:
            return self.head.position + 1
        last = self.accepted[-1].new
        return last.first_position + len(last.events)


def run(
    connection: Connection,
    state: State,
    vouchers: Sequence[Prepared],
    signer: NoteSigner,
    now: str,
    software: str,
    *,
    at_hand: AtHand = anywhere,
    dry: bool = False,
    shows: bool = False,
) -> tuple[list[Outcome | LedgerError], list[Recorded], Head]:
    """Judge and write a batch in the caller's transaction. Answers one outcome or error a voucher, the events that were
    recorded, and the new head. With `dry` nothing is written.
    """
    head = state.catch_up(connection)
    known = _known(connection, [v.statement.voucher for v in vouchers])
    batch = Batch(connection, state, head, max(now, head.posted_at), software, known, at_hand=at_hand, shows=shows)
    batch.kept = waiting.rows_of(connection, [*ids_of(vouchers)])
    world = World(connection, state.standing, state.authority, state.balances, state.recent)
    world.histories.load(need for voucher in vouchers for need in needs_of(voucher))
    pins = Pins(connection, head, vouchers)
    taken = reading.positions_of_ids(connection, [e.id for v in vouchers for e in v.events])
    numbered = {number_key(v) for v in vouchers}
    batch.numbers = dict.fromkeys(numbered, 0) | reading.last_voucher_nos(connection, sorted(numbered))
    sent = [] if dry or taken else [event for voucher in vouchers for event in events_of(voucher)]
    ahead = send_ahead(connection, head, sent)  # from here on nothing may be read
    results: list[Outcome | LedgerError] = []
    for voucher in vouchers:
        try:
            results.append(judge_one(batch, world, pins, voucher, taken, dry=dry))
        except LedgerError as error:
            world.forget(batch.next_position)
            results.append(error.with_traceback(None))  # which would lead back to this list
        _release(batch, world, pins, taken)
    if dry or not batch.accepted:
        return named(connection, results, vouchers), [], head
    new_head = append_vouchers(connection, head, [item.new for item in batch.accepted], ahead)
    note = _checkpoint(connection, state, world, new_head, signer)
    pins.write()
    waiting.drop(connection, [item.prepared.statement.voucher for item in batch.accepted])
    _end_waiting(connection, batch)
    nodes = NewNodes(head.frontier, [leaf_hash(item.new.leaf) for item in batch.accepted])
    by_id = {a.new.voucher_id: a for a in batch.accepted}

    def told(result: Outcome | LedgerError) -> Outcome | LedgerError:
        if not isinstance(result, Receipt) or result.voucher not in by_id or result.repeated:
            return result
        receipt = _receipt(by_id[result.voucher], new_head, nodes, note)
        return replace(receipt, released=tuple(told(one) for one in batch.released.get(result.voucher, ())))

    return (
        named(connection, [told(result) for result in results], vouchers),
        [item for accepted in batch.accepted for item in accepted.items],
        new_head,
    )


def ids_of(vouchers: Sequence[Prepared]) -> Iterator[str]:
    """The vouchers' own ids and those of the waiting vouchers that they end."""
    for voucher in vouchers:
        yield voucher.statement.voucher
        for event in voucher.events:
            if event.kind in waiting.ENDED:
                yield str(getattr(event, "voucher", ""))


def _known(connection: Connection, ids: Sequence[str]) -> dict[str, reading.StoredVoucher]:
    rows = connection.execute(select(tables.vouchers).where(tables.vouchers.c.voucher_id.in_(ids)))
    return {row.voucher_id: reading.StoredVoucher(*row) for row in rows}


def judge_one(
    batch: Batch,
    world: World,
    pins: Pins,
    voucher: Prepared,
    taken: dict[str, int],
    *,
    dry: bool,
) -> Outcome:
    """Judge one voucher against the log and what the batch has accepted, and accept it; raises when it is refused.

    With `dry`, or in `passing`, a voucher that lacks signatures is not kept; with `dry` one that could be posted is
    accepted only for a rehearsal. The caller makes the world forget the trial of a refused voucher.
    """
    repeated = _answered(batch, voucher)
    if repeated is not None:
        return repeated
    for event in voucher.events:
        if event.id in taken:
            raise InputError("E_EVENT_ID_REUSED", voucher=voucher.statement.voucher, event=event.id)
    row = batch.kept.get(voucher.statement.voucher)
    voucher, replaced = joined(row, voucher, batch.state.keys, world.authority, batch.posted_at)
    number, first = batch.next_number, batch.next_position
    judgement = judge(world, voucher, number, first, batch.posted_at)
    judgement.findings.extend(pins.judge(voucher))
    judgement.findings.extend(ending_findings(batch.kept, voucher, batch.posted_at))
    judgement.findings.extend(closing_findings(batch.connection, voucher))
    judgement.findings.extend(twice_signed(replaced, judgement.missing))
    warnings = tuple(f for f in judgement.findings if not f.refuses)
    if judgement.refused:
        raise VoucherRefusedError(voucher.statement.voucher, judgement.told, batch.head.position)
    if judgement.missing:
        world.forget(first)
        if not dry and not voucher.passing:
            since = row.submitted_at if row is not None else batch.posted_at
            waiting.keep(batch.connection, voucher, judgement.amount_fen, since)
            batch.kept |= waiting.rows_of(batch.connection, [voucher.statement.voucher])
        told = (*warnings, *judgement.hints)
        amount_fen, once = judgement.amount_fen, once_fen(voucher.events, judgement.amount_fen)
        entries = _entries(batch, voucher, judgement)
        return Waiting(voucher.statement.voucher, voucher.digest, judgement.missing, amount_fen, told, once, entries)
    for event in voucher.events:
        if isinstance(event, OperatorKeyRotated):
            batch.at_hand(event.operator_key)
    if batch.rotated:
        raise RefusedError("E_ROTATION_LAST", voucher=voucher.statement.voucher)
    if dry and not batch.rehearsed:
        world.forget(first)
        return _judged(batch, voucher, judgement, warnings)
    return accept(batch, world, pins, voucher, judgement, taken)


def _release(batch: Batch, world: World, pins: Pins, taken: dict[str, int]) -> None:
    """When papers were accepted, judge again what waited for them; what that posts may hold papers in its turn."""

    def judge_waiting(voucher: Prepared) -> Outcome:
        world.histories.load(needs_of(voucher))
        taken.update(reading.positions_of_ids(batch.connection, [event.id for event in voucher.events]))
        batch.kept |= waiting.rows_of(batch.connection, [voucher.statement.voucher])
        try:
            return judge_one(batch, world, pins, voucher, taken, dry=False)
        except LedgerError:
            world.forget(batch.next_position)
            raise

    while batch.looked_at < len(batch.accepted):
        accepted = batch.accepted[batch.looked_at]
        batch.looked_at += 1
        if (papers := papers_of(accepted.prepared)) is not None:
            gone = {one.new.voucher_id for one in batch.accepted}
            found = release(batch.connection, papers, gone, batch.state.keys, judge_waiting)
            batch.released[accepted.new.voucher_id] = list(found)


def _judged(batch: Batch, voucher: Prepared, judgement: Judgement, warnings: tuple[Finding, ...]) -> Receipt:
    """What a preview answers: the places that the voucher would take now, and nothing that proves them."""
    return Receipt(
        voucher.statement.voucher,
        batch.next_number,
        batch.next_position,
        len(voucher.events),
        batch.posted_at,
        _voucher_no(batch, voucher, judgement) if batch.shows else None,
        b"",
        (),
        "",
        warnings,
        entries=_entries(batch, voucher, judgement),
    )


def _entries(batch: Batch, voucher: Prepared, judgement: Judgement) -> tuple[NewPosting, ...] | None:
    return tuple(postings_of(voucher, judgement, 0)) if batch.shows else None


def _answered(batch: Batch, voucher: Prepared) -> Outcome | None:
    """The earlier answer to the same request; E_VOUCHER_ID_REUSED when the id was used for other bytes."""
    stored = batch.known.get(voucher.statement.voucher)
    same = [a for a in batch.accepted if a.new.voucher_id == voucher.statement.voucher]
    digest = stored.statement_digest if stored else same[0].new.statement_digest if same else None
    if digest is None:
        return None
    if digest != voucher.digest:
        raise InputError("E_VOUCHER_ID_REUSED", voucher=voucher.statement.voucher)
    if stored is None:
        new = same[0].new
        return _place(new, same[0].voucher_no, same[0].warnings)
    return stored_receipt(batch.connection, stored)


def stored_receipt(connection: Connection, stored: reading.StoredVoucher) -> Receipt:
    """The receipt of a posted voucher, proven under the newest checkpoint."""
    newest = reading.checkpoint(connection)
    if newest is None:
        raise EvidenceError("E_CHECKPOINT_MISSING", number=stored.number)
    leaf = Leaf.from_bytes(stored.leaf)
    return Receipt(
        stored.voucher_id,
        stored.number,
        stored.first_position,
        stored.count,
        stored.posted_at,
        leaf.voucher_no,
        stored.leaf,
        tuple(voucher_inclusion(connection, stored.number, newest.size)),
        newest.note,
        repeated=True,
    )


def accept(
    batch: Batch,
    world: World,
    pins: Pins,
    voucher: Prepared,
    judgement: Judgement,
    taken: dict[str, int],
) -> Outcome:
    """Give a judged voucher its places, numbers and leaf; whatever is judged after it is judged with it."""
    statement, number, first = voucher.statement, batch.next_number, batch.next_position
    voucher_no = _voucher_no(batch, voucher, judgement)
    approvals = tuple(item.envelope for item in voucher.approvals)
    leaf = Leaf(number, first, batch.posted_at, voucher_no, voucher.envelope, approvals).to_bytes()
    new = NewVoucher(
        number=number,
        voucher_id=statement.voucher,
        first_position=first,
        entity=statement.entity,
        voucher_date=voucher.voucher_date,
        voucher_no=None if voucher_no is None else (voucher_no.period, voucher_no.word, voucher_no.no),
        posted_at=batch.posted_at,
        statement_digest=voucher.digest,
        maker=statement.maker,
        amount_fen=judgement.amount_fen,
        software=batch.software,
        leaf=leaf,
        events=events_of(voucher),
        postings=postings_of(voucher, judgement, first),
        findings=findings_of(judgement, first),
    )
    items = judgement.items
    warnings = tuple(f for f in judgement.findings if not f.refuses)
    batch.accepted.append(Accepted(voucher, new, items, voucher_no, warnings))
    batch.rotated |= any(isinstance(event, OperatorKeyRotated) for event in voucher.events)
    world.accept()
    world.moved[statement.voucher] = (number, judgement.amount_fen)
    batch.kept.pop(statement.voucher, None)
    pins.accept(voucher)
    taken.update((event.id, first) for event in voucher.events)
    if changes_authority(items):
        world.authority = world.authority.copy()
        world.authority.learn(items)
    return _place(new, voucher_no, warnings)


def _place(new: NewVoucher, voucher_no: VoucherNo | None, warnings: tuple[Finding, ...]) -> Receipt:
    """A receipt whose proof is still to come: the batch's checkpoint is signed when the batch is complete."""
    return Receipt(
        new.voucher_id,
        new.number,
        new.first_position,
        len(new.events),
        new.posted_at,
        voucher_no,
        new.leaf,
        (),
        "",
        warnings,
    )


def _voucher_no(batch: Batch, voucher: Prepared, judgement: Judgement) -> VoucherNo | None:
    """记-0001 for a voucher that moves something in the main book; memo vouchers bear no accountant's number."""
    if not any(p.leg.book == "main" for legs in judgement.posted for p in legs):
        return None
    key = number_key(voucher)
    if key not in batch.numbers:
        batch.numbers[key] = reading.last_voucher_nos(batch.connection, [key]).get(key, 0)
    batch.numbers[key] += 1
    return VoucherNo(*key, batch.numbers[key])


def _checkpoint(connection: Connection, state: State, world: World, head: Head, signer: NoteSigner) -> str:
    """Sign the new head. The operator's key must be the one the book names (before this batch: a rotation is still
    covered by the old key's signature).
    """
    authority = state.authority if state.authority.origin is not None else world.authority
    require_named(authority, signer)
    note = sign_checkpoint(Checkpoint(signer.name, head.number, head.root), signer)
    put_checkpoint(connection, head.number, head.root, note)
    return note


def _end_waiting(connection: Connection, batch: Batch) -> None:
    for accepted in batch.accepted:
        for item in accepted.items:
            if item.event.kind in waiting.ENDED:
                statement, reason = getattr(item.event, "statement", ""), getattr(item.event, "reason", "")
                waiting.end(connection, item.event.kind, statement, reason, batch.posted_at)


def _receipt(accepted: Accepted, head: Head, nodes: NewNodes, note: str) -> Receipt:
    new = accepted.new
    path = tuple(inclusion_path(nodes, new.number - 1, head.number))
    return replace(_place(new, accepted.voucher_no, accepted.warnings), path=path, checkpoint=note)
