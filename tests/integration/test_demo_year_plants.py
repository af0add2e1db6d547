"""What was planted in the year is found, all of it and nothing else; a plant that the files do not show is missed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.catalogue import say
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger.log.appending import read_head
from ledger_api.demo.year.control import controls
from ledger_api.demo.year.deaths import deaths_of
from ledger_api.demo.year.giving.gifts import charity_of
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.plants.cast import Cast, cast_of
from ledger_api.demo.year.plants.control import TESTS, compared, refused
from ledger_api.demo.year.plants.disclosures import LATE
from ledger_api.demo.year.plants.gifts import credited, registered_in, registered_late
from ledger_api.demo.year.plants.receipts import drop_numbers
from ledger_api.demo.year.plants.refusals import EXPECTED
from ledger_api.demo.year.plants.rolls import SHARERS, drawn, plant
from ledger_api.demo.year.play import Year
from ledger_api.demo.year.roll import TOWNSHIPS, Roll, roll_of
from ledger_api.demo.year.targets import MONTHS, TARGETS
from ledger_projections.books.late_entries import late_entries
from ledger_projections.public_money.doubts import clues, doubts
from ledger_projections.public_money.doubts_told import details_told
from ledger_projections.public_money.recoveries import recoveries
from ledger_projections.public_money.shared_accounts import shared_accounts
from tests.integration.conftest import played
from tests.plain_sentences import require_plain

LAST = date(2024, 12, 31)
REFUTED = 4
"""In a county of any size: as many as the whole one has."""


@pytest.fixture(scope="module")
def silenced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """A year whose lists do not name those of T01, T04 and T09 who were planted."""
    yield from played(tmp_path_factory.mktemp("silenced") / "county", "0.005", 78, 0, suppress)


SILENT = ("T01", "T04", "T09")


def suppress(year: Year) -> None:
    """Take the rows of whoever is planted for these tests out of every list."""
    gone = {one.id_number for test in SILENT for one in year.made.plants.cast.of(test) if one.refuted is None}
    for path in (path for part in year.made.plants.lists for path in part):
        lines = path.read_text(encoding="gb18030").splitlines(keepends=True)
        kept = [line for line in lines if not any(number in line for number in gone)]
        path.write_bytes("".join(kept).encode("gb18030"))


@pytest.fixture(params=["hamlet", "village"])
def year(request: pytest.FixtureRequest) -> Year:
    """Each of the two years in which everything is planted."""
    found: Year = request.getfixturevalue(request.param)
    return found


def test_who_was_planted_is_who_was_found_test_by_test(year: Year) -> None:
    assert year.troubles == []
    reference = year.county.book.vault.reference
    with year.county.book.store.read() as connection:
        assert compared(connection, year.made.plants, reference) == []
        rows = clues(connection, LAST).rows
        assert [one for one in controls(connection, year.made) if not one.holds] == []
    states = Counter(row.state for row in rows)
    assert states.keys() == {"confirmed", "refuted"}
    assert states["refuted"] == REFUTED
    assert {(row.test or "")[:3] for row in rows if row.state == "confirmed"} == set(TESTS) - {"T07"}
    assert all(row.issued_on and row.answered_on and row.township for row in rows), "each was given out and came back"


def test_every_finding_is_recovered_and_nothing_else_is(year: Year) -> None:
    with year.county.book.store.read() as connection:
        found = {row.finding: row for row in clues(connection, LAST).rows if row.state == "confirmed"}
        ordered = recoveries(connection, LAST).recoveries
    assert {row.finding for row in ordered} == found.keys()
    assert len(ordered) == len(found)
    for row in ordered:
        assert row.sums.ordered_fen == found[row.finding].confirmed_fen
        assert row.person == found[row.finding].person
    made = year.made.registers.matters
    assert sum(row.sums.ordered_fen for row in ordered) == sum(one.ordered_fen for one in made)
    assert sum(row.sums.collected_fen for row in ordered) == sum(one.collected_fen for one in made)


def test_the_rules_say_of_the_rosters_what_the_self_check_says(year: Year) -> None:
    reference = year.county.book.vault.reference
    cast = year.made.plants.cast
    with year.county.book.store.read() as connection:
        twice = {row.detail["person"] for row in doubts(connection, code="W_ENROLLED_TWICE").rows}
        (account,) = shared_accounts(connection).rows
    assert twice == {reference("person", one.id_number) for one in cast.of("T02")}
    assert {row.person for row in account.rows} == {reference("person", case.head.id_number) for case in cast.sharing}
    assert (account.homes, account.level) == (SHARERS, "high")


def test_every_doubt_of_the_year_is_told_without_an_id_a_code_or_a_gap(year: Year) -> None:
    with year.county.book.store.read() as connection:
        found = doubts(connection)
        told = details_told(connection, found.rows, found.position)
    assert found.rows
    for row, detail in zip(found.rows, told, strict=True):
        require_plain(row.code, say(row.code, **detail))


def test_what_had_to_be_refused_was_refused_and_is_not_in_the_book(year: Year) -> None:
    assert sorted(year.refusals) == sorted(EXPECTED)
    assert all(one.holds for one in refused(year.refusals))
    assert not any(one.holds for one in refused(()))
    ((gift, promised),) = credited(year.made.charity)
    with year.county.book.store.read() as connection:
        last = read_head(connection).position
        events = [trusted_event(row.kind, row.data) for row in reading.events_between(connection, 1, last)]
    booked = [getattr(one, "amount_fen", 0) for one in events if getattr(one, "order_no", None) == gift.serial]
    assert booked == [gift.fen]
    assert gift.fen < promised
    assert not any(getattr(one, "fund", "") == "schooling" for one in events if one.kind == "grant.committed")


def test_the_gift_that_was_written_down_late_is_the_late_voucher(year: Year) -> None:
    gift = registered_late(year.made.charity)
    with year.county.book.store.read() as connection:
        late, *more = late_entries(connection).rows
    assert (late.voucher_date, late.amount_fen) == (gift.on, gift.fen)
    assert late.kinds == ("donation.received",)
    assert [one.kinds for one in more] == [("donation.receipt_covered",)], "its receipt, and nothing else"


def test_what_was_published_late_is_a_doubt_and_the_rest_is_none(year: Year) -> None:
    with year.county.book.store.read() as connection:
        (late,) = doubts(connection, code="W_DISCLOSURE_LATE").rows
        last = read_head(connection).position
        events = [trusted_event(row.kind, row.data) for row in reading.events_between(connection, 1, last)]
    assert (late.detail["subject"], late.detail["published_on"]) == (LATE[2], LATE[4])
    assert (late.detail["due_on"], late.detail["days"]) == ("2024-11-20", 20)
    assert sum(one.kind == "disclosure.published" for one in events) == 2


def test_what_the_files_do_not_show_is_missed_and_said(silenced: Year) -> None:
    """A control that could not fail would be none."""
    plants = silenced.made.plants
    reference = silenced.county.book.vault.reference
    with silenced.county.book.store.read() as connection:
        gaps = compared(connection, plants, reference)
        failed = {one.what for one in controls(connection, silenced.made) if not one.holds}
    assert [(gap.test, gap.founded, gap.unexpected) for gap in gaps] == [(test, True, frozenset()) for test in SILENT]
    for gap in gaps:
        stated = [one for one in plants.cast.of(gap.test) if one.refuted is None]
        assert gap.missing == {reference("person", one.id_number) for one in stated}
    assert failed >= {*(f"{test} 认定" for test in SILENT), "全部线索", "认定金额(元)", "由线索认定而追缴的人数"}


def test_who_was_found_and_not_planted_is_said_too(hamlet: Year) -> None:
    plants = hamlet.made.plants
    less = replace(plants, cast=replace(plants.cast, doubts=plants.cast.doubts[1:]))
    reference = hamlet.county.book.vault.reference
    with hamlet.county.book.store.read() as connection:
        (gap,) = compared(connection, less, reference)
    first = plants.cast.doubts[0]
    assert (gap.test, gap.missing) == ("T01", frozenset())
    assert gap.unexpected == {reference("person", first.id_number)}


# ---- of any size


def rolls_and_cast(scale: Decimal, seed: int) -> tuple[tuple[Roll, ...], tuple[Roll, ...], Cast]:
    dice = Dice(seed)
    twice = round(5 * scale)
    rolls = drawn(lambda: tuple(roll_of(target.scaled(scale), dice) for target in TARGETS), twice)
    before = tuple(
        Roll(roll.target, [list(month) for month in roll.months], [list(gone) for gone in roll.gone]) for roll in rolls
    )
    planted = plant(rolls, twice, dice)
    deaths = deaths_of(rolls, dice, max(3, round(14 * scale)))
    return before, rolls, cast_of(rolls, deaths, planted, scale, dice)


@settings(max_examples=40)
@given(st.integers(5, 60), st.integers(0, 2**64))
def test_a_county_of_any_size_has_one_of_each_and_the_same_totals(thousandths: int, seed: int) -> None:
    before, after, cast = rolls_and_cast(Decimal(thousandths) / 1000, seed)
    for one, other in zip(before, after, strict=True):
        assert [[(case.number, case.total_fen) for case in month] for month in one.months] == [
            [(case.number, case.total_fen) for case in month] for month in other.months
        ]
        assert [[leaving.case.number for leaving in gone] for gone in one.gone] == [
            [leaving.case.number for leaving in gone] for gone in other.gone
        ]
    assert {one.test for one in cast.doubts if one.refuted is None} == set(TESTS) - {"T07"}
    assert [one.test for one in cast.doubts if one.refuted] == ["T04", "T05", "T09", "T07"]
    assert len({one.case.number for one in cast.doubts}) == len(cast.doubts)
    assert len({case.receiver.account for case in cast.sharing}) == 1
    assert len({case.head.id_number for case in cast.sharing}) == SHARERS


@pytest.mark.parametrize("seed", [0, 5])
def test_a_whole_county_has_31_doubts_of_which_4_are_refuted(seed: int) -> None:
    *_, cast = rolls_and_cast(Decimal(1), seed)
    counted = Counter((one.test, one.refuted is None) for one in cast.doubts)
    assert len(cast.doubts) == 31
    assert sum(number for (_, founded), number in counted.items() if founded) == 27
    assert [counted[test, True] for test in TESTS] == [14, 3, 2, 4, 3, 0, 1]


@given(st.integers(5, 200), st.integers(0, 2**64))
def test_a_charity_of_any_size_writes_one_gift_down_late_and_one_as_promised(thousandths: int, seed: int) -> None:
    year = charity_of(Decimal(thousandths) / 1000, Dice(seed), len(TOWNSHIPS))
    ((gift, promised),) = credited(year)
    late = registered_late(year)
    assert gift.fen < promised
    assert late.serial != gift.serial
    months = registered_in(year)
    assert [one.serial for one in year.gifts if months[one.serial] != f"{one.on:%Y-%m}"] == [late.serial]
    assert MONTHS.index(months[late.serial]) - MONTHS.index(f"{late.on:%Y-%m}") > 2


@given(st.lists(st.integers(0, 99_999_999), unique=True, max_size=40).map(sorted))
def test_one_number_in_the_middle_is_dropped(numbers: list[int]) -> None:
    texts = [f"{one:08d}" for one in numbers]
    left = drop_numbers(texts)
    if len(texts) < 3:
        assert left == texts
    else:
        assert len(left) == len(texts) - 1
        assert (left[0], left[-1]) == (texts[0], texts[-1])
