"""Histories answer what a plain search would, whenever a need is first asked for and whatever was refused before."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.decisions import histories
from ledger.decisions.histories import REVERSED, Histories, Standing
from ledger.decisions.recent import KEPT, Recent
from ledger.flows.knowledge import Need, Recorded
from ledger.log import reading

TAGS = ("fund:a", "fund:b", "payment:1", "payment:2")
KINDS = ("fund.opened", "subsidy.paid", "subsidy.returned", REVERSED)
STANDING_KINDS = frozenset({"fund.opened", REVERSED})
DAY = date(2025, 9, 1)


@dataclass(frozen=True)
class Happened:
    """What a history needs of an event."""

    id: str
    kind: str
    own_tags: tuple[str, ...]
    target: str = ""

    def tags(self) -> tuple[str, ...]:
        return self.own_tags


@dataclass
class Plain:
    """The same questions, answered by looking at every event."""

    items: list[Recorded] = field(default_factory=list)

    def history(self, need: Need, until: int) -> list[Recorded]:
        seen = self.items[:until]
        gone = {item.event.target for item in seen if item.event.kind == REVERSED}  # type: ignore[attr-defined]  # all are Happened
        return [
            item
            for item in seen
            if need.tag in item.event.tags()
            and (item.event.kind in need.kinds if need.kinds else item.event.kind != REVERSED)
            and item.event.id not in gone
        ]


def recorded_of(event: Any, position: int) -> Recorded:
    return Recorded(position, event, "charity", DAY, position)


@contextmanager
def stored(items: list[Recorded]) -> Iterator[Histories]:
    """Histories over a log that holds these events."""

    def places(_: object, tags: Iterable[str], kinds: tuple[str, ...]) -> dict[str, list[int]]:
        fits = [item for item in items if not kinds or item.event.kind in kinds]
        return {tag: [item.position for item in fits if tag in item.event.tags()] for tag in tags}

    def recorded(_: object, positions: Iterable[int]) -> list[Recorded]:
        return [items[position - 1] for position in positions]

    standing = Standing()
    standing.learn([item for item in items if item.event.kind in STANDING_KINDS], STANDING_KINDS)
    with (
        patch.object(reading, "places", places),
        patch.object(reading, "events_at", lambda _, positions: sorted(positions)),
        patch.object(histories, "recorded", recorded),
    ):
        connection: Any = None
        yield Histories(connection, standing, Recent())


needs = st.builds(Need, st.sampled_from(TAGS), st.lists(st.sampled_from(KINDS), max_size=2, unique=True).map(tuple))
tags = st.lists(st.sampled_from(TAGS), min_size=1, max_size=3, unique=True).map(tuple)
shapes = st.tuples(st.sampled_from(KINDS), tags, st.integers(0, 30))
vouchers = st.lists(st.tuples(st.lists(st.one_of(shapes, needs), max_size=5), st.booleans()), max_size=6)


def happened(shape: tuple[str, tuple[str, ...], int], position: int) -> Happened:
    """An event, or a reversal of an earlier one, which carries all of its target's tags."""
    kind, own, choice = shape
    return Happened(f"e-{position}", kind, own, f"e-{choice % position}" if kind == REVERSED else "")


@given(st.lists(shapes, max_size=8), st.lists(needs, max_size=4), vouchers)
def test_every_answer_is_that_of_a_plain_search(
    old: list[tuple[str, tuple[str, ...], int]], asked: list[Need], batch: list[tuple[list[Any], bool]]
) -> None:
    plain = Plain([recorded_of(happened(shape, place), place) for place, shape in enumerate(old, 1)])
    with stored(list(plain.items)) as found:
        found.load(asked)
        for acts, accepted in batch:
            before = len(plain.items)
            for act in acts:
                if isinstance(act, Need):
                    assert list(found.history(*act)) == plain.history(act, len(plain.items))
                else:
                    item = recorded_of(happened(act, len(plain.items) + 1), len(plain.items) + 1)
                    found.attempt(item, item.event.tags())
                    plain.items.append(item)
                    assert found.by_id(item.event.id) is item
            if accepted:
                found.accept()
            else:
                found.forget()
                del plain.items[before:]
            for tag in TAGS:
                for kinds in ((), KINDS[:1], KINDS[1:3]):
                    need = Need(tag, kinds)
                    assert list(found.history(*need)) == plain.history(need, len(plain.items))


def test_what_was_recorded_last_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    one = recorded_of(Happened("e-1", "subsidy.paid", ("payment:1",)), 1)
    recent = Recent()
    recent.add([one])
    read: list[object] = []

    def events_at(_: object, positions: Iterable[int]) -> list[object]:
        read.extend(positions)
        return []

    monkeypatch.setattr(reading, "places", lambda *_: {"payment:1": [1]})
    monkeypatch.setattr(reading, "events_at", events_at)
    connection: Any = None
    assert list(Histories(connection, Standing(), recent).history("payment:1", ("subsidy.paid",))) == [one]
    assert read == []


def test_the_oldest_are_forgotten_first() -> None:
    recent = Recent()
    recent.add(recorded_of(Happened(f"e-{n}", "subsidy.paid", ()), n) for n in range(KEPT))
    recent.add(recorded_of(Happened(f"e-{n}", "subsidy.paid", ()), n) for n in range(KEPT, KEPT + 10))
    assert sorted(recent.find(range(KEPT + 20))) == list(range(10, KEPT + 10))
