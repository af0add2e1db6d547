"""Answers that are read from the log alone, kept until the log grows: most readers ask between two vouchers."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool

from ledger_api.http.answers import POSITION
from ledger_api.http.heads import Head

ANSWERS_MAX: Final = 256
BYTES_MAX: Final = 512 * 1024
"""How many answers are kept, and how large one may be."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it goes out."""

    body: bytes
    headers: dict[str, str]


class KeptAnswers:
    """The answers at one head; a newer head forgets them."""

    def __init__(self) -> None:
        self._head: Head | None = None
        self._answers: dict[Hashable, Kept] = {}
        self._lock = threading.Lock()

    def find(self, head: Head | None, key: Hashable) -> Kept | None:
        """What was answered at this head."""
        with self._lock:
            return self._answers.get(key) if head is not None and head == self._head else None

    def keep(self, head: Head | None, key: Hashable, answer: Kept) -> None:
        """Keep an answer, when it stands for this head and is not large."""
        if head is None or answer.headers.get(POSITION.lower()) != str(head.position) or len(answer.body) > BYTES_MAX:
            return
        with self._lock:
            if head != self._head or len(self._answers) >= ANSWERS_MAX:
                self._head, self._answers = head, {}
            self._answers[key] = answer


async def kept(request: Request, key: Hashable, form: TypeAdapter[Any], read: Callable[[Response], Any]) -> Response:
    """The answer that `read` gives of a snapshot, setting the headers of the response that it is handed.

    `key` says all that the answer depends on beside the log; None keeps nothing.
    """
    answers: KeptAnswers = request.app.state.kept
    head: Head | None = request.scope.get("head") if key is not None else None
    found = answers.find(head, key)
    if found is None:
        found = await run_in_threadpool(_read, form, read)
        answers.keep(head, key, found)
    return Response(found.body, headers=found.headers, media_type="application/json")


def _read(form: TypeAdapter[Any], read: Callable[[Response], Any]) -> Kept:
    told = Response()
    body = form.dump_json(read(told))
    del told.headers["content-length"]
    return Kept(body, dict(told.headers))
