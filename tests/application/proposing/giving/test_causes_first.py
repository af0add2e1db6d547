"""What rests on an act of another row goes in after it, wherever the two stand in a file."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.application.drafting import draft_event
from ledger.application.importing.parse import parse_file
from ledger.application.importing.rows import Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.judging import VOUCHER_EVENTS, groups
from ledger.application.proposing.planning import Maker, Plan
from ledger.application.proposing.proposal import Proposed
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from tests.application.proposing.county import MONTH, ORIGIN, County, codes

START = date(2025, 9, 1)
HEAD = ["票据代码", "票据号码", "开票日期", "交款人", "金额", "状态", "红票号码", "原票号码"]
CODE, DAY, WHO = "43060125", "2025-09-10", "湖南样板建材有限公司"
SOUND = [CODE, "0000000001", "2025-09-09", WHO, "100.00", "正常", "", ""]
RED = [CODE, "0000000002", DAY, WHO, "-100.00", "冲红", "", "0000000001"]
VOIDED = [CODE, "0000000005", DAY, WHO, "70.00", "作废", "", ""]
LATER = [CODE, "0000000006", "2025-09-11", WHO, "60.00", "正常", "", ""]


def acts(county: County) -> list[tuple[str, str]]:
    return sorted((one.kind.rpartition("_")[2], one.receipt[-1]) for one in county.of_kinds("donation.receipt_"))


WHOLE = [("issued", "1"), ("issued", "5"), ("issued", "6"), ("reversed", "1"), ("reversed", "5")]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_receipts_in_whatever_order_end_alike(county: County, order: tuple[int, ...]) -> None:
    grid = [HEAD, *([SOUND, RED, VOIDED, LATER][at] for at in order)]
    path = county.write("票据.csv", grid)
    rehearsed, report = county.one(path, dry_run=True), county.one(path)
    assert (rehearsed.new, rehearsed.wrong) == (report.new, report.wrong) == (4, [])
    county.sign_off()
    assert acts(county) == WHOLE
    again = county.one(path)
    assert (again.new, again.wrong) == (0, [])


def test_a_plan_for_who_signs_elsewhere_has_the_same_order(county: County) -> None:
    path = county.write("票据.csv", [HEAD, SOUND, RED, VOIDED])
    officer = "acct-charity"
    context = Context(county.store, county.vault, county.options(officer))
    maker = Maker(officer, county.keys[officer].public.keyid, ORIGIN)
    plan = Plan(parse_file(path, month=MONTH), context, county.store, county.writer.authority, maker, {})
    plan.rehearse(county.now)
    assert plan.found.wrong == []
    planned = plan.next_round(county.now, None)
    kinds = [event.kind for one in planned for item in one.items for event in item.events]
    assert [kind.rpartition("_")[2] for kind in kinds] == ["issued", "issued", "reversed", "reversed"]


def test_what_is_wrong_with_a_receipt_is_not_told_of_its_red_letter(county: County) -> None:
    lacking = [*SOUND[:2], "2025-12-10", *SOUND[3:]]
    report = county.one(county.write("票据.csv", [HEAD, lacking, RED]))
    assert codes(report) == [(2, "E_FACT_IN_FUTURE")]
    assert [(note.place.row, note.code) for note in report.notes if "ROW" in note.code] == [(3, "W_ROW_AFTER")]
    assert county.of_kinds("donation.receipt_") == []


# ---- the order of vouchers


def issued(number: int) -> Event:
    named = {"receipt": f"{CODE}-{number:04}", "code": CODE, "number": f"{number:04}", "form": "electronic"}
    told = {"payer_label": WHO, "amount_fen": 100, "covers": [], "in_advance": True, "issued_on": DAY}
    return draft_event("donation.receipt_issued", {**named, **told, "origin": "history"})


def taken_back(number: int) -> Event:
    named = {"receipt": f"{CODE}-{number:04}", "mode": "voided", "covers": [], "reason": "作废"}
    return draft_event("donation.receipt_reversed", {**named, "reversed_on": DAY, "origin": "history"})


def item(row: int, days: int, *events: Event) -> Proposed:
    return Proposed(Place("f", None, row), Need(f"row:{row}"), events, "charity", START + timedelta(days))


ACTS = st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 2), st.booleans()), max_size=14)


@settings(max_examples=200, deadline=None)
@given(ACTS)
def test_nothing_is_lost_and_causes_come_first(told: list[tuple[int, bool, int, bool]]) -> None:
    """Receipts taken back before and after they are issued, on other days, some together with another's issue."""
    items, seen = [], set[tuple[int, bool]]()
    for row, (number, back, days, more) in enumerate(told):
        if (number, back) not in seen:
            seen.add((number, back))
            own = [taken_back(number) if back else issued(number)]
            if more and not back:
                own.append(taken_back(number + 10))
            items.append(item(row, days, *own))
    found = groups(items)
    assert sorted(id(one) for part in found for one in part) == sorted(map(id, items))
    assert groups(items) == found
    at = {
        (event.kind, event.tags()[0]): number
        for number, part in enumerate(found)
        for one in part
        for event in one.events
    }
    for (kind, tag), number in at.items():
        if kind == "donation.receipt_reversed":
            assert at.get(("donation.receipt_issued", tag), -1) <= number


def test_parts_that_rest_on_each_other_are_taken_apart() -> None:
    """On the first day 1 is issued and 2 taken back, on the second 2 is issued and 1 taken back, each beside a 9."""
    first = [item(1, 0, issued(1), taken_back(91)), item(2, 0, issued(92), taken_back(2))]
    second = [item(3, 1, issued(2), taken_back(93)), item(4, 1, issued(94), taken_back(1))]
    order = [one.place.row for part in groups([*first, *second]) for one in part]
    assert sorted(order) == [1, 2, 3, 4]
    assert order.index(1) < order.index(4)
    assert order.index(3) < order.index(2)


def test_what_rests_on_itself_in_a_ring_keeps_the_order_of_the_file() -> None:
    one, two = item(1, 0, issued(1), taken_back(2)), item(2, 1, issued(2), taken_back(1))
    assert groups([one, two]) == [[one], [two]]


def test_the_order_of_the_file_stands_where_nothing_rests_on_another() -> None:
    rows = [item(row, row % 3, issued(row)) for row in range(2 * VOUCHER_EVENTS)]
    found = groups(rows)
    assert [part[0].place.row for part in found] == [0, 1, 2]
