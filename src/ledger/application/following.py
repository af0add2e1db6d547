"""Taking in what another operator has posted: a copy of a log that believes nothing it can derive.

Each voucher is judged as its writer judged it, with the same rules, and its leaf is made again: where a byte differs,
or where a rule, a signature or a root does not hold, nothing of the page is kept. The copy is then a book like any
other, which this process cannot write to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from ledger.application import batches
from ledger.application.batches import Batch
from ledger.application.pins import Pins
from ledger.application.state import State
from ledger.decisions.judging import Judgement, judge, needs_of
from ledger.decisions.model import World
from ledger.decisions.prepared import Prepared, Submission, prepare
from ledger.errors import BusyError, EvidenceError, LedgerError
from ledger.flows.knowledge import Finding
from ledger.flows.rules import EDITION
from ledger.log.appending import Head, append_vouchers, put_checkpoint, read_head
from ledger.log.store import LogStore
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.keys import PublicKey
from ledger.signing.leaves import Leaf
from ledger.signing.merkle import leaf_hash
from ledger.signing.vkeys import ED25519, NoteVerifier


@dataclass(frozen=True, slots=True)
class PostedVoucher:
    """A voucher as its operator shows it: leaf, events in order, and the note over exactly so many vouchers, if any.

    `remarks` are the codes of what its book remarks on it, in order; None from an operator who does not tell them.
    """

    number: int
    leaf: bytes
    events: tuple[bytes, ...]
    note: str | None
    remarks: tuple[str, ...] | None = None


class Follower:
    """The only writer of a copy. Not thread-safe."""

    def __init__(self, store: LogStore, origin: str, software: str) -> None:
        self._store: Final = store
        self._origin: Final = origin
        self._software: Final = software
        self._state = State()

    def head(self) -> Head:
        """Where the copy ends."""
        with self._store.read() as connection:
            return read_head(connection)

    def root_after(self, head: Head, vouchers: Sequence[PostedVoucher]) -> bytes:
        """The root that the log has after these leaves, before anything is judged or kept."""
        frontier = head.frontier.copy()
        frontier.append([leaf_hash(one.leaf) for one in vouchers])
        return frontier.root()

    def take_in(self, vouchers: Sequence[PostedVoucher]) -> Head:
        """Take in whole batches of the operator's writer: the last voucher is one that a note covers exactly.

        Raises EvidenceError E_FOLLOW_FORM, E_FOLLOW_RULE, E_FOLLOW_UNSIGNED, E_FOLLOW_LEAF, E_FOLLOW_CHECKPOINT, each
        with the voucher's number; BusyError E_BOOK_BUSY when another process took them in. Nothing was kept then.
        """
        try:
            with self._store.write() as connection:
                for batch in _batches(vouchers):
                    self._take_in(connection, batch)
                return read_head(connection)
        except BaseException:
            self._state.drop()
            raise

    def _take_in(self, connection: Connection, vouchers: Sequence[PostedVoucher]) -> None:
        state = self._state
        head = state.catch_up(connection)
        if vouchers[0].number != head.number + 1:
            raise BusyError("E_BOOK_BUSY")  # another process has taken in some of them meanwhile
        leaves = [_leaf(one) for one in vouchers]
        ready = [self._prepared(one, leaf) for one, leaf in zip(vouchers, leaves, strict=True)]
        batch = Batch(connection, state, head, head.posted_at, self._software, {})
        world = World(connection, state.standing, state.authority, state.balances, state.recent)
        world.histories.load(need for voucher in ready for need in needs_of(voucher))
        pins = Pins(connection, head, ready)
        for shown, leaf, voucher in zip(vouchers, leaves, ready, strict=True):
            batch.posted_at = leaf.posted_at
            _judged(batch, world, pins, voucher, shown.remarks)
            if batch.accepted[-1].new.leaf != shown.leaf:
                raise EvidenceError("E_FOLLOW_LEAF", number=shown.number)
        end = append_vouchers(connection, head, [item.new for item in batch.accepted])
        self._keep_note(connection, world, end, vouchers[-1].note or "")
        pins.write()
        state.recorded([item for accepted in batch.accepted for item in accepted.items], end)

    def _prepared(self, shown: PostedVoucher, leaf: Leaf) -> Prepared:
        """Form and signatures, by the keys that the log has named so far."""
        try:
            return prepare(Submission(leaf.envelope, shown.events, leaf.approvals), self._state.keys)
        except LedgerError as error:
            raise EvidenceError("E_FOLLOW_FORM", number=shown.number, reason=error.code) from error

    def _keep_note(self, connection: Connection, world: World, end: Head, note: str) -> None:
        """The note over what was taken in: by the key that the log named before it, over the root that came out."""
        before = self._state.authority
        authority = before if before.origin is not None else world.authority
        key = PublicKey.parse(authority.operator_key or "")
        try:
            told = open_checkpoint(note, NoteVerifier(self._origin, ED25519, key))
        except LedgerError as error:
            raise EvidenceError("E_FOLLOW_CHECKPOINT", number=end.number, reason=error.code) from error
        if (told.size, told.root) != (end.number, end.root):
            raise EvidenceError("E_FOLLOW_CHECKPOINT", number=end.number, reason="root")
        put_checkpoint(connection, end.number, end.root, note)


def _batches(vouchers: Sequence[PostedVoucher]) -> Iterator[list[PostedVoucher]]:
    """What the operator committed together: up to each voucher that a note covers. What a signer had seen is judged by
    the log before the batch, so batches are not put together.
    """
    batch: list[PostedVoucher] = []
    for one in vouchers:
        batch.append(one)
        if one.note is not None:
            yield batch
            batch = []
    if batch:
        raise EvidenceError("E_FOLLOW_CHECKPOINT", number=batch[-1].number, reason="none")


def _remarks(findings: Sequence[Finding]) -> list[str]:
    return sorted(finding.code for finding in findings if not finding.refuses)


def _leaf(shown: PostedVoucher) -> Leaf:
    try:
        return Leaf.from_bytes(shown.leaf)
    except LedgerError as error:
        raise EvidenceError("E_FOLLOW_FORM", number=shown.number, reason=error.code) from error


def _judged(batch: Batch, world: World, pins: Pins, voucher: Prepared, remarks: Sequence[str] | None) -> None:
    """Judge a voucher at its place and accept it; whoever posted it should have refused what is refused here. What an
    earlier edition of the rules let in is let in by that one: the newest that remarks what its book does, for it posted
    by that one too, or else the newest that refuses nothing.
    """
    number = batch.next_number

    def judged(edition: int) -> Judgement:
        return judge(world, voucher, number, batch.next_position, batch.posted_at, edition)

    def fitting(remarked: Sequence[str] | None) -> Judgement | None:
        for edition in range(EDITION, 0, -1):
            found = judged(edition)
            agrees = remarked is None or sorted(remarked) == _remarks(found.findings)
            if agrees and not found.refused and not found.missing:
                return found
            world.forget(batch.next_position)
        return None

    judgement = fitting(remarks) or (None if remarks is None else fitting(None)) or judged(EDITION)
    judgement.findings.extend(pins.judge(voucher))
    if judgement.refused:
        codes = sorted({finding.code for finding in judgement.findings if finding.refuses})
        raise EvidenceError("E_FOLLOW_RULE", number=number, position=batch.next_position, codes=", ".join(codes))
    if judgement.missing:
        raise EvidenceError("E_FOLLOW_UNSIGNED", number=number, missing=", ".join(judgement.missing))
    batches.accept(batch, world, pins, voucher, judgement, {})
