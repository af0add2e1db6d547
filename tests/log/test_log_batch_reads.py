"""What a writer reads once a batch: positions by tag and kind, events and vouchers by place, the edge, new proofs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import EvidenceError
from ledger.log import reading
from ledger.log.appending import is_head, read_head
from ledger.log.proofs import LogNodes, NewNodes
from ledger.log.store import LogStore
from ledger.signing.merkle import Frontier, inclusion_path, leaf_hash, root_of, verify_inclusion
from tests.log.scribe import Said, scribe_of, write

SAID = (
    Said("subsidy.paid", ("fund:1", "payment:1")),
    Said("subsidy.authorised", ("payment:1",)),
    Said("subsidy.paid", ("payment:2", "fund:1")),
    Said("fund.opened", ("fund:1", "fund:2")),
    Said("subsidy.returned", ("payment:1",)),
)
TAGS = ("fund:1", "fund:2", "payment:1", "payment:2", "payment:3")
KINDS = ("subsidy.paid", "subsidy.authorised", "fund.opened", "nothing.happened")


@pytest.mark.parametrize("kinds", [(), KINDS[:1], KINDS[:2], KINDS, (*KINDS[:2], KINDS[0])])
def test_places_are_those_of_a_plain_search(store: LogStore, kinds: tuple[str, ...]) -> None:
    scribe = scribe_of(store)
    write(store, [scribe.voucher(SAID[:2]), scribe.voucher(SAID[2:])])
    expected = {
        tag: [at for at, one in enumerate(SAID, 1) if tag in one.tags and (not kinds or one.kind in kinds)]
        for tag in TAGS
    }
    with store.read() as connection:
        assert reading.places(connection, [*TAGS, TAGS[0]], kinds) == expected
    with store.write() as connection:
        assert reading.places(connection, TAGS, kinds) == expected


def test_events_come_by_place_with_their_vouchers(store: LogStore) -> None:
    scribe = scribe_of(store)
    write(store, [scribe.voucher(SAID[:2], entity="entity:1"), scribe.voucher(SAID[2:], entity="entity:2")])
    with store.read() as connection:
        found = reading.events_at(connection, {5, 2, 9, 1})
        assert [(row.position, row.kind, row.voucher_number) for row in found] == [
            (1, "subsidy.paid", 1),
            (2, "subsidy.authorised", 1),
            (5, "subsidy.returned", 2),
        ]
        assert reading.events_at(connection, ()) == []
        vouchers = reading.vouchers_of(connection, [2, 1, 7])
    assert {number: entity for number, (entity, _) in vouchers.items()} == {1: "entity:1", 2: "entity:2"}


def test_the_edge_is_read_whole_or_not_at_all(store: LogStore) -> None:
    scribe = scribe_of(store)
    head = write(store, [scribe.voucher(word=None) for _ in range(11)])
    with store.read() as connection:
        assert LogNodes(connection).edge(11).edge == head.frontier.edge
        with pytest.raises(EvidenceError, match="E_NODE_MISSING"):
            LogNodes(connection).edge(12)


def test_a_head_is_known_again_until_somebody_writes(store: LogStore) -> None:
    scribe = scribe_of(store)
    first = write(store, [scribe.voucher()])
    with store.read() as connection:
        assert is_head(connection, first)
        assert is_head(connection, read_head(connection))
    write(store, [scribe.voucher()])
    with store.read() as connection:
        assert not is_head(connection, first)


@given(st.integers(0, 40), st.integers(1, 40))
def test_new_leaves_are_proven_from_memory(old: int, new: int) -> None:
    hashes = [leaf_hash(str(n).encode()) for n in range(old + new)]
    before = Frontier()
    before.append(hashes[:old])
    nodes, root = NewNodes(before, hashes[old:]), root_of(hashes)
    assert before.size == old
    for index in range(old, old + new):
        path = inclusion_path(nodes, index, old + new)
        assert verify_inclusion(hashes[index], index, old + new, path, root)


def test_what_proves_no_new_leaf_is_not_in_memory() -> None:
    with pytest.raises(EvidenceError, match="E_NODE_MISSING"):
        NewNodes(Frontier(), [leaf_hash(b"1")]).node(3, 0)


def test_a_tag_with_many_events_is_probed_by_kind(sqlite_book_url: str) -> None:
    """A person has a hundred payments and one enrolment: the index is entered by both columns, not by the tag alone."""
    store = LogStore.open(sqlite_book_url)
    statement = reading._tagged("sqlite", by_kind=True)  # noqa: SLF001 - the plan of this very statement
    with store.read() as connection:
        text = str(statement.compile(connection, compile_kwargs={"literal_binds": False}))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]", "[]")).all()
    store.close()
    assert any("(tag=? AND kind=?)" in row[3] for row in plan), plan
