"""Sentences from the book: every figure against sums counted by hand, and what the book does not hold stays open."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import Connection

from ledger.catalogue import say
from ledger.errors import LedgerError
from ledger.flows.public_money.payment.transit import QuotaPart
from ledger.values.quantities import consistent
from ledger.values.wording import count_worded, money_worded
from ledger_projections import registry
from ledger_projections.figures import LISTED, RELIEF
from ledger_projections.summaries.registry import TABLES
from ledger_projections.summaries.sentences import Paragraph, Slot, paragraph, span_of
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_catalogue import TEMPLATES, SlotPlan, template
from ledger_projections.summaries.sentences_checking import check_report
from ledger_projections.summaries.sentences_facts import Fact, fact
from ledger_projections.summaries.sentences_measures import MEASURES
from ledger_projections.summaries.table import Asked
from tests.flows.public_money.samples_relief import (
    DIBAO,
    LINE_FEN,
    appropriation,
    authorised,
    fund_opened,
    funded,
    paid,
    prepared,
    returned_late,
    setup,
)
from tests.projections.plain_log import folder, written
from tests.projections.small_county import (
    CASES,
    COLLECTED_FEN,
    FAILED_FEN,
    GIVEN_FEN,
    KEPT_FEN,
    ORDERED_FEN,
    county,
    fen,
    relief,
)

BEGINS = "2025-08"
"""The first month of the county's book; sums over earlier months are not known."""
YEAR = Span(BEGINS, "2025-09")


@pytest.fixture(scope="module")
def book() -> Iterator[tuple[Connection, int]]:
    with county() as found:
        yield found


def told(book: tuple[Connection, int], name: str, last: str = "2025-09", first: str | None = None) -> Paragraph:
    """A template from the book's first month on, but for those that are of one month."""
    chosen = template(name)
    since = first or (None if name == "month" or last < BEGINS else BEGINS)
    return paragraph(book[0], chosen, span_of(chosen, since, last, None), book[1])


def slots(book: tuple[Connection, int], name: str, last: str = "2025-09", first: str | None = None) -> dict[str, Slot]:
    """The slots of a template as `sentence.slot`."""
    found = told(book, name, last, first)
    return {f"{one.name}.{slot.name}": slot for one in found.sentences for slot in one.slots}


def test_the_years_sentences_say_what_was_counted(book: tuple[Connection, int]) -> None:
    found = slots(book, "year")
    came = sum(case.persons for case in CASES if case.reason == "new")
    left = sum(case.persons for case in CASES if case.until)
    stands = [case for case in CASES if case.programme == "rural-dibao" and not case.until]
    recovered = COLLECTED_FEN + KEPT_FEN
    assert fen() == 290_158_800
    assert {name: found[name].text for name in found if found[name].reason is None} == {
        "redress.collected": "8万余元",
        "redress.ordered": f"{ORDERED_FEN // 100}元",
        "redress.rate": f"{round(1000 * recovered / ORDERED_FEN) / 10}%",
        "redress.offset": f"{KEPT_FEN // 100}元",
        "moves.came": f"{came}人",
        "moves.left": f"{left}人",
        "moves.moved": "0人",
        "moves.died": f"{sum(case.persons for case in CASES if case.left_because == 'death')}人",
        "moves.rural_h": f"{len(stands)}户",
        "moves.rural": f"{sum(case.persons for case in stands)}人",
        "moves.destitute": "2人",
        "total.total": "290余万元",
        "total.narrow": "275余万元",
        "total.late": "1.23万元",
        "children.orphans": "14.25万元",
        "funds.province": f"{GIVEN_FEN // 1_000_000}万元",
    }
    values = {name: found[name].fact.exact for name in ("redress.collected", "total.total", "total.narrow")}
    assert values == {
        "redress.collected": recovered,
        "total.total": fen(),
        "total.narrow": fen("rural_dibao", "destitute"),
    }


def test_a_month_says_the_month(book: tuple[Connection, int]) -> None:
    found = slots(book, "month")
    rows = relief(months=("2025-09",))
    rural = [one for one in rows if one.scheme == "rural_dibao"]
    assert found["total.total"].fact.exact == sum(one.fen for one in rows)
    assert found["programmes.rural_dibao_fen"].fact.exact == sum(one.fen for one in rural)
    assert found["programmes.rural_dibao_p"].text == f"{sum({one.enrolment: one.persons for one in rural}.values())}人"
    normal = [one for one in rural if one.component == "normal"]
    average = Fraction(sum(one.fen for one in normal), sum(one.persons for one in normal))
    assert found["programmes.rural_dibao_average"].fact.exact == average, "as the monthly table, without arrears"
    told_of = {name.split(".")[1].removesuffix("_fen") for name in found if name.endswith("_fen")}
    assert told_of >= {one.scheme for one in rows}, "every programme that was paid"
    assert found["so_far.so_far"].reason == "before", "a slot has a span of its own"
    assert (found["so_far.so_far"].fact.first, found["total.total"].fact.first) == ("2025-01", "2025-09")
    assert found["failures.failed"].text == "1笔"
    assert found["failures.failed_fen"].text == f"{FAILED_FEN // 100}元"
    assert found["failures.open"].text == "1笔"
    assert [found[f"moves.{name}"].text for name in ("in_p", "out_p", "died")] == [
        f"{sum(case.persons for case in CASES if case.since == '2025-09')}人",
        f"{sum(case.persons for case in CASES if case.until == '2025-09')}人",
        "0人",
    ], "who is paid from this month on, and who is not"
    assert told(book, "month").sentences[0].zh.startswith("2025年9月,")


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_sum_begins_before_the_book(book: tuple[Connection, int], name: str) -> None:
    """From January, and of July: no sum over months is told, nor a nought; what stands at the end still is."""
    for last in ("2025-09", "2025-07"):
        found = slots(book, name, last, "2025-07" if name == "month" else "2025-01")
        for key, one in found.items():
            if one.reason is None:
                assert one.fact.key.startswith(
                    ("close_", "recovery_", "matter_", "clue_", "appropriation_", "provincial_")
                ), key
    early = slots(book, "year", "2025-07", "2025-01") | slots(book, "campaign", "2025-07", "2025-01")
    assert [early[key].text for key in ("moves.came", "moves.left", "people.out_h", "people.in_p")] == [
        "XX人",
        "XX人",
        "XX户",
        "XX人",
    ]
    assert early["moves.rural"].reason is None


def test_an_earlier_month_knows_nothing_of_the_next(book: tuple[Connection, int]) -> None:
    found = slots(book, "month", "2025-08")
    assert found["total.total"].fact.exact == sum(one.fen for one in relief(months=("2025-08",)))
    assert (found["moves.in_p"].text, found["moves.out_p"].text) == ("0人", "0人")
    assert found["failures.failed"].text == "0笔"


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_slot_says_where_it_comes_from_or_why_it_is_open(book: tuple[Connection, int], name: str) -> None:
    found = told(book, name)
    assert (found.position, found.begins) == (book[1], "2025-08")
    for sentence in found.sentences:
        assert "{" not in sentence.zh + sentence.en
        for slot in sentence.slots:
            assert slot.text in sentence.zh
            if slot.reason is not None:
                assert slot.text.startswith("XX")
                assert "XX" in sentence.en
                assert say(f"missing.{slot.reason}") != f"missing.{slot.reason}"
            else:
                assert "XX" not in slot.text
                assert f"--at {book[1]}" in slot.fact.query
                assert (slot.fact.first, slot.fact.last) <= (BEGINS, "2025-09") or name == "month"


PLANS = [
    pytest.param(plan, id=f"{name}.{sentence.name}.{slot}")
    for name in TEMPLATES
    for sentence in template(name).sentences
    for slot, plan in sentence.slots.items()
    if plan.scope_of is None and plan.word != "%"
]


@pytest.mark.parametrize("plan", PLANS)
def test_every_slot_can_say_what_it_may_be_given(plan: SlotPlan) -> None:
    """Also those whose figures the book does not give yet: their styles exist, and their words read back."""
    styles = set(plan.styles)
    is_money = styles <= {"exact_yuan", "exact_wan", "approx"} and plan.word in {None, "元", "万元"}
    for value in (0, 7, 43_700, 8_176_388_000):
        text, _ = money_worded(value, plan.styles) if is_money else count_worded(value, plan.word or "人", plan.styles)
        assert consistent(text, value)


def test_nothing_is_made_of_an_empty_span(book: tuple[Connection, int]) -> None:
    """The summer of 2024 is before the book: no figure of it is nought, it is not there."""
    for name in TEMPLATES:
        for key, slot in slots(book, name, "2024-08").items():
            assert slot.reason is not None, key
            assert slot.fact.value is None


@pytest.mark.parametrize("key", sorted(MEASURES))
def test_every_measure_has_a_scope_and_answers(book: tuple[Connection, int], key: str) -> None:
    found = fact(Books(book[0], YEAR, book[1]), key)
    assert say(f"figure.{key}") != f"figure.{key}"
    assert (found.value is None) == (found.missing is not None)
    assert found.query
    empty = fact(Books(book[0], YEAR, 1), key)
    assert (empty.value, empty.missing is not None) == (None, True), "an empty log gives no figure"


KEYS = {
    "paid_person_times": (("rural_dibao",), 7),
    "paid_household_times": (("rural_dibao",), 3),
    "paid_households": (("rural_dibao",), 2),
    "paid_persons": (("rural_dibao", "destitute"), 6),
    "arrears_fen": (RELIEF, 1_230_000),
    "late_fen": (RELIEF, 1_230_000),
    "uplift_fen": (RELIEF, 0),
    "start_persons": (RELIEF, 3),
    "stop_persons": (RELIEF, 1),
    "stop_death_persons": (RELIEF, 0),
    "listed_households": (RELIEF, 4),
    "listed_persons": (("rural_dibao",), 9),
    "in_households": (LISTED, 2),
    "out_households": (LISTED, 2),
    "out_cleared_persons": (LISTED, 1),
    "close_households": (("destitute",), 2),
    "failed_count": ((), 1),
    "recovery_open_fen": ((), ORDERED_FEN - COLLECTED_FEN - KEPT_FEN),
    "matter_count": ((), 1),
    "clue_founded": ((), 1),
    "appropriation_relief_fen": ((), GIVEN_FEN),
}


def test_what_was_left_of_last_year_and_other_funds_are_told_apart() -> None:
    """A province's document of last year is no new money, and one for a fund that pays no relief is no relief money;
    what finance paid is of both, and what came back is taken off.
    """
    documents = [
        appropriation(document="省1", programme=DIBAO),
        appropriation(document="省2", carried_over=True),
        appropriation(document="县1", level="county"),
        appropriation(document="省3", fund="welfare"),
    ]
    orders = [
        funded(sources=(QuotaPart(document="省1", fen=400_000),), amount_fen=400_000, movement="m-1"),
        funded(sources=(QuotaPart(document="省2", fen=1_000_000),), amount_fen=1_000_000, movement="m-2"),
    ]
    told_events = [*setup()[:-1], fund_opened(fund="welfare"), *documents, prepared(), *orders]
    with folder() as here:
        store = written(here / "log.db", told_events, "bureau")
        registry.catch_up(store)
        with store.read() as connection:
            books = Books(connection, YEAR, len(told_events))
            keys = ("relief", "relief_carried", "relief_spent", "relief_rate")
            found = {key: fact(books, f"appropriation_{key}_fen".replace("rate_fen", "rate")).exact for key in keys}
            found["province"] = fact(books, "provincial_grant_fen").exact
        store.close()
    one = 1_000_000
    given, spent = 3 * one, 1_400_000
    assert found == {
        "province": 2 * one,
        "relief": given,
        "relief_carried": one,
        "relief_spent": spent,
        "relief_rate": Fraction(spent, given),
    }


@pytest.mark.parametrize("key", KEYS)
def test_measures_count_what_was_listed(book: tuple[Connection, int], key: str) -> None:
    schemes, value = KEYS[key]
    assert fact(Books(book[0], YEAR, book[1]), key, schemes).value == value


def test_a_first_roster_tells_who_stands_and_not_who_came(book: tuple[Connection, int]) -> None:
    found = slots(book, "year", "2024-12")
    assert found["moves.rural"].text == f"{sum(case.persons for case in CASES if case.reason == 'opening') - 1}人"
    assert (found["moves.came"].reason, found["moves.left"].reason) == ("no_record", "no_record")


def test_what_is_missing_says_why(book: tuple[Connection, int]) -> None:
    books = Books(book[0], YEAR, book[1])

    def why(found: Fact) -> tuple[str | None, int | None]:
        return found.missing, found.value

    assert why(fact(books, "donations_fen")) == ("no_figure", None)
    assert why(fact(books, "paid_fen", ("street_aid",))) == ("no_programme", None)
    assert why(fact(books, "vagrant_times")) == ("no_programme", None)
    assert why(fact(books, "pledge_charity_fen")) == ("no_record", None)
    assert why(fact(books, "paid_average_fen", ("urban_dibao",))) == ("no_base", None)
    assert why(fact(books, "close_persons", ("urban_dibao",))) == ("no_record", None)
    assert why(fact(books, "paid_fen", ("urban_dibao",))) == (None, 0), "the programme stands, and paid nothing"
    assert fact(books, "relief_total_fen").exact == fen()
    assert set(fact(books, "paid_fen").absent) == set(RELIEF) - {"rural_dibao", "urban_dibao", "destitute", "orphan"}


def test_a_business_day_ends_what_is_counted(book: tuple[Connection, int]) -> None:
    """On the tenth of September the batches of September had paid nothing yet."""
    early = Books(book[0], Span("2025-08", "2025-09", date(2025, 9, 10)), book[1])
    assert fact(early, "paid_fen").value == sum(one.fen for one in relief(months=("2025-08",)))
    assert fact(early, "paid_fen").on == date(2025, 9, 10)
    before = Books(book[0], Span("2025-01", "2025-09", date(2025, 9, 7)), book[1])
    assert fact(before, "recovery_collected_fen").value == 0


def test_the_total_is_told_in_both_readings(book: tuple[Connection, int]) -> None:
    (total,) = [one for one in told(book, "year").sentences if one.name == "total"]
    assert "290余万元" in total.zh
    assert "275余万元" in total.zh
    assert "账内无" in total.zh
    assert "2,901,588.00 yuan" in total.en


def test_more_money_back_than_out_is_no_figure_of_a_sentence() -> None:
    """A month in which an older payment came back and none was made: the sum is told, and no wording is."""
    told_events = [*setup(), prepared(), returned_late()]
    with folder() as here:
        store = written(here / "log.db", told_events, "bureau")
        registry.catch_up(store)
        with store.read() as connection:
            found = slots((connection, len(told_events)), "month")
            claims = (
                check_report(connection, ["发放农村低保资金690元。"], Span("2025-09", "2025-09"), len(told_events))
                .sentences[0]
                .claims
            )
        store.close()
    total = found["total.total"]
    assert (total.text, total.reason, total.fact.value) == ("XX万元", "negative", -LINE_FEN)
    assert found["total.households"].reason in {None, "negative"}
    assert (claims[0].verdict, claims[0].figures[0].off_by) == ("contradicted", 2 * LINE_FEN)


def test_what_is_paid_by_the_quarter_is_three_months_support() -> None:
    """300 yuan for July to September are 100 a person and month, in the table and in the sentence."""
    said = {"enrolment": "E1", "amount_fen": 30_000, "persons": 1, "period_from": "2025-07", "period_to": "2025-09"}
    ready = prepared(count=1, persons=1, total_fen=30_000)
    other = {**said, "payment": "L2", "enrolment": "E2"}
    back = returned_late(payment="L2", enrolment="E2", amount_fen=30_000)
    claims = [event for one in (said, other) for event in (authorised(**one), paid(**one))]
    told_events = [*setup(), ready, *claims, back]
    with folder() as here:
        store = written(here / "log.db", told_events, "bureau")
        registry.catch_up(store)
        with store.read() as connection:
            at = len(told_events)
            month = Span("2025-09", "2025-09")
            level = fact(Books(connection, month, at), "level_fen", ("rural_dibao",))
            table = TABLES["M1"].make(connection, Asked("2025-09", "2025-09", date(2025, 9, 30), at=at))
            early = fact(Books(connection, Span("2025-09", "2025-09", date(2025, 9, 29)), at), "level_fen")
        store.close()
    assert [int(level.exact), table.column("level_fen")[0]] == [10_000, 10_000]
    assert early.exact == 10_000, "out of the lines themselves as out of their sums"


def test_a_template_that_nobody_wrote_is_named() -> None:
    with pytest.raises(LedgerError) as caught:
        template("week")
    assert caught.value.code == "E_PARAGRAPH_NAME"


@pytest.mark.parametrize(
    ("name", "first", "last", "wanted"),
    [
        ("year", None, "2025-09", ("2025-01", "2025-09")),
        ("year", "2025-03", "2025-09", ("2025-03", "2025-09")),
        ("month", None, "2025-09", ("2025-09", "2025-09")),
        ("month", "2025-07", "2025-09", ("2025-07", "2025-09")),
        ("quarter", None, "2025-06", ("2025-01", "2025-06")),
        ("jan_sep", None, "2025-12", ("2025-01", "2025-09")),
    ],
)
def test_a_template_has_its_own_months(name: str, first: str | None, last: str, wanted: tuple[str, str]) -> None:
    span = span_of(template(name), first, last, None)
    assert (span.first, span.last) == wanted
