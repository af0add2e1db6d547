"""The scratch index of the full verification gives what was put into it, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from ledger_audit.deriving.index import Index

tags = st.sampled_from(["fund:a", "fund:b", "batch:1", "donor:甲", ""])
kinds = st.sampled_from(["fund.opened", "subsidy.paid", "event.reversed"])
rows = st.lists(st.tuples(tags, kinds, st.integers(1, 9)), max_size=30, unique=True)


@given(rows, st.lists(tags, unique=True), st.lists(kinds, unique=True), st.integers(1, 7))
def test_positions_are_those_added(
    added: list[tuple[str, str, int]], asked: list[str], wanted: list[str], size: int
) -> None:
    index = Index()
    for first in range(0, len(added), size):
        index.add(added[first : first + size], [])
    expected = {tag: sorted({p for t, kind, p in added if t == tag and kind in wanted}) for tag in asked}
    found = index.positions(asked, wanted)
    assert {tag: sorted(set(places)) for tag, places in found.items()} == expected
    assert all(places == sorted(places) for places in found.values())
    index.close()


@given(rows, rows)
def test_held_says_what_was_added(added: list[tuple[str, str, int]], asked: list[tuple[str, str, int]]) -> None:
    index = Index()
    index.add(added, [])
    assert index.held(asked) == [row in added for row in asked]
    index.close()


def test_rows_that_somebody_spoilt_are_not_held() -> None:
    index = Index()
    index.add([("fund:a", "fund.opened", 1)], [])
    spoilt = [(b"fund:a", "fund.opened", 1), ("fund:a", None, 1), ("fund:a", "fund.opened", "1"), (None, None, None)]
    assert index.held([("fund:a", "fund.opened", 1), *spoilt]) == [True, False, False, False, False]
    index.close()


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=2), st.integers(1, 99)), max_size=20), st.lists(st.binary()))
def test_ids_have_their_last_place_and_those_left_out_are_named(
    added: list[tuple[bytes, int]], others: list[bytes]
) -> None:
    index = Index()
    latest: dict[bytes, int] = {}
    for own, place in added:
        latest[own] = place
        index.add([], [(own, place)])
    assert index.id_count == len(latest)
    assert all(index.place_of_id(own) == place for own, place in latest.items())
    assert index.place_of_id(b"nobody has three bytes or more") is None
    assert dict(index.ids_without(others)) == {own: place for own, place in latest.items() if own not in others}
    index.close()
