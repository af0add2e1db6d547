"""The programmes (救助项目) of a book in the order of the monthly table, and which of them its total takes in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, get_args

from sqlalchemy import Connection

from ledger.errors import InputError
from ledger.flows.public_money.entitlement.programmes import ONCE, ProgrammeOpened, Scheme
from ledger_projections.figures import RELIEF
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.entities import entity_names
from ledger_projections.keeping.standing import standing
from ledger_projections.summaries.table import Asked, Said

SCHEMES: Final[tuple[str, ...]] = get_args(Scheme)
"""The rows of the monthly table, in their order."""


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as it was opened; one that nobody opened is called by its id and belongs to `other`. `whose` is the
    name of its entity where those of several are shown.
    """

    entity: str
    programme: str
    name: str
    scheme: str
    fund: str
    whose: str = ""

    @property
    def in_relief(self) -> bool:
        """Whether it is 困难群众救助补助资金."""
        return self.scheme in RELIEF

    @property
    def is_once(self) -> bool:
        """Whether its aid is given once: nobody stays on a roster, and its enrolments are no comings and goings."""
        return self.scheme in ONCE

    @property
    def label(self) -> str:
        """Its name in a sentence, with whose it is where those of several are shown."""
        return f"{self.name}({self.whose})" if self.whose else self.name

    @property
    def tag(self) -> str:
        """What `trail` takes."""
        return f"programme:{self.programme}"


class Programmes(dict[tuple[str, str], Programme]):
    """(entity, programme) -> the programme, of those that the entities asked for opened; `names` are the entities'."""

    def __init__(self, opened: Iterable[Programme], asked: Asked, names: Mapping[str, str]) -> None:
        every = list(opened)
        super().__init__(((one.entity, one.programme), one) for one in every if asked.wants(one.entity))
        self._opened = {one.programme: one for one in every}
        self.names: Final = names

    def of(self, place: tuple[str, str]) -> Programme:
        """A programme as an entity gives it. An office may give what another opened: it is called as that one said."""
        entity, programme = place
        other = self._opened.get(programme)
        strange = Programme(entity, programme, programme, "other", "")
        return self.get(place, strange if other is None else replace(other, entity=entity, fund=""))


def programmes(connection: Connection, asked: Asked, position: int) -> Programmes:
    """The programmes opened by a position."""
    opened = [(item.entity, item.event) for item in standing(connection, ("programme.opened",), position)]
    made = (
        Programme(entity, one.programme, one.name, one.scheme, one.fund)
        for entity, one in opened
        if isinstance(one, ProgrammeOpened)
    )
    return Programmes(made, asked, entity_names(connection, position))


def programme_names(connection: Connection, position: int) -> dict[tuple[str, str], str]:
    """(entity, programme) -> its name, of those opened by a position."""
    opened = [(item.entity, item.event) for item in standing(connection, ("programme.opened",), position)]
    return {(entity, one.programme): one.name for entity, one in opened if isinstance(one, ProgrammeOpened)}


def require_programme(
    connection: Connection, programme: str | None, *, entity: str | None = None, at: int | None = None
) -> None:
    """InputError E_PROGRAMME_ASKED for a programme that nobody, or not this entity, had opened by a position (None:
    now): a table of it would read as if nobody drew anything. Whoever names none asks for all.
    """
    if programme is None:
        return
    position = log_moment(connection, None, at).position
    opened = {key for owner, key in programme_names(connection, position) if entity in (None, owner)}
    if programme not in opened:
        known = ", ".join(sorted(opened)) or "—"
        raise InputError("E_PROGRAMME_ASKED", programme=programme, position=position, known=known)


def ordered(known: Programmes, places: Iterable[tuple[str, str]], asked: Asked) -> list[Programme]:
    """The programmes of some places (entity, programme) in the order of the table, each with whose it is where they are
    of several.
    """
    found = [known.of(place) for place in {place for place in places if asked.wants(place[0])}]
    if len({one.entity for one in found}) > 1:
        found = [replace(one, whose=known.names.get(one.entity, one.entity)) for one in found]
    return sorted(found, key=lambda one: (SCHEMES.index(one.scheme), one.entity, one.programme))


def once(shown: Sequence[Programme]) -> Iterable[Said]:
    """Which of the programmes shown have no roster, because their aid is given once."""
    found = tuple(one.label for one in shown if one.is_once)
    if found:
        yield Said("table.note.once", {"programmes": found})


def taken_in(shown: Sequence[Programme]) -> tuple[str, ...]:
    """The names of the programmes whose sums the relief total takes in."""
    return tuple(one.label for one in shown if one.in_relief)


def named(shown: Sequence[Programme]) -> tuple[str, ...]:
    """The names of all that is shown, where a total takes in everything."""
    return tuple(one.label for one in shown)


def absent(shown: Sequence[Programme]) -> Iterable[Said]:
    """Which rows of the table this book has no programme for."""
    missing = [scheme for scheme in RELIEF if scheme not in {one.scheme for one in shown}]
    if missing:
        yield Said("table.note.no_programme", {"schemes": tuple(missing)})
