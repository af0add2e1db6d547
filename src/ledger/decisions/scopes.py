"""A role narrowed to a township (乡镇经办): whoever holds it only so acts on what lies there, and on nothing else.

An event lies where it says itself and where the enrolment, batch, society or clue lies that it is about. What says
nothing of a township (a fund, a bank line, a whole county's batch) is outside every narrowed role.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ledger.decisions.authority import Authority
from ledger.decisions.model import Model
from ledger.decisions.policies import makers_of
from ledger.decisions.prepared import Prepared
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding

_STATING: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("enrolment", ("enrolment.changed", "enrolment.confirmed")),
    ("batch", ("batch.prepared",)),
    ("society", ("mutual_aid.society_changed", "mutual_aid.society_registered")),
    ("clue", ("clue.raised",)),
)
"""What an event may be about, and the kinds that say where that lies."""

_ABOUT_VOUCHERS: Final = "voucher."
"""Rejecting and withdrawing a voucher moves nothing that lies anywhere."""


def out_of_scope(authority: Authority, model: Model, voucher: Prepared) -> Iterator[Finding]:
    """E_SCOPE for each event that a signer, maker or approver, may not touch in the role that the signature needs."""
    entity = voucher.statement.entity
    signers = [(voucher.statement.maker, None), *((a.approval.person, a.approval.capacity) for a in voucher.approvals)]
    for officer, capacity in dict.fromkeys(signers):
        if authority.narrowed(officer):
            yield from _of_signer(authority, model, voucher.events, (officer, capacity, entity))


def _of_signer(
    authority: Authority, model: Model, events: Iterable[Event], signer: tuple[str, str | None, str]
) -> Iterator[Finding]:
    officer, capacity, entity = signer
    said: dict[tuple[str, str], str] = {}
    for index, event in enumerate(events):
        own: str | None = getattr(event, "township", None)
        about = [(name, str(value)) for name, _ in _STATING if (value := getattr(event, name, None)) is not None]
        places = {place for key in about if (place := said.get(key) or _place(model, *key)) is not None}
        if own is not None:
            places.add(own)
            said.update(dict.fromkeys(about, own))
        roles = makers_of(event.kind) if capacity is None else (capacity,)
        scopes = authority.scopes(officer, roles, entity)
        if None in scopes or event.kind.startswith(_ABOUT_VOUCHERS):
            continue
        if not places or not places <= scopes:
            told = (("officer", officer), ("scope", _list(scopes)), ("township", _list(places) or "?"))
            yield Finding("E_SCOPE", index, told)


def _place(model: Model, name: str, own: str) -> str | None:
    """Where the log says that an enrolment, batch, society or clue lies; None when it does not say."""
    found = None
    for recorded in model.history(f"{name}:{own}", *dict(_STATING)[name]):
        if getattr(recorded.event, name, None) == own:
            found = getattr(recorded.event, "township", None) or found
    return found


def _list(names: Iterable[str | None]) -> str:
    return "、".join(sorted(name for name in names if name))
