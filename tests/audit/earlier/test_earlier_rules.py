"""What an earlier edition of the rules let in stays right: the full verification judges it by that one and says so."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from ledger.flows.event import Event
from ledger_projections.books.balances import account_balances, fund_balances
from tests.application.proposing.closing.closes import close_fields
from tests.audit.earlier.editions import earlier_ones, refused_today, said_then, stands, verdict_of
from tests.audit.full_book import DIGEST, DONOR, gift, receipt
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, event, fund, taken_back

GRANT = {"grant": "G1", "fund": "general", "payee_kind": "school", "payee_label": "示例学校", "purpose": "助学"}
PAID = {"means": "bank", "account": "icbc", "occurred_on": "2025-09-20"}
GOODS = {
    "unit": "箱",
    "scale": 0,
    "quantity": 10,
    "value_fen": 53_000,
    "valuation": "market",
    "store": "库",
    "evidence": DIGEST,
}


def committed() -> Event:
    return event("grant.committed", **GRANT, persons=10, amount_fen=10_000, on="2025-09-10", origin="decision")


def paid() -> Event:
    return event("grant.disbursed", **GRANT, **PAID, movement="GD1", persons=10, amount_fen=10_000, basis="cost")


def goods(**more: Any) -> Event:
    given = {"lot": "L1", "donation": "DL1", "fund": "held", "item": "水", "accepted_by": ["a", "b"]}
    return event("in_kind.received", **DONOR, **{**given, **GOODS, **more}, occurred_on="2025-09-10")


WAITING = {"suspense": "S1", "fund": "held", "amount_fen": 100, "means": "bank", "account": "icbc"}


def waited() -> Event:
    return event("suspense.received", **WAITING, occurred_on="2025-09-12")


def sent_back() -> Event:
    return event("suspense.returned", **WAITING, movement="SR1", reason="退回", occurred_on="2025-09-13")


def cleared() -> Event:
    return event("suspense.cleared", **WAITING, known_as="other", basis="来函", identified_on="2025-09-13")


def promise_reversed(book: OpenedBook) -> None:
    """A grant was promised and paid, and the promise was then reversed."""
    promise = committed()
    posted = book.post(CHARITY, promise)
    book.post(CHARITY, paid())
    book.post(CHARITY, taken_back(promise, posted.first_position, dt.date(2025, 9, 30)))


def sent_back_beside_goods(book: OpenedBook) -> None:
    """A fund that holds goods and money for somebody sends back what came without a name."""
    book.post(CHARITY, goods(), waited())
    book.post(CHARITY, sent_back())


def undone(book: OpenedBook, target: Event, *later: Event) -> None:
    """An event is reversed although others came to rest on it."""
    first = book.post(CHARITY, target).first_position
    for one in later:
        book.post(CHARITY, one)
    book.post(CHARITY, taken_back(target, first, dt.date(2025, 9, 30)))


def receipted(book: OpenedBook) -> None:
    undone(book, gift("D9", "general", 300), receipt(9, "D9", 300))


def given_back(book: OpenedBook) -> None:
    back = {"movement": "RB9", "donation": "D9", "fund": "general", "amount_fen": 100, "reason": "donor_request"}
    undone(book, gift("D9", "general", 300), event("donation.returned", **back, **PAID, pledge_parts=[]))


def delivered(book: OpenedBook) -> None:
    lot = goods(fund="general", value_fen=0, valuation="nominal", evidence=None)
    out = {"movement": "LD1", "quantity": 5, "purpose": "慰问", "payee_label": "村", "persons": 0}
    undone(book, lot, event("in_kind.delivered", lot="L1", fund="general", **out, occurred_on="2025-09-20"))


def unspent(book: OpenedBook) -> None:
    book.post(CHARITY, committed())
    came = {"movement": "GR1", "grant": "G1", "fund": "general", "amount_fen": 1_000, "persons": 1, "reason": "转学"}
    undone(book, paid(), event("grant.unspent_returned", **came, **PAID))


def statement_left_behind(book: OpenedBook) -> None:
    source = {"organisation": "示例银行", "file_digest": DIGEST, "obtained_by": "zhang", "obtained_on": "2025-09-30"}
    span = {"first_day": "2025-09-01", "last_day": "2025-09-30", "opening_fen": 0, "closing_fen": 5}
    told = {"statement": "s9", "account": "ccb", "source": {**source, "how": "download"}, "line_count": 1, "breaks": 0}
    moved = {"amount_fen": 5, "occurred_at": "2025-09-05T10:00:00+08:00", "memo": "利息", "key": "k9"}
    line = event("bank.line_recorded", line="l9", statement="s9", account="ccb", **moved)
    undone(book, event("bank.statement_imported", **told, **span), line)


def fund_in_use(book: OpenedBook) -> None:
    undone(book, fund("flood", "restricted"), gift("D9", "flood", 300))


def channel_in_use(book: OpenedBook) -> None:
    where = {"channel": "wx", "name": "微信", "provider": "wechat", "merchant": "own", "aliases": []}
    opened = event("channel.opened", **where, default_fund="general", settles_to="icbc", on="2025-09-01")
    undone(book, opened, gift("D9", "general", 300, means="channel", account=None, channel="wx"))


def cleared_alone(book: OpenedBook) -> None:
    """Waiting money is cleared as something else, and nothing books what it is."""
    book.post(CHARITY, waited(), gift("D9", "held", 70))
    book.post(CHARITY, cleared(), gift("D8", "held", 70))


def bureau_account(book: OpenedBook) -> None:
    """The bureau has a bank account of its own."""
    relief = fund("relief", "fiscal")
    named = {"account": "rcc", "holding": "bank", "bank": "示例农商行", "aliases": [], "default_fund": "relief"}
    book.post(BUREAU, relief, event("bank.account_registered", **named, opened_on="2025-01-01"))


def anothers_account(book: OpenedBook) -> None:
    """A gift to the charity is said to lie on the bureau's account."""
    bureau_account(book)
    book.post(CHARITY, gift("D9", "general", 300, account="rcc"))


def anothers_gift(book: OpenedBook) -> None:
    """The bureau makes out a receipt for a gift that the charity took in."""
    book.post(CHARITY, gift("D9", "general", 300))
    book.post(BUREAU, receipt(9, "D9", 300))


def number_published(book: OpenedBook) -> None:
    """A publication names a project by somebody's identity number."""
    days = {"since_on": "2025-09-01", "published_on": "2025-09-10"}
    told = {"disclosure": "GK1", "matter": "project_final", "subject": "救助", "address": "县政府网"}
    clean = event("disclosure.published", **told, **days)
    book.post(CHARITY, said_then(clean, subject="431099195509210242救助"))


def opened(book: OpenedBook) -> None:
    """The bureau's books of before are taken over on 1 September."""
    zero = {"year_start_fen": 0, "debit_fen": 0, "credit_fen": 0, "balance_fen": 0, "code": None}
    line = {"fund": "relief", "role": "bank", "party": "rcc", **zero}
    paper = {"paper": "trial_balance", "digest": DIGEST, "dated": "2025-08-31"}
    lists = ("pledges", "lots", "receivables", "recoveries", "bank_items", "receipt_ranges", "assets")
    told = {"lines": [line], "papers": [paper], "net_unrestricted_fen": 0, "net_restricted_fen": 0}
    dated = {"entity": BUREAU, "period": "2025-09", "on": "2025-09-01"}
    book.post(BUREAU, event("opening.recorded", **dated, **told, **{name: [] for name in lists}))


def august_interest(book: OpenedBook) -> None:
    told = {"movement": "I9", "account": "rcc", "fund": "relief", "amount_fen": 5, "line": None}
    book.post(BUREAU, event("bank.interest", **told, on="2025-08-20"), on=dt.date(2025, 8, 31))


def before_the_opening(book: OpenedBook) -> None:
    """Interest of August is booked in August although the books begin in September."""
    bureau_account(book)
    opened(book)
    august_interest(book)


def opened_over_what_stood(book: OpenedBook) -> None:
    """The books of September are taken over although August has interest."""
    bureau_account(book)
    august_interest(book)
    opened(book)


def moved_behind_its_lock(book: OpenedBook) -> None:
    """August takes interest when September is locked and not yet closed."""
    bureau_account(book)
    month = {"entity": BUREAU, "period": "2025-09"}
    locked = book.post(BUREAU, event("period.locked", **month))
    august_interest(book)
    book.post(BUREAU, event("period.closed", **close_fields(book.store, BUREAU, "2025-09", locked.first_position)))


def undone_too_early(book: OpenedBook) -> None:
    """A gift of 20 September is reversed as of the 18th, when nobody had given it."""
    given = gift("D9", "general", 300, "2025-09-20")
    back = taken_back(given, book.post(CHARITY, given).first_position, dt.date(2025, 9, 18))
    book.post(CHARITY, back, on=dt.date(2025, 9, 18))


def banked_earlier(book: OpenedBook) -> None:
    """Cash of the 18th was banked on the 19th; the voucher bears the end of the month."""
    given = gift("D9", "general", 500, "2025-09-18", means="cash", account="cash")
    where = {"movement": "CB1", "cash_account": "cash", "bank_account": "icbc", "slip": "缴款单1"}
    days = {"taken_on": "2025-09-18", "banked_on": "2025-09-19"}
    parts = [{"fund": "general", "fen": 500}]
    book.post(CHARITY, given)
    book.post(CHARITY, event("cash.banked", **where, **days, amount_fen=500, parts=parts))


def identified_earlier(book: OpenedBook) -> None:
    known: dict[str, Any] = {"waited_in": "held", "donation": "D9", "pledge_parts": []}
    days = {"basis": "来电", "arrived_on": "2025-09-12", "identified_on": "2025-09-20", "wants_receipt": False}
    book.post(CHARITY, waited())
    book.post(CHARITY, event("suspense.identified", **DONOR, **{**WAITING, "fund": "general"}, **known, **days))


def money_of_nothing(book: OpenedBook) -> None:
    """A doubt could not be established, and is yet of money that is to be recovered."""
    raised = {"clue": "YD-1", "found_by": "petition", "exposure_fen": 9, "summary": "来信", "evidence": []}
    two = {"verifiers": ["示例申", "示例酉"], "evidence": [], "on": "2025-09-20", "origin": "decision"}
    book.post(BUREAU, event("clue.raised", **raised, raised_on="2025-09-10"))
    said = {"clue": "YD-1", "result": "unverifiable", "confirmed_fen": 9, "recover_fen": 9}
    book.post(BUREAU, event("clue.verified", **said, **two))


REFUSED = {
    money_of_nothing: "E_UNVERIFIABLE_FEN",
    cleared_alone: "E_SUSPENSE_UNBOOKED",
    promise_reversed: "E_REVERSAL_BALANCE",
    receipted: "E_REVERSAL_RESTS",
    given_back: "E_REVERSAL_RESTS",
    delivered: "E_REVERSAL_RESTS",
    unspent: "E_REVERSAL_RESTS",
    statement_left_behind: "E_REVERSAL_RESTS",
    channel_in_use: "E_REVERSAL_RESTS",
    fund_in_use: "E_REVERSAL_FUND_USED",
    anothers_account: "E_OF_ANOTHER_ENTITY",
    anothers_gift: "E_OF_ANOTHER_ENTITY",
    number_published: "E_TEXT_PERSONAL",
    before_the_opening: "E_BEFORE_OPENING",
    opened_over_what_stood: "E_OPENING_LATE",
    moved_behind_its_lock: "E_CLOSE_MOVED",
    undone_too_early: "E_REVERSAL_EARLIER",
}
THIRD = [
    anothers_account,
    anothers_gift,
    before_the_opening,
    opened_over_what_stood,
    moved_behind_its_lock,
    number_published,
    undone_too_early,
    money_of_nothing,
]
"""What the second edition let in."""
TOLD = [sent_back_beside_goods, banked_earlier, identified_earlier]


@pytest.mark.parametrize(("act", "code"), REFUSED.items(), ids=lambda one: getattr(one, "__name__", one))
def test_the_writer_of_today_refuses_it(mine: OpenedBook, act: Callable[[OpenedBook], None], code: str) -> None:
    refused_today(mine, act, code)


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("act", [*REFUSED, *TOLD], ids=lambda one: one.__name__)
def test_a_book_that_holds_it_still_holds(mine: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    stands(mine, act)


@pytest.mark.usefixtures("second")
@pytest.mark.parametrize("act", THIRD, ids=lambda one: one.__name__)
def test_a_book_of_the_second_edition_still_holds(mine: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    stands(mine, act)


@pytest.mark.parametrize("act", TOLD, ids=lambda one: one.__name__)
def test_the_writer_of_today_says_otherwise(mine: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    act(mine)
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


def available(book: OpenedBook, fund: str) -> int:
    with book.store.read() as connection:
        return next(row.available_fen for row in fund_balances(connection, entity=CHARITY).rows if row.fund == fund)


@pytest.mark.usefixtures("earlier")
def test_a_promise_below_zero_makes_no_room(mine: OpenedBook) -> None:
    before = available(mine, "general")
    promise_reversed(mine)
    assert available(mine, "general") == before - 10_000


def test_goods_take_nothing_of_the_money_beside_them(mine: OpenedBook) -> None:
    before = available(mine, "held")
    mine.post(CHARITY, goods())
    assert available(mine, "held") == before


def test_what_was_ended_is_no_obstacle(mine: OpenedBook) -> None:
    """A gift whose receipt a red letter ended may be reversed, and so may one whose receipt was reversed itself."""
    gifts = [gift(f"D{number}", "general", 300) for number in (8, 9)]
    places = [mine.post(CHARITY, one).first_position for one in gifts]
    slips = [receipt(number, f"D{number}", 300) for number in (8, 9)]
    issued = [mine.post(CHARITY, one).first_position for one in slips]
    covers = [{"donation": "D8", "fen": 300}]
    red = {"receipt": "43060125-0000000008", "mode": "red_letter", "red": "43060125-0000000018", "covers": covers}
    on = dt.date(2025, 9, 30)
    mine.post(
        CHARITY, event("donation.receipt_reversed", **red, reason="退", reversed_on="2025-09-20", origin="decision")
    )
    mine.post(CHARITY, taken_back(slips[1], issued[1], on))
    for one, place in zip(gifts, places, strict=True):
        mine.post(CHARITY, taken_back(one, place, on))
    assert verdict_of(mine).holds


def test_cash_lies_in_the_bank_from_the_day_it_was_banked(mine: OpenedBook) -> None:
    banked_earlier(mine)
    with mine.store.read() as connection:
        lies = {
            day: {row.account: row.balance_fen for row in account_balances(connection, as_of=day).rows}
            for day in (dt.date(2025, 9, 18), dt.date(2025, 9, 19))
        }
    assert [found.get("cash", 0) for found in lies.values()] == [500, 0]
