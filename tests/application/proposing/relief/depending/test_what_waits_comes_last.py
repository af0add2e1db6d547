"""What a second person must sign is handed in behind all that goes out at once: it is judged against what stands."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import pytest

from ledger.application.proposing.reports import FileReport
from ledger.flows.event import Event
from ledger.flows.registry import read_event
from tests.application.importing.offices import Grid
from tests.application.proposing.county import BATCH, County, asks_for_signatures, codes
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.bereaved.test_dead_payees import deaths
from tests.application.proposing.relief.depending.lists import child, destitute, dibao, sheet, with_rules
from tests.application.proposing.relief.depending.test_lists_in_any_order import plan_of, said, signed, told, zipped
from tests.application.proposing.relief.depending.test_lists_that_wait import FAULTS, last_years
from tests.application.proposing.relief.october import HEAD, with_quota
from tests.application.proposing.relief.test_aid_lists import HEAD as AID_HEAD
from tests.application.proposing.relief.test_aid_lists import TEMPORARY_AID, helped

NAMES = ("低保东.csv", "低保西.csv", "儿童.csv", "特困.csv")
LISTS: dict[str, Grid] = {
    "低保东.csv": [HEAD, *(last_years(number) for number in (2, 3))],
    "低保西.csv": [HEAD, *(last_years(number) for number in (6, 9)), dibao(12)],
    "儿童.csv": sheet(child(3, 1_200)),
    "特困.csv": sheet({**destitute(6), "姓名": "示例户6"}),
}
"""Two lists of Dibao of which four rows wait, and what forbids 3 and 6."""
ORDERS = list(permutations(range(len(NAMES))))


@pytest.fixture
def ruled(county: County) -> County:
    return with_rules(with_quota(county))


def read(county: County, order: Sequence[int], **more: Any) -> dict[str, FileReport]:
    paths = [county.write(name, grid) for name, grid in LISTS.items()]
    report = county.take_in(*(paths[at] for at in order), **more)
    return {one.file: one for one in report.files}


def waits(county: County) -> Counter[str]:
    """The events that wait, each without its number."""
    return Counter(_plain(read_event(data)) for one in county.waiting() for data in one.submission.events)


def _plain(event: Event) -> str:
    return str({name: value for name, value in event.model_dump(mode="json").items() if name != "id"})


def test_what_others_forbid_is_taken_out_and_the_rest_can_be_signed(ruled: County) -> None:
    reports = read(ruled, ORDERS[0])
    assert [codes(reports[name]) for name in NAMES] == [[FAULTS[0]], [(2, FAULTS[1][1])], [], []]
    assert [reports[name].new for name in NAMES] == [1, 2, 1, 1]
    assert not [note for one in reports.values() for note in one.notes if note.code == "W_WAITS_IN_VAIN"]
    assert len(ruled.waiting()) == ruled.sign_off()
    assert ruled.waiting() == []
    lines = ruled.events(f"batch:{BATCH}", "subsidy.authorised", "batch.line_excluded")
    (batch,) = [one for one in ruled.of_kind("batch.prepared") if one.batch == BATCH]
    assert Counter(one.kind for one in lines) == {"batch.line_excluded": 2, "subsidy.authorised": 3}
    assert sum(one.amount_fen for one in lines) == batch.total_fen


@pytest.mark.parametrize("above_fen", [None, 0, 100_000], ids=["doubts", "every line", "large vouchers"])
def test_any_order_of_the_files_gives_the_same(new_county: Callable[[], County], above_fen: int | None) -> None:
    found = []
    for order in (ORDERS[0], ORDERS[-1], (2, 0, 3, 1)):
        county = with_rules(with_quota(new_county()))
        if above_fen is not None:
            asks_for_signatures(county, above_fen)
        report = read(county, order)
        book = [said(county), county.balances(), county.doubts(), waits(county)]
        posted = county.sign_off()
        end = [said(county), county.balances(), county.doubts(), waits(county), posted]
        found.append((sorted((name, codes(one)) for name, one in report.items()), book, end))
    assert found[1:] == found[:1] * 2


def test_a_dry_run_says_the_same(ruled: County) -> None:
    size = ruled.size()
    paths = [ruled.write(name, grid) for name, grid in LISTS.items()]
    rehearsed = ruled.take_in(*paths, dry_run=True)
    assert ruled.size() == size
    report = ruled.take_in(*paths)
    assert told(rehearsed) == told(report)
    assert rehearsed.would_wait == len(report.pending)


def test_the_same_lists_again_add_nothing(ruled: County) -> None:
    read(ruled, ORDERS[0])
    size = ruled.size()
    again = read(ruled, ORDERS[-1])
    assert [(again[name].new, again[name].duplicate, codes(again[name])) for name in NAMES] == [
        (0, 2, []),
        (0, 3, []),
        (0, 1, []),
        (0, 1, []),
    ]
    assert ruled.size() == size


def test_a_death_of_the_same_import_is_told_at_the_line_that_waits(ruled: County) -> None:
    """Deaths are read behind the lists, and forbid what was handed in to wait."""
    asks_for_signatures(ruled)
    grid = [HEAD, *(last_years(number) for number in (2, 6))]
    listed, dead = ruled.write("低保.csv", grid), ruled.write("死亡名单.csv", deaths(6, died="2025-07-11"))
    report = ruled.take_in(listed, dead)
    (roster,) = [one for one in report.files if one.file == "低保.csv"]
    assert codes(roster) == [(3, "E_PAYEE_DEAD")]
    assert "W_WAITS_IN_VAIN" in {note.code for note in roster.notes}


def test_the_batch_stands_before_what_waits(ruled: County) -> None:
    asks_for_signatures(ruled)
    read(ruled, ORDERS[0])
    assert len(ruled.of_kind("batch.prepared")) == 3
    assert ruled.of_kind("subsidy.authorised") == []


def test_a_row_of_two_files_that_waits_is_known_in_the_second(ruled: County) -> None:
    """Lists of aid are proposed one by one: what the first put off is not proposed again by the next."""
    asks_for_signatures(ruled)
    ruled.decide(BUREAU, ("programme.opened", TEMPORARY_AID))
    grid = [AID_HEAD.split(","), helped(1)]
    first, second = ruled.write("救助一.csv", grid), ruled.write("救助二.csv", grid)
    report = ruled.take_in(first, second)
    assert [(one.new, one.duplicate, codes(one)) for one in report.files] == [(1, 0, []), (0, 1, [])]
    assert len(ruled.waiting()) == ruled.sign_off() == 1


@pytest.mark.parametrize("most", [None, 1])
def test_who_signs_elsewhere_is_handed_it_last(ruled: County, most: int | None) -> None:
    ruled.now = ruled.now.replace(month=10, day=8)
    plan = plan_of(ruled, zipped(ruled, [ruled.write(name, LISTS[name]) for name in ("低保西.csv", "特困.csv")]))
    handed = []
    while planned := plan.next_round(ruled.now, most):
        handed += [one.waits for one in planned]
        for one in planned:
            plan.record(one, signed(ruled, one))
    assert handed == sorted(handed)
    assert [(cell.place.row, cell.code) for cell in plan.found.wrong] == [(2, "E_EXCLUSIVE_BENEFIT")]
    assert (plan.new, len(plan.results)) == (set(), 3)
    assert len(ruled.waiting()) == ruled.sign_off() == 2
