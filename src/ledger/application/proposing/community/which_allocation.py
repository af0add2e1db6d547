"""Which allocation a row of the lottery projects' register means.

An allocation is a document's share for a project of an office. Next year's register lists what this year's left, often
under its own year: that is the same money, unless 年度 and 下达日期 both say that the document gave again. One document
may give to the same project of several townships; a register that names them side by side tells them apart.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.words import plain
from ledger.flows.knowledge import Need

UNSAID: Final = "未填"
"""使用单位 where the register says none."""
Matter = tuple[str, str]
"""A document's number and a project, as they can be compared."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """An allocation by the words of registers: its year, whether its day is stated to be of that year, its user."""

    allocation: str
    project: str
    year: int
    dated: bool
    user: str

    def is_of(self, year: int, *, dated: bool) -> bool:
        """Whether a row of a year can mean it."""
        return year == self.year or not (dated and self.dated)


@dataclass(slots=True)
class Allocations:
    """What an entity's book, and earlier rows of the file, know of each matter."""

    context: Context
    entity: str
    rows: Sequence[CleanRow]
    _own: tuple[str, ...] = ()
    """The entity's name, where the book has another one of its kind: both may be given money by one document."""
    _known: dict[Matter, list[Allocation]] = field(default_factory=dict)
    _users: defaultdict[Matter, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for row in self.rows:
            self._users[matter_of(row.values)] |= {plain(user_of(row.values))} - {UNSAID}
        self._own = () if self.context.is_only(self.entity, "bureau") else (self.entity,)

    def of(self, row: CleanRow, year: int) -> Allocation:
        """The allocation that the row means, or a new one. E_CELL_MISSING where one of several users is meant."""
        values = row.values
        matter, dated = matter_of(values), _is_dated(values.get("issued_on"), year)
        if matter not in self._known:
            self._known[matter] = self._recorded(matter)
        meant = _of_the_year([one for one in self._known[matter] if one.is_of(year, dated=dated)], year)
        found = self._of_the_user(meant, matter, user_of(values))
        if found is None:
            user = (user_of(values),) if meant else ()
            found = self._new(values, meant[0].year if meant else year, user, dated=dated)
            self._known[matter].append(found)
        return found

    def _of_the_user(self, meant: Sequence[Allocation], matter: Matter, user: str) -> Allocation | None:
        """The one whose user is named; where the register names as many users as are known, one that is named
        otherwise is the one that it does not name.
        """
        named, listed = [one for one in meant if plain(one.user) == plain(user)], self._users[matter]
        if not named and user == UNSAID:
            if len(meant) > 1:
                raise RowRefusedError("使用单位", "E_CELL_MISSING")
            named = list(meant)
        if not named and len(meant) >= len(listed):
            named = [one for one in meant if plain(one.user) not in listed]
        return named[0] if named else None

    def _new(self, values: Mapping[str, Any], year: int, user: tuple[str, ...], *, dated: bool) -> Allocation:
        natural = (*self._own, year, values["doc_no"], values["project"])
        allocation = self.context.reference("allocation", *natural, *user)
        return Allocation(allocation, self.context.reference("project", *natural), year, dated, user_of(values))

    def _recorded(self, matter: Matter) -> list[Allocation]:
        need = Need(f"document:{matter[0]}", ("lottery.allocated",))
        events: list[Any] = [one.event for one in self.context.find([need])[need] if one.entity == self.entity]
        return [_of(event) for event in events if plain(event.project_label) == matter[1]]


def _of_the_year(known: Sequence[Allocation], year: int) -> list[Allocation]:
    """Those of the year, or else of the year that is nearest to it."""
    nearest = min((abs(one.year - year) for one in known), default=0)
    return [one for one in known if abs(one.year - year) == nearest]


def _of(event: Any) -> Allocation:
    return Allocation(event.allocation, event.project, event.year, _is_dated(event.on, event.year), event.user_label)


def _is_dated(issued: object, year: int) -> bool:
    return isinstance(issued, date) and issued.year == year


def matter_of(values: Mapping[str, Any]) -> Matter:
    """The matter of a row."""
    return str(values["doc_no"]), plain(str(values["project"]))


def user_of(values: Mapping[str, Any]) -> str:
    """使用单位."""
    return str(values.get("user_unit") or UNSAID)
