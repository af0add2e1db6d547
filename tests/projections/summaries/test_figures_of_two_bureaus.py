"""Two bureaus of one book: each one's figures are those of a book of its own, together they are the whole book's, and
whatever adds the two up says so.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import Phase, given, settings
from sqlalchemy import Connection

from ledger.flows.authority.entities import EntityRegistered
from ledger.flows.community.lottery import LotterySalesStated
from ledger.flows.community.reported import FigureReported
from ledger.flows.event import Event
from ledger.flows.public_money.entitlement.programmes import ProgrammeOpened
from ledger.flows.registry import read_event, write_event
from ledger.log.store import LogStore
from ledger.signing.canonical import canonical
from ledger_projections.figures import Figures, figures
from ledger_projections.public_money.subsidies import newest_month, newest_paid_month
from ledger_projections.registry import catch_up
from ledger_projections.summaries.registry import TABLES, settled
from ledger_projections.summaries.sentences import paragraph, scope_words
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_catalogue import TEMPLATES, template
from ledger_projections.summaries.sentences_checking import check_report
from ledger_projections.summaries.sentences_facts import ENTITIES, fact
from ledger_projections.summaries.sentences_measures import MEASURES
from ledger_projections.summaries.table import Asked, Said, Table
from tests.flows.event_samples import make
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money import samples_relief as relief
from tests.projections.plain_log import append, folder, written
from tests.projections.relief_logs import ACTS, Act, events_of

HERE, NEXT = "bureau", "next-bureau"
NAMES: Final[Mapping[str, str]] = {HERE: "示例县民政局", NEXT: "邻县民政局"}
FIRST, LAST = "2025-08", "2025-09"
TODAY = date(2025, 10, 15)
_OWN: Final = re.compile(r'"((?:[a-z-]+:)?)((?:[LBEC]|HE|PE)[0-9X]+|kept-[0-9]|rural-dibao|destitute|relief)"')
"""The numbers that are one bureau's own, also within tags."""


def registered(entity: str) -> EntityRegistered:
    said = {"entity": entity, "name": NAMES[entity], "entity_kind": "bureau", "book_kind": "control"}
    return make(EntityRegistered, **said, chart_family="control")


def rosters() -> list[Event]:
    """What both bureaus have: two programmes of the same names, three households, a list of sales, a counted figure."""
    homes = [
        relief.confirmed(
            enrolment=f"E{one}", household=f"HE{one}", person=f"PE{one}", members=relief.members(f"PE{one}")
        )
        for one in range(3)
    ]
    return [
        relief.programme_opened(name="农村低保"),
        relief.programme_opened(programme="destitute", name="特困供养", scheme="destitute", unit="person"),
        relief.appropriation(),
        *homes,
        make(LotterySalesStated, month="2025-09", amount_fen=40),
        make(FigureReported, figure="canteens", value=3, period_from="2025-08", period_to="2025-09"),
        redress.clue(clue="C1"),
    ]


def recorded(entity: str, acts: Sequence[Act], offset: int) -> list[Event]:
    """What a bureau records behind `offset` other events: the second one's as the first one's under other names."""
    events = [*rosters(), *events_of(acts)]
    found = []
    for one in events:
        text = write_event(one).decode()
        said = json.loads(text if entity == HERE else _OWN.sub(r'"\1n-\2"', text)) | _scheme(one)
        if "target_position" in said:
            said["target_position"] += offset + len(rosters())
        found.append(read_event(canonical(said)))
    return found


def _scheme(one: Event) -> dict[str, str]:
    """What a programme is of has the name of one, and stays."""
    return {"scheme": one.scheme} if isinstance(one, ProgrammeOpened) else {}


class World:
    """A book with the acts of one bureau or of both."""

    def __init__(self, path: Path, acts: Mapping[str, Sequence[Act]]) -> None:
        self.store: LogStore = written(path, [registered(entity) for entity in acts], "book")
        done = len(acts)
        for entity, mine in acts.items():
            events = recorded(entity, mine, done)
            append(self.store, events, entity, lambda _: date(2025, 9, 20))
            done += len(events)
        catch_up(self.store)

    def figures(self, entity: str | None = None) -> Figures:
        with self.store.read() as connection:
            return figures(connection, FIRST, LAST, entity=entity)

    def table(self, code: str, entity: str | None = None) -> Table:
        with self.store.read() as connection:
            return TABLES[code].make(connection, Asked(FIRST, LAST, TODAY, entity, at=settled(connection)))


def told(found: Figures) -> dict[str, int]:
    return dict(found.by_key())


def numbers(connection: Connection, entity: str | None) -> dict[str, tuple[Any, ...]]:
    """What the book says of every measure."""
    books = Books(connection, Span(FIRST, LAST), settled(connection), entity)
    found = {key: fact(books, key) for key in MEASURES}
    return {key: (one.value, one.of, one.missing, one.absent, one.edge) for key, one in found.items()}


def cells(found: Table) -> list[tuple[Any, ...]]:
    """The rows of a table without their tags, which name their own."""
    return [row.cells for row in found.rows]


def test_a_bureau_that_paid_nothing_is_told_no_other_ones_month(tmp_path: Path) -> None:
    world = World(tmp_path / "one.db", {HERE: PAID[HERE], NEXT: []})
    with world.store.read() as connection:
        assert newest_month(connection, entity="nobody") is newest_paid_month(connection, entity=NEXT) is None
        for newest in (newest_month, newest_paid_month):
            assert newest(connection, entity=HERE) == newest(connection) is not None
    world.store.close()


def test_every_reader_of_measures_says_whose_figures_it_tells() -> None:
    """One that did not would add up several entities without a word."""
    assert {one.reader for one in MEASURES.values()} == {*ENTITIES}


OF_RELIEF: Final = ("M1", "M2", "M3", "M4", "M5", "M6", "Q1", "Q4", "Y1", "Y4", "Y11", "C1", "C2")


@settings(max_examples=4, deadline=None, phases=(Phase.generate,))
@given(here=ACTS, beside=ACTS)
def test_each_bureau_is_told_as_if_alone_and_both_are_the_whole(here: list[Act], beside: list[Act]) -> None:
    acts = {HERE: here, NEXT: beside}
    with folder() as place:
        both = World(place / "both.db", acts)
        alone = {entity: World(place / f"{entity}.db", {entity: mine}) for entity, mine in acts.items()}
        parts = {entity: told(both.figures(entity)) for entity in acts}
        assert parts == {entity: told(one.figures()) for entity, one in alone.items()}
        whole, keys = told(both.figures()), {key for part in parts.values() for key in part}
        assert whole == {key: sum(part.get(key, 0) for part in parts.values()) for key in keys}
        for entity, one in alone.items():
            with both.store.read() as joint, one.store.read() as own:
                assert numbers(joint, entity) == numbers(own, None)
            for code in OF_RELIEF:
                mine, own_table = both.table(code, entity), one.table(code)
                assert (mine.columns, cells(mine)) == (own_table.columns, cells(own_table)), code
        for world in (both, *alone.values()):
            world.store.close()


PAID: Final[Mapping[str, Sequence[Act]]] = {
    HERE: [("authorised", 0, "B9", 2, 3), ("paid", 0, "B9", 2, 5), ("failed", 2, "B9", 1, 8)],
    NEXT: [("authorised", 0, "B8", 3, 3), ("paid", 0, "B8", 3, 5), ("paid", 2, "B9", 1, 8), ("failed", 1, "B9", 1, 8)],
}


@pytest.fixture(scope="module")
def both() -> Iterator[World]:
    """A book in which both bureaus paid somebody."""
    with folder() as place:
        made = World(place / "both.db", PAID)
        yield made
        made.store.close()


def test_a_figure_that_adds_up_several_names_them(both: World) -> None:
    whole = {one.key: one.entities for one in both.figures().rows}
    assert whole["relief_total_fen"] == whole["canteens"] == (HERE, NEXT)
    assert whole["pledge_total_fen"] == (), "nobody has any"
    assert both.figures().names == NAMES
    own = both.figures(NEXT)
    assert {one.entities for one in own.rows} == {(NEXT,)}
    assert (own.entity, own.names) == (NEXT, {NEXT: NAMES[NEXT]})


@pytest.mark.parametrize("code", ["M1", "M2", "M3", "M4", "Y1", "Y11"])
def test_a_table_says_whose_each_row_is_only_where_there_are_several(both: World, code: str) -> None:
    whole = both.table(code)
    assert [one.key for one in whole.columns][1] == "entity"
    assert {*whole.column("entity")} - {""} == {*NAMES.values()}
    whose = ""
    for row in whole.rows:
        whose = whose if row.kind == "part" else row.whose
        assert not whose or row.whose == whose, "what explains a row is of its entity"
    assert whole.scopes[-1] == Said("table.scope.entities", {"entities": tuple(NAMES.values())})
    own = both.table(code, NEXT)
    assert "entity" not in [one.key for one in own.columns]
    assert own.scopes[-1] == Said("table.scope.entities", {"entities": (NAMES[NEXT],)})


def test_programmes_of_one_name_are_told_apart_in_the_total(both: World) -> None:
    (total,) = [row for row in both.table("M1").rows if row.kind == "total"]
    assert isinstance(total.cells[0], Said)
    names = total.cells[0].params["programmes"]
    assert len(set(names)) == len(names)
    assert {"农村低保(示例县民政局)", "农村低保(邻县民政局)"} <= set(names)


@pytest.mark.parametrize("entity", [None, NEXT])
@pytest.mark.parametrize("name", TEMPLATES)
def test_sentences_say_whose_they_are_and_are_read_again(both: World, name: str, entity: str | None) -> None:
    """Each figure's scope names the entities, its query asks for the one; and the report's own sentences hold."""
    span = Span("2025-01", LAST) if name == "jan_sep" else Span(FIRST, LAST)
    with both.store.read() as connection:
        position = settled(connection)
        made = paragraph(connection, template(name), span, position, entity)
        names = tuple(NAMES.values()) if entity is None else (NAMES[NEXT],)
        assert made.names == names
        for slot in (slot for one in made.sentences for slot in one.slots):
            if slot.fact.query:
                assert (" --entity next-bureau" in slot.fact.query) == (entity is not None)
            if slot.fact.value is not None and slot.fact.schemes:
                assert "主体:" + "、".join(names) in scope_words(slot.fact, "zh")
        texts = [one.zh for one in made.sentences]
        found = check_report(connection, texts, span, position, entity)
        plain = check_report(connection, [re.sub("[;(]主体:[^);]*", "", one) for one in texts], span, position, entity)
    assert found.counts["contradicted"] == 0
    assert found.counts == plain.counts, "whose figures they are takes no number out of reach"
    assert found.names in ({names, ()} if entity is None else {names}), "where nothing was compared, nobody is named"


def test_a_report_of_one_bureau_is_held_against_its_figures(both: World) -> None:
    fen = told(both.figures(NEXT))["relief_total_fen"]
    text = f"2025年8-9月,发放困难群众救助补助资金{fen // 100}元。"
    with both.store.read() as connection:
        position = settled(connection)
        verdicts = {
            entity: check_report(connection, [text], Span(FIRST, LAST), position, entity).sentences[0].verdict
            for entity in (NEXT, HERE, None)
        }
    assert verdicts == {NEXT: "supported", HERE: "contradicted", None: "contradicted"}
