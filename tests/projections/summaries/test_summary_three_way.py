"""The four counts two by two: whatever befalls households, every difference is the sum of its causes, told by name.

What is expected is added up from what was done with each household, and not from the book.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger_projections.summaries.relief.three_way import DIFFERENCE
from ledger_projections.summaries.table import Said, Table
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, OpenedBook, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import checks, home, rows, table

LINE = relief.LINE_FEN
MADE, SIGNED, PAID, LATER = (date(2025, 9, day) for day in (2, 3, 8, 28))
MORE, KEPT, LESS, WRONG = 5_000, 24_000, 4_000, 100
WHOLE = (1, 2, LINE)
NOTHING = (0, 0, 0)

Counted = tuple[int, int, int]
FATES: Mapping[str, tuple[str, Counted, Counted]] = {
    # fate: its cause, what the roster has more than the bank, and finance more than the bank
    "paid": ("", NOTHING, NOTHING),
    "uplift": ("uplift", (0, 0, -MORE), NOTHING),
    "arrears": ("arrears", (0, 0, -MORE), NOTHING),
    "of_before": ("reissued", (0, 0, -MORE), NOTHING),
    "one_off": ("one_off", (0, 0, -MORE), NOTHING),
    "kept": ("kept_back", (0, 0, KEPT), NOTHING),
    "failed": ("failed", WHOLE, WHOLE),
    "came_back": ("came_back", WHOLE, WHOLE),
    "made_good": ("made_good", WHOLE, WHOLE),
    "pending": ("pending", WHOLE, WHOLE),
    "out": ("excluded", WHOLE, NOTHING),
    "out_early": ("excluded", WHOLE, NOTHING),
    "out_later": ("excluded", WHOLE, WHOLE),
    "absent": ("not_listed", WHOLE, NOTHING),
    "elsewhere": ("elsewhere", WHOLE, NOTHING),
    "less_later": ("decided_later", (0, 0, -LESS), NOTHING),
    "joined_later": ("decided_later", WHOLE, NOTHING),
    "ended_later": ("decided_later", (-1, -2, -LINE), NOTHING),
    "wrong": ("rest", (0, 0, -WRONG), (0, 0, -WRONG)),
}
UNLISTED = {"absent", "elsewhere", "joined_later"}
BESIDE = {"uplift", "arrears", "of_before", "one_off"}
"""`of_before` makes good what came back before the book began: it names no payment."""


@pytest.fixture(scope="module")
def office() -> Iterator[OpenedBook]:
    with folder() as here:
        book = opened(here)
        *standing, quota = relief.setup()
        book.post(BUREAU, *standing, on=date(2025, 1, 2))
        book.post(BUREAU, quota, on=date(2025, 1, 2))
        yield book
        book.close()


def lived(book: OpenedBook, fates: Sequence[str]) -> None:
    """September of households E0, E1, ... of two persons each, every one with its fate."""
    named = {f"E{number}": fate for number, fate in enumerate(fates)}
    first = [home(name, "石岭镇") for name, fate in named.items() if fate != "joined_later"]
    book.post(BUREAU, home("EX", "城关镇"), *first, on=date(2025, 1, 10))
    listed = {"EX": "paid"} | {name: fate for name, fate in named.items() if fate not in UNLISTED}
    signed = _signed(book, listed)
    book.post(BUREAU, relief.funded(amount_fen=signed, account="transit", occurred_on=SIGNED), on=SIGNED)
    _results(book, listed)
    _later(book, named)
    _october(book, [name for name, fate in named.items() if fate in {"made_good", "elsewhere"}], named)


def _own(name: str, line: str = "L", **more: Any) -> dict[str, Any]:
    return {"payment": f"{line}{name}", "enrolment": name, "subjects": (f"P{name}",), **more}


def _extra(name: str, fate: str) -> dict[str, Any]:
    month = {"period_from": "2025-08", "period_to": "2025-08", "amount_fen": MORE}
    return _own(name, "U", component="arrears" if fate == "of_before" else fate, **month)


def _signed(book: OpenedBook, listed: Mapping[str, str]) -> int:
    """The list made and signed, with what was taken out of it before."""
    lines, kept, out = [], [], []
    for name, fate in listed.items():
        if fate == "out_early":
            out.append(relief.excluded(enrolment=name, payment=None, on=MADE))
            continue
        lines.append(relief.authorised(**_own(name)))
        if fate in BESIDE:
            reason = "补发8月(退票)" if fate == "of_before" else "补差"
            paper = {"reason": reason, "reference": relief.reference(document="示民发〔2025〕9号")}
            lines.append(relief.authorised(**_extra(name, fate), **paper))
        if fate == "kept":
            own = {"payment": f"L{name}", "enrolment": name, "movement": f"kept-{name}"}
            kept.append(relief.offset(**own, amount_fen=KEPT, on=MADE))
        if fate == "out":
            out.append(relief.excluded(enrolment=name, payment=f"L{name}", on=MADE))
    count = Counter(listed.values())
    total = len(listed) * LINE + MORE * sum(count[fate] for fate in BESIDE) - KEPT * count["kept"]
    less = count["out"] + count["out_early"]
    list_of = relief.prepared(count=len(listed), persons=2 * len(listed), total_fen=total, on=MADE)
    book.post(BUREAU, list_of, *lines, *kept, on=MADE)
    if out:
        book.post(BUREAU, *out, on=MADE)
    left = total - less * LINE
    signed = relief.approved(count=len(listed) - less, total_fen=left, on=SIGNED)
    book.post(BUREAU, relief.reviewed(on=SIGNED), signed, on=SIGNED)
    return left


def _results(book: OpenedBook, listed: Mapping[str, str]) -> None:
    for name, fate in listed.items():
        if fate in {"out", "out_early", "out_later", "pending"}:
            continue
        if fate in {"failed", "made_good"}:
            own = {"payment": f"L{name}", "enrolment": name, "code": "CLOSED"}
            book.post(BUREAU, relief.returned(**own, occurred_on=PAID), on=PAID)
            continue
        fen = LINE - KEPT * (fate == "kept") + WRONG * (fate == "wrong")
        events = [relief.paid(**_own(name), amount_fen=fen)]
        if fate in BESIDE:
            events.append(relief.paid(**_extra(name, fate), households=0))
        book.post(BUREAU, *events, on=PAID)


def _later(book: OpenedBook, named: Mapping[str, str]) -> None:
    """What happens when the month's list is paid."""
    for name, fate in named.items():
        who = {"enrolment": name, "household": f"H{name}", "person": f"P{name}"}
        if fate == "came_back":
            back = relief.returned_late(payment=f"L{name}", enrolment=name, code="CLOSED", occurred_on=LATER)
            book.post(BUREAU, back, on=LATER)
        elif fate == "out_later":
            book.post(BUREAU, relief.excluded(enrolment=name, payment=f"L{name}", on=LATER), on=LATER)
        elif fate == "joined_later":
            book.post(BUREAU, home(name, "石岭镇", from_month="2025-09", decided_on=LATER), on=LATER)
        elif fate == "ended_later":
            gone = relief.ended(enrolment=name, household=f"H{name}", persons=(f"P{name}", f"Q{name}"))
            book.post(BUREAU, gone, on=LATER)
        elif fate == "less_later":
            monthly = relief.amount(income_per_head_fen=20_000, base_fen=60_000, total_fen=LINE - LESS)
            place = {"township": "石岭镇", "village": "上坪村", "members": relief.members(f"P{name}", f"Q{name}")}
            book.post(BUREAU, relief.changed(**who, **place, monthly=monthly, decided_on=LATER), on=LATER)


def _october(book: OpenedBook, names: Sequence[str], named: Mapping[str, str]) -> None:
    """A batch of October pays September again, or at last."""
    if not names:
        return
    of_two = {"batch": "B2", "count": len(names), "total_fen": LINE * len(names), "on": LATER}
    lines, paid = [], []
    for name in names:
        own = _own(name, "R", batch="B2")
        if named[name] == "made_good":
            own |= {"component": "arrears"}
            paper = {"reason": "退票重发", "reference": relief.reference(payment=f"L{name}")}
            lines.append(relief.authorised(**own, **paper))
        else:
            lines.append(relief.authorised(**own))
        paid.append(relief.paid(**own, occurred_on=LATER))
    book.post(BUREAU, relief.prepared(**of_two, month="2025-10", persons=2 * len(names)), *lines, on=LATER)
    book.post(BUREAU, relief.reviewed(batch="B2", on=LATER), relief.approved(**of_two), on=LATER)
    order = {"batch": "B2", "movement": "order-2", "account": "transit", "occurred_on": LATER}
    book.post(BUREAU, relief.funded(**order, amount_fen=of_two["total_fen"]), on=LATER)
    book.post(BUREAU, *paid, on=LATER)


def plus(one: Counted, other: Counted, sign: int = 1) -> Counted:
    return one[0] + sign * other[0], one[1] + sign * other[1], one[2] + sign * other[2]


def told(found: Table) -> dict[tuple[str, ...], tuple[Counted, dict[str, Counted]]]:
    """Two sides -> what they differ by and the parts, as the rows under the one programme tell them."""
    pairs: dict[tuple[str, ...], tuple[Counted, dict[str, Counted]]] = {}
    for row in found.rows[1:]:
        if row.kind != "part":
            break
        cells: dict[str, Any] = dict(zip((one.key for one in found.columns), row.cells, strict=True))
        parts = {one.code.removeprefix("table_gap."): counted_in(one) for one in cells["explanation"].params["parts"]}
        counts = (cells[DIFFERENCE[0]], cells[DIFFERENCE[1]], cells[DIFFERENCE[2]])
        pairs[tuple(cells["programme"].code.removeprefix("table_between.").split("_"))] = counts, parts
    return pairs


def counted_in(one: Said) -> Counted:
    return one.params["households"], one.params["persons"], one.params["part_fen"]


def expected(fates: Sequence[str], at: int) -> dict[str, Counted]:
    """Cause -> what it comes to, added over the households: of roster and bank (1), of finance and bank (2)."""
    sums: dict[str, Counted] = {}
    for fate in fates:
        cause, of_bank, of_transit = FATES[fate]
        count = of_bank if at == 1 else of_transit
        sums[cause] = plus(sums.get(cause, NOTHING), count)
    return {cause: count for cause, count in sums.items() if count != NOTHING}


def side_of(row: dict[str, Any], keys: tuple[str, str, str]) -> Any:
    return tuple(row[key] for key in keys)


def holds(book: OpenedBook, fates: Sequence[str]) -> None:
    """Whether every pair of September's table is told as it must be."""
    found = table(book, "M4", "2025-09")
    (row,) = rows(found)
    pairs = told(found)
    of_bank, of_transit = expected(fates, 1), expected(fates, 2)
    assert pairs.get(("roster", "bank"), (NOTHING, {}))[1] == of_bank
    assert pairs.get(("finance", "bank"), (NOTHING, {}))[1] == of_transit
    sides = {
        "province": ("province_households", "province_persons", "province_fen"),
        "roster": ("roster_households", "roster_persons", "roster_fen"),
        "bank": ("bank_household_times", "bank_person_times", "bank_fen"),
        "finance": ("finance_household_times", "finance_person_times", "finance_fen"),
    }
    for one, other in combinations(sides, 2):
        pair = (one, other) if (one, other) != ("bank", "finance") else (other, one)
        mine, theirs = (side_of(row, sides[side]) for side in pair)
        counts, parts = pairs.get(pair, (NOTHING, {}))
        if None in mine:
            assert pair not in pairs
            continue
        assert counts == plus(mine, theirs, -1), pair
        summed = NOTHING
        for part in parts.values():
            summed = plus(summed, part)
        assert summed == counts, pair
    same = not of_bank and not of_transit
    assert (row["explanation"] == Said("table.explain.same")) is same
    # More than was prepared is told of the batch, as far as no line waits that leaves as much.
    beyond = WRONG * fates.count("wrong") > LINE * fates.count("pending")
    assert checks(found) == ["check.road"] * beyond + ["check.three_way"] * (2 * ("rest" in of_bank))


@pytest.mark.parametrize("fate", FATES)
def test_what_befalls_one_household_is_told_as_that(office: OpenedBook, tmp_path: Path, fate: str) -> None:
    book = office.copy(tmp_path / "one.db")
    lived(book, [fate])
    holds(book, [fate])
    book.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fates=st.lists(st.sampled_from(sorted(FATES)), min_size=2, max_size=7))
def test_whatever_befalls_many_each_difference_is_the_sum_of_its_causes(office: OpenedBook, fates: list[str]) -> None:
    with folder() as here:
        book = office.copy(here / "many.db")
        lived(book, fates)
        holds(book, fates)
        book.close()


def test_a_programme_without_an_order_or_without_results_agrees_with_nobody(office: OpenedBook, tmp_path: Path) -> None:
    """No order is in the book: finance is blank, and that is said instead of agreement."""
    book = office.copy(tmp_path / "no.db")
    book.post(BUREAU, home("EX", "城关镇"), on=date(2025, 1, 10))
    _results(book, {"EX": "paid"} if _signed(book, {"EX": "paid"}) else {})
    found = table(book, "M4", "2025-09")
    (row,) = rows(found)
    assert (row["finance_fen"], row["difference_fen"], told(found)) == (None, None, {})
    assert row["explanation"] == Said("table.explain.no_order")
    (before,) = rows(table(book, "M4", "2025-08"))
    assert before["bank_fen"] == 0
    assert told(table(book, "M4", "2025-08")) == {("roster", "bank"): (WHOLE, {"no_batch": WHOLE})}
    book.close()


@pytest.mark.parametrize(("back", "left"), [(LINE, 0), (LINE - 1, 1)])
def test_money_that_went_back_is_no_longer_in_transit(office: OpenedBook, tmp_path: Path, back: int, left: int) -> None:
    book = office.copy(tmp_path / "back.db")
    lived(book, ["failed"])
    book.post(BUREAU, relief.unspent(amount_fen=back, occurred_on=LATER), on=LATER)
    found = table(book, "M4", "2025-09")
    pairs = told(found)
    assert pairs["finance", "bank"] == ((1, 2, left), {"failed": WHOLE, "given_back": (0, 0, -back)})
    assert pairs["roster", "finance"] == ((0, 0, back), {"given_back": (0, 0, back)})
    assert checks(found) == []
    book.close()


def test_part_of_an_order_is_told_as_that(office: OpenedBook, tmp_path: Path) -> None:
    book = office.copy(tmp_path / "part.db")
    book.post(BUREAU, home("EX", "城关镇"), on=date(2025, 1, 10))
    signed = _signed(book, {"EX": "pending"})
    book.post(BUREAU, relief.funded(amount_fen=signed - 9, account="transit", occurred_on=SIGNED), on=SIGNED)
    pairs = told(table(book, "M4", "2025-09"))
    assert pairs["roster", "finance"] == ((0, 0, 9), {"order_waits": (0, 0, 9)})
    assert pairs["finance", "bank"] == ((1, 2, LINE - 9), {"order_waits": (0, 0, -9), "pending": WHOLE})
    book.close()


def counted(book: OpenedBook, township: str, households: int, remark: str | None) -> None:
    numbers = {"households": households, "persons": 2 * households, "amount_fen": households * LINE}
    book.post(BUREAU, relief.counted(**numbers, township=township, explanation=remark), on=date(2025, 9, 5))


@pytest.mark.parametrize(
    ("remarks", "parts"),
    [
        ({"石岭镇": "1户待更新"}, {"remarked": WHOLE, "rest": WHOLE}),
        ({"石岭镇": "待更新", "城关镇": "待更新"}, {"remarked": (2, 4, 2 * LINE)}),
        ({}, {"rest": (2, 4, 2 * LINE)}),
    ],
    ids=["one township's", "both", "none"],
)
def test_a_remark_explains_its_own_township(
    office: OpenedBook, tmp_path: Path, remarks: dict[str, str], parts: dict[str, Counted]
) -> None:
    """Both townships count one household more than the roster; what nobody remarks on is unexplained."""
    book = office.copy(tmp_path / "said.db")
    lived(book, ["uplift"])
    for township in ("石岭镇", "城关镇"):
        counted(book, township, 2, remarks.get(township))
    found = table(book, "M4", "2025-09")
    pairs = told(found)
    assert pairs["province", "roster"] == ((2, 4, 2 * LINE), parts)
    assert pairs["province", "bank"] == ((2, 4, 2 * LINE - MORE), {**parts, "uplift": (0, 0, -MORE)})
    assert checks(found) == ["check.province"] * ("rest" in parts)
    book.close()


def test_several_months_are_added_before_they_are_compared(office: OpenedBook, tmp_path: Path) -> None:
    """October's roster was not listed but for the household that had been left out in September."""
    book = office.copy(tmp_path / "months.db")
    lived(book, ["uplift", "elsewhere"])
    pairs = told(table(book, "M4", "2025-09", "2025-10"))
    uplift, month = (0, 0, -MORE), {"elsewhere": WHOLE, "not_listed": (3, 6, 3 * LINE), "uplift": (0, 0, -MORE)}
    summed = plus(plus(month["not_listed"], month["elsewhere"]), plus(uplift, (-1, -2, -LINE)))
    assert pairs["roster", "bank"] == (summed, {**month, "other_month": (-1, -2, -LINE)})
    book.close()


SIDES = ("province", "roster", "gap")


@pytest.mark.parametrize("counts", [0, 1, 2])
def test_of_several_months_all_sides_are_sums(office: OpenedBook, tmp_path: Path, counts: int) -> None:
    """Whoever is on two rosters is on them twice, and no column calls that 户."""
    book = office.copy(tmp_path / "sums.db")
    lived(book, ["uplift", "elsewhere"])
    for month in ("2025-09", "2025-10")[:counts]:
        numbers = {"households": 4, "persons": 8, "amount_fen": 4 * LINE}
        said = relief.counted(**numbers, township="石岭镇", month=month, explanation="1户待更新")
        book.post(BUREAU, said, on=date(2025, 9, 5))
    months = [rows(table(book, "M4", month))[0] for month in ("2025-09", "2025-10")]
    found = table(book, "M4", "2025-09", "2025-10")
    (both,) = rows(found)
    for side in SIDES if counts == 2 else ("roster",):
        for unit, times in (("households", "household_times"), ("persons", "person_times"), ("fen", "fen")):
            assert both[f"{side}_{times}"] == sum(one[f"{side}_{unit}"] for one in months), (side, unit)
    assert both["roster_household_times"] > max(one["roster_households"] for one in months)
    pairs = told(found)
    assert both["roster_fen"] - both["bank_fen"] == pairs["roster", "bank"][0][2]
    assert {one.unit for one in found.columns if one.key.startswith(SIDES)} <= {"times", "fen", "text"}
    if counts == 2:
        gap = both["gap_household_times"], both["gap_person_times"], both["gap_fen"]
        assert gap == pairs["province", "roster"][0]
        assert both["province_note"] == "2025-09 石岭镇:1户待更新;2025-10 石岭镇:1户待更新"
    else:
        assert [both[f"province_{one}"] for one in ("household_times", "fen")] == [None, None]
    notes = [one for one in found.notes if one.code in {"table.note.province", "table.note.province_months"}]
    assert [one.code.removeprefix("table.note.") for one in notes] == [["province"], ["province_months"], []][counts]
    assert all(one.params.get("months") in {None, "2025-10"} for one in notes)
    book.close()
