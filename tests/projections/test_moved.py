"""What reports name beside relief: money held for others, grants by purpose, the province's quotas, counted figures."""

from datetime import date
from typing import Any

from ledger.flows.collecting.boxes import BoxOpened
from ledger.flows.community.lottery import LotterySalesReported, LotterySalesStated
from ledger.flows.community.reported import FigureReported
from ledger.flows.event import Event
from ledger.flows.giving.donations import DonationReceived
from ledger.flows.giving.funds import FundOpened
from ledger.flows.giving.in_kind import InKindReceived
from ledger.flows.giving.returns import DonationReturned
from ledger.flows.granting.agency import AgencyTransferred
from ledger.flows.granting.grant_use import GrantUnspentReturned
from ledger.flows.granting.grants import GrantDisbursed
from ledger.flows.public_money.entitlement.programmes import AppropriationReceived
from ledger_projections import registry
from ledger_projections.figures import figures
from tests.flows.event_samples import make
from tests.projections.plain_log import DAY, folder, reversal, written

SPRING, SUMMER, AUTUMN = date(2025, 1, 2), date(2025, 8, 5), date(2025, 9, 2)


def gift(fund: str, fen: int, number: int, on: date = SUMMER) -> DonationReceived:
    return make(DonationReceived, donation=f"d-{number}", fund=fund, amount_fen=fen, occurred_on=on, pledge_parts=())


def reported(figure: str, value: int, document: str, last: str = "2025-08", first: str = "2025-01") -> FigureReported:
    return make(FigureReported, figure=figure, value=value, document=document, period_from=first, period_to=last)


def own_day(event: Event) -> date:
    """Each in a voucher of its own day; a fund is there since spring."""
    return SPRING if isinstance(event, FundOpened) else getattr(event, "occurred_on", DAY)


def asked(events: list[Event], first: str = "2025-01", last: str = "2025-12", **when: Any) -> dict[str, int]:
    with folder() as here:
        store = written(here / "log.db", events, day=own_day)
        registry.catch_up(store)
        with store.read() as connection:
            found = dict(figures(connection, first, last, **when).by_key())
        store.close()
    return found


HELD: list[Event] = [
    make(FundOpened, fund="neighbour", fund_kind="agency", final_payee="zixing"),
    make(FundOpened, fund="general", fund_kind="unrestricted"),
    gift("neighbour", 1_000, 1),
    gift("neighbour", 500, 2, AUTUMN),
    gift("general", 7_000, 3),
    make(BoxOpened, donation="box", fund="neighbour", amount_fen=40, occurred_on=SUMMER),
    make(DonationReturned, donation="d-1", fund="neighbour", amount_fen=100, occurred_on=AUTUMN),
    make(InKindReceived, lot="rice", fund="neighbour", value_fen=300, occurred_on=SUMMER),
    make(InKindReceived, lot="oil", fund="general", value_fen=9_000, occurred_on=SUMMER),
    make(AgencyTransferred, movement="on", fund="neighbour", amount_fen=900, occurred_on=AUTUMN),
]


def test_only_what_is_held_for_a_final_payee_is_counted_and_what_went_back_is_not() -> None:
    names = ("disaster_cash_fen", "disaster_in_kind_fen", "disaster_transferred_fen")
    year, summer = asked(HELD), asked(HELD, "2025-08", "2025-08")
    assert [year[name] for name in names] == [1_000 + 500 + 40 - 100, 300, 900]
    assert [summer[name] for name in names] == [1_040, 300, 0]
    back = [*HELD, reversal(HELD[3], 4), reversal(HELD[9], 10)]
    assert [asked(back)[name] for name in names] == [940, 300, 0]
    assert [asked(back, at=len(HELD))[name] for name in names] == [1_440, 300, 900]


def test_grants_of_a_purpose_less_what_of_them_came_back() -> None:
    events: list[Event] = [
        make(GrantDisbursed, movement="m-1", grant="g-1", purpose="迎春送温暖", amount_fen=18_000, occurred_on=SUMMER),
        make(GrantDisbursed, movement="m-2", grant="g-2", purpose="助学", amount_fen=5_000, occurred_on=SUMMER),
        make(GrantUnspentReturned, movement="m-3", grant="g-1", amount_fen=500, occurred_on=AUTUMN),
        make(GrantUnspentReturned, movement="m-4", grant="g-2", amount_fen=700, occurred_on=AUTUMN),
    ]
    assert asked(events)["spring_grant_fen"] == 17_500
    assert asked(events, "2025-01", "2025-08")["spring_grant_fen"] == 18_000


def test_the_provinces_new_quotas_and_the_months_of_sales() -> None:
    def quota(document: str, fen: int, level: str, *, carried: bool = False) -> Event:
        said = {"document": document, "level": level, "carried_over": carried, "amount_fen": fen}
        return make(AppropriationReceived, **said, occurred_on=SUMMER)

    events = [
        quota("1", 190, "province"),
        quota("2", 50, "province", carried=True),
        quota("3", 70, "central"),
        make(LotterySalesReported, month="2025-08", amount_fen=30),
        make(LotterySalesReported, month="2025-09", amount_fen=40),
    ]
    assert (asked(events)["provincial_grant_fen"], asked(events)["lottery_sales_fen"]) == (190, 70)
    assert asked(events, "2025-09", "2025-09")["lottery_sales_fen"] == 40


def test_of_a_month_s_sales_the_last_statement_of_each_office_counts() -> None:
    def sold(fen: int, month: str = "2025-09", cls: type[Event] = LotterySalesStated) -> Event:
        return make(cls, month=month, amount_fen=fen)

    first = [sold(100, cls=LotterySalesReported), sold(100, cls=LotterySalesReported), sold(30, "2025-08")]
    assert asked([*first, sold(200), sold(150)])["lottery_sales_fen"] == 180
    assert asked([*first, sold(200), sold(150)], at=4)["lottery_sales_fen"] == 230
    taken_back = sold(200)
    assert asked([*first, taken_back, reversal(taken_back, 4)])["lottery_sales_fen"] == 130


def test_of_a_counted_figure_the_last_statement_within_the_months_counts() -> None:
    events: list[Event] = [
        reported("npo_count", 140, "a"),
        reported("npo_count", 141, "b"),
        reported("npo_count", 143, "c", last="2025-09"),
        reported("npo_count", 99, "d", first="2024-01"),
        reported("canteens", 3, "a"),
    ]
    assert asked(events)["npo_count"] == 143
    assert asked(events, "2025-01", "2025-08")["npo_count"] == 141
    assert asked(events, "2025-01", "2025-12")["npo_count"] == 143, "a stock is the newest within the span"
    assert "npo_count" not in asked(events, "2025-02", "2025-12"), "a figure of a longer span says nothing of this one"
    assert asked([*events, reversal(events[2], 3)])["npo_count"] == 141
    assert asked(events)["canteens"] == 3
    assert "home_adaptations" not in asked(events), "what nobody stated is no 0"


def test_a_figure_of_a_part_of_the_span_is_none_of_the_whole() -> None:
    events: list[Event] = [
        reported("cremations", 400, "a", last="2025-12"),
        reported("cremations", 31, "b", first="2025-12", last="2025-12"),
    ]
    assert asked(events, "2025-01", "2025-12")["cremations"] == 400
    assert asked(events, "2025-12", "2025-12")["cremations"] == 31
    assert "cremations" not in asked(events, "2025-01", "2025-11")
    assert "cremations" not in asked(events[1:], "2025-01", "2025-12")
