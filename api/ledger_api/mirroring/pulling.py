"""Pulling: from where the copy ends to the newest checkpoint, each page proven before it is judged, judged before kept.

A pull that is broken off goes on where it stopped. One book's trouble never keeps another from being pulled.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ledger.application.following import Follower, PostedVoucher
from ledger.errors import EvidenceError, LedgerError
from ledger.log.appending import Head
from ledger.signing import base64_text
from ledger.signing.checkpoints import Checkpoint
from ledger.values.dates import timestamp_text
from ledger_api.books import SOFTWARE, Clock, system_clock
from ledger_api.client import Reader
from ledger_api.clients import moment
from ledger_api.http.models import json_values
from ledger_api.knowing import require_extends
from ledger_api.mirroring import settling
from ledger_api.mirroring.directory import EVIDENCE, Followed, MirrorDirectory, Status
from ledger_api.mirroring.hearing import Heard

PAGE: Final = 256
STATE: Final = "state"

Connect = Callable[[Followed, Path], Reader]
"""Makes the reader of a book; the path is the folder where it keeps what it knows."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of pulling one book: how many vouchers were taken in, and the error that ended it, if any."""

    book: Followed
    taken: int
    status: Status
    error: LedgerError | None


def pull_all(
    mirror: MirrorDirectory, connect: Connect, names: Sequence[str] = (), clock: Clock = system_clock
) -> Iterator[Pulled]:
    """Pull some books (none named: all), one after the other."""
    chosen = [mirror.book(name) for name in names] if names else mirror.books()
    for one in chosen:
        yield pull(mirror, one, connect, clock)


def pull(mirror: MirrorDirectory, book: Followed, connect: Connect, clock: Clock = system_clock) -> Pulled:
    """Pull one book and write down how it ended; nothing is raised."""
    try:
        with mirror.held(book):
            return _pulled(mirror, book, connect, clock)
    except LedgerError as found:
        error = found
    except Exception as found:  # noqa: BLE001 - whatever broke with one book, the others are still pulled
        error = _unforeseen(found)
    # Another pulls it, its copy cannot be opened, or its status not be kept: what is told of it stays as it was kept.
    return Pulled(book, 0, replace(_kept(mirror, book), code=error.code, params=json_values(error.params)), error)


def _kept(mirror: MirrorDirectory, book: Followed) -> Status:
    try:
        return mirror.status(book)
    except (LedgerError, OSError):
        return Status()


def _pulled(mirror: MirrorDirectory, book: Followed, connect: Connect, clock: Clock) -> Pulled:
    before, now = mirror.status(book), timestamp_text(moment(clock))
    folder, fork, error = (mirror.folder(book) / EVIDENCE).absolute(), before.fork, None
    with mirror.copy(book, clock) as copy:
        follower = Follower(copy.store, book.origin, SOFTWARE)
        start = follower.head().number
        try:
            with connect(book, mirror.folder(book) / STATE) as reader:
                heard = Heard(reader, book.vkey)
                error = _take_in(follower, reader, heard)
                if shown := heard.keep(copy.store, folder, now, error):
                    fork, told = settling.heavier(fork, shown), settling.trouble(book.name, Path(shown))
                    known = error is None or (error.code, told.code) == ("E_FORK", "E_MIRROR_FORKED")
                    error = error if known else told
                if error is None:
                    fork = settling.settle(copy.store, book.origin, folder, fork)
        except LedgerError as found:
            error = found
        except Exception as found:  # noqa: BLE001 - it is told like any other end of a pull
            error = _unforeseen(found)
        head = follower.head()
    status = _status(before, head, now, error)
    status = replace(status, fork=fork, holds=status.holds and not fork)
    if fork and error is None:
        left = settling.trouble(book.name, Path(fork))
        status = replace(status, code=left.code, params=json_values(left.params))
    mirror.keep_status(book, status)
    return Pulled(book, head.number - start, status, error)


def _unforeseen(error: Exception) -> LedgerError:
    return LedgerError("E_UNFORESEEN", kind=type(error).__name__, reason=" ".join(str(error).split())[:300])


def _take_in(follower: Follower, reader: Reader, heard: Heard) -> LedgerError | None:
    """Everything up to the newest checkpoint; the error that ended it. The reader is still needed for evidence."""
    try:
        newest = reader.checkpoint()
        head = follower.head()
        require_extends(reader.log, _checkpoint(reader, head.number, head.root), newest, reader.caller)
        heard.joined()
        while head.number < newest.size:
            page = reader.log.leaves(head.number, PAGE)
            end = head.number + len(page)
            if end > newest.size:
                newest = reader.checkpoint()
                heard.joined()
            _require_proven(reader, _checkpoint(reader, end, follower.root_after(head, page)), newest, page)
            head = _kept_page(follower, page, heard)
    except LedgerError as error:
        return error
    except Exception as error:  # noqa: BLE001 - what was heard before is judged all the same
        return _unforeseen(error)
    return None


def _kept_page(follower: Follower, page: Sequence[PostedVoucher], heard: Heard) -> Head:
    """Take a proven page in; a note inside it that is refused is heard: the operator's signature may stand under it."""
    try:
        return follower.take_in(page)
    except EvidenceError as error:
        refused = error.params.get("number") if error.code == "E_FOLLOW_CHECKPOINT" else None
        for one in page:
            if one.number == refused and one.note:
                heard.hear(one.note)
        raise


def _checkpoint(reader: Reader, size: int, root: bytes) -> Checkpoint:
    """Our own word on the log: nobody signed it."""
    return Checkpoint(reader.origin, size, root)


def _require_proven(reader: Reader, ours: Checkpoint, newest: Checkpoint, page: Sequence[PostedVoucher]) -> None:
    """E_MIRROR_PAGE unless the log with this page is a beginning of the log that the operator signed."""
    wrong = EvidenceError("E_MIRROR_PAGE", path="/v1/log/leaves", reason=f"{ours.size}")
    if not page or ours.size > newest.size:
        raise wrong
    try:
        require_extends(reader.log, ours, newest, reader.caller)
    except EvidenceError as error:
        raise wrong from error


def _status(before: Status, head: Head, now: str, error: LedgerError | None) -> Status:
    found = replace(
        before,
        tried_at=now,
        size=head.number,
        position=head.position,
        root=base64_text.encode(head.root),
        posted_at=head.posted_at,
    )
    if error is None:
        return replace(found, pulled_at=now, code="", params=None, holds=True)
    holds = before.holds and not isinstance(error, EvidenceError)
    return replace(found, code=error.code, params=json_values(error.params), holds=holds)
