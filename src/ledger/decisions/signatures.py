"""Signatures: which keys, persons, roles and times count for a voucher at its position, and whose acts it may hold.

Persons count, not keys. A machine's key records facts of the kinds it was enrolled for and never decides or approves.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from typing import Final

from ledger.decisions.authority import Authority, KeyState
from ledger.decisions.model import BOOK
from ledger.decisions.policies import ADMINISTRATIVE, makers_of, wrong_maker
from ledger.decisions.possession import possessed
from ledger.decisions.prepared import Prepared, SignedApproval
from ledger.flows.event import Event, Stage
from ledger.flows.knowledge import Finding, Recorded
from ledger.values.dates import parse_timestamp, timestamp_text

CLOCKS_APART: Final = timedelta(minutes=5)
"""How far a signer's clock may run ahead of the operator's."""


def signature_findings(state: Authority, voucher: Prepared, number: int, posted_at: str) -> Iterator[Finding]:
    """Keys, persons and roles at the voucher's position. Voucher 1 is signed by the administrators it names."""
    statement, first = voucher.statement, number == 1
    acting = _named_by_opening(voucher) if first else state
    yield from _origin(acting, voucher)
    if first and [event.kind for event in voucher.events] != ["book.opened"]:
        yield Finding("E_OPENING_ALONE", -1)
    yield from _rotates_once(voucher)
    key = acting.key_of(voucher.keyid, posted_at)
    if key is None:
        yield Finding("E_KEY_REVOKED", -1, (("keyid", voucher.keyid),))
    elif key.officer != statement.maker:
        yield Finding("E_KEY_OF_OTHER", -1, (("keyid", voucher.keyid), ("officer", statement.maker)))
    elif key.machine_kinds is not None:
        yield from _machine(key.machine_kinds, voucher.events)
    yield from _in_time(statement.made_at, statement.valid_until, posted_at)
    if statement.entity not in state.entities and statement.entity != BOOK:
        yield Finding("E_ENTITY_UNKNOWN", -1, (("entity", statement.entity),))
    elif not first:
        machine = key is not None and key.machine_kinds is not None
        yield from wrong_maker(state, statement.maker, statement.entity, voucher.events, machine=machine)
    yield from _of_other_entity(voucher)
    yield from _approvals(acting, voucher, posted_at)
    yield from possessed(acting.origin or "", voucher.events)
    yield from _ends_own(voucher)


def approval_counts(state: Authority, item: SignedApproval, entity: str, posted_at: str) -> bool:
    """Whether an approval that was kept while its voucher waited still stands: key, person, role and time."""
    return not any(True for _ in _approval(state.key_of(item.keyid, posted_at), state, item, entity, posted_at))


def _in_time(made_at: str, valid_until: str, posted_at: str, *where: tuple[str, str]) -> Iterator[Finding]:
    if posted_at > valid_until:
        yield Finding("E_EXPIRED", -1, (("valid_until", valid_until), *where))
    if made_at > timestamp_text(parse_timestamp(posted_at) + CLOCKS_APART):
        yield Finding("E_MADE_FUTURE", -1, (("made_at", made_at), ("posted_at", posted_at), *where))


def _of_other_entity(voucher: Prepared) -> Iterator[Finding]:
    """A voucher speaks for its own entity only; who may act at all is settled under the book alone."""
    own = voucher.statement.entity
    if own != BOOK and not any(_names_entity(kind) for kind in set(map(type, voucher.events))):
        return
    for index, event in enumerate(voucher.events):
        named = str(getattr(event, "entity", own) or "*")
        if own == BOOK:
            if event.kind not in ADMINISTRATIVE and not event.kind.startswith(("book.", "voucher.")):
                yield Finding("E_ENTITY_UNKNOWN", index, (("entity", BOOK),))
        elif event.kind in ADMINISTRATIVE or named != own:
            # An act of the administrators is of the whole book, whichever entity it is about.
            meant = BOOK if event.kind in ADMINISTRATIVE else named
            yield Finding("E_ENTITY_OTHER", index, (("entity", meant), ("voucher_entity", own)))


@cache
def _names_entity(kind: type[Event]) -> bool:
    """Whether events of a class say which entity they are of, or are administrative."""
    return "entity" in kind.model_fields or kind.model_fields["kind"].default in ADMINISTRATIVE


def _ends_own(voucher: Prepared) -> Iterator[Finding]:
    """Only the maker withdraws a voucher, and nobody rejects his own."""
    maker = voucher.statement.maker
    for index, event in enumerate(voucher.events):
        if event.kind == "voucher.withdrawn" and getattr(event, "maker", None) != maker:
            yield Finding("E_NOT_MAKER", index, (("officer", maker),))
        if event.kind == "voucher.rejected" and getattr(event, "maker", None) == maker:
            yield Finding("E_SAME_PERSON", index, (("officer", maker), ("capacity", "checker")))


def _rotates_once(voucher: Prepared) -> Iterator[Finding]:
    """A checkpoint ends with each change of the operator's key, signed by the key before: a key that is named and
    replaced by one voucher could sign none.
    """
    changes = [index for index, event in enumerate(voucher.events) if event.kind == "operator_key.rotated"]
    if len(changes) > 1:
        yield Finding("E_ROTATION_TWICE", changes[1], (("count", str(len(changes))),))


def _named_by_opening(voucher: Prepared) -> Authority:
    """The authority that the first voucher names, so that its own signatures can be judged by it."""
    state = Authority()
    items = [Recorded(i, e, BOOK, voucher.voucher_date, 1) for i, e in enumerate(voucher.events, 1)]
    state.learn(item for item in items if item.event.kind == "book.opened")
    return state


def _origin(state: Authority, voucher: Prepared) -> Iterator[Finding]:
    if state.origin is None:
        yield Finding("E_BOOK_NOT_OPENED", -1)
    elif state.origin != voucher.statement.ledger:
        yield Finding("E_OTHER_BOOK", -1, (("ledger", voucher.statement.ledger), ("origin", state.origin)))


def _machine(kinds: tuple[str, ...], events: Sequence[Event]) -> Iterator[Finding]:
    for index, event in enumerate(events):
        if event.kind not in kinds or event.stage_now() is Stage.GATE:
            yield Finding("E_MACHINE_KIND", index, (("kind", event.kind),))


def _approvals(state: Authority, voucher: Prepared, posted_at: str) -> Iterator[Finding]:
    """Each approval by another person, in a role that person holds, with a key that counts, in time."""
    persons = {voucher.statement.maker}
    for item in voucher.approvals:
        approval = item.approval
        where = (("officer", approval.person), ("capacity", approval.capacity))
        yield from _approval(state.key_of(item.keyid, posted_at), state, item, voucher.statement.entity, posted_at)
        if approval.person in persons:
            yield Finding("E_SAME_PERSON", -1, where)
        persons.add(approval.person)
        if approval.rejects:
            yield Finding("E_REJECTED", -1, where)
            if approval.capacity not in makers_of("voucher.rejected"):
                yield Finding("E_CAPACITY_REJECTS", -1, where)


def _approval(
    key: KeyState | None, state: Authority, item: SignedApproval, entity: str, posted_at: str
) -> Iterator[Finding]:
    approval = item.approval
    where = (("officer", approval.person), ("capacity", approval.capacity))
    if key is None:
        yield Finding("E_KEY_REVOKED", -1, (("keyid", item.keyid), *where))
    elif key.officer != approval.person:
        yield Finding("E_KEY_OF_OTHER", -1, (("keyid", item.keyid), *where))
    elif key.machine_kinds is not None:
        yield Finding("E_MACHINE_APPROVES", -1, where)
    if not state.holds(approval.person, approval.capacity, entity):
        yield Finding("E_CAPACITY", -1, (where[1], *state.called(approval.person, entity)))
    yield from _in_time(approval.made_at, approval.valid_until, posted_at, *where)
