"""What is said to whom is not known, or must wait."""

from typing import ClassVar

from ledger.errors import LedgerError


class SignInError(LedgerError):
    """Nobody is known to have sent the request."""

    http_status: ClassVar[int] = 401


class TooManyError(LedgerError):
    """The caller must wait before asking again; `wait` is in seconds."""

    http_status: ClassVar[int] = 429
