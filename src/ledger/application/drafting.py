"""The client's half: make events, state them in a voucher, sign, approve. It needs a key and no database.

A separately installed client that uses only this module and keeps its own checkpoint cannot be made to sign what it
did not see.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final, get_args

from pydantic import BaseModel

from ledger.decisions.prepared import MAX_EVENTS, Submission
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.flows.in_words import require_words
from ledger.flows.registry import class_of, event_from_value, write_event
from ledger.signing.dsse import APPROVAL_TYPE, VOUCHER_TYPE, Envelope, sign
from ledger.signing.ids import new_uuid7
from ledger.signing.keys import SigningKey
from ledger.signing.merkle import root_over
from ledger.signing.statements import Approval, EventsRoot, Seen, Statement
from ledger.values.dates import Period, day_text, timestamp_text
from ledger.values.text import says_nothing

VALID_MONTHS: Final = 3
"""How long a voucher stays valid by default: to the end of the third month after its date."""
_UNDOING: Final = frozenset({"voucher.rejected", "voucher.withdrawn", "event.reversed", "period.reopened"})
_OF_PEOPLE: Final = frozenset({"identity.erased", "identity.restricted", "identity.released"})
REASONED: Final = _UNDOING | _OF_PEOPLE | {"operator_key.rotated"}
"""Kinds that undo what somebody did, that close or open what is kept of a person, or that change the key which signs
for the book: they say why. The log takes them without a word, as it always did: it is the desk,
the client and the service that ask for one before anything is signed or taken in.
"""


@dataclass(frozen=True, slots=True)
class Signer:
    """A person, the person's key, the book the person signs for, and what the person's client has seen of it."""

    officer: str
    key: SigningKey
    ledger: str
    seen: Seen | None = None


def draft_event(kind: str, values: Mapping[str, Any]) -> Event:
    """An event with a fresh id from plain JSON values; fields that may be null and were not given are null. It is of
    the `version` that the values name, else of the first.

    Raises E_EVENT_KIND, E_EVENT_FIELD, and E_TEXT_PERSONAL where a name in words holds a person's number.
    """
    version = values.get("version", 1)
    cls = class_of(kind, version)
    given = {"kind": kind, "version": version, "id": new_uuid7(), **values}
    event = event_from_value(_with_nulls(cls, given))
    require_words(event)
    return event


def _with_nulls(cls: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with null for every field that may be null and was not given, in nested parts too."""
    filled = dict(values)
    for name, may_be_null, inner in _shape(cls):
        if name not in filled:
            if may_be_null:
                filled[name] = None
        elif inner is not None and isinstance(filled[name], Mapping):
            filled[name] = _with_nulls(inner, filled[name])
        elif inner is not None and isinstance(filled[name], list | tuple):
            filled[name] = [_with_nulls(inner, one) if isinstance(one, Mapping) else one for one in filled[name]]
    return filled


@cache
def _shape(cls: type[BaseModel]) -> tuple[tuple[str, bool, type[BaseModel] | None], ...]:
    """Each field's name, whether it may be null, and the part model inside it. Asked for once a class."""
    return tuple(
        (name, type(None) in get_args(info.annotation), _part(info.annotation))
        for name, info in cls.model_fields.items()
    )


def _part(annotation: Any) -> type[BaseModel] | None:
    """The part model inside an annotation (itself, optional, annotated or in a tuple), if there is one."""
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for found in map(_part, get_args(annotation)) if found is not None), None)


def draft(
    signer: Signer,
    entity: str,
    voucher_date: date,
    events: Sequence[Event],
    now: datetime,
    *,
    note: str = "",
    attachments: int = 0,
    voucher: str | None = None,
    valid_until: str | None = None,
) -> Submission:
    """State and sign events as one voucher of an entity. At most 10,000 events; E_REASON_BLANK as `require_reasons`."""
    require_reasons(events)
    if not 1 <= len(events) <= MAX_EVENTS:
        raise InputError("E_COUNT", stated=len(events), found=len(events), limit=MAX_EVENTS)
    data = tuple(write_event(event) for event in events)
    statement = Statement(
        ledger=signer.ledger,
        voucher=voucher or new_uuid7(),
        entity=entity,
        voucher_date=day_text(voucher_date),
        attachments=attachments,
        made_at=timestamp_text(now),
        valid_until=valid_until or default_validity(voucher_date, timestamp_text(now)),
        maker=signer.officer,
        events=EventsRoot(len(data), root_over(data)),
        note=note,
        seen=signer.seen,
    )
    return Submission(sign(VOUCHER_TYPE, statement.to_bytes(), signer.key), data)


def require_reason(reason: str) -> None:
    """InputError E_REASON_BLANK for a reason that says nothing: no character of it prints but blanks."""
    if says_nothing(reason):
        raise InputError("E_REASON_BLANK", field="reason")


def require_reasons(events: Iterable[Event]) -> None:
    """E_REASON_BLANK of an event that must say why, and does not."""
    for event in events:
        if event.kind in REASONED:
            require_reason(str(getattr(event, "reason", "")))


def default_validity(voucher_date: date, now: str) -> str:
    """Until when a voucher counts that says nothing else; `now` as statements spell it."""
    latest = max(voucher_date, date.fromisoformat(now[:10]))
    return Period.of(latest).plus(VALID_MONTHS).closes_at


def approve(signer: Signer, submission: Submission, capacity: str, now: datetime) -> Envelope:
    """An approval of exactly the bytes in hand: their events are checked against the statement before signing."""
    statement = Statement.from_bytes(submission.envelope.payload)
    root = root_over(submission.events)
    if root != statement.events.root or len(submission.events) != statement.events.count:
        raise InputError("E_ROOT", voucher=statement.voucher)
    approval = Approval(
        ledger=signer.ledger,
        person=signer.officer,
        statement=statement.digest,
        capacity=capacity,
        made_at=timestamp_text(now),
        valid_until=statement.valid_until,
        seen=signer.seen,
    )
    return sign(APPROVAL_TYPE, approval.to_bytes(), signer.key)
