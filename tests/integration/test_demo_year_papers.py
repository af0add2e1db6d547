"""The year's papers: receipts, statements and bills, and what the book says of them."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from ledger.application.importing.parse import parse_file
from ledger.values.idno import is_resident_id
from ledger_api.cli import app
from ledger_api.demo.cast import BUREAU, CHARITY
from ledger_api.demo.year.control import controls
from ledger_api.demo.year.giving.gifts import Gift, charity_of
from ledger_api.demo.year.papers.elders import quarters_of
from ledger_api.demo.year.papers.province import LATE, REMARK
from ledger_api.demo.year.papers.receipts import RED_ON, Receipts, receipts_of
from ledger_api.demo.year.papers.roads import CHANNELS, on_their_roads, settlements
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.plants.receipts import drop_numbers
from ledger_api.demo.year.play import Year
from ledger_api.demo.year.roll import TOWNSHIPS, roll_of
from ledger_api.demo.year.targets import MONTHS, TARGETS
from ledger_audit.derivation import verify_book
from ledger_projections.books.reconciliation import reconciliations
from ledger_projections.figures import RELIEF
from ledger_projections.public_money.batches import batches
from ledger_projections.public_money.doubts import doubts


def receipts(scale: str, seed: int) -> Receipts:
    return receipts_of(charity_of(Decimal(scale), Dice(seed), len(TOWNSHIPS)).gifts, Dice(seed + 1))


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_a_whole_county_makes_out_a_receipt_for_every_gift_but_what_lay_in_boxes(seed: int) -> None:
    made = receipts("1", seed)
    standing = made.standing()
    appeal = [one for one in standing if not one.gifts[0].pledge]
    assert len(appeal) == 1318
    assert sum(len(one.gifts) for one in standing if one.gifts[0].pledge) == 25
    assert sorted(len(one.gifts) for one in standing)[-3:] == [1, 2, 2], "two pledges came in two instalments"
    assert len(made.all) - len(standing) == 1
    assert [one.in_advance for one in made.all].count(True) == 1
    assert sum(one.fen for one in standing) == 260_000_000 + 238_461_236 - 640_000


@given(st.integers(5, 120), st.integers(0, 2**64))
def test_numbers_run_without_a_gap_and_a_dropped_one_leaves_one(thousandths: int, seed: int) -> None:
    made = receipts(f"0.{thousandths:03d}", seed)
    numbers = sorted(int(number) for one in made.all for number in (one.number, one.red) if number)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    in_order = sorted(made.all, key=lambda one: one.number)
    assert [one.on for one in in_order] == sorted(one.on for one in made.all)
    (wrong,) = [one for one in made.all if one.red]
    (again,) = [one for one in made.standing() if one.gifts == wrong.gifts]
    assert wrong.on < RED_ON < again.on
    gone = in_order[len(in_order) // 2]
    left = made.drop_numbers([gone.number])
    assert {one.number for one in made.all} - {one.number for one in left.all} == {gone.number}


@given(st.integers(5, 40), st.integers(0, 2**64))
def test_the_registers_of_all_months_name_every_receipt_once_for_each_gift(thousandths: int, seed: int) -> None:
    gifts = charity_of(Decimal(thousandths) / 1000, Dice(seed), len(TOWNSHIPS)).gifts
    made = receipts_of(gifts, Dice(seed))
    registered = {one.serial: f"{one.on:%Y-%m}" for one in gifts}
    rows = [row for month in MONTHS for row in made.of_register(gifts, month, registered)]
    named = sorted((gift.serial, one.number) for gift, one in rows if one is not None)
    assert named == sorted((gift.serial, one.number) for one in made.all for gift in one.gifts)
    assert {gift.serial for gift, _ in rows} == {gift.serial for gift in gifts}


def test_controls_of_receipts_can_fail(hamlet: Year) -> None:
    made = hamlet.made
    with hamlet.county.book.store.read() as connection:
        dropped = made.receipts.drop_numbers([made.receipts.standing()[-1].number])
        found = [one.what for one in controls(connection, replace(made, receipts=dropped)) if not one.holds]
    assert found == ["开票张数", "有效票据(元)", "已对应捐赠(元)", "已开票捐赠笔数"]


def gifts(scale: Decimal, seed: int) -> tuple[list[Gift], list[Gift]]:
    """The gifts of a county, as made and as they came."""
    made = charity_of(scale, Dice(seed), len(TOWNSHIPS)).gifts
    return made, on_their_roads(made, Dice(seed + 1))


@given(st.integers(5, 120), st.integers(0, 2**64))
def test_gifts_are_the_same_whatever_their_road(thousandths: int, seed: int) -> None:
    made, came = gifts(Decimal(thousandths) / 1000, seed)
    assert [(one.on, one.giver, one.fen, one.pledge) for one in came] == [
        (one.on, one.giver, one.fen, one.pledge) for one in made
    ]
    assert len({one.serial for one in came}) == len(came)
    assert [one.road for one in came].count("unknown") == 1
    assert all(one.giver.kind == "个人" and one.appeal for one in came if one.road in CHANNELS)
    settled = settlements(came)
    assert len({one.fen for one in settled}) == len(settled), "the bank's lines of two would not tell which is which"
    assert sum(one.fen for one in settled) == sum(one.fen for one in came if one.road in CHANNELS)


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_in_a_whole_county_about_half_of_the_persons_give_by_telephone(seed: int) -> None:
    _, came = gifts(Decimal(1), seed)
    roads = [one.road for one in came if one.giver.kind == "个人"]
    assert 390 <= roads.count("wechat") <= 412
    assert 190 <= roads.count("alipay") <= 206


def test_four_banks_spell_their_statements_in_four_ways(hamlet: Year) -> None:
    found: dict[str, set[str]] = {}
    for path in sorted(Path(hamlet.county.folder, "inputs").rglob("*行*流水*")):
        parsed = parse_file(path)
        assert (parsed.kind, parsed.wrong) == ("bank-statement", ())
        assert parsed.statement is not None
        assert parsed.statement.breaks == ()
        found.setdefault(path.name, set()).add(parsed.rows[0].shape)
    (of_bureau,) = {path.name for path in Path(hamlet.county.folder, "inputs").rglob("农商行追缴专户*")}
    path = Path(hamlet.county.folder, "inputs", "2024-06", of_bureau)
    assert found == {"建行流水.csv": {"ccb"}, "工行流水.csv": {"icbc"}, "农行流水.csv": {"abc"}}
    assert {row.shape for row in parse_file(path).rows} == {"rcc"}


def test_no_account_has_anything_unexplained_at_the_years_end(hamlet: Year) -> None:
    with hamlet.county.book.store.read() as connection:
        rows = [
            row
            for entity in (CHARITY, BUREAU)
            for row in reconciliations(connection, entity, date(2024, 12, 31)).rows
            if row.statement is not None
        ]
    assert len(rows) == 4
    assert all(row.agrees and not row.breaks for row in rows)
    assert [item for row in rows for item in (*row.bank_items, *row.book_items, *row.carried_items)] == []


def test_controls_of_accounts_and_channels_can_fail(hamlet: Year) -> None:
    made = hamlet.made
    for road, what in (("wechat", "wechat 捐赠(元)"), ("alipay", "alipay 捐赠笔数"), ("unknown", "待查款查明(元)")):
        one = next(gift for gift in made.charity.gifts if gift.road == road)
        other = replace(one, fen=one.fen + 1) if road != "alipay" else replace(one, road="bank")
        said = {name: getattr(made.charity, name) for name in type(made.charity).__dataclass_fields__}
        changed = [other if gift is one else gift for gift in made.charity.gifts]
        charity = type(made.charity)(**{**said, "gifts": changed})
        with hamlet.county.book.store.read() as connection:
            failed = {one.what for one in controls(connection, replace(made, charity=charity)) if not one.holds}
        assert what in failed


def test_nothing_is_missing_in_the_year_but_what_was_left_out(hamlet: Year) -> None:
    """No line without an entry, no statement that does not join: receipt, pledges, witness are missing, and who
    read persons was bound by nobody: no machine of the county signs the root of its access log.
    """
    with hamlet.county.book.store.read() as connection:
        verdict = verify_book(connection, date(2025, 1, 31))
    assert list(verdict.integrity) == []
    missing = {issue.code for issue in verdict.completeness}
    assert missing - {"W_STALE"} == {
        "W_ACCESS_UNBOUND",
        "W_PLEDGE_OVERDUE",
        "W_RECEIPTS_LEFT_OUT",
        "W_UNWITNESSED",
    }
    numbers = hamlet.made.receipt_numbers
    left_out = [dict(issue.params)["count"] for issue in verdict.completeness if issue.code == "W_RECEIPTS_LEFT_OUT"]
    assert sum(left_out) == len(numbers) - len(drop_numbers(numbers)), "a register's receipts fill a code's gaps"


def test_the_very_old_are_paid_by_quarters_and_are_no_relief(tmp_path: Path) -> None:
    quarters = quarters_of(tmp_path, Decimal(1), Dice(3, 5_000_000), 0)
    assert [one.month for one in quarters] == ["2024-03", "2024-06", "2024-09", "2024-12"]
    assert [len(one.elders) for one in quarters] == [1200, 1212, 1224, 1236]
    assert sum(one.total_fen for one in quarters) == (1200 + 1212 + 1224 + 1236) * 300_00
    people = {elder.person for elder in quarters[-1].elders}
    others = [roll_of(target, Dice(3)) for target in TARGETS[:3]]
    heads = {case.head for roll in others for case in roll.months[0]}
    assert all(is_resident_id(one.id_number) for one in people)
    for name in ("id_number", "account"):
        assert not {getattr(one, name) for one in people} & {getattr(one, name) for one in heads}
    assert "elder_allowance" not in RELIEF


def test_every_day_what_was_prepared_is_paid_pending_failed_or_taken_out(hamlet: Year) -> None:
    """May has a batch of aid given once and returns; the whole road is looked at day by day."""
    with hamlet.county.book.store.read() as connection:
        for day in range(1, 31):
            for one in batches(connection, first="2024-05", last="2024-06", as_of=date(2024, 6, day)).rows:
                road = one.paid_fen + one.pending_fen + one.failed_fen + one.cancelled_fen
                assert one.prepared_fen == road, (day, one.batch)


def test_three_ways_agree_month_by_month_but_for_what_the_export_says(hamlet: Year) -> None:
    folder = str(hamlet.county.folder / "book")
    for at, month in ((LATE - 1, MONTHS[LATE - 1]), (LATE, MONTHS[LATE])):
        told = CliRunner().invoke(app, ["three-way", "--month", month, "--book", folder, "--json"])
        assert told.exit_code == 0, told.output
        answer = json.loads(told.stdout)
        assert (answer["month"], answer["checks"]) == (month, [])
        differ = [row for row in answer["rows"] if any((row["province_less_roster"] or {}).values())]
        assert len(differ) == (at == LATE)
        assert all(REMARK in row["province_note"] for row in differ)
        rolls = {roll.target.name: roll.months[at] for roll in hamlet.made.rolls}
        rows = {row["programme"]: row for row in answer["rows"] if row["programme"] in rolls}
        assert rows.keys() == rolls.keys()
        for name, cases in rolls.items():
            persons, fen = sum(one.persons for one in cases), sum(one.total_fen for one in cases)
            assert rows[name]["roster"]["persons"] == rows[name]["bank"]["persons"] == persons
            assert rows[name]["bank"]["households"] == len(cases)
            assert rows[name]["bank"]["fen"] == rows[name]["funded_fen"] == fen
            assert rows[name]["uncredited_fen"] == rows[name]["pending_fen"] == 0
    shown = CliRunner().invoke(app, ["three-way", "--month", MONTHS[LATE], "--book", folder])
    assert (shown.exit_code, REMARK in shown.output) == (0, True)


def test_three_ways_name_the_rise_and_the_quarter(hamlet: Year) -> None:
    """April pays the rise of January to March beside the month, and the allowance of June its whole quarter."""
    folder, found = str(hamlet.county.folder / "book"), set()
    for month in ("2024-04", "2024-05", "2024-06"):
        told = CliRunner().invoke(app, ["three-way", "--month", month, "--book", folder, "--json"])
        answer = json.loads(told.stdout)
        assert answer["checks"] == []
        for row in answer["rows"]:
            assert (row["explanation"] == "一致") is not bool(row["differences"])
            for one in row["differences"]:
                sides = [row[side] for side in one["between"]]
                for unit in ("households", "persons", "fen"):
                    assert one[unit] == sides[0][unit] - sides[1][unit] == sum(part[unit] for part in one["parts"])
                found |= {(month, part["cause"]) for part in one["parts"]}
    assert {("2024-04", "uplift"), ("2024-05", "elsewhere"), ("2024-06", "several_months")} <= found
    shown = CliRunner().invoke(app, ["three-way", "--month", "2024-04", "--book", folder])
    assert "  名册减银行" in shown.output


def test_what_is_paid_again_in_its_own_batch_is_no_doubt(hamlet: Year) -> None:
    """A bank sent money back, it went out again, and no file spoke of more than its batch."""
    assert len(hamlet.made.late) == 1, "paid in May, back in June, and paid again"
    with hamlet.county.book.store.read() as connection:
        assert doubts(connection, code="W_RESULT_SUM").rows == ()
