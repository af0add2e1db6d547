"""Reading gives what a plain list of everything that was written gives, whatever the page."""

from dataclasses import dataclass, field
from itertools import count, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from ledger.log import tables
from ledger.log.appending import NewVoucher
from ledger.log.reading import (
    Need,
    event_at,
    event_by_id,
    events_between,
    history,
    positions_of_entities,
    positions_of_ids,
    postings_between,
    tag_positions,
    voucher_by_id,
    voucher_by_number,
    voucher_of_position,
)
from ledger.log.store import LogStore
from tests.log.scribe import Said, gift, scribe_of, write

EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    # One log serves all examples: each brings tags that no other has.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TAGS = st.sampled_from(["a", "b", "基金:1", 'quote"', "back\\slash", "per%cent", "{brace}", "'"])
KINDS = st.sampled_from(["k", "k2", "种类"])
SAID = st.builds(Said, KINDS, st.lists(TAGS, unique=True, max_size=4).map(tuple))
NEEDS = st.builds(Need, TAGS, st.lists(st.one_of(KINDS, st.just("unknown")), max_size=3).map(tuple))

_EXAMPLE = count()


@dataclass
class Written:
    """All that was written to one log, in order."""

    vouchers: list[NewVoucher] = field(default_factory=list)

    def events(self) -> list[tuple[int, str, bytes, int, tuple[str, ...]]]:
        return [
            (position, event.kind, event.data, voucher.number, event.tags)
            for voucher in self.vouchers
            for position, event in enumerate(voucher.events, voucher.first_position)
        ]


@pytest.fixture
def five(store: LogStore) -> Written:
    """A log of five vouchers with 1, 2, 3, 4, 5 events."""
    scribe = scribe_of(store)
    written = Written()
    for size in range(1, 6):
        said = [Said(f"k{n % 2}", (f"t:{n}", "all")) for n in range(size)]
        written.vouchers.append(scribe.voucher(said, gift(size)))
    write(store, written.vouchers)
    return written


@EXAMPLES
@given(
    vouchers=st.lists(st.lists(SAID, min_size=1, max_size=4), max_size=4), needs=st.lists(NEEDS, min_size=1, max_size=6)
)
def test_histories_are_what_a_scan_finds(vouchers: list[list[Said]], needs: list[Need], store: LogStore) -> None:
    mark = f"{next(_EXAMPLE)}/"
    with store.read() as connection:
        place = connection.execute(tables.head.select()).one()
    scribe = scribe_of(store)
    assert scribe.number == place.number
    made = Written(
        [
            scribe.voucher([Said(s.kind, tuple(mark + tag for tag in s.tags)) for s in said], word=None)
            for said in vouchers
        ]
    )
    write(store, made.vouchers)
    wanted = [Need(mark + need.tag, need.kinds) for need in needs]
    with store.read() as connection:
        found = history(connection, wanted)
    assert set(found) == set(wanted)
    for need, events in found.items():
        assert [(event.position, event.kind, event.data, event.voucher_number, event.tags()) for event in events] == [
            event for event in made.events() if need.tag in event[4] and (not need.kinds or event[1] in need.kinds)
        ]


def test_no_need_asks_nothing(store: LogStore) -> None:
    with store.read() as connection:
        assert history(connection, []) == {}


def test_a_thousand_needs_are_one_query(five: Written, store: LogStore) -> None:
    needs = [Need(f"t:{n}", ("k0", "k1") if n % 2 else ()) for n in range(1000)]
    with store.read() as connection:
        found = history(connection, needs)
    assert [len(found[need]) for need in needs[:6]] == [5, 4, 3, 2, 1, 0]
    assert not any(found[need] for need in needs[5:])


RANGES = [(1, 15), (1, 10**12), (3, 9), (15, 15), (9, 3), (16, 20), (-5, 2)]


def test_ranges_are_whole_at_any_page(five: Written, store: LogStore) -> None:
    for (first, last), page in product(RANGES, [1, 2, 7, 1000]):
        with store.read() as connection:
            events = [tuple(event)[:4] for event in events_between(connection, first, last, page)]
            legs = [leg.position for leg in postings_between(connection, max(first, 1), min(last, 20), page)]
        assert events == [event[:4] for event in five.events() if first <= event[0] <= last]
        assert legs == sorted(2 * [v.first_position for v in five.vouchers if first <= v.first_position <= last])


def test_a_position_knows_its_voucher(five: Written, store: LogStore) -> None:
    with store.read() as connection:
        for position, *_, number, _tags in five.events():
            voucher = voucher_of_position(connection, position)
            assert voucher is not None
            assert voucher.number == number
            assert voucher == voucher_by_number(connection, number) == voucher_by_id(connection, voucher.voucher_id)
        assert voucher_of_position(connection, 0) is voucher_of_position(connection, 16) is None
        assert voucher_by_number(connection, 6) is voucher_by_id(connection, "voucher-6") is None


def test_a_bare_event_has_no_voucher(five: Written, store: LogStore) -> None:
    with store.write() as connection:
        connection.execute(insert(tables.events), {"position": 16, "kind": "bare", "data": b"", "tags": "[]"})
    with store.read() as connection:
        bare = event_at(connection, 16)
        assert bare is not None
        assert (bare.kind, bare.voucher_number) == ("bare", 0)
        assert voucher_of_position(connection, 16) is None


def test_ids_lead_to_events(five: Written, store: LogStore) -> None:
    with store.read() as connection:
        assert positions_of_ids(connection, ["event-3", "nobody", "event-15"]) == {"event-3": 3, "event-15": 15}
        assert positions_of_ids(connection, []) == {}
        assert event_by_id(connection, "event-7") == event_at(connection, 7)
        assert event_by_id(connection, "nobody") is event_at(connection, 0) is event_at(connection, 16) is None


def test_positions_of_a_tag(five: Written, store: LogStore) -> None:
    with store.read() as connection:
        assert tag_positions(connection, "all") == list(range(1, 16))
        assert tag_positions(connection, "all", after=3, limit=4) == [4, 5, 6, 7]
        assert tag_positions(connection, "all", ["k1"]) == [e[0] for e in five.events() if e[1] == "k1"]
        assert tag_positions(connection, "t:4") == [15]
        assert tag_positions(connection, "none") == []


@pytest.mark.parametrize("entities", [("a",), ("b",), ("a", "c"), ("nobody",), ()])
def test_pages_of_some_entities_are_their_events(store: LogStore, entities: tuple[str, ...]) -> None:
    scribe = scribe_of(store)
    whose = ["a", "b", "b", "a", "c", "b", "a"]
    vouchers = [
        scribe.voucher([Said("k", ("all",))] * (at % 3 + 1), entity=entity, word=None)
        for at, entity in enumerate(whose)
    ]
    write(store, vouchers)
    own = [
        place
        for one in vouchers
        for place in range(one.first_position, one.first_position + len(one.events))
        if one.entity in entities
    ]
    last = vouchers[-1].first_position + len(vouchers[-1].events)
    with store.write() as connection:
        bare = {"position": last, "kind": "bare", "data": b"", "tags": "[]"}
        connection.execute(insert(tables.events), bare)
        connection.execute(insert(tables.event_tags), {"tag": "all", "kind": "bare", "position": last})
    with store.read() as connection:
        for after, until, limit in product(range(last), (last, last // 2), (1, 2, 3, 50)):
            wanted = [place for place in own if after < place <= until][:limit]
            assert positions_of_entities(connection, entities, after=after, until=until, limit=limit) == wanted
            tagged = tag_positions(connection, "all", after=after, until=until, limit=limit, entities=entities)
            assert tagged == wanted
