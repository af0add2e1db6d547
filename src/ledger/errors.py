"""The error tree: every refusal has a stable code, a status, and its sentence in two languages.

    LedgerError
    ├── InputError        422  bytes, files or fields that cannot be read as what they claim to be
    ├── AuthorityError    403  a key, person or role that may not do this
    ├── RefusedError      409  a well-formed act that the rules, the calendar or the log refuse
    ├── NotFoundError     404  nothing of that name, number or digest
    ├── EvidenceError     500  stored or received evidence that does not prove what it claims
    └── BusyError         503  nothing is wrong; try the same request again
        └── UncertainError     whether it was written is not known; the same request again tells

The sentence stands in the catalogues (`ledger/catalogue/*.toml`), keyed by the code; the parameters say where and
what (`file`, `sheet`, `row`, `column`, `value`, …). A program reads `code` and `params`; a person reads `str(error)`.
"""

from typing import Any, ClassVar

from ledger.catalogue import say


class LedgerError(Exception):
    """Anything this ledger says no to; `code` is stable and documented, `params` are JSON values."""

    http_status: ClassVar[int] = 500

    def __init__(self, code: str, /, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code)

    def __reduce__(self) -> tuple[Any, ...]:
        """Between processes as it is: with its fields, whatever its kind was made from."""
        return _again, (type(self), dict(self.__dict__))

    def message(self, language: str = "zh") -> str:
        """The sentence in `zh` or `en`."""
        return say(self.code, language, **self.params)

    def __str__(self) -> str:
        return f"{self.code}: {self.message('zh')} / {self.message('en')}"


def _again(kind: type[LedgerError], fields: dict[str, Any]) -> LedgerError:
    error = kind.__new__(kind, fields["code"])
    error.__dict__.update(fields)
    return error


class InputError(LedgerError):
    """What came in cannot be read as what it claims to be."""

    http_status = 422


class AuthorityError(LedgerError):
    """The person, key or role may not do this."""

    http_status = 403


class RefusedError(LedgerError):
    """A well-formed act is refused; `findings` in `params` holds every reason, never only the first."""

    http_status = 409


class NotFoundError(LedgerError):
    """Nothing of that name, number or digest."""

    http_status = 404


class EvidenceError(LedgerError):
    """Stored or received evidence does not prove what it claims."""

    http_status = 500


class BusyError(LedgerError):
    """Nothing is wrong with the request; it may be repeated."""

    http_status = 503


class UncertainError(BusyError):
    """Nobody knows whether it was written: the database went away while it was committing."""
