"""Whether somebody who was let in may still read on: by what the log says now, and by the session or key of then."""

import time
from dataclasses import replace
from typing import Final

from fastapi import Request

from ledger_api.access.sessions import FULL
from ledger_api.http.access.ways import COOKIE, by_read_key
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.service import Known, Service


class Stay:
    """One caller for as long as a stream lasts."""

    def __init__(self, request: Request, caller: Caller, service: Service) -> None:
        self._request: Final = request
        self._caller: Final = caller
        self._service: Final = service
        self._seen: tuple[str | None, float] = (None, 0.0)
        """What was committed, and the time, when the session or the key was looked up last."""

    def now(self, known: Known) -> Caller | None:
        """The caller as the log stands now; None when the key that signed, or the permission, counts no more."""
        caller = replace(self._caller, authority=known.authority, duties=known.duties)
        if caller.key:
            key = known.authority.key_of(caller.key, self._service.now())
            if key is None or key.officer != caller.officer:
                return None
        allowed = caller.where(Permission.BOOKS)
        return None if allowed is not None and not allowed else caller

    @property
    def is_looked_up(self) -> bool:
        """Whether `lives` reads the database; what was signed is judged by the log alone."""
        return not self._caller.key

    def is_due(self, known: Known, seconds: float) -> bool:
        """Whether `lives` must be asked before anything is sent: somebody has committed since, or so long has passed.
        A key is revoked and a session ended by a commit; both also end by the clock.
        """
        if not self.is_looked_up:
            return False
        commits, at = self._seen
        return commits is None or commits != known.commits or time.monotonic() - at >= seconds

    def lives(self, known: Known) -> bool:
        """Whether the session or the read-only key still opens the door. A waiting stream keeps no session awake."""
        self._seen = (known.commits, time.monotonic())
        if COOKIE in self._request.cookies and self._caller.way == "session":
            token = self._request.cookies[COOKIE]
            found = self._service.access.sessions.peek(token, self._service.unix_now())
            return found is not None and found.stage == FULL and found.officer == self._caller.officer
        again = by_read_key(self._request, b"", self._service, known)
        return again is not None and again.name == self._caller.name
