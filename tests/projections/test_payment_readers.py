"""Payment lines: the readers against an independent count of the same events, and the month of a small county."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.event import listen

from ledger.decisions.judging import business_day
from ledger.flows.event import Event
from ledger.flows.public_money.payment.batches import BatchPrepared
from ledger_projections import registry
from ledger_projections.keeping.clocks import Moment, head_position
from ledger_projections.public_money.batches import batches
from ledger_projections.public_money.failures import failures
from ledger_projections.public_money.payment_groups import GroupSum, groups, net_paid
from ledger_projections.public_money.payment_queries import money, money_from_lines, scopes
from ledger_projections.public_money.subsidies import SubsidySum, newest_month, newest_paid_month, subsidies
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, opened
from tests.projections.plain_log import folder, reversal, written
from tests.projections.relief_logs import ACTS, Act, events_of

MONTH = {"B8": "2025-08", "B9": "2025-09"}
BACK = ("subsidy.returned", "subsidy.returned_late")


def standing(events: Sequence[Event]) -> list[Any]:
    """The events without reversed pairs."""
    gone = {getattr(event, "target", None) for event in events}
    return [event for event in events if event.id not in gone and event.kind != "event.reversed"]


def taken_off(known: Sequence[Any]) -> dict[str, int]:
    """Return -> the households that it takes off. Here every sum of a payment is the same: nothing comes back in part,
    and of returns that were told before their payments the first belongs to the first.
    """
    found: dict[str, int] = {}
    stands: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    together: defaultdict[tuple[str, str], int] = defaultdict(int)
    early: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for event in known:
        line = (getattr(event, "payment", None) or "", getattr(event, "batch", ""))
        if event.kind == "subsidy.paid" and early[line]:
            found[early[line].pop(0)] = event.households
        elif event.kind == "subsidy.paid":
            stands[line].append(event.households)
            together[line] += event.households
        elif event.kind == "subsidy.returned_late" or getattr(event, "was_paid", False):
            if stands[line]:
                stands[line].pop()
                found[event.id] = 0 if stands[line] else together.pop(line)
            else:
                early[line].append(event.id)
    for (payment, _), waiting in early.items():
        counts = [one.households for one in known if one.kind == "subsidy.paid" and one.payment == payment]
        found.update(dict.fromkeys(waiting, max(counts, default=0)))
    return found


def counted_by_hand(events: Sequence[Event], programme: str, months: set[str]) -> tuple[int, ...]:
    """(户, 户次, 人, paid fen, authorised fen) out of the events themselves."""
    known = standing(events)
    prepared = {event.batch: event.month for event in known if event.kind == "batch.prepared"}
    off = taken_off(known)
    paid, authorised, times = 0, 0, 0
    fen: defaultdict[str, int] = defaultdict(int)
    persons: defaultdict[str, int] = defaultdict(int)
    for event in known:
        if getattr(event, "programme", None) != programme or event.kind == "batch.prepared":
            continue
        own = event.occurred_on.strftime("%Y-%m") if event.kind in BACK else getattr(event, "period_to", "")
        if prepared.get(event.batch, own) not in months:
            continue
        if event.kind == "subsidy.authorised":
            authorised += event.amount_fen
        elif event.kind == "subsidy.paid":
            paid += event.amount_fen
            times += event.households
            fen[event.enrolment] += event.amount_fen
            persons[event.enrolment] = max(persons[event.enrolment], event.persons)
        elif event.kind == "subsidy.returned_late" or getattr(event, "was_paid", False):
            paid -= event.amount_fen
            fen[event.enrolment] -= event.amount_fen
            times -= off[event.id]
    reached = [enrolment for enrolment, stands in fen.items() if stands > 0]
    return len(reached), times, sum(persons[one] for one in reached), paid, authorised


def figures(row: SubsidySum | None) -> tuple[int, ...]:
    if row is None:
        return 0, 0, 0, 0, 0
    return row.households, row.household_times, row.persons, row.paid_fen, row.authorised_fen


@settings(max_examples=20)
@given(acts=ACTS)
def test_subsidies_are_what_the_events_say(acts: list[Act]) -> None:
    """By month and over the span, now and at every earlier position."""
    events = events_of(acts)
    with folder() as here:
        store = written(here / "log.db", events)
        registry.catch_up(store, ["payment_lines"])
        with store.read() as connection:
            for at in range(len(events), max(0, len(events) - 4), -1):
                report = subsidies(connection, "2025-07", "2025-09", at=at)
                for programme in ("rural-dibao", "destitute"):
                    for month in ("2025-07", "2025-08", "2025-09"):
                        found = [r for r in report.rows if (r.programme, r.month) == (programme, month)]
                        expected = counted_by_hand(events[:at], programme, {month})
                        assert figures(found[0] if found else None) == expected
                    span = [r for r in report.span if r.programme == programme]
                    whole = counted_by_hand(events[:at], programme, {"2025-07", "2025-08", "2025-09"})
                    assert figures(span[0] if span else None) == whole
        store.close()


@settings(max_examples=20)
@given(acts=ACTS)
def test_the_newest_month_that_paid_is_found_by_the_batches(acts: list[Act]) -> None:
    """A line is of its batch's month, or of its own last month where the book never prepared its batch."""
    events = events_of(acts)
    of_batch = {event.batch: event.month for event in events if isinstance(event, BatchPrepared)}
    with folder() as here:
        store = written(here / "log.db", events)
        registry.catch_up(store, ["payment_lines"])
        with store.read() as connection:
            for at in range(1, len(events) + 1):
                paid = [event for event in standing(events[:at]) if event.kind == "subsidy.paid"]
                months = [of_batch.get(event.batch, event.period_to) for event in paid]
                assert newest_paid_month(connection, at) == max(months, default=None)
                prepared = [event.month for event in standing(events[:at]) if event.kind == "batch.prepared"]
                if prepared:
                    assert newest_month(connection, at) == max(prepared)
        store.close()


@settings(max_examples=20)
@given(acts=ACTS, day=st.integers(1, 30))
def test_the_newest_month_that_paid_by_a_day_is_that_of_what_stood_on_it(acts: list[Act], day: int) -> None:
    """What was reversed later than the day, by business date, still stood on it."""
    events = events_of(acts)
    as_of = date(2025, 9, day)
    by_then = [event for event in events if business_day(event, as_of) <= as_of]
    months = [MONTH.get(event.batch, event.period_to) for event in standing(by_then) if event.kind == "subsidy.paid"]
    with folder() as here:
        store = written(here / "log.db", events)
        registry.catch_up(store, ["payment_lines"])
        with store.read() as connection:
            assert newest_paid_month(connection, as_of=as_of) == max(months, default=None)
        store.close()


def test_the_newest_month_is_found_without_reading_every_line() -> None:
    """What was reversed since can only be asked of an earlier position: there alone the lines are looked through."""
    events = events_of([("paid", one, "BX", 2, 8) for one in (1, 2)])
    asked: list[str] = []
    with folder() as here:
        store = written(here / "log.db", [*events, reversal(events[-1], len(events))])
        registry.catch_up(store, ["payment_lines"])
        with store.read() as connection:
            listen(connection, "before_cursor_execute", lambda _one, _cursor, text, *_more: asked.append(text))
            found = []
            for at in (None, len(events) + 1, len(events)):
                asked.clear()
                month = newest_paid_month(connection, at)
                found.append((month is not None, any("rm_payment_lines AS line" in text for text in asked)))
        store.close()
    assert found == [(True, False), (True, False), (True, True)]


@settings(max_examples=20)
@given(acts=ACTS)
def test_sums_and_lines_are_two_roads_to_one_figure(acts: list[Act]) -> None:
    with folder() as here:
        store = written(here / "log.db", events_of(acts))
        registry.catch_up(store, ["payment_lines"], page=3)
        with store.read() as connection:
            now = Moment(head_position(connection))
            for scope in scopes(connection, now, ["2025-08", "2025-09"]).values():
                known = type(scope)(scope.batches, (), scope.months)
                assert money(connection, now, known) == money_from_lines(connection, now, known)
        store.close()


COUNTED = ("households", "household_times", "persons", "person_times", "authorised_fen", "paid_fen", "offset_fen")


@settings(max_examples=20)
@given(acts=ACTS)
def test_what_is_cut_by_enrolment_sums_to_the_programme(acts: list[Act]) -> None:
    events = events_of(acts)
    with folder() as here:
        store = written(here / "log.db", events)
        registry.catch_up(store, ["payment_lines", "rosters"])
        with store.read() as connection:
            for at in {len(events), len(events) // 2 + 1}:
                now = Moment(at)
                for month, scope in scopes(connection, now, ["2025-08", "2025-09"]).items():
                    whole = {row.programme: row for row in subsidies(connection, month, month, at=at).rows}
                    cut = {row.programme: row for row in groups(connection, now, scope, month, "")}
                    paid = net_paid(connection, now, scope)
                    for programme, row in whole.items():
                        mine = cut.get(programme, GroupSum("charity", programme, ""))
                        assert [getattr(mine, name) for name in COUNTED] == [getattr(row, name) for name in COUNTED]
                        assert paid.get(("charity", programme), 0) == row.paid_fen
        store.close()


@settings(max_examples=20)
@given(acts=ACTS)
def test_every_fen_of_a_batch_is_somewhere(acts: list[Act]) -> None:
    """Prepared = paid - beyond + pending + failed + cancelled, in fen and in enrolments, at every position."""
    events = events_of(acts)
    with folder() as here:
        store = written(here / "log.db", events)
        registry.catch_up(store, ["payment_lines"])
        with store.read() as connection:
            for at in range(1, len(events) + 1):
                for row in batches(connection, at=at).rows:
                    parts = (row.paid_fen, row.pending_fen, row.failed_fen, row.cancelled_fen, -row.beyond_fen)
                    assert min(row.pending_fen, row.beyond_fen) >= 0
                    assert sum(parts) == row.prepared_fen
                    counts = (row.paid_count, row.pending_count, row.failed_count, row.cancelled_count)
                    assert sum(counts) == row.prepared_count
                    assert min(row.failed_fen, row.cancelled_fen, *(n for n in counts if n != row.pending_count)) >= 0
                    known = [e for e in standing(events[:at]) if getattr(e, "batch", None) == row.batch]
                    paid = [e.amount_fen for e in known if e.kind == "subsidy.paid"]
                    back = [e for e in known if e.kind in BACK]
                    came = sum(e.amount_fen for e in back if e.kind.endswith("late") or e.was_paid)
                    assert row.paid_fen == sum(paid) - came
        store.close()


def test_a_month_on_the_payment_road(tmp_path: Path) -> None:
    """Three households, one failure paid again in October's batch, one late return, one deduction, one exclusion."""
    book = opened(tmp_path)
    book.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    three = [f"E{n}" for n in (1, 2, 3)]
    homes = [
        relief.confirmed(
            enrolment=one, household=f"H{one}", person=f"P{one}", members=relief.members(f"P{one}", f"Q{one}")
        )
        for one in three
    ]
    book.post(BUREAU, *homes, on=date(2025, 1, 10))
    total = 3 * relief.LINE_FEN - 24_000
    lines = [relief.authorised(payment=f"L{n}", enrolment=one, subjects=(f"P{one}",)) for n, one in enumerate(three, 1)]
    kept = relief.offset(payment="L3", enrolment="E3", on=date(2025, 9, 3))
    book.post(
        BUREAU, relief.prepared(count=3, persons=6, total_fen=total, on=date(2025, 9, 2)), *lines, kept, note="扣回"
    )
    book.post(
        BUREAU, relief.reviewed(on=date(2025, 9, 3)), relief.approved(count=3, total_fen=total, on=date(2025, 9, 3))
    )
    book.post(BUREAU, relief.funded(amount_fen=total, account="transit"))
    net = relief.LINE_FEN - 24_000
    credited = [relief.paid(payment="L1", enrolment="E1"), relief.paid(payment="L3", enrolment="E3", amount_fen=net)]
    failed = relief.returned(payment="L2", enrolment="E2", code="NAME_MISMATCH", occurred_on=date(2025, 9, 9))
    book.post(BUREAU, *credited, failed, note="回盘")
    first = book.head
    late = relief.returned_late(payment="L1", enrolment="E1", code="CLOSED", occurred_on=date(2025, 9, 28))
    book.post(BUREAU, late, note="退回")
    registry.catch_up(book.store)
    with book.store.read() as connection:
        (row,) = subsidies(connection, "2025-09", "2025-09", at=first).rows
        assert (row.households, row.household_times, row.persons, row.person_times) == (2, 2, 4, 4)
        assert (row.authorised_fen, row.paid_fen) == (3 * relief.LINE_FEN, relief.LINE_FEN + net)
        assert (row.failed_fen, row.offset_fen) == (relief.LINE_FEN, 24_000)
        (now,) = subsidies(connection, "2025-09", "2025-09").rows
        assert (now.households, now.person_times, now.returned_fen) == (1, 2, relief.LINE_FEN)
        (batch,) = batches(connection).rows
        assert (batch.state, batch.paid_fen, batch.failed_fen, batch.pending_fen) == (
            "funded",
            net,
            2 * relief.LINE_FEN,
            0,
        )
        open_now = failures(connection, only_open=True)
        assert [(one.payment, one.code, one.state) for one in open_now.rows] == [
            ("L1", "CLOSED", "open"),
            ("L2", "NAME_MISMATCH", "open"),
        ]
        assert open_now.open_fen == 2 * relief.LINE_FEN
    _paid_again(book)
    with book.store.read() as connection:
        found = {one.payment: one for one in failures(connection).rows}
        assert (found["L2"].state, found["L2"].reissued_as, found["L2"].days) == ("paid", "L4", 21)
        assert (found["L1"].state, failures(connection).open_fen) == ("open", relief.LINE_FEN)
        (october,) = subsidies(connection, "2025-10", "2025-10").rows
        assert (october.paid_fen, october.reissued_fen) == (relief.LINE_FEN, relief.LINE_FEN)
        assert [part.component for part in october.components] == ["arrears"]
        assert registry.check(book.store, "payment_lines").holds
    book.close()


def _paid_again(book: Any) -> None:
    """The failed line of September, authorised anew in October's batch and credited."""
    again = {"batch": "B2", "payment": "L4", "enrolment": "E2", "component": "arrears"}
    new = relief.authorised(**again, subjects=("PE2",), reason="退票重发", reference=relief.reference(payment="L2"))
    book.post(BUREAU, relief.prepared(batch="B2", month="2025-10", on=date(2025, 9, 29)), new)
    book.post(
        BUREAU, relief.reviewed(batch="B2", on=date(2025, 9, 29)), relief.approved(batch="B2", on=date(2025, 9, 29))
    )
    book.post(BUREAU, relief.funded(batch="B2", movement="order-2", account="transit", occurred_on=date(2025, 9, 30)))
    book.post(BUREAU, relief.paid(**again, subjects=("PE2",), occurred_on=date(2025, 9, 30)), note="回盘")
    registry.catch_up(book.store)
