"""The two clocks of trails and of the journal, against what a plain reading of events and postings comes to."""

import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ledger.decisions.judging import business_day
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger.log.tables import postings
from ledger_audit.journals import Entry, export_journal
from tests.api.http.house import House, body_of, donation, on_both
from tests.application.proposing.county import TODAY

MAKER, AUDITOR, TAG = "acct-charity", "auditor-1", "fund:general"
EARLY = TODAY - timedelta(days=20)


class Kept:
    """A writer of journals that keeps what it is told."""

    def __init__(self) -> None:
        self.opened: dict[str, date] = {}
        self.entries: list[Entry] = []
        self.ends: dict[str, int] = {}

    def head(self, title: str, opened: dict[str, date]) -> Iterator[str]:
        self.opened = opened
        return iter(())

    def entry(self, entry: Entry) -> Iterator[str]:
        self.entries.append(entry)
        return iter(())

    def balances(self, day: date, balances: dict[str, int]) -> Iterator[str]:
        self.ends = {name: fen for name, fen in balances.items() if fen}
        return iter(())


@pytest.fixture
def taken_back(house: House) -> tuple[House, list[int]]:
    """Gifts of two days, the later one recorded first, and the earlier one taken back; the positions."""
    places = []
    for number, day in enumerate((TODAY, EARLY)):
        kind, fields = donation(number)
        body = body_of(house.voucher(MAKER, "charity", (kind, fields | {"occurred_on": day.isoformat()}), day=day))
        places.append(house.post(MAKER, "/v1/vouchers", body)["positions"][0])
    with house.county.store.read() as connection:
        (gift,) = reading.events_between(connection, places[1], places[1])
    house.county.reverse(trusted_event(gift.kind, gift.data), "charity")
    return house, [*places, places[1] + 1]


def plainly(house: House, as_of: date, at: int) -> dict[int, int | None]:
    """Position -> where it was taken back, of every event of the tag."""
    with house.county.store.read() as connection:
        rows = list(reading.events_between(connection, 1, at))
        numbers = reading.vouchers_of(connection, sorted({row.voucher_number for row in rows}))
    known: dict[str, int] = {}
    found: dict[int, int | None] = {}
    for row in rows:
        event: Any = trusted_event(row.kind, row.data)
        if business_day(event, numbers[row.voucher_number][1]) > as_of:
            continue
        if event.kind == "event.reversed":
            found |= {known[event.target]: row.position} if known.get(event.target) in found else {}
        known[event.id] = row.position
        if TAG in event.tags():
            found[row.position] = None
    return found


@on_both
def test_a_trail_has_what_happened_by_a_day_and_was_known_at_a_position(taken_back: tuple[House, list[int]]) -> None:
    house, places = taken_back
    answers = []
    for as_of in (EARLY - timedelta(days=1), EARLY, TODAY - timedelta(days=1), TODAY):
        for at in (places[0] - 1, *places):
            found = house.get(AUDITOR, f"/v1/trails/{TAG}?as_of={as_of}&at={at}")
            told = {row["position"]: row["reversed_at"] for row in found["rows"]}
            assert told == plainly(house, as_of, at), (as_of, at)
            answers.append(tuple(told.items()))
    assert len(set(answers)) > 3
    whole = {row["position"]: row["reversed_at"] for row in house.get(AUDITOR, f"/v1/trails/{TAG}")["rows"]}
    assert whole == plainly(house, TODAY, places[-1])
    assert house.call(AUDITOR, "GET", f"/v1/trails/{TAG}?as_of=soon").json()["code"] == "E_DATE"


@on_both
def test_a_journal_has_what_happened_by_a_day_and_was_known_at_a_position(taken_back: tuple[House, list[int]]) -> None:
    house, places = taken_back
    answers = []
    with house.county.store.read() as connection:
        every = list(connection.execute(select(postings).order_by(postings.c.position, postings.c.line)))
        for as_of in (None, EARLY, TODAY):
            for at in (None, *places):
                kept = Kept()
                count = export_journal(connection, io.BytesIO(), "t", kept, as_of=as_of, at=at)
                rows = [
                    row
                    for row in every
                    if row.occurred_on <= (as_of or date.max) and row.position <= (at or row.position)
                ]
                assert [entry.position for entry in kept.entries] == sorted({row.position for row in rows})
                assert count == len(kept.entries)
                sums: defaultdict[str, int] = defaultdict(int)
                for entry in kept.entries:
                    for name, fen in entry.legs:
                        sums[name] += fen
                assert kept.ends == {name: fen for name, fen in sums.items() if fen}
                assert set(sums) == set(kept.opened)
                answers.append((count, tuple(kept.ends.items())))
    assert len(set(answers)) > 3


def test_a_journal_of_a_moment_says_which_one(taken_back: tuple[House, list[int]]) -> None:
    house, places = taken_back
    asked = {"": places[2], f"&as_of={EARLY}": places[2], f"&at={places[0]}": places[0]}
    texts = set()
    for query, position in asked.items():
        answer = house.call(AUDITOR, "GET", f"/v1/export/journal?format=hledger{query}")
        assert (answer.status_code, answer.headers["ledger-position"]) == (200, str(position))
        texts.add(answer.text)
    assert len(texts) == len(asked)
    ahead = house.call(AUDITOR, "GET", f"/v1/export/journal?at={places[2] + 9}")
    assert (ahead.status_code, ahead.json()["code"]) == (404, "E_POSITION_AHEAD")
    assert house.call(AUDITOR, "GET", "/v1/export/journal?as_of=soon").status_code == 422
