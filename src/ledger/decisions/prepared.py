"""A submission made ready for judgement: everything that bytes alone can tell, done before the writer's lock.

Form is checked here (canonical bytes, count, root, signatures that hold for the key they name); whether the key still
counts at the voucher's position, and what the rules say, is judged under the lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from ledger.errors import AuthorityError, InputError
from ledger.flows.event import Event
from ledger.flows.registry import read_event
from ledger.signing.dsse import APPROVAL_TYPE, VOUCHER_TYPE, Envelope, verify
from ledger.signing.keys import PublicKey
from ledger.signing.merkle import root_over
from ledger.signing.statements import Approval, Statement
from ledger.values.dates import parse_day

MAX_EVENTS: Final = 10_000
EVENT_BYTES_MAX: Final = 4 * 1024 * 1024
"""What a new event may have: a list of ten thousand givers has a quarter of it."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client sends: the maker's envelope, the events' bytes in order, the approvals at hand."""

    envelope: Envelope
    events: tuple[bytes, ...]
    approvals: tuple[Envelope, ...] = ()
    unexplained: bool = False
    """The note explains nothing yet: a fact that breaks a rule then refuses the voucher instead of being recorded. A
    wish of the client's, not a part of what is signed.
    """
    passing: bool = False
    """It is posted or comes to nothing: what would wait for a signature is answered so, and is not kept. A wish too."""


@dataclass(frozen=True, slots=True)
class SignedApproval:
    """An approval with the key id that its envelope names."""

    approval: Approval
    keyid: str
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Prepared:
    """A submission that is well-formed and whose signatures hold for the keys they name."""

    statement: Statement
    voucher_date: date
    """凭证日期."""
    digest: str
    keyid: str
    envelope: Envelope
    events: tuple[Event, ...]
    data: tuple[bytes, ...]
    tags: tuple[tuple[str, ...], ...]
    """The tags of each event."""
    approvals: tuple[SignedApproval, ...]
    unexplained: bool = False
    """As in the submission."""
    passing: bool = False
    """As in the submission."""

    def with_approvals(self, approvals: tuple[SignedApproval, ...]) -> "Prepared":
        """The same voucher with these approvals."""
        return replace(self, approvals=approvals)


def prepare(submission: Submission, keys: dict[str, PublicKey]) -> Prepared:
    """Check form and signatures. `keys` maps key ids to the public keys that the book knows (revoked ones included).

    Raises InputError (E_EVENT_…, E_COUNT, E_ROOT, E_PAYLOAD_TYPE) or AuthorityError (E_KEY_UNKNOWN, E_SIGNATURE).
    """
    if submission.envelope.payload_type != VOUCHER_TYPE:
        raise InputError("E_PAYLOAD_TYPE", value=submission.envelope.payload_type, wanted=VOUCHER_TYPE)
    statement = Statement.from_bytes(submission.envelope.payload)
    for index, data in enumerate(submission.events):
        if len(data) > EVENT_BYTES_MAX:
            raise InputError("E_EVENT_BYTES", reason=f"{len(data)} > {EVENT_BYTES_MAX}", kind=None, event=index)
    check_events(statement, submission.events)
    events = []
    for index, data in enumerate(submission.events):
        try:
            events.append(read_event(data))
        except InputError as error:
            raise InputError(error.code, **{**error.params, "event": index}) from None
    if statement.voucher in (ids := [event.id for event in events]) or len(set(ids)) < len(ids):
        raise InputError("E_EVENT_ID_REUSED", voucher=statement.voucher)
    opening = keys or _opening_keys(events)
    keyid = check_signature(submission.envelope, opening)
    approvals = tuple(read_approval(envelope, statement, opening) for envelope in submission.approvals)
    return Prepared(
        statement,
        parse_day(statement.voucher_date),
        statement.digest,
        keyid,
        submission.envelope,
        tuple(events),
        submission.events,
        tuple(event.tags() for event in events),
        approvals,
        submission.unexplained,
        submission.passing,
    )


def as_if_signed(statement: Statement, events: Sequence[Event], data: Sequence[bytes], keyid: str) -> Prepared:
    """A voucher for a rehearsal, as if the key had signed it: what it would be told, for somebody who signs elsewhere.

    `data` are the events' bytes. Nothing that is written may come from here.
    """
    return Prepared(
        statement,
        parse_day(statement.voucher_date),
        statement.digest,
        keyid,
        Envelope(VOUCHER_TYPE, statement.to_bytes(), ()),
        tuple(events),
        tuple(data),
        tuple(event.tags() for event in events),
        (),
    )


def check_events(statement: Statement, events: Sequence[bytes]) -> None:
    """The statement's count and root are those of these bytes; E_COUNT or E_ROOT otherwise."""
    if not 1 <= len(events) <= MAX_EVENTS or len(events) != statement.events.count:
        raise InputError("E_COUNT", stated=statement.events.count, found=len(events), limit=MAX_EVENTS)
    if root_over(events) != statement.events.root:
        raise InputError("E_ROOT", voucher=statement.voucher)


def check_signature(envelope: Envelope, keys: dict[str, PublicKey]) -> str:
    """The id of the one known key that signed; E_KEY_UNKNOWN or E_SIGNATURE. The hint alone proves nothing."""
    if len(envelope.signatures) != 1:
        raise InputError("E_ONE_SIGNATURE", count=len(envelope.signatures))
    hint = envelope.signatures[0].keyid
    if hint not in keys:
        raise AuthorityError("E_KEY_UNKNOWN", keyid=hint)
    if not verify(envelope, {hint: keys[hint]}):
        raise AuthorityError("E_SIGNATURE", keyid=hint)
    return hint


def read_approval(envelope: Envelope, statement: Statement, keys: dict[str, PublicKey]) -> SignedApproval:
    """An approval of exactly this statement; E_APPROVAL_OF_OTHER when it names another, E_APPROVAL_OF_LEDGER when it is
    for another ledger.
    """
    if envelope.payload_type != APPROVAL_TYPE:
        raise InputError("E_PAYLOAD_TYPE", value=envelope.payload_type, wanted=APPROVAL_TYPE)
    approval = Approval.from_bytes(envelope.payload)
    if approval.ledger != statement.ledger:
        raise InputError("E_APPROVAL_OF_LEDGER", ledger=approval.ledger, wanted=statement.ledger)
    if approval.statement != statement.digest:
        raise InputError("E_APPROVAL_OF_OTHER", statement=approval.statement, wanted=statement.digest)
    return SignedApproval(approval, check_signature(envelope, keys), envelope)


def _opening_keys(events: Sequence[Event]) -> dict[str, PublicKey]:
    """The first voucher enrols its own signers: the administrators that `book.opened` names."""
    keys: dict[str, PublicKey] = {}
    for event in events:
        for admin in getattr(event, "administrators", ()) if event.kind == "book.opened" else ():
            keys[admin.keyid] = PublicKey.parse(admin.key)
    return keys
