"""A server's problem details (RFC 9457) as the same errors that the command line knows."""

import re
from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from ledger.application.outcomes import VoucherRefusedError
from ledger.errors import (
    AuthorityError,
    BusyError,
    EvidenceError,
    InputError,
    LedgerError,
    NotFoundError,
    RefusedError,
)
from ledger.flows.knowledge import Finding
from ledger_api.http.problems import (
    MEDIA_TYPE,
    ConflictError,
    MalformedError,
    MediaTypeError,
    MethodError,
    Place,
    PreconditionError,
    Problem,
    SignInError,
    TooLargeError,
    TooManyError,
)

PROBLEM: Final = MEDIA_TYPE

_CLASSES: Final[Mapping[int, type[LedgerError]]] = {
    one.http_status: one
    for one in (
        InputError,
        AuthorityError,
        RefusedError,
        NotFoundError,
        EvidenceError,
        BusyError,
        MalformedError,
        SignInError,
        MethodError,
        ConflictError,
        TooLargeError,
        MediaTypeError,
        PreconditionError,
        TooManyError,
    )
}
_CODE: Final = re.compile(r"E_[A-Z0-9_]{1,60}", re.ASCII)
_EVENT: Final = re.compile(r"/events/([0-9]{1,5})", re.ASCII)


def refusal(status: int, body: bytes, path: str) -> LedgerError:
    """The error of a problem; E_ANSWER_FORM when it is none. What the sentence needs is in `params`."""
    try:
        told = Problem.model_validate_json(body, extra="ignore")
    except ValidationError:
        return EvidenceError("E_ANSWER_FORM", path=path, reason="problem")
    if told.status != status or _CODE.fullmatch(told.code) is None:
        return EvidenceError("E_ANSWER_FORM", path=path, reason="problem")
    if told.code == "E_REFUSED":
        position = told.params.get("position")
        found = [_finding(one) for one in told.errors]
        known = position if isinstance(position, int) else 0
        return VoucherRefusedError(str(told.params.get("voucher", "")), found, known)
    return _CLASSES.get(status, EvidenceError)(told.code, **told.params)


def _finding(one: Place) -> Finding:
    place = _EVENT.fullmatch(one.pointer)
    return Finding(one.code, -1 if place is None else int(place[1]), tuple(one.params.items()))
