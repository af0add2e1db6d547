"""The imports of one process: each upload with what was read from it, and the round that is being signed.

The upload, what was chosen for it, and what was handed out of it are kept on the disk, where every process of the
service finds them. Whatever else is in memory is made again from them and the book, after a restart as after being put
aside for another, and says the same but for what was recorded meanwhile.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError

from ledger.application.collector import collector_seldom
from ledger.application.importing.beside import beside
from ledger.application.importing.parse import parse_file
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import Place
from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.planning import Maker, Plan, RowResult
from ledger.application.writer import MAX_BATCH_EVENTS, MAX_BATCH_VOUCHERS
from ledger.decisions.authority import Authority
from ledger.errors import InputError, NotFoundError, RefusedError
from ledger.signing.digests import digest_text, sha256
from ledger.signing.ids import new_uuid7
from ledger.signing.statements import MAX_NOTE_CHARS
from ledger.values.dates import parse_day, timestamp_text
from ledger.values.text import check_free_text
from ledger_api.books import Book
from ledger_api.clients import moment
from ledger_api.http.imports import rounds
from ledger_api.http.imports.chosen import Chosen, Upload
from ledger_api.http.imports.mappings import Mappings, Sheets
from ledger_api.http.imports.spool import FOLDER, KEPT_DAYS, Spool
from ledger_api.rooms import Room

KEPT_MOST: Final = 50
"""Uploads of one officer at a time."""
_IN_MEMORY: Final = 8
_BUSY: Final = "E_IMPORT_BUSY"
_AT_ONE: Final = 4
"""Requests at one upload at a time, three of which wait."""
_OF_ONE: Final = 8
"""Requests of one officer at uploads at a time: judging takes long, and must not take every thread of the service."""
EVENTS_A_ROUND: Final = 10_000
_UNREADABLE: Final = ("E_FILE_", "E_CELL_TOO_LONG")
"""Codes of files that no choice of kind, columns or month can mend: they are refused and not kept."""

Grant = tuple[str, str, str | None]
"""A role, its entity and its scope."""


class Import:
    """One upload as it was read. Be alone in its `room` while using it."""

    def __init__(self, upload: Upload, data: bytes) -> None:
        self.upload = upload
        self.room: Final = Room(_BUSY, at_once=1, waiting=_AT_ONE - 1)
        self.parsed: ParsedFile | None = None
        self.refused: InputError | None = None
        self.plan: Plan | None = None
        self.roles: frozenset[Grant] | None = None
        """What the officer might do when the plan was made: with other roles it is made anew."""
        self.judged = False
        """Whether the plan was rehearsed to its end: good for looking at, used up for handing out."""
        self.round = 0
        self.open: dict[bytes, rounds.Handed] = {}
        """What was handed out and not answered yet, by the root of its events."""
        self.results: dict[Place, RowResult] = {}
        """What became of the rows that were handed in; the plan's too."""
        self.mark: object = None
        """Which state of the disk `round`, `open` and `results` are."""
        self._read(data)

    @property
    def state(self) -> list[object]:
        """What a choice is made on: what was chosen, which rounds were handed out, and what became of them."""
        opened = sorted(root.hex() for root in self.open)
        return [self.upload.model_dump(mode="json"), self.round, opened, len(self.results)]

    def _read(self, data: bytes) -> None:
        """Raises InputError for a file that cannot be read at all; what a choice may mend is kept in `refused`."""
        chosen = self.upload.chosen
        try:
            with collector_seldom():
                self.parsed = parse_file(
                    data, chosen.kind, name=self.upload.name, month=chosen.month, columns=chosen.columns
                )
        except InputError as error:
            if error.code.startswith(_UNREADABLE):
                raise
            self.refused = InputError(error.code, **error.params)


class Imports:
    """The imports of a book in this process."""

    def __init__(self, book: Book, secret: Callable[[str], bytes]) -> None:
        self._book = book
        self._secret = secret
        self._spool: Spool | None = None
        self._open: OrderedDict[str, Import] = OrderedDict()
        self._guard = threading.Lock()
        self._reading = Room(_BUSY, at_once=2, waiting=14)
        """Each file that is being read takes many times its size of memory."""
        self._rooms: dict[str, Room] = {}
        self.mappings: Final = Mappings(book.store, secret)

    @property
    def spool(self) -> Spool:
        """Where uploads are kept."""
        if self._spool is None:
            self._spool = Spool(self._book.settings.directory / FOLDER, self._secret("imports"))
        return self._spool

    def now(self) -> datetime:
        """The book's clock."""
        return moment(self._book.clock)

    def receive(self, officer: str, name: str, data: bytes, chosen: Chosen, *, mapped_for: str | None = None) -> Import:
        """Read an upload that is not kept yet, with what was said of such columns before for the entity `mapped_for`.

        Raises InputError E_FILE_… and E_TEXT_… (the note); RefusedError E_IMPORT_TOO_MANY.
        """
        _require_note(chosen)
        self.tidy()
        self._require_place(officer)
        now = self.now()
        upload = Upload(
            id=new_uuid7(),
            officer=officer,
            name=name,
            size_bytes=len(data),
            digest=digest_text(sha256(data)),
            created_at=timestamp_text(now),
            expires_at=timestamp_text(now + timedelta(days=KEPT_DAYS)),
            chosen=chosen,
        )
        with self._room_of(officer).entered(), self._reading.entered():
            found = self._read(upload, data)
            known = None if mapped_for is None else self.mappings.find(mapped_for, Sheets(name, data))
            if known is None:
                return found
            wanted = {**chosen.model_dump(), "columns": known.columns, "kind": chosen.kind or known.kind}
            again = self._read(
                Upload.model_validate({**upload.model_dump(), "chosen": wanted, "mapped_by": known.made_by}), data
            )
            return found if again.parsed is None else again  # a known field may have gone with a new release

    def _read(self, upload: Upload, data: bytes) -> Import:
        """An upload as it says; rows that were taken out of another one to be mended are told apart as rows of that."""
        found = Import(upload, data)
        for digest in {one.digest for one in found.parsed.taken_from.values()} if found.parsed else ():
            original = self._original(upload, digest)
            if found.parsed is not None and original is not None:
                found.parsed = beside(found.parsed, original)
        return found

    def _original(self, upload: Upload, digest: str) -> ParsedFile | None:
        """The officer's own upload of this digest, as it was read; None where it is not kept."""
        for one in self.uploads():
            if (one.officer, one.digest) == (upload.officer, digest) and one.digest != upload.digest:
                with self._guard:
                    known = self._open.get(one.id)
                found = known if known is not None and known.upload == one else self._read(one, self.spool.data(one.id))
                if found.parsed is not None:
                    return found.parsed
        return None

    def _require_place(self, officer: str) -> None:
        if sum(one.officer == officer for one in self.uploads()) >= KEPT_MOST:
            raise RefusedError("E_IMPORT_TOO_MANY", limit=KEPT_MOST)

    def _room_of(self, officer: str) -> Room:
        with self._guard:
            return self._rooms.setdefault(officer, Room(_BUSY, at_once=_OF_ONE))

    def keep(self, found: Import, data: bytes) -> None:
        """Keep an upload, sealed. It is called under the writer's lock, so that many at once are counted one by one."""
        self._require_place(found.upload.officer)
        self.spool.keep(found.upload.id, found.upload.model_dump(mode="json"), data)
        self._remember(found)

    def choose(self, found: Import, chosen: Chosen) -> Import:
        """The same upload read anew with other choices; what was handed out before is forgotten."""
        _require_note(chosen)
        upload = Upload.model_validate({**found.upload.model_dump(), "chosen": chosen, "mapped_by": None})
        with self._reading.entered():
            again = self._read(upload, self.spool.data(upload.id))
        self.spool.forget_round(upload.id)
        self.spool.keep(upload.id, upload.model_dump(mode="json"))
        self._remember(again)
        return again

    def uploads(self) -> list[Upload]:
        """All that are kept, oldest first."""
        found: list[Upload] = []
        for name in self.spool.names():
            try:
                found.append(self._described(name))
            except NotFoundError:
                continue  # deleted meanwhile, or sealed by another operator's key
        return found

    @contextmanager
    def held(self, officer: str, name: str) -> Iterator[Import]:
        """An officer's own import, for this caller alone; NotFoundError E_IMPORT_UNKNOWN for any other."""
        with self._room_of(officer).entered():
            while True:
                found = self._get(officer, name)
                with found.room.entered():
                    if self._get(officer, name) is found:  # not read anew with other choices while this caller waited
                        self._catch_up(found)
                        yield found
                        return

    def _catch_up(self, found: Import) -> None:
        """Go on from what another process handed out or took back, or this one before it was started again."""
        mark = self.spool.round_mark(found.upload.id)
        if mark == found.mark:
            return
        kept = rounds.read(self.spool.round_kept(found.upload.id))
        found.mark, found.plan, found.judged = mark, None, False
        found.round, found.open, found.results = kept.number, kept.open, kept.results

    def keep_round(self, found: Import) -> None:
        """Keep what was handed out and what became of it, for whoever is asked next."""
        state = rounds.kept(found.round, found.open.values(), found.results)
        found.mark = self.spool.keep_round(found.upload.id, state)

    def _described(self, name: str) -> Upload:
        """NotFoundError E_IMPORT_UNKNOWN, also for what another release of this software kept."""
        try:
            return Upload.model_validate(self.spool.described(name))
        except ValidationError:
            raise NotFoundError("E_IMPORT_UNKNOWN", value=name) from None

    def _get(self, officer: str, name: str) -> Import:
        upload = self._described(name)
        if upload.officer != officer or upload.expires_at < timestamp_text(self.now()):
            raise NotFoundError("E_IMPORT_UNKNOWN", value=name)
        with self._guard:
            found = self._open.get(name)
            if found is not None and found.upload == upload:
                self._open.move_to_end(name)
                return found
            self._open.pop(name, None)
        with self._reading.entered():
            with self._guard:
                known = self._open.get(name)  # read by whoever had the turn before
            found = self._read(upload, self.spool.data(name)) if known is None or known.upload != upload else known
        with self._guard:
            found = self._open.setdefault(name, found)
        self._remember(found)
        return found

    def drop(self, found: Import) -> None:
        """Destroy an upload and forget what was read from it."""
        self.spool.drop(found.upload.id)
        with self._guard:
            self._open.pop(found.upload.id, None)

    def plan(self, found: Import, authority: Authority, *, fresh: bool = False) -> Plan | None:
        """What the import proposes, compared with the book; None when the file is not understood yet. `fresh` makes a
        rehearsed plan anew, and compares one anew since which others recorded something; one of which a voucher was
        refused is compared anew then in any case. E_ROLE and its like stand in the plan's report.
        """
        if found.parsed is None:
            return None
        roles = frozenset(authority.roles.get(found.upload.officer, ()))
        if found.roles not in {None, roles}:
            found.plan, found.open = None, {}
        found.roles = roles
        outrun, used_up = _is_outrun(found, fresh=fresh), fresh and found.judged
        if found.plan is not None and outrun and found.round and not used_up:
            found.plan.catch_up(self._made(found, authority))
        elif found.plan is None or outrun or used_up:
            found.plan, found.judged = self._made(found, authority), False
        return found.plan

    def _made(self, found: Import, authority: Authority) -> Plan:
        assert found.parsed is not None  # noqa: S101 - it was read
        upload, chosen = found.upload, found.upload.chosen
        options = Options(
            upload.officer,
            parse_day(timestamp_text(self.now())[:10]),
            entity=chosen.entity,
            fund=chosen.fund,
            account=chosen.account,
            programme=chosen.programme,
            month=chosen.month,
            batch_no=chosen.batch,
            without_roster=chosen.without_roster,
            absences_known=chosen.absences_known,
            note=chosen.note,
        )
        now = timestamp_text(self.now())
        maker = Maker(upload.officer, rounds.key_of(authority, upload.officer, now), self._book.origin)
        with collector_seldom():
            context = Context(self._book.store, self._book.vault, options)
            return Plan(found.parsed, context, self._book.store, authority, maker, found.results)

    def judge(self, found: Import, authority: Authority) -> Plan | None:
        """The plan with all that rules say of it, judged on the book as it is now. While a round is being signed the
        plan stays as it is.
        """
        plan = self.plan(found, authority)
        if plan is None or found.open or found.judged:
            return plan
        if found.round or plan.is_outrun():
            plan = self._anew(found, authority)
        with collector_seldom():
            plan.rehearse(self.now())
        found.judged = True
        return plan

    def _anew(self, found: Import, authority: Authority) -> Plan:
        found.judged = True
        plan = self.plan(found, authority, fresh=True)
        assert plan is not None  # noqa: S101 - it was read
        return plan

    def next_round(self, found: Import, authority: Authority, *, rehearsed: bool) -> None:
        """Hand out the next round, or leave the open one open. Raises RefusedError E_IMPORT_NOT_READ, a file's own
        refusal, and E_IMPORT_WRONG_ROWS for a file of which all or nothing is wanted.
        """
        plan = self.plan(found, authority, fresh=True)
        if plan is None:
            raise RefusedError("E_IMPORT_NOT_READ")
        if plan.found.refused is not None:
            raise RefusedError(plan.found.refused.code, **plan.found.refused.params)
        if found.open:
            return
        whole = found.upload.chosen.mode == "atomic"
        if whole:
            self._require_whole(found, plan)
        with collector_seldom():
            planned = plan.next_round(self.now(), None if whole else EVENTS_A_ROUND, rehearsed=rehearsed or whole)
        if whole:
            _require_postable(found, sum(len(one.data) for one in planned), len(planned))
        found.open = {one.root: rounds.handed(one) for one in planned}
        found.round += bool(planned)
        self.keep_round(found)

    def _require_whole(self, found: Import, plan: Plan) -> None:
        """That every row is sound, before anybody is kept in the vault for it. The plan is as good as new after that,
        for nothing was refused.
        """
        if plan.results:
            return
        if not plan.found.wrong:
            _require_postable(found, sum(len(item.events) for item in plan.items), 1)
            with collector_seldom():
                plan.rehearse(self.now())
        if plan.found.wrong:
            found.judged = True
            raise RefusedError("E_IMPORT_WRONG_ROWS", rows=len({cell.place for cell in plan.found.wrong}))

    def _remember(self, found: Import) -> None:
        with self._guard:
            self._open[found.upload.id] = found
            self._open.move_to_end(found.upload.id)
            while len(self._open) > _IN_MEMORY:
                self._open.popitem(last=False)

    def tidy(self) -> None:
        """Destroy what is older than an upload may be, and forget what was read from it."""
        self.spool.sweep()
        now = timestamp_text(self.now())
        for one in self.uploads():
            if one.expires_at < now:
                self.spool.drop(one.id)
        with self._guard:
            for name in set(self._open).difference(self.spool.names()):
                del self._open[name]


def _is_outrun(found: Import, *, fresh: bool) -> bool:
    """Whether a plan is to be made anew because of what others recorded. While a round is signed it stays."""
    plan = found.plan
    return plan is not None and not found.open and (fresh or plan.comes_again) and plan.is_outrun()


def _require_note(chosen: Chosen) -> None:
    """A note that may be signed, before anything is handed out with it. Raises InputError E_TEXT_… ."""
    check_free_text(chosen.note, MAX_NOTE_CHARS, field="note", multiline=True)


def _require_postable(found: Import, events: int, vouchers: int) -> None:
    """RefusedError E_TOGETHER_TOO_LARGE for more than one transaction takes; what was planned is planned anew."""
    if events > MAX_BATCH_EVENTS or vouchers > MAX_BATCH_VOUCHERS:
        found.judged = True
        raise RefusedError("E_TOGETHER_TOO_LARGE", found=events, limit=MAX_BATCH_EVENTS, vouchers=MAX_BATCH_VOUCHERS)
