"""A role narrowed to a township (乡镇经办): whoever holds it only so acts on what lies there, and on nothing else.

What a township does is named here: it enrols, keeps its societies, and raises and follows clues. Batches, payments,
findings, recoveries and the accounts are the county's and outside every narrowed role. An event lies where it says
itself and where the enrolment, society, clue or people lie that it is about.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from ledger.decisions.authority import EVERYWHERE, Authority
from ledger.decisions.model import Model
from ledger.decisions.policies import makers_of
from ledger.decisions.prepared import Prepared
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding, Recorded

_OF_TOWNSHIPS: Final = ("clue.", "enrolment.", "mutual_aid.")
_ANYWHERE: Final = ("attachment.", "identity.", "voucher.")
"""Registering people and papers, rejecting and withdrawing vouchers: nothing that lies anywhere."""

ENROLLING: Final = ("enrolment.changed", "enrolment.confirmed")
STATING: Final[dict[str, tuple[str, ...]]] = {
    "enrolment": ENROLLING,
    "society": ("mutual_aid.society_changed", "mutual_aid.society_registered"),
    "clue": ("clue.raised",),
}
"""What an event may be about, and the kinds that say where that lies."""
_PEOPLE: Final = ("household", "person")
"""Of whom a clue may speak without naming the enrolment."""

Known = tuple[str, str]
"""What an event is about, and its id."""


class Histories(Protocol):
    """Answers what is recorded under a tag."""

    def history(self, tag: str, *kinds: str) -> Sequence[Recorded]:
        """The recorded events with a tag, in order."""
        ...


def is_of_townships(event: Event) -> bool:
    """Whether an event is a township's to record."""
    return event.kind.startswith(_OF_TOWNSHIPS)


def lies_nowhere(event: Event) -> bool:
    """Whether an event is about nothing that lies anywhere."""
    return event.kind.startswith(_ANYWHERE)


def townships_of(authority: Authority, officer: str, entity: str) -> frozenset[str] | None:
    """The townships to which a person is narrowed for an entity, where every role there is; None where none is."""
    roles = authority.roles.get(officer, ())
    held = [scope for _, where, scope in roles if where in (entity, EVERYWHERE)]
    names = frozenset(scope for scope in held if scope is not None)
    return names if names and None not in held else None


def out_of_scope(authority: Authority, model: Model, voucher: Prepared) -> Iterator[Finding]:
    """E_SCOPE for each event that a signer, maker or approver, may not touch in the role that the signature needs."""
    entity = voucher.statement.entity
    consents = [item.approval for item in voucher.approvals if not item.approval.rejects]
    signers = [(voucher.statement.maker, None), *((one.person, one.capacity) for one in consents)]
    for officer, capacity in dict.fromkeys(signers):
        if authority.narrowed(officer):
            yield from _of_signer(authority, model, voucher.events, (officer, capacity, entity))


def _of_signer(
    authority: Authority, model: Model, events: Iterable[Event], signer: tuple[str, str | None, str]
) -> Iterator[Finding]:
    officer, capacity, entity = signer
    listed = list(events)
    for index, (event, places) in enumerate(zip(listed, lying(model, listed), strict=True)):
        roles = makers_of(event.kind) if capacity is None else (capacity,)
        scopes = authority.scopes(officer, roles, entity)
        if None in scopes or lies_nowhere(event):
            continue
        if not is_of_townships(event) or not places or not places <= scopes:
            # Where it lies by the book is what somebody of another township must not learn.
            stated = str(getattr(event, "township", None) or "?")
            yield Finding("E_SCOPE", index, (("officer", officer), ("scope", _list(scopes)), ("township", stated)))


def lying(known: Histories, events: Iterable[Event]) -> Iterator[set[str]]:
    """Where each event of a voucher lies: where it says itself, and where that lies what it is about."""
    said: dict[Known, str] = {}
    for event in events:
        own: str | None = getattr(event, "township", None)
        about = [(name, str(value)) for name in STATING if (value := getattr(event, name, None)) is not None]
        places = {place for key in about for place in ([said[key]] if key in said else places_of(known, *key))}
        if event.kind.startswith("clue."):
            places |= {place for name in _PEOPLE for place in _of_people(known, name, getattr(event, name, None))}
        if own is not None:
            places.add(own)
            said.update(dict.fromkeys(about, own))
        yield places


def places_of(known: Histories, name: str, own: str) -> set[str]:
    """Where the log says that an enrolment, society or clue lies now; a clue without a township lies where its
    enrolment does. Empty when the log does not say.
    """
    found: set[str] = set()
    for recorded in known.history(f"{name}:{own}", *STATING[name]):
        event = recorded.event
        if getattr(event, name, None) != own:
            continue
        township: str | None = getattr(event, "township", None)
        enrolment: str | None = getattr(event, "enrolment", None) if name == "clue" else None
        if township is not None:
            found = {township}
        elif enrolment is not None:
            found = places_of(known, "enrolment", enrolment)
    return found


def _of_people(known: Histories, name: str, own: str | None) -> set[str]:
    """Where the log says that a household or a person is enrolled, or was."""
    if own is None:
        return set()
    items = known.history(f"{name}:{own}", *ENROLLING)
    return {township for item in items if (township := getattr(item.event, "township", None)) is not None}


def _list(names: Iterable[str | None]) -> str:
    return "、".join(sorted(name for name in names if name))
