"""What an answer says it stands for (Ledger-Checkpoint, Ledger-Position), held against what is known of the log.

An answer of before is waited past and asked for again, one of another log is never given. What stands in the answer is
not proven by this: a server that says where it stands can still say a wrong sum.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from ledger.errors import BusyError, EvidenceError, InputError, LedgerError, NotFoundError
from ledger.signing import base64_text
from ledger.signing.checkpoints import Checkpoint, open_checkpoint
from ledger.signing.digests import DIGEST_BYTES
from ledger_api.client.remote import RemoteLog
from ledger_api.client.wire import JSON, Answer, Manners
from ledger_api.http.answers import CHECKPOINT, POSITION
from ledger_api.http.models import CheckpointModel
from ledger_api.knowing import Known, require_extends

_ITSELF: Final = re.compile(r"/v1/(checkpoint|checkpoints/.*|consistency|log/.*|ready|events/[0-9]+/proof)")
"""Paths whose answers are what believing is made of, and the one that tells how far the server has come."""
_KEPT: Final = "/v1/reports/"
"""What was made once and is kept stands for what it was made of: older is right, another log is not."""
_BEARS: Final = re.compile(r"/v1/(balances|accounts|trails/.*|events|events/[0-9]+|events/stream|vouchers|pending)")
"""Paths whose answers always say what they stand for."""
_FORMS: Final = frozenset({JSON, "text/event-stream"})
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


class Believer(Protocol):
    """Who knows a log and believes no more of it than is proven."""

    @property
    def caller(self) -> str:
        """In whose name it asks."""

    @property
    def log(self) -> RemoteLog:
        """The log behind the server."""

    @property
    def manners(self) -> Manners:
        """How it waits."""

    def known_already(self) -> Known | None:
        """What is known, without asking the server anything."""

    def checkpoint(self) -> Checkpoint:
        """The newest checkpoint, verified."""

    def believe_note(self, note: str) -> Checkpoint:
        """A checkpoint that the server shows, verified."""

    def caught_up(self, size: int) -> CheckpointModel:
        """The newest checkpoint that the server shows, once a replica has come to `size` vouchers."""


class Standing:
    """What one caller's answers must stand for: the log that is known, and what was proven to stand in it."""

    def __init__(self, believer: Believer) -> None:
        self._believer = believer
        self._proven = 0

    def proven(self, position: int) -> None:
        """A receipt or a proof showed that the log reaches to this position: no answer of before is taken now."""
        self._proven = max(self._proven, position)

    def judge(self, path: str, query: Mapping[str, Any], send: Callable[[], Answer]) -> Answer:
        """The answer, once it stands for no less than what is known.

        Raises BusyError E_REPLICA_BEHIND for a replica that does not come so far and E_WAITED for read models that do
        not, EvidenceError E_ANSWER_OLD for other answers of before, E_FORK for those of another log.
        """
        if _ITSELF.fullmatch(path):
            return send()
        manners = self._believer.manners
        end, wait_s, looked = manners.monotonic() + manners.limit_s, manners.first_wait_s, False
        while True:
            known = self._believer.known_already()  # before it is asked: others may learn more meanwhile
            try:
                answer = send()
            except NotFoundError:
                if known is None or looked:
                    raise
                looked = True  # it may be there and not have come here yet: then this says so, or waits for it
                self._believer.checkpoint()
                continue
            failure = self._behind(answer, path, known) or self._before(answer, path, query)
            if failure is None:
                return answer
            if manners.monotonic() + wait_s > end:
                raise failure
            manners.sleep(wait_s)
            wait_s *= 2

    def judge_stream(self, path: str, query: Mapping[str, Any], answer: Answer) -> LedgerError | None:
        """Why a stream is not to be believed yet, by what it says before its first message: it is opened again.

        Raises EvidenceError E_FORK for one of another log, and of a log that ends before what is known.
        """
        return self._behind(answer, path, self._believer.known_already()) or self._before(answer, path, query)

    def look(self) -> bool:
        """Whether a log is known; if so the server was asked how far it has come, and it is the same log."""
        if self._believer.known_already() is None:
            return False
        self._believer.checkpoint()
        return True

    def _behind(self, answer: Answer, path: str, known: Known | None) -> LedgerError | None:
        """What to raise for an answer under an older checkpoint than the known one, if it does not mend itself."""
        told = _told(answer, path, must=known is not None)
        if told is None:
            return None
        size, root = told
        was = None if known is None else open_checkpoint(known.note, None)
        if was is None or size > was.size:
            self._follow(size, root)
            return None
        if size < was.size and not path.startswith(_KEPT):
            if self._believer.caught_up(was.size).size < was.size:
                raise EvidenceError("E_FORK", officer=self._believer.caller, size=was.size)
            return EvidenceError("E_ANSWER_OLD", path=path, size=size, known=was.size)
        if size > 0:
            now = Checkpoint(was.origin, size, root)
            require_extends(self._believer.log, now, was, self._believer.caller)
        return None

    def _follow(self, size: int, root: bytes) -> None:
        """Believe a checkpoint that is newer than what is known: the operator signed it, and it extends what is."""
        log = self._believer.log
        try:
            note = log.checkpoint(size).note
        except NotFoundError:
            self._believer.caught_up(size)  # another replica of the same address
            try:
                note = log.checkpoint(size).note
            except NotFoundError:
                raise EvidenceError("E_FORK", officer=self._believer.caller, size=size) from None
        now = self._believer.believe_note(note)
        if (now.size, now.root) != (size, root):
            raise EvidenceError("E_FORK", officer=self._believer.caller, size=size)

    def _before(self, answer: Answer, path: str, query: Mapping[str, Any]) -> LedgerError | None:
        """What to raise for an answer that stands for less than was proven, if it does not mend itself."""
        if not answer.position or path.startswith(_KEPT) or query.get("cursor") is not None:
            return None  # a later page stands for what the first one stood for
        found, at = _number(answer.position, path, POSITION), query.get("at")
        if at is None:
            return BusyError("E_WAITED", position=self._proven, found=found) if found < self._proven else None
        if _NUMBER.fullmatch(str(at)) and found != int(at):  # else it is a time
            raise EvidenceError("E_ANSWER_OTHER", path=path, found=found)
        return None


def _told(answer: Answer, path: str, *, must: bool) -> tuple[int, bytes] | None:
    """Size and root of the checkpoint that an answer says it stands under; None where it says nothing and need not."""
    if not (answer.checkpoint and answer.position):
        if must and _BEARS.fullmatch(path) and answer.media in _FORMS:  # what is of another form is refused as that
            raise EvidenceError("E_ANSWER_FORM", path=path, reason=f"{CHECKPOINT}, {POSITION}")
        if not answer.checkpoint:
            return None
    size, _, text = answer.checkpoint.partition(" ")
    try:
        root = base64_text.decode(text)
    except InputError:
        root = b""
    if len(root) != DIGEST_BYTES:
        raise EvidenceError("E_ANSWER_FORM", path=path, reason=CHECKPOINT)
    return _number(size, path, CHECKPOINT), root


def _number(text: str, path: str, name: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise EvidenceError("E_ANSWER_FORM", path=path, reason=name)
    return int(text)
