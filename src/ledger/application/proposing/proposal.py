"""What a file proposes: events with the row they come from, people for the vault, and rows that cannot be used."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Place, WrongCell
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.vault.people import Subject

_BY_CHANCE: Final = frozenset({"id", "place", "source", "statement"})
"""Fields that say which file an event came from and not what happened: another file may bring the same fact."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """The events of one row. `known_by` is the history that is empty as long as the row was not recorded.

    `file_level` items (a statement's header) are neither new rows nor duplicates in the user's count.
    """

    place: Place
    known_by: Need
    events: tuple[Event, ...]
    entity: str
    day: date
    file_level: bool = False
    by_content: bool = False
    """Several facts may stand under one history (three death lists); only the same content is the same fact."""
    chain: tuple[Need, ...] = ()
    """One need for each event, where a row is a chain of acts of which a later file brings more: the acts that are not
    known yet go into one voucher, so that none waits for another that waits for a signature."""
    reports: frozenset[Need] = frozenset()
    """Needs of the chain under which only the same content is the same act."""


@dataclass(slots=True)
class Proposal:
    """All that a file proposes."""

    items: list[Proposed] = field(default_factory=list)
    subjects: list[tuple[str, Subject]] = field(default_factory=list)
    """(entity, subject): people to be kept in the vault before anything is signed."""
    wrong: list[WrongCell] = field(default_factory=list)
    noted: int = 0
    """Rows that another file books; they are evidence here and neither new nor wrong."""

    def add(
        self, row: CleanRow, known_by: Need, entity: str, day: date, *events: Event, by_content: bool = False
    ) -> None:
        """One row's events."""
        self.items.append(Proposed(row.place, known_by, tuple(events), entity, day, by_content=by_content))

    def add_chain(
        self,
        row: CleanRow,
        known_by: Need,
        entity: str,
        day: date,
        acts: Sequence[tuple[Need, Event]],
        reports: frozenset[Need] = frozenset(),
    ) -> None:
        """A row's chain of acts, each known by itself; `known_by` is that of the act that stands for the row."""
        needs, events = tuple(need for need, _ in acts), tuple(event for _, event in acts)
        self.items.append(Proposed(row.place, known_by, events, entity, day, chain=needs, reports=reports))

    def add_beside(self, row: CleanRow, known_by: Need, entity: str, day: date, *events: Event) -> None:
        """Events that come with a row beside its own: they are not counted as rows."""
        self.items.append(Proposed(row.place, known_by, tuple(events), entity, day, file_level=True))

    def refuse(self, row: CleanRow, column: str, code: str, **params: Any) -> None:
        """A row that cannot be used, with the column (header text) at fault."""
        value = params.pop("value", "")
        self.wrong.append(WrongCell(row.place, column, "", str(value), code, params))


class RowRefusedError(Exception):
    """Raised inside a proposer for one row; the importer puts it among the wrong rows."""

    def __init__(self, column: str, code: str, **params: Any) -> None:
        self.column, self.code, self.params = column, code, params
        super().__init__(code)


def each_row(parsed: ParsedFile, proposal: Proposal, propose: Callable[[CleanRow], None]) -> None:
    """Run a proposer over the rows; a refused row never stops its neighbours."""
    for row in parsed.rows:
        attempt(row, proposal, propose)


def attempt(row: CleanRow, proposal: Proposal, propose: Callable[[CleanRow], None]) -> None:
    """Propose for one row; what the row cannot say, or no event can hold, makes the row wrong."""
    try:
        propose(row)
    except RowRefusedError as refused:
        proposal.refuse(row, refused.column, refused.code, **refused.params)
    except InputError as error:
        proposal.refuse(row, str(error.params.get("field", "")), error.code, **error.params)


def says(event: Event) -> Mapping[str, Any]:
    """What an event says happened, without its id and the place it was read from."""
    return {name: value for name, value in event.model_dump(mode="json").items() if name not in _BY_CHANCE}
