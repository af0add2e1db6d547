"""Which society a row of the register means: lists leave out the township, write 石岭 for 石岭镇, or give a new name.

A society is known by its credit code, then by an account that nobody else has, then by township, village and name. A
row that fits two societies, or contradicts the one that it fits, is for a person to settle.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.application.importing.rows import CleanRow, Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.words import area, hamlet, plain
from ledger.decisions.histories import STANDING
from ledger.flows.community.societies import SOCIETY_KINDS
from ledger.flows.knowledge import Need


@dataclass(slots=True)
class _Known:
    """A society under every name, code and account that it had, and the row that named it first in this file."""

    society: str
    township: str
    village: str
    names: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    told: str = ""

    def learn(self, event: Any) -> None:
        """What an event says of it."""
        self.names.add(plain(event.name))
        self.codes |= {event.uscc} - {None}
        self.accounts |= {event.account} - {None} if event.money_with == "own_account" else set()
        self.told = event.name

    def fits(self, name: str, township: str, village: str) -> bool:
        """Whether it has that name there; a township that one of the two does not say is no difference."""
        return name in self.names and village == self.village and (township in {"", self.township} or not self.township)


class Societies:
    """The societies of one entity, and those that earlier rows of the file bring."""

    def __init__(self, context: Context, entity: str, accounts: Mapping[Place, str]) -> None:
        self._context = context
        self._accounts = accounts
        self._known: dict[str, _Known] = {}
        self._met: dict[tuple[str, str | None, str], tuple[int, tuple[object, ...]]] = {}
        self._shared = {account for account, many in Counter(accounts.values()).items() if many > 1}
        """Accounts under which the file names several societies: the township's, or the bookkeeper's."""
        standing = Need(STANDING, SOCIETY_KINDS[:1])
        registered = [one.event for one in context.find([standing])[standing] if one.entity == entity]
        changes = context.find(Need(f"society:{_id(one)}", SOCIETY_KINDS[1:]) for one in registered)
        for event in registered:
            known = _Known(_id(event), area(getattr(event, "township", "")), hamlet(getattr(event, "village", "")))
            self._known[known.society] = known
            known.learn(event)
        for need, items in changes.items():
            for item in items:
                self._known[need.tag.partition(":")[2]].learn(item.event)

    def of(self, row: CleanRow) -> str:
        """The society's id in the book. E_SOCIETY_CHOICE, E_SOCIETY_AGAIN."""
        values, found = row.values, self._same(row)
        if found is None:
            society = self._own(row)
            found = self._known.setdefault(
                society, _Known(society, area(values.get("township")), hamlet(values["village"]))
            )
        self._met_once(found, row)
        found.names.add(plain(str(values["society_name"])))
        found.codes |= {str(values["credit_code"])} if values.get("credit_code") else set()
        found.accounts |= {self._accounts[row.place]} if row.place in self._accounts else set()
        found.told = found.told or str(values["society_name"])
        return found.society

    def meant(self, row: CleanRow) -> str:
        """The same, without taking note of the row. E_SOCIETY_CHOICE."""
        found = self._same(row)
        return self._own(row) if found is None else found.society

    def _own(self, row: CleanRow) -> str:
        natural = (row.values.get("township"), row.values["society_name"])
        return "society-" + self._context.reference("society", *natural)

    def _same(self, row: CleanRow) -> _Known | None:
        """The one society that the row can mean; None when it is a new one."""
        values, account = row.values, self._accounts.get(row.place)
        name, code = plain(str(values["society_name"])), values.get("credit_code")
        where = (area(values.get("township")), hamlet(values["village"]))
        by_code = [one for one in self._known.values() if code in one.codes]
        by_name = [one for one in self._known.values() if one.fits(name, *where)]
        by_account = [] if account is None or account in self._shared else self._with(account, code)
        first = next((found for found in (by_code, by_account, by_name) if found), [])
        if len(first) > 1 or (by_name and first and not any(one in by_name for one in first)):
            raise _choice(row, [*first, *by_name])
        if first and first is by_account and not by_name and where[1] != first[0].village:
            raise _choice(row, first)
        return first[0] if first else None

    def _with(self, account: str, code: object) -> list[_Known]:
        """The society that has an account; none where several have it, or where its code is another."""
        having = [one for one in self._known.values() if account in one.accounts]
        fitting = [one for one in having if not code or not one.codes]
        return fitting if len(having) == 1 else []

    def _met_once(self, found: _Known, row: CleanRow) -> None:
        """A sheet names a society once; a row that is there twice is told as such by what it repeats."""
        named = tuple(row.values.get(name) for name in ("society_name", "township", "credit_code", "account"))
        at, before = self._met.setdefault((row.place.file, row.place.sheet, found.society), (row.place.row, named))
        if before != named:
            raise RowRefusedError("互助社名称", "E_SOCIETY_AGAIN", name=str(before[0]), row=at)


def _id(event: Any) -> str:
    return str(event.society)


def _choice(row: CleanRow, found: Iterable[_Known]) -> RowRefusedError:
    names: Sequence[str] = list(dict.fromkeys(f"{one.told}（{one.society[-6:]}）" for one in found))
    return RowRefusedError("互助社名称", "E_SOCIETY_CHOICE", value=row.values["society_name"], found="、".join(names))
