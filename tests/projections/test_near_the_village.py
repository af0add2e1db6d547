"""Mutual-aid societies and lottery proceeds: the samples' figures, and identities over any sequence of acts."""

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.flows.community.lottery import LotteryAllocated, LotteryProgressReported, LotteryReturned, LotteryUsed
from ledger.flows.community.mutual_aid import MutualAidContributed, MutualAidGranted, MutualAidLineSet
from ledger.flows.community.societies import MutualAidSocietyChanged, MutualAidSocietyRegistered
from ledger.flows.event import Event
from ledger.values.dates import TZ
from ledger_projections import registry
from ledger_projections.charity.societies import SOURCES, societies
from ledger_projections.keeping.answers import per_mille
from ledger_projections.public_money.lottery.report import LEVELS, PURPOSES, lottery_report
from tests.flows.event_samples import make
from tests.projections.opened_book import BUREAU, CHARITY, fund, opened
from tests.projections.plain_log import folder, reversal, written

ON = date(2025, 9, 30)


def society(name: str, **over: Any) -> MutualAidSocietyRegistered:
    said = {"status": "registered", "uscc": "51431099MJJ9000016", "money_with": "own_account", "account": f"rcc-{name}"}
    place = {"society": name, "fund": name, "name": f"{name}互助社", "township": "石岭镇", "village": name}
    return make(MutualAidSocietyRegistered, **{**said, **place, "members": 60, "on": date(2025, 1, 3), **over})


def given_to(name: str, source: str, fen: int, number: int, on: date = date(2025, 9, 5)) -> MutualAidContributed:
    said = {"society": name, "fund": name, "source": source, "amount_fen": fen, "account": f"rcc-{name}"}
    return make(MutualAidContributed, movement=f"in-{name}-{number}", means="bank", occurred_on=on, **said)


def granted(name: str, fen: int, households: int, on: date = date(2025, 9, 20)) -> MutualAidGranted:
    said = {"society": name, "fund": name, "amount_fen": fen, "households": households, "account": f"rcc-{name}"}
    return make(MutualAidGranted, movement=f"out-{name}-{on}", means="bank", occurred_on=on, met_on=on, **said)


def test_the_sheet_of_societies(tmp_path: Path) -> None:
    """Rows 1 and 2 of the offices' own sheet: 32,000 raised and 3 households helped; 26,500 raised, 3,500 short."""
    book = opened(tmp_path)
    line = make(MutualAidLineSet, line_fen=3_000_000, effective_from=date(2025, 1, 1), document="示民发〔2025〕1号")
    later = make(MutualAidLineSet, line_fen=5_000_000, effective_from=date(2026, 1, 1), document="示民发〔2025〕9号")
    two_societies = (society("shangping"), society("xiaping", status="filed", uscc=None))
    book.post(CHARITY, line, later, *two_societies, on=date(2025, 1, 3), note="登记")
    sums = {"shangping": (10_000, 8_000, 10_000, 4_000), "xiaping": (10_000, 10_000, 4_000, 2_500)}
    order = ("county", "village", "donor", "member")
    gifts = [
        given_to(name, source, yuan * 100, number)
        for name, each in sums.items()
        for number, (source, yuan) in enumerate(zip(order, each, strict=True))
    ]
    book.post(CHARITY, *gifts)
    book.post(CHARITY, granted("shangping", 240_000, 3), granted("xiaping", 80_000, 1), note="救助")
    changed = make(
        MutualAidSocietyChanged, society="xiaping", name="下坪互助社", status="registered", on=ON, members=70
    )
    registry.catch_up(book.store)
    with book.store.read() as connection:
        found = societies(connection, ON)
        one, two = found.rows
        assert (one.raised_fen, one.balance_fen, one.helped_households) == (3_200_000, 2_960_000, 3)
        assert (one.reaches_line, two.reaches_line, two.short_fen) == (True, False, 350_000)
        assert (two.village, two.status, found.line_fen) == ("xiaping", "filed", 3_000_000)
        totals = found.totals
        assert (totals.societies, totals.registered, totals.reaching) == (2, 1, 1)
        assert totals.by_source_fen == {
            "county": 2_000_000,
            "village": 1_800_000,
            "member": 650_000,
            "donor": 1_400_000,
        }
        assert societies(connection, date(2026, 1, 1)).totals.reaching == 0
        early = societies(connection, ON, as_of=date(2025, 9, 19)).rows[0]
        assert (early.granted_fen, early.balance_fen) == (0, 3_200_000)
    book.post(CHARITY, changed, note="登记变更")
    registry.catch_up(book.store)
    with book.store.read() as connection:
        now = societies(connection, ON).rows[1]
        assert (now.name, now.status, now.members, now.township) == ("下坪互助社", "registered", 70, "石岭镇")
        assert societies(connection, date(2024, 1, 1)).line_fen is None
    book.close()


def allocated(
    name: str, level: str, purpose: str, fen: int, year: int = 2025, *, carried_over: bool = False
) -> LotteryAllocated:
    said = {
        "fund": "lottery",
        "level": level,
        "purpose": purpose,
        "amount_fen": fen,
        "year": year,
        "carried_over": carried_over,
        "on": date(2025, 3, 18),
    }
    return make(LotteryAllocated, allocation=name, project_label="示例项目", **said)


def used(name: str, purpose: str, fen: int, number: int) -> LotteryUsed:
    said = {"allocation": name, "fund": "lottery", "purpose": purpose, "use": "助学", "amount_fen": fen}
    return make(LotteryUsed, movement=f"use-{name}-{number}", occurred_on=date(2025, 9, 12), **said)


def test_the_sheet_of_lottery_projects(tmp_path: Path) -> None:
    """The three rows of the offices' own sheet: 73.7 %, 50.0 % and 100.0 %."""
    book = opened(tmp_path)
    book.post(BUREAU, fund("lottery", "lottery"), on=date(2025, 1, 2))
    rows = (
        ("a", "central", "poverty", 14_25_000, 10_50_000),
        ("b", "province", "elderly", 50_00_000, 25_00_000),
        ("c", "county", "orphans", 10_00_000, 10_00_000),
    )
    book.post(BUREAU, *(allocated(n, level, p, fen) for n, level, p, fen, _ in rows), on=date(2025, 3, 18))
    book.post(BUREAU, *(used(n, p, paid, 1) for n, _, p, _, paid in rows))
    told = make(LotteryProgressReported, allocation="a", progress="已发三季度", marked=True, beneficiaries=14, as_of=ON)
    book.post(BUREAU, told, note="进度")
    registry.catch_up(book.store)
    with book.store.read() as connection:
        report = lottery_report(connection, year=2025)
        rates = {one.allocation: one.sums.rate_per_mille for one in report.projects}
        assert rates == {"a": 737, "b": 500, "c": 1000}
        assert report.projects[0].sums.left_fen == 3_75_000
        assert (report.projects[0].progress, report.projects[0].beneficiaries) == ("已发三季度", 14)
        assert [(cell.level, cell.purpose) for cell in report.cells] == [
            ("central", "poverty"),
            ("province", "elderly"),
            ("county", "orphans"),
        ]
        assert report.total.allocated_fen == 74_25_000
        assert lottery_report(connection, year=2024).projects == ()
    book.close()


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["allocated", "used", "returned", "reverse"]),
        st.integers(0, 3),
        st.integers(1, 10**6),
    ),
    max_size=12,
)


@settings(max_examples=25)
@given(acts=ACTS)
def test_levels_purposes_and_projects_add_up(acts: list[tuple[str, int, int]]) -> None:
    events: list[Event] = [fund("lottery", "lottery")]
    standing: list[int] = []
    for number, (what, which, fen) in enumerate(acts):
        name = f"a{which}"
        if what == "reverse":
            if standing:
                place = standing.pop()
                events.append(reversal(events[place - 1], place))
            continue
        if what == "allocated":
            events.append(allocated(f"{name}-{number}", LEVELS[which], PURPOSES[which + 1], fen))
        elif what == "used":
            events.append(used(name, PURPOSES[which], fen, number))
        else:
            moved = {"movement": f"back-{number}", "fund": "lottery", "occurred_on": ON}
            events.append(make(LotteryReturned, allocation=name, amount_fen=fen, **moved))
        standing.append(len(events))
    with folder() as here:
        store = written(here / "log.db", events)
        registry.catch_up(store, ["lottery"], page=2)
        with store.read() as connection:
            for at in (len(events), len(events) // 2):
                report = lottery_report(connection, at=at)
                for part in (report.cells, report.levels, report.purposes):
                    for name in ("projects", "allocated_fen", "used_fen", "returned_fen", "left_fen"):
                        assert sum(getattr(c.sums, name) for c in part) == getattr(report.total, name)
                sums = [one.sums for one in report.projects]
                assert all(s.allocated_fen == s.used_fen + s.returned_fen + s.left_fen for s in sums)
        store.close()


@given(part=st.integers(0, 10**12), whole=st.integers(1, 10**12))
def test_rates_are_rounded_half_up_and_exact(part: int, whole: int) -> None:
    found = per_mille(part, whole)
    assert found is not None
    exact = Fraction(part * 1000, whole)
    assert found - Fraction(1, 2) <= exact < found + Fraction(1, 2)


def test_there_is_no_rate_of_nothing() -> None:
    assert per_mille(5, 0) is None
    assert len(SOURCES) == 4


def test_what_was_entered_in_the_next_year_is_in_that_year_alone(tmp_path: Path) -> None:
    """A payment and a grant of December that January's vouchers hold: in one year each, as in the accounts."""
    book = opened(tmp_path)
    book.now = datetime(2026, 1, 20, 10, 0, tzinfo=TZ)
    book.post(CHARITY, society("shangping"), on=date(2025, 1, 3), note="登记")
    book.post(CHARITY, given_to("shangping", "county", 1_000_000, 1), on=date(2025, 9, 20))
    book.post(BUREAU, fund("lottery", "lottery"), on=date(2025, 1, 3))
    book.post(BUREAU, allocated("A", "county", "elderly", 500_000), on=date(2025, 3, 18), note="下达")
    december = {"movement": "late", "occurred_on": date(2025, 12, 20)}
    grant = granted("shangping", 200_000, 2)
    late_grant = type(grant).model_validate({**grant.model_dump(), **december, "met_on": date(2025, 12, 20)})
    use = used("A", "elderly", 300_000, 1)
    late_use = type(use).model_validate({**use.model_dump(), **december, "movement": "late-use"})
    book.post(CHARITY, late_grant, on=date(2026, 1, 15), note="补记")
    book.post(BUREAU, late_use, on=date(2026, 1, 15), note="补记")
    registry.catch_up(book.store)
    with book.store.read() as connection:
        for year, granted_fen, used_fen in ((2025, 0, 0), (2026, 200_000, 300_000)):
            end = min(date(year, 12, 31), book.now.date())
            (row,) = societies(connection, end, as_of=end).rows
            assert (row.year_granted_fen, row.year_helped_households) == (granted_fen, 2 if granted_fen else 0)
            (one,) = lottery_report(connection, year=year, as_of=end).projects
            assert (one.sums.allocated_fen, one.sums.used_fen) == (500_000, used_fen), year
    book.close()
