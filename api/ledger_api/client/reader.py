"""Reading a book over the network without believing the server: each checkpoint must extend the one that is known.

The first key is given, or pinned at the first meeting; later keys of the operator are believed only where the log
proves that the key before named them.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx2
from pydantic import TypeAdapter

from ledger.errors import BusyError, EvidenceError, InputError, LedgerError
from ledger.flows.registry import read_event
from ledger.signing.checkpoints import Checkpoint, open_checkpoint
from ledger.signing.keys import PublicKey
from ledger.signing.leaves import Leaf
from ledger.signing.merkle import empty_root, leaf_hash, verify_inclusion
from ledger.signing.proofs import parse_log_proof
from ledger.signing.statements import Statement
from ledger.signing.vkeys import ED25519, NoteVerifier, parse_vkey
from ledger_api.client.following import followed
from ledger_api.client.remote import Pin, PinFile, RemoteLog, nodes, unpacked
from ledger_api.client.standing import Standing
from ledger_api.client.wire import Manners, Wire
from ledger_api.http.models import CheckpointModel, CloseList, EventModel, EventPage, EventProofModel
from ledger_api.http.routes.service import Readiness
from ledger_api.knowing import Known, KnownFile, require_extends, steps
from ledger_projections.books.balances import AccountBalances, FundBalances
from ledger_projections.books.trail import Trail

PAGE: Final = 500
_TRAIL: Final = TypeAdapter(Trail)
_BALANCES: Final = TypeAdapter(FundBalances)
_ACCOUNTS: Final = TypeAdapter(AccountBalances)
POLL_S: Final = 0.2


class Reader:
    """One caller in front of one served book. Use it as a context manager, or `close` it."""

    def __init__(
        self,
        url: str,
        caller: str,
        auth: httpx2.Auth | None,
        *,
        vkey: str | None = None,
        folder: Path | None = None,
        manners: Manners | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._wire: Final = Wire(url, auth, manners, transport)
        self.caller: Final = caller
        self.log: Final = RemoteLog(self._wire)
        self._given = vkey
        self._folder = folder
        self._pins = PinFile(self._wire.url, caller, folder)
        self._standing = Standing(self)
        self._wire.judge, self._wire.stands = self._standing.judge, self._standing.judge_stream
        self._wire.looks = self._standing.look
        if vkey is not None:
            parse_vkey(vkey)

    @property
    def url(self) -> str:
        """The server's address."""
        return self._wire.url

    @property
    def manners(self) -> Manners:
        """How it waits."""
        return self._wire.manners

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # ---- what is believed

    @property
    def pin(self) -> Pin:
        """Which log this is, and the first key of its operator: as it was given, kept, or met now for the first time.

        Raises EvidenceError E_OPERATOR_CHANGED when another log was pinned at this address.
        """
        kept = self._pins.read()
        if kept is None:
            vkey = self._given or self._met()
            kept = Pin(parse_vkey(vkey).name, vkey)
            self._pins.keep(kept)
        if self._given is not None and parse_vkey(self._given).name != kept.origin:
            raise EvidenceError("E_OPERATOR_CHANGED", known=kept.vkey, now=self._given)
        return kept

    def _met(self) -> str:
        """The key that the server names, or just after a change the one before it, which signed the newest note: the
        log proves the change to whoever begins there, once the new key has signed.
        """
        newest = self.log.newest()
        told = parse_vkey(newest.vkey)
        for one in () if _bears(newest.note, newest.vkey) else self.log.rotations():
            before = NoteVerifier(told.name, ED25519, PublicKey.parse(one.previous)).vkey
            if one.operator_key == told.public.text and _bears(newest.note, before):
                return before
        return newest.vkey

    @property
    def origin(self) -> str:
        """The log's origin."""
        return self.pin.origin

    def known(self) -> Known | None:
        """The newest checkpoint that was verified, with the key that signed it or was named in it."""
        return self._file.read()

    def known_already(self) -> Known | None:
        """What `known` answers, without a server being asked: None as well where none was met yet."""
        return None if self._pins.read() is None else self.known()

    @property
    def _file(self) -> KnownFile:
        return KnownFile(self.origin, self.caller, self._folder)

    def checkpoint(self) -> Checkpoint:
        """The newest checkpoint, verified against the one that is known, and kept.

        Raises EvidenceError E_FORK when the log does not extend what this client saw (older is no extension either),
        E_OPERATOR_CHANGED when another key signed it and the log does not prove the change. A server that says it is a
        replica is waited for; BusyError E_REPLICA_BEHIND when it does not come to what is known: nothing older is
        believed of it either.
        """
        known = self.known()  # before the log is asked: another program of this caller may learn more meanwhile
        note = self.caught_up(0 if known is None else open_checkpoint(known.note, None).size).note
        now, vkey, was = self._followed(note, known)
        require_extends(self.log, was, now, self.caller)
        self._keep(Known(vkey, note))
        return now

    def believe_note(self, note: str) -> Checkpoint:
        """A checkpoint that the server shows, newest or not: one log with what is known; kept if later."""
        if self.known() is None:
            self.checkpoint()  # it is the same, or goes on from what is shown here
        known = self.known()
        if known is not None and _says_the_same(note, known.note):
            return open_checkpoint(known.note, None)  # under the line of the key before, it may be
        now, vkey, was = self._followed(note, known)
        if now.size < was.size:
            # It could not prove before it came so far that what it shows is a beginning of what is known.
            if self.caught_up(was.size).size < was.size:
                raise EvidenceError("E_FORK", officer=self.caller, size=was.size)
            require_extends(self.log, now, was, self.caller)
            return now
        require_extends(self.log, was, now, self.caller)
        self._keep(Known(vkey, note))
        return now

    def caught_up(self, size: int) -> CheckpointModel:
        """The newest checkpoint that the server shows; a replica's, once it has come to `size` vouchers."""
        manners = self._wire.manners
        end = manners.monotonic() + manners.limit_s
        while (newest := self.log.newest()).replica and newest.size < size:
            if manners.monotonic() + POLL_S > end:
                raise BusyError("E_REPLICA_BEHIND", size=newest.size, known=size)
            manners.sleep(POLL_S)
        return newest

    def _followed(self, note: str, known: Known | None) -> tuple[Checkpoint, str, Checkpoint]:
        """The checkpoint, the key that signed it, and how far the log was proven on the way to that key."""
        try:
            shown = open_checkpoint(note, None)
        except InputError as error:
            raise EvidenceError("E_ANSWER_FORM", path=self._wire.url, reason=error.code) from None
        if known is None:
            vkey, was = self.pin.vkey, Checkpoint(self.origin, 0, empty_root())
        else:
            vkey, was = known.vkey, open_checkpoint(known.note, None)
            self._require_given(was, vkey)
        if _bears(note, vkey):
            return _opened(note, vkey), vkey, was
        if shown.size < was.size:
            # Whoever signed it: it is proven by the log that is known, or it is not believed.
            return shown, vkey, was
        for reached, key in steps(self.log, was, vkey, self.caller):
            if _bears(note, key):
                return _opened(note, key), key, reached
        raise EvidenceError("E_OPERATOR_CHANGED", known=vkey, now=self.log.newest().vkey[:200])

    def _require_given(self, was: Checkpoint, vkey: str) -> None:
        """A key that was given must be the first one that was pinned, the one that is known, or a later one."""
        given = self._given
        if given is None or given in {self.pin.vkey, vkey}:
            return
        if given not in {key for _, key in steps(self.log, was, vkey, self.caller)}:
            raise EvidenceError("E_OPERATOR_CHANGED", known=vkey, now=given)

    def _keep(self, known: Known) -> None:
        """What is kept never goes back, whoever else of this caller's programs wrote it meanwhile."""
        now, kept = open_checkpoint(known.note, None), self.known()
        if kept is None or open_checkpoint(kept.note, None).size <= now.size:
            self._file.keep(known)

    # ---- what is read

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of any reading route, such as `/v1/trial-balance`.

        Where it says for which checkpoint it stands, that one must extend what is known; what it says is not proven.
        """
        return self._wire.value(path, query)

    def events(
        self,
        tag: str | None = None,
        kinds: Sequence[str] = (),
        *,
        verified: bool = False,
        as_of: date | None = None,
        at: int | str | None = None,
    ) -> Iterator[EventModel]:
        """Events in position order, all pages, by the two clocks: dated up to a day, and as the log stood at a position
        or recording time. With `verified` each is proven by its own proof before it is given.

        Raises EvidenceError E_ANSWER_OTHER for one that was not asked for or does not come in order, and as `prove`.
        """
        cursor: str | None = None
        last = until = 0
        while True:
            clocks = {"as_of": as_of, "at": at}
            query = {"tag": tag, "kind": list(kinds), "limit": PAGE, "cursor": cursor, **clocks}
            page = self._wire.read(EventPage, "/v1/events", query)
            until = until if cursor is not None else page.position
            if page.position != until:  # every page stands for what the first one stood for
                raise EvidenceError("E_ANSWER_OTHER", path="/v1/events", found=page.position)
            for one in page.events:
                fits = (tag is None or tag in one.tags) and (not kinds or one.kind in kinds)
                fits = fits and (not isinstance(at, int) or one.position <= at)
                if not fits or not last < one.position <= until:
                    raise EvidenceError("E_ANSWER_OTHER", path="/v1/events", found=one.position)
                if verified:
                    self.prove(one)
                yield one
                last = one.position
            if page.next is None or page.next == cursor:
                return
            cursor = page.next

    def follow(self, after: int = 0, *, verified: bool = False) -> Iterator[EventModel]:
        """Events after a position, then each as it is posted, without end; broken off, it goes on where it was.

        With `verified` each is proven by its own proof before it is given. Raises AuthorityError when the permission
        is withdrawn, NotFoundError E_POSITION_AHEAD when the log is shorter than that, BusyError when the server was
        away for as long as one request may be tried, EvidenceError E_FORK before the first event of another log.
        """
        for one in followed(self._wire, after):
            if verified:
                self.prove(one)
            yield one

    def event(self, position: int, *, verified: bool = False) -> EventModel:
        """One event."""
        found = self._wire.read(EventModel, f"/v1/events/{position}")
        if found.position != position:
            raise EvidenceError("E_ANSWER_OTHER", path=f"/v1/events/{position}", found=found.position)
        if verified:
            self.prove(found)
        return found

    def prove(self, event: EventModel) -> Checkpoint:
        """The checkpoint under which an event is proven: its bytes, its place, its voucher; that its kind and tags are
        those of its bytes.

        Raises EvidenceError E_EVENT_UNPROVEN when the proof is of another event or leads nowhere, or its bytes say
        something else; InputError for bytes of no kind that this program knows.
        """
        made = self._wire.read(EventProofModel, f"/v1/events/{event.position}/proof")
        try:
            told = parse_log_proof(made.log_proof)
            leaf = Leaf.from_bytes(unpacked(made.leaf))
            stated = Statement.from_bytes(leaf.envelope.payload).events
        except InputError:
            raise EvidenceError("E_EVENT_UNPROVEN", position=event.position) from None
        under = self.believe_note(told.checkpoint_note)
        data, root = unpacked(made.event), leaf_hash(leaf.to_bytes())
        placed = (leaf.first_position + made.line, leaf.number) == (event.position, event.number)
        logged = verify_inclusion(root, leaf.number - 1, under.size, told.path, under.root)
        inside = verify_inclusion(leaf_hash(data), made.line, stated.count, nodes(made.voucher_path), stated.root)
        if not (placed and logged and inside and data == event.data.encode()):
            raise EvidenceError("E_EVENT_UNPROVEN", position=event.position)
        written = read_event(data)
        if (written.kind, list(written.tags())) != (event.kind, event.tags):
            raise EvidenceError("E_EVENT_UNPROVEN", position=event.position)
        self._standing.proven(event.position)
        return under

    def trail(self, tag: str, *, as_of: date | None = None, at: int | None = None) -> Trail:
        """Everything that touched a tag, with who signed it, by the two clocks: of the log that is known, no older than
        what was proven.
        The rows themselves are not proven; `events(tag, verified=True)` proves those that it gives.
        """
        return self._wire.typed(_TRAIL, f"/v1/trails/{quote(tag, safe='')}", {"as_of": as_of, "at": at})

    def balances(self, entity: str | None = None, *, as_of: date | None = None, at: int | None = None) -> FundBalances:
        """What each fund holds and can promise, by the two clocks; amounts are fen.

        They stand for the log that is known and for no less than what was proven to stand in it. The sums themselves
        are not proven: whoever must be sure follows the book with a mirror, which counts them again.
        """
        return self._wire.typed(_BALANCES, "/v1/balances", {"entity": entity, "as_of": as_of, "at": at})

    def accounts(
        self, entity: str | None = None, *, as_of: date | None = None, at: int | None = None
    ) -> AccountBalances:
        """In which bank account, cash box or channel the money of each fund lies; no more proven than `balances`."""
        return self._wire.typed(_ACCOUNTS, "/v1/accounts", {"entity": entity, "as_of": as_of, "at": at})

    def close_list(self, entity: str, period: str, *, at: int | None = None) -> CloseList:
        """What is still open of a month (`YYYY-MM`), to be settled or named before its close."""
        return self._wire.read(CloseList, "/v1/close-list", {"entity": entity, "period": period, "at": at})

    def wait(self, position: int) -> int:
        """Until the read models follow to a position; where they stand. BusyError E_WAITED after the limit."""
        manners = self._wire.manners
        end = manners.monotonic() + manners.limit_s
        while (ready := self._wire.read(Readiness, "/v1/ready")).position < position:
            if manners.monotonic() + POLL_S > end:
                raise BusyError("E_WAITED", position=position, found=ready.position)
            manners.sleep(POLL_S)
        return ready.position


def _bears(note: str, vkey: str) -> bool:
    """Whether a note bears the signature of a key."""
    try:
        _opened(note, vkey)
    except LedgerError as error:
        if error.code in {"E_NOTE_UNVERIFIED", "E_CHECKPOINT_ORIGIN"}:
            return False
        raise
    return True


def _says_the_same(note: str, known: str) -> bool:
    """Whether two notes have one text, whoever signed them: what was verified under one is verified."""
    return note.rpartition("\n\n")[0] == known.rpartition("\n\n")[0]


def _opened(note: str, vkey: str) -> Checkpoint:
    return open_checkpoint(note, parse_vkey(vkey))
