"""What a file proposes: events with the row they come from, people for the vault, and rows that cannot be used."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Literal

from ledger.application.importing.fields.plain import folded
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, Place, WrongCell
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.vault.people import Subject

_BY_CHANCE: Final = frozenset(
    {"id", "place", "source", "statement", "bill_digest", "business_days", "evidence", "signed_list", "register_no"}
)
"""Fields that say which file, and which line of it, an event came from and not what happened: another file may bring
the same fact.
"""

_ISO_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")

Bearing = Literal["row", "beside", "file"]
"""Whether an item is what its row says, something that comes with the row, or something about the file as a whole.

Only the first is counted. Nothing about the file is ever a fault of the row that it is shown at.
"""
Sameness = Literal["key", "content", "row", "exists"]
"""How an item is known again. `key`: the history holds one fact of a kind, and another content under it is a change.
`content`: it holds many, and only equal content is the same. `row`: its events are exactly those of the row.
`exists`: anything there.
"""

Refusals = Sequence[tuple[str, Mapping[str, Any]]]
"""Codes with their parameters."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """The events of one row. `known_by` is the history that is empty as long as the row was not recorded."""

    place: Place
    known_by: Need
    events: tuple[Event, ...]
    entity: str
    day: date
    bearing: Bearing = "row"
    sameness: Sameness = "key"
    once: tuple[Event, ...] = ()
    """What an older release recorded of the same row, one event each, where key or content is the sameness: the row is
    known by that too.
    """
    among: Callable[[Event], bool] | None = None
    """Which events of the history are about this row, where the history holds more (other days of a payment)."""
    several: bool = False
    """Whether `among` tells rows of one file apart as well: a line may be paid, sent back and paid again in it, but
    nobody leaves twice in one list."""
    apart: bool = False
    """Whether each entity says it for itself: what another one recorded is not this."""
    within: str | None = None
    """A tag that all of them bear too (the batch, where the history holds a household's other months)."""
    chain: tuple[Need, ...] = ()
    """One need for each event, where a row is a chain of acts of which a later file brings more: the acts that are not
    known yet go into one voucher, so that none waits for another that waits for a signature."""
    reports: frozenset[Need] = frozenset()
    """Needs of the chain under which many acts may stand, and only the same content is the same act."""
    restates: Mapping[Need, str] = field(default_factory=dict)
    """Those of them of which the newest act stands: what was said before it is news when another file says it. The
    value is the field of a day, where the newest of each day stands for it."""
    soft: frozenset[str] = frozenset()
    """Fields of a chain's acts that a later file may state otherwise: who is responsible, by when."""
    firm: Mapping[Need, frozenset[str]] = field(default_factory=dict)
    """Fields of a chain's payments that no later file may state otherwise: whom they went to, under which number. A
    payment is known by its number, and all else that a cumulative row says of it (how far the work is) may move on.
    """
    instead: Callable[[str], tuple[Event, ...] | None] | None = None
    """What is recorded when a gate refuses the row with this code, or with "" what rests on nothing of the file; None
    when nothing is.
    """
    people: Mapping[str, Place] = field(default_factory=dict)
    """Reference of a person -> the row that names it, where an item is of several rows: there a fault of it is told."""
    rests_on: Need | None = None
    """The act of the file as a whole (the batch) without which nothing of this is recorded, and which tells why."""
    after: Need | None = None
    """The act of another row (goods that came in) without which this says nothing: where that was refused, or waits for
    a signature, this is held."""
    restate: Callable[[Refusals], Refusals] | None = None
    """What the refusals of this come to, in the words of the file."""
    whole: bool = False
    """Whether a refusal says something of the whole sheet, though this is counted as a row."""
    alone: bool = False
    """Whether it is news of the file although none of its rows is: all of them were recorded, and the batch that they
    are lines of was not, or with another total."""
    remark: Note | None = None
    """What is told of it once it is handed in."""
    others: tuple[Place, ...] = ()
    """The other rows that it is made of, where one event is of several: what becomes of it becomes of them."""

    @property
    def rows(self) -> tuple[Place, ...]:
        """All rows that it is what they say; none where it only comes with a row, or is of the file."""
        return (self.place, *self.others) if self.bearing == "row" else ()

    def place_of(self, params: Mapping[str, Any]) -> Place:
        """The row that what is said of it is about."""
        return self.people.get(str(params.get("person")), self.place)


@dataclass(slots=True)
class Proposal:
    """All that a file proposes."""

    items: list[Proposed] = field(default_factory=list)
    subjects: list[tuple[str, Subject]] = field(default_factory=list)
    """(entity, subject): people to be kept in the vault before anything is signed."""
    wrong: list[WrongCell] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    columns: Mapping[str, str] = field(default_factory=dict)
    """The header of the column that a code is about, in this kind of file."""
    noted: int = 0
    """Rows that another file books; they are evidence here and neither new nor wrong."""
    repeated: list[Place] = field(default_factory=list)
    """Rows that another row of the same import says word for word."""
    held: dict[str, set[Place]] = field(default_factory=dict)
    """Rows that are right but cannot stand without one that is wrong, by what they are part of; "" where that is told
    of the sheet as a whole.
    """
    campaigns: dict[tuple[str, str], Sequence[Any]] = field(default_factory=dict)
    """(entity, campaign) -> what the entity's book tells of it, asked for once a file."""

    def add(
        self,
        row: CleanRow,
        known_by: Need,
        entity: str,
        day: date,
        *events: Event,
        sameness: Sameness = "key",
        once: tuple[Event, ...] = (),
        after: Need | None = None,
    ) -> None:
        """One row's events."""
        item = Proposed(row.place, known_by, tuple(events), entity, day, sameness=sameness, once=once, after=after)
        self.items.append(item)

    def add_chain(
        self,
        row: CleanRow,
        known_by: Need,
        entity: str,
        day: date,
        acts: Sequence[tuple[Need, Event]],
        reports: frozenset[Need] = frozenset(),
        soft: frozenset[str] = frozenset(),
        restates: Mapping[Need, str] | None = None,
        firm: Mapping[Need, frozenset[str]] | None = None,
    ) -> None:
        """A row's chain of acts, each known by itself; `known_by` is that of the act that stands for the row."""
        needs, events = tuple(need for need, _ in acts), tuple(event for _, event in acts)
        item = Proposed(row.place, known_by, events, entity, day, chain=needs, reports=reports, soft=soft)
        self.items.append(replace(item, restates=restates or {}, firm=firm or {}))

    def add_beside(
        self,
        row: CleanRow,
        known_by: Need,
        entity: str,
        day: date,
        *events: Event,
        sameness: Sameness = "key",
        once: tuple[Event, ...] = (),
        restate: Callable[[Refusals], Refusals] | None = None,
        after: Need | None = None,
        apart: bool = False,
    ) -> None:
        """Events that come with a row beside its own: they are not counted as rows."""
        item = Proposed(row.place, known_by, events, entity, day, "beside", sameness, once=once, after=after)
        self.items.append(replace(item, restate=restate, apart=apart))

    def add_of_file(
        self, place: Place, known_by: Need, entity: str, day: date, event: Event, *, sameness: Sameness = "key"
    ) -> None:
        """An event about the file as a whole: a statement's header, a batch, a result that was taken over."""
        self.items.append(Proposed(place, known_by, (event,), entity, day, "file", sameness))

    def hold(self, name: str, rows: Sequence[CleanRow]) -> None:
        """Rows that rest on one that is wrong."""
        self.held.setdefault(name, set()).update(row.place for row in rows)

    def refuse(self, row: CleanRow, column: str, code: str, params: Mapping[str, Any]) -> None:
        """A row that cannot be used, with the column (header text) at fault."""
        rest = {name: value for name, value in params.items() if name != "value"}
        named = column or self.columns.get(code, "")
        self.wrong.append(WrongCell(row.place, named, "", str(params.get("value", "")), code, rest))


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
    before = len(proposal.items)
    try:
        propose(row)
    except RowRefusedError as refused:
        del proposal.items[before:]
        proposal.refuse(row, refused.column, refused.code, refused.params)
    except InputError as error:
        del proposal.items[before:]
        proposal.refuse(row, str(error.params.get("field", "")), error.code, error.params)


def attempt_together(
    rows: Sequence[CleanRow], proposal: Proposal, propose: Callable[[CleanRow], None], name: str = ""
) -> None:
    """Propose for several rows that are one fact, by their first. All of them are what becomes of it: evidence only
    where nothing is proposed, held back where it is refused, which is told at the first, and at them under `name`.
    """
    first, others = rows[0], rows[1:]
    items, noted, wrong = len(proposal.items), proposal.noted, len(proposal.wrong)
    attempt(first, proposal, propose)
    own = next((n for n in range(items, len(proposal.items)) if proposal.items[n].rows), None)
    if own is not None:
        proposal.items[own] = replace(proposal.items[own], others=tuple(row.place for row in others))
    elif len(proposal.wrong) > wrong:
        proposal.hold(name, others)
    elif proposal.noted > noted:
        proposal.noted += len(others)


def agree(was: Mapping[str, Any], now: Mapping[str, Any], today: date, soft: frozenset[str] = frozenset()) -> bool:
    """Whether two events say the same. A day that a file does not state is the day of the import; it is no change."""
    return was.keys() == now.keys() and all(
        name in soft or value == was[name] or _unstated(was[name], value, today) for name, value in now.items()
    )


def _unstated(was: Any, now: Any, today: date) -> bool:
    return now == today.isoformat() and isinstance(was, str) and _ISO_DAY.fullmatch(was) is not None


def of_file(event: Event) -> str | None:
    """The digest of the file that an event was read from, where it names one."""
    place = getattr(event, "place", None)
    return None if place is None else str(place.file_digest)


def says(event: Event) -> Mapping[str, Any]:
    """What an event says happened, without its id and the place it was read from. Digits and letters that an earlier
    release recorded in full width are the same ones.
    """
    return {name: _narrow(value) for name, value in event.model_dump(mode="json").items() if name not in _BY_CHANCE}


def _narrow(value: Any) -> Any:
    if isinstance(value, str):
        return folded(value)
    if isinstance(value, Mapping):
        return {name: _narrow(one) for name, one in value.items()}
    return [_narrow(one) for one in value] if isinstance(value, list) else value
