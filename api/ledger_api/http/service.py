"""What the routes of one process share: the book, its writer, who may do what as the log says now, and read models.

The service keeps its own memory of authority beside the writer's, so that asking who somebody is never waits for a
batch that is being written.
"""

import contextlib
import shutil
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from sqlalchemy import Connection

from ledger.application.outcomes import Outcome, Receipt
from ledger.application.state import State
from ledger.application.writer import Writer
from ledger.decisions.authority import Authority
from ledger.decisions.prepared import Submission
from ledger.errors import BusyError, EvidenceError, LedgerError, RefusedError
from ledger.log.appending import is_head
from ledger.log.keeping.life import Life, has_life, moved
from ledger.signing.keys import PublicKey, SigningKey
from ledger.signing.vkeys import ED25519, NoteSigner, NoteVerifier
from ledger.values.dates import parse_day, parse_timestamp, timestamp_text
from ledger_api.access.desk import Access
from ledger_api.access.duties import duties_in
from ledger_api.access.former import Secrets, former_secrets, own_secrets
from ledger_api.access.secrets import secret_of
from ledger_api.asking import stopped
from ledger_api.books import Book
from ledger_api.clients import moment
from ledger_api.hooks.registry import Hooks
from ledger_api.http.cursors import Cursors
from ledger_api.http.imports.sessions import Imports
from ledger_api.http.nonces import Nonces
from ledger_api.http.reading.rendered import Rendered, Shared
from ledger_api.http.reading.standing import Words, standing, words_of
from ledger_api.http.running.writing import ALONE, Hand
from ledger_api.http.safeguards.under_way import UnderWay
from ledger_api.http.together import Together
from ledger_api.reports.jobs import Jobs
from ledger_api.rotations import with_todays_line
from ledger_projections.registry import catch_up

VOUCHERS_AT_ONCE: Final = 256
"""How many vouchers of different requests are given to the writer together."""

LOOKS_AT_ONCE: Final = 10_000
"""How many requests share one look at the log."""


@dataclass(frozen=True, slots=True)
class Known:
    """The log as it was after so many commits: who may do what, who holds which administration, where it ends, and how
    this copy was moved away, if it was.
    """

    commits: str | None
    authority: Authority
    duties: Mapping[str, str]
    words: Words
    moved: Life | None = None

    def require_here(self) -> None:
        """Refuse whoever would wait for what is posted. Raises E_MOVED where nothing comes any more."""
        if self.moved is not None:
            raise RefusedError("E_MOVED", at=self.moved.at, where=str(self.moved.detail.get("where", "-")))


class Service:
    """One process's part of a book on the network. `operator` signs checkpoints; None only reads: it knows signed
    requests, and neither sessions nor read-only keys, whose digests need the operator's key. `hand` reaches the
    writer's own process; without one the writer is in this one.
    """

    disk_bytes_min = 64 * 1024 * 1024
    """With less room than that on the disk of the book's directory, the service is not ready."""

    def __init__(self, book: Book, operator: NoteSigner | None, hand: Hand | None = None) -> None:
        self.book: Final = book
        self.store: Final = book.store
        self._posts: Final = operator is not None
        self._hand: Final = hand
        # Without the key a throwaway one stands in for secrets; where nothing is written it signs nothing.
        operator = operator or NoteSigner(book.origin, SigningKey.generate())
        self.operator: Final = operator
        self._ledger: Final = book.ledger(operator)
        self.cursors: Final = Cursors(secret_of(operator, "cursors"))
        self.nonces: Final = Nonces()
        self.under_way: Final = UnderWay()
        self.access: Final = Access(book.store, operator)
        self.hooks: Final = Hooks(book.store, operator)
        self._secrets: dict[str, bytes] = {}
        self._answers: list[Secrets] = []
        self.rendered: Final = Rendered()
        self.shared: Final = Shared()
        self.imports: Final = Imports(book, self.secret)
        with contextlib.suppress(OSError):  # a disk that is full or cannot be written to is told by `require_room`
            self.imports.tidy()
        self._state = State()
        self._last: Known | None = None
        self._has_life = False
        self._memory = threading.Lock()
        self._folding = threading.Lock()
        self.reports: Final = Jobs(book, operator, self.fold)
        self._looks: Final[Together[None, Known]] = Together("looks", self._look_for_all, LOOKS_AT_ONCE)
        self._handed_in: Final[Together[Submission, Outcome]] = Together(
            "vouchers", partial(self._post, "vouchers", "submit_all"), VOUCHERS_AT_ONCE
        )

    @property
    def writer(self) -> Writer:
        """The one writer of this process; others may write beside it."""
        return self._ledger.writer

    @property
    def signer(self) -> NoteSigner | None:
        """Whoever signs for the operator here; None where the key is not at hand."""
        return self.operator if self._posts else None

    @property
    def vkey(self) -> str:
        """The operator's published key."""
        if self._posts:
            return self.operator.vkey
        named = self.authority().operator_key
        if named is None:
            raise EvidenceError("E_BOOK_NOT_OPENED")
        return NoteVerifier(self.book.origin, ED25519, PublicKey.parse(named)).vkey

    def with_todays_line(self, connection: Connection, note: str) -> str:
        """The newest note as it is shown: see `rotations.with_todays_line`; as it is where the key is not here."""
        return with_todays_line(connection, note, self.operator) if self._posts else note

    def secret(self, purpose: str) -> bytes:
        """32 bytes for one purpose, the same in every process that holds the operator's key."""
        if purpose not in self._secrets:
            self._secrets[purpose] = secret_of(self.operator, purpose)
        return self._secrets[purpose]

    def answers(self) -> list[Secrets]:
        """What answers are kept under: the secrets of today's key first, then those of the keys before it."""
        if not self._answers:
            with self.store.read() as connection:
                self._answers = [own_secrets(self.operator), *former_secrets(connection, self.operator)]
        return self._answers

    def authority(self) -> Authority:
        """Keys, roles and entities as the log has them now, whichever process wrote it."""
        return self.known().authority

    def standing(self) -> Words:
        """Where the log stood when `known` was asked last, which every request does first; it reads nothing."""
        return (self._last or self.known()).words

    @property
    def has_moved(self) -> bool:
        """Whether the book had gone elsewhere when `known` was asked last; it reads nothing either."""
        return (self._last or self.known()).moved is not None

    async def look(self) -> Known:
        """What is known of the log now. Nothing is read while nobody has committed; what must be read, all requests
        share that came before the reading began.
        """
        last = self._last
        if last is not None and self.store.tells_at_once and last.commits == self.store.commits():
            return last
        return await self._looks.ask(None)

    async def look_after(self, outcome: Outcome) -> Words:
        """Where the log stands once a voucher was handed in; after a batch of this process its writer knows, and
        nothing is read.
        """
        posted = self.writer.posted
        if isinstance(outcome, Receipt) and not outcome.repeated and posted is not None:
            head, _ = posted
            if head.position >= outcome.first_position + outcome.count - 1:
                return str(head.position), words_of(head.number, head.root)
        return (await self.look()).words

    async def hand_in(self, submission: Submission) -> Outcome:
        """Judge a voucher and post it, with all that other requests hand in meanwhile; see `Writer.submit`."""
        return await self._handed_in.ask(submission)

    def post_all(self, submissions: Sequence[Submission]) -> Sequence[Outcome | LedgerError]:
        """Post an import's vouchers; see `Writer.submit_all`."""
        return self._post("imports", "submit_all", submissions)

    def post_together(self, submissions: Sequence[Submission]) -> Sequence[Outcome | LedgerError]:
        """Post an import's vouchers, all or none; see `Writer.submit_together`."""
        return self._post("imports", "submit_together", submissions)

    def _post(self, lane: str, way: str, submissions: Sequence[Submission]) -> Sequence[Outcome | LedgerError]:
        if self._hand is None:
            return ALONE[way](self.writer, submissions)
        answers = self._hand.submit(lane, way, submissions, self.writer)
        self.store.woken()
        return answers

    def known(self) -> Known:
        """What is known of the log. It is read again whenever anybody has committed since, and before what is asked
        now: a number that was read first can only be too old.
        """
        with self._memory:
            commits, known = self.store.commits(), self._last
            if known is None or commits is None or commits != known.commits:
                known = self._last = self._looked_up(commits)
            return known

    def _look_for_all(self, asked: Sequence[None]) -> list[Known]:
        return [self.known()] * len(asked)

    def _looked_up(self, commits: str | None) -> Known:
        """One look at the log. After a batch of this process nothing is folded again: its writer knows the authority,
        and its checkpoint is the newest.
        """
        posted = self.writer.posted
        with self.store.read() as connection:
            duties, away = duties_in(connection), self._moved(connection)
            if posted is not None and is_head(connection, posted[0]):
                head, authority = posted
                words = (str(head.position), words_of(head.number, head.root))
                return Known(commits, authority, duties, words, away)
            self._state.catch_up(connection)
            return Known(commits, self._state.authority, duties, standing(connection), away)

    def _moved(self, connection: Connection) -> Life | None:
        self._has_life = self._has_life or has_life(connection)  # once it is there it stays
        return moved(connection) if self._has_life else None

    def now(self) -> str:
        """The clock, as statements spell it."""
        return timestamp_text(moment(self.book.clock))

    def unix_now(self) -> int:
        """The clock in seconds since 1970, as signed requests count."""
        return int(self.book.clock().timestamp())

    def seconds_since(self, instant: str) -> float:
        """How long ago an instant of the log was; 0 for one that is ahead of this clock."""
        return max(0.0, (self.book.clock() - parse_timestamp(instant)).total_seconds()) if instant else 0.0

    def today(self) -> date:
        """Today in China."""
        return parse_day(self.now()[:10])

    def fold(self) -> int:
        """Bring the read models to the log; the position that all of them have reached. Raises EvidenceError
        E_MODEL_STOPPED for one that could not follow.
        """
        with self._folding:
            reached = catch_up(self.store)
        for progress in reached:
            if progress.failure is not None:
                raise stopped(progress)
        return min(progress.position for progress in reached)

    def tidy(self) -> None:
        """Destroy uploads and reports that have expired, whether or not anybody asks for them. Raises OSError."""
        self.imports.tidy()
        self.reports.tidy()

    def require_room(self) -> None:
        """Raises BusyError E_DISK_LOW when the disk of the book's directory is nearly full."""
        free = shutil.disk_usage(self.book.settings.directory).free
        if free < self.disk_bytes_min:
            raise BusyError("E_DISK_LOW", free=free // 2**20, wanted=self.disk_bytes_min // 2**20)

    def close(self) -> None:
        """Give the database back, when what was handed in is answered."""
        self._handed_in.close()
        if self._hand is not None:
            self._hand.close()
        self._looks.close()
        self.reports.close()
        self.book.close()
