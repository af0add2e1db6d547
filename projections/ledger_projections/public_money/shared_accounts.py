"""Accounts that several households are paid through (代领、一户多人): as the enrolments stand, not as they stood.

An institution's account and a registered guardian's are shared by right (护理院, 监护人): they are listed apart, with
how many households share them and for how many no agreement is on record. What is left is for somebody to look at: two
households are a warning, three or more a red flag. That somebody is called a guardian, and no authorisation of it is
on record, makes no difference from three households on. Source: 代领冒领 (一个账户多户共用).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from sqlalchemy import Connection

from ledger.flows.public_money.entitlement.enrolments import EnrolmentChanged, EnrolmentConfirmed, EnrolmentEnded
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.standing import standing

Terms = EnrolmentConfirmed | EnrolmentChanged
_INSTITUTION: Final = "institution"
_GUARDIAN: Final = "guardian"
"""Kinds of payee whose account several may share."""
_BY_AGREEMENT: Final = frozenset({_GUARDIAN, "carer"})
_HIGH: Final = 3
_KINDS: Final = ("enrolment.confirmed", "enrolment.changed", "enrolment.ended")


@dataclass(frozen=True, slots=True)
class Sharer(Answer):
    """One enrolment that is paid through the account."""

    enrolment: str
    programme: str
    household: str | None
    person: str
    township: str
    village: str | None
    payee_kind: str
    monthly_fen: int


@dataclass(frozen=True, slots=True)
class SharedAccount(Answer):
    """One account; `homes` are the households, and persons of programmes without households, that share it."""

    entity: str
    payee: str
    level: Literal["warning", "high"]
    homes: int
    rows: tuple[Sharer, ...]
    """By position of the decision: who had the account first stands first."""


@dataclass(frozen=True, slots=True)
class ApartAccount(Answer):
    """One account that several households share by right; `level` is high where three or more of them are without an
    agreement (护理协议、监护委托) on record.
    """

    entity: str
    payee: str
    level: Literal["listed", "high"]
    homes: int
    without: int
    """Households without an agreement on record."""
    rows: tuple[Sharer, ...]
    """By position of the decision."""


@dataclass(frozen=True, slots=True)
class SharedAccountList(Answer):
    """Accounts in the order of their references: those that somebody must look at, and those shared by right."""

    position: int
    rows: tuple[SharedAccount, ...]
    apart: tuple[ApartAccount, ...]


def shared_accounts(
    connection: Connection, *, as_of: date | None = None, at: int | None = None, entity: str | None = None
) -> SharedAccountList:
    """Every account that several households share, at a position (None: now) and as what had been decided by the end of
    a day has it (None: all), of an entity (None: of all).
    """
    moment = log_moment(connection, as_of, at)
    stands: dict[str, tuple[str, Terms]] = {}
    for item in standing(connection, _KINDS, moment.position, as_of):
        event = item.event
        if isinstance(event, EnrolmentEnded):
            stands.pop(event.enrolment, None)
        elif isinstance(event, Terms):
            stands[event.enrolment] = item.entity, event
    by_account: defaultdict[tuple[str, str], list[Terms]] = defaultdict(list)
    for owner, terms in stands.values():
        if entity in (None, owner):
            by_account[owner, terms.payee.payee].append(terms)
    accounts = sorted(by_account.items())
    rows = [
        SharedAccount(owner, payee, "high" if homes >= _HIGH else "warning", homes, tuple(map(_sharer, shared)))
        for (owner, payee), own in accounts
        for shared in (_questioned(own),)
        if (homes := _homes(shared)) > 1
    ]
    apart = [
        ApartAccount(
            owner, payee, "high" if without >= _HIGH else "listed", homes, without, tuple(map(_sharer, shared))
        )
        for (owner, payee), own in accounts
        for shared in ([terms for terms in own if _by_right(terms)],)
        if (homes := _homes(shared)) > 1
        for without in (_homes([terms for terms in shared if terms.payee.authorisation is None]),)
    ]
    return SharedAccountList(moment.position, tuple(rows), tuple(apart))


def _by_right(terms: Terms) -> bool:
    """Whether somebody is paid through an institution, or a guardian or carer whose agreement is on record."""
    kind = terms.payee.payee_kind
    return kind == _INSTITUTION or (kind in _BY_AGREEMENT and terms.payee.authorisation is not None)


def _questioned(own: Sequence[Terms]) -> list[Terms]:
    """Who of an account does not share it by right. Guardians without a record count where there are three or more
    households with them: one or two wards are a family's affair.
    """
    others = [terms for terms in own if not _by_right(terms)]
    if _homes(others) >= _HIGH:
        return others
    return [terms for terms in others if terms.payee.payee_kind != _GUARDIAN]


def _homes(own: Sequence[Terms]) -> int:
    """How many different households and persons; who heads a household or is covered by it is none beside it."""
    homes: list[set[str]] = []
    for terms in own:
        names = {terms.person, *terms.covered(), *(() if terms.household is None else (terms.household,))}
        for one in [one for one in homes if one & names]:
            names |= one
            homes.remove(one)
        homes.append(names)
    return len(homes)


def _sharer(terms: Terms) -> Sharer:
    return Sharer(
        terms.enrolment,
        terms.programme,
        terms.household,
        terms.person,
        terms.township,
        terms.village,
        terms.payee.payee_kind,
        terms.monthly.total_fen,
    )
