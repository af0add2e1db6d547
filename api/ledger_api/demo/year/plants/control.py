"""What the ledger found of what was planted, against who was planted: per test, and whether anybody else was found.

`controls` counts; `compared` names, by the keyed references of the vault, whom a test missed and whom it should not
have found. The two sides share no code: one side knows the invented people, the other asks the book's projections.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from ledger.flows.public_money.entitlement.enrolments import EnrolmentChanged
from ledger.flows.registry import trusted_event
from ledger.log.tables import events
from ledger_api.demo.cast import CHARITY
from ledger_api.demo.year.plants.cast import CATEGORY_OF
from ledger_api.demo.year.plants.changes import CHANGES
from ledger_api.demo.year.plants.play import Plants
from ledger_api.demo.year.plants.receipts import drop_numbers
from ledger_api.demo.year.plants.refusals import EXPECTED
from ledger_api.demo.year.registers.matters import Matter
from ledger_api.demo.year.stated import Control
from ledger_api.demo.year.targets import MONTHS, YEAR
from ledger_projections.books.late_entries import late_entries
from ledger_projections.charity.receipt_gaps import receipt_gaps
from ledger_projections.public_money.doubts import Clue, clues, doubts
from ledger_projections.public_money.recoveries import recoveries
from ledger_projections.public_money.shared_accounts import shared_accounts

TESTS: Final = ("T01", "T02", "T03", "T04", "T05", "T07", "T09")
_LAST: Final = date(YEAR, 12, 31)
_NAME: Final = "疑点线索"
_ANSWERED: Final = {"confirmed": True, "refuted": False}


@dataclass(frozen=True, slots=True)
class Gap:
    """One test's difference: references of persons that were planted and not found so, and found and not planted."""

    test: str
    founded: bool
    missing: frozenset[str]
    unexpected: frozenset[str]


def controls(
    connection: Connection, plants: Plants, matters: Sequence[Matter], receipts: Sequence[str] = ()
) -> Iterator[Control]:
    """Doubts by test and outcome, the findings' money and its recovery, shared accounts, receipts left out, late
    vouchers. `receipts` are the numbers that the year's receipts have, without the gap.
    """
    found = clues(connection, _LAST).rows
    by_test = Counter((_test(row), row.state) for row in found)
    for test in TESTS:
        own = plants.cast.of(test)
        founded = sum(one.refuted is None for one in own)
        yield Control(_NAME, f"{test} 认定", founded, by_test[test, "confirmed"])
        yield Control(_NAME, f"{test} 排除", len(own) - founded, by_test[test, "refuted"])
    yield Control(_NAME, "全部线索", len(plants.cast.doubts), len(found))
    confirmed = sum(row.confirmed_fen for row in found)
    yield Control(_NAME, "认定金额(元)", sum(one.ordered_fen for one in matters), confirmed, money=True)
    findings = {row.finding for row in found if row.finding is not None}
    ordered = [row for row in recoveries(connection, _LAST).recoveries if row.finding in findings]
    yield Control(_NAME, "由线索认定而追缴的人数", len(matters), len(ordered))
    yield from _changed(connection, plants)
    shared = shared_accounts(connection).rows
    yield Control(_NAME, "一个账户代领的户数", len(plants.cast.sharing), sum(row.homes for row in shared))
    left_out = len(receipts) - len(drop_numbers(receipts))
    yield Control(_NAME, "票据断号", left_out, sum(row.count for row in receipt_gaps(connection).rows))
    untimely = doubts(connection, code="W_DISCLOSURE_LATE").counts
    yield Control(_NAME, "逾期公开", 1, sum(untimely.values()))
    late = [row for row in late_entries(connection, entity=CHARITY).rows if "donation.received" in row.kinds]
    yield Control(_NAME, "补录凭证", 1, len(late))


def _changed(connection: Connection, plants: Plants) -> Iterator[Control]:
    """What changed in households that stayed, by the reason that the comparison of rosters gave it."""
    kind = EnrolmentChanged.model_fields["kind"].default
    chosen = select(events.c.kind, events.c.data).where(events.c.kind == kind)
    told = [trusted_event(*row) for row in connection.execute(chosen)]
    found = Counter(
        (str(reason), one.from_month) for one in told if isinstance(one, EnrolmentChanged) for reason in one.reasons
    )
    for reason, month in CHANGES.items():
        stated = sum(one.reason == reason for one in plants.changed)
        seen = sum(number for (said, _), number in found.items() if said == reason)
        yield Control("名册比对", f"{reason}({MONTHS[month]})", stated, found[reason, MONTHS[month]])
        yield Control("名册比对", f"{reason}(全年)", stated, seen)


def refused(refusals: Sequence[str]) -> Iterator[Control]:
    """What the ledger had to refuse, by its code; nothing of it stands in the log."""
    for code in EXPECTED:
        yield Control("应拒绝的事项", code, 1, refusals.count(code))


def compared(connection: Connection, plants: Plants, reference: Callable[[str, str], str]) -> list[Gap]:
    """The tests whose planted and found persons are not the same; `reference` is the vault's."""
    stated: defaultdict[tuple[str, bool], set[str]] = defaultdict(set)
    for one in plants.cast.doubts:
        stated[one.test, one.refuted is None].add(reference("person", one.id_number))
    found: defaultdict[tuple[str, bool], set[str]] = defaultdict(set)
    for row in clues(connection, _LAST).rows:
        if row.state in _ANSWERED and row.person is not None:
            found[_test(row), _ANSWERED[row.state]].add(row.person)
        else:
            found[_test(row), False].add(f"unanswered {row.clue}")
    keys = sorted(stated.keys() | found.keys())
    gaps = [Gap(*key, frozenset(stated[key] - found[key]), frozenset(found[key] - stated[key])) for key in keys]
    return [gap for gap in gaps if gap.missing or gap.unexpected]


def _test(row: Clue) -> str:
    """The number of a clue's test."""
    return (row.test or "")[: len(next(iter(CATEGORY_OF)))]
