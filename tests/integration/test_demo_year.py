"""A county's year from files alone: the lists are made from a seed, and the book comes to what their maker counted."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from typer.testing import CliRunner

from ledger.flows.public_money.entitlement.enrolments import EnrolmentChanged
from ledger.flows.public_money.entitlement.programmes import StandardSet
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger.log.appending import read_head
from ledger.values.idno import is_resident_id
from ledger_api.cli import app
from ledger_api.demo.year.aid.targets import AID
from ledger_api.demo.year.control import controls
from ledger_api.demo.year.offices import Offices
from ledger_api.demo.year.papers.elders import NAME as ELDERS
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.plants.changes import CHANGES
from ledger_api.demo.year.plants.control import TESTS
from ledger_api.demo.year.plants.refusals import EXPECTED
from ledger_api.demo.year.play import Year, prepared
from ledger_api.demo.year.roll import Roll, roll_of
from ledger_api.demo.year.targets import MONTHS, TARGETS
from ledger_projections.figures import FIGURES, RELIEF, figures
from ledger_projections.public_money.doubts import doubts
from ledger_projections.registry import catch_up
from ledger_projections.summaries.registry import TABLES, settled
from ledger_projections.summaries.sentences import paragraph, span_of
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_catalogue import TEMPLATES, template
from ledger_projections.summaries.sentences_checking import check_report
from ledger_projections.summaries.table import Asked
from tests.integration.conftest import played

PUBLISHED = {
    "urban-dibao": (1560, 19_011, 912_528_000),
    "rural-dibao": (9717, 116_784, 3_643_002_000),
    "destitute": (1778, 21_396, 2_032_620_000),
    "disability-living": (3641, 43_700, 437_000_000),
    "disability-care": (4375, 52_500, 525_000_000),
    "orphan": (38, 456, 57_000_000),
    "unsupported-child": (272, 3_272, 409_000_000),
}
"""Programme -> persons at the end of 2024, person-times, fen: what a county published of that year."""
PLANTED = 2 * len(TESTS) + 7 + 2 * len(CHANGES)
"""Controls of what was planted: two a test, what they come to together, and two a kind of change on the rosters."""
BESIDE = 3 * len(AID) + 3 + 12 + 22 + PLANTED + 5 + 17 + 6 + 6 + 3 + 2
"""Controls of aid given once and of other public money, of the charity, of the registers, of the plants, of receipts,
of accounts, channels, the province's counts, work, elders, families."""
SOAK = settings().max_examples > 1_000
OTHERS = ((2, "0.02"), (3, "0.03"), (4, "0.05"), (5, "0.012"), (6, "0.007")) if SOAK else ()
"""Seed and scale of counties beside the hamlet and the village. The silenced county, the command's, that of mid-year
and the one that is killed are others too, so that a quick run compares six in all.
"""
CONTROLS = 8 * len(TARGETS) + sum(1 for target in TARGETS if target.rise_fen) + 4 + BESIDE


def rolls(scale: str, seed: int) -> list[Roll]:
    dice = Dice(seed)
    return [roll_of(target.scaled(Decimal(scale)), dice) for target in TARGETS]


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_a_whole_county_comes_to_the_published_figures(seed: int) -> None:
    made = rolls("1", seed)
    found = {
        roll.target.programme: (sum(case.persons for case in roll.months[-1]), roll.person_times(), roll.total_fen())
        for roll in made
    }
    assert found == PUBLISHED
    households = {roll.target.programme: len(roll.months[0]) for roll in made}
    assert 900 <= households["urban-dibao"] <= 1000
    assert 5500 <= households["rural-dibao"] <= 6000


@given(st.integers(5, 80), st.integers(0, 2**64))
def test_lists_of_any_size_move_as_their_target_says(thousandths: int, seed: int) -> None:
    for roll in rolls(f"0.{thousandths:03d}", seed):
        persons = [sum(case.persons for case in month) for month in roll.months]
        assert persons[0] == roll.target.opening
        assert persons[-1] == roll.target.opening + roll.target.came - roll.target.left
        assert len(roll.months) == len(MONTHS) + 1
        for month in roll.months:
            assert len({case.number for case in month}) == len(month)
            assert all(case.persons >= 1 for case in month)


def test_nobody_has_anothers_number() -> None:
    heads = {case.head for roll in rolls("1", 1) for month in roll.months for case in month}
    assert all(is_resident_id(head.id_number) for head in heads)
    assert len({head.id_number for head in heads}) == len({head.account for head in heads}) == len(heads)


def files_of(folder: Path, seed: int, dirt: int = 3) -> dict[str, bytes]:
    """Two months' files by name; a workbook by its cells, for its archive holds the time."""
    dice = Dice(seed)
    for target in TARGETS:
        offices = Offices(folder, roll_of(target.scaled(Decimal("0.05")), dice), dice, dirt)
        offices.month(0)
        offices.month(1)
    return {
        str(path.relative_to(folder)): _cells(path) if path.suffix == ".xlsx" else path.read_bytes()
        for path in folder.rglob("*.*")
    }


def _cells(path: Path) -> bytes:
    book = load_workbook(path, read_only=True)
    return repr([(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in book]).encode()


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    first, second = files_of(tmp_path / "a", 7), files_of(tmp_path / "b", 7)
    assert first == second
    assert first != files_of(tmp_path / "c", 8)
    assert len(first) >= 2 * len(TARGETS) * 3


def test_the_files_are_as_untidy_as_offices_leave_them(tmp_path: Path) -> None:
    files = files_of(tmp_path, 7)
    book = load_workbook(tmp_path / "2024-02" / "农村低保花名册.xlsx", read_only=True)
    heads = {tuple(row) for sheet in book for row in list(sheet.iter_rows(values_only=True))[2:3]}
    assert len(book.sheetnames) == 13
    assert len(heads) == 13, "each township has an order of its own"
    cells = Counter(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    assert any(re.fullmatch(r"4310\*{10}\w{4}", cell) for cell in cells), "numbers that the province masks"
    assert cells["合计"] == 13
    assert any(cell.endswith("元") and cell[:-1].isdigit() for cell in cells)
    assert any("\u3000" in cell for cell in cells)
    assert "|" in files["2024-02/农村低保回盘示例农商行.txt"].decode("gb18030")


def test_a_year_of_a_hamlet_comes_to_its_control_totals(hamlet: Year) -> None:
    """No importer knows how the lists were made."""
    assert hamlet.troubles == []
    with hamlet.county.book.store.read() as connection:
        found = controls(connection, hamlet.made)
        assert [one for one in found if not one.holds] == []
        assert len(found) == CONTROLS
        rural = hamlet.made.rolls[1]
        other = replace(rural, target=replace(rural.target, came=rural.target.came + 1))
        changed = replace(hamlet.made, rolls=(hamlet.made.rolls[0], other, *hamlet.made.rolls[2:]))
        (wrong,) = [one for one in controls(connection, changed) if not one.holds]
    assert (wrong.programme, wrong.what) == ("农村低保", "新增人数"), "a control that could not fail would be none"


@pytest.fixture(params=["village", *OTHERS], ids=str)
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Year]:
    """The village's year, and in a long run more."""
    if request.param == "village":
        yield request.getfixturevalue("village")
        return
    seed, scale = request.param
    yield from played(tmp_path / "county", scale, seed, 4)


def test_years_of_other_seeds_and_sizes_come_to_their_control_totals(other: Year) -> None:
    with other.county.book.store.read() as connection:
        found = controls(connection, other.made)
    assert other.troubles == []
    assert len(found) == CONTROLS
    assert [one for one in found if not one.holds] == []


def test_the_rise_that_april_decides_is_paid_from_january(hamlet: Year) -> None:
    """Who stood in January and in April got a lower month three times, and the rest in one line that names the rise."""
    (roll,) = [one for one in hamlet.made.rolls if one.target.rise_fen]
    households = [case for case in roll.months[3] if case.beside_fen]
    with hamlet.county.book.store.read() as connection:
        last = read_head(connection).position
        events = [trusted_event(row.kind, row.data) for row in reading.events_between(connection, 1, last)]
    uplifts = [one for one in events if isinstance(one, SubsidyAuthorised) and one.component == "uplift"]
    (raised,) = [one for one in events if isinstance(one, StandardSet) and one.decided_on == date(2024, 4, 15)]
    assert {one.reference.event for one in uplifts if one.reference is not None} == {raised.id}
    assert {(one.batch[-10:-3], one.period_to) for one in uplifts} == {("2024-04", "2024-03")}
    assert sorted(one.amount_fen for one in uplifts) == sorted(case.beside_fen for case in households)
    whole = [case for case in households if case.remark == "1-3月提标补差"]
    assert len([one for one in uplifts if one.period_from == "2024-01"]) == len(whole) > 0
    before = {case.number: case for case in roll.months[0]}
    for case in whole:
        assert case.amount_fen - before[case.number].amount_fen == roll.target.rise_fen
    changed = [one for one in events if isinstance(one, EnrolmentChanged) and one.from_month == "2024-04"]
    assert {one.enrolment for one in uplifts} <= {one.enrolment for one in changed if "standard" in one.reasons}


def test_a_book_without_the_year_fails_every_control_that_counts_something(tmp_path: Path) -> None:
    year = prepared(tmp_path / "county", Decimal("0.005"), 8, 0)
    catch_up(year.county.book.store)
    with year.county.book.store.read() as connection:
        found = controls(connection, year.made)
    year.county.book.close()
    assert len(found) == CONTROLS
    found = [one for one in found if one.what != "银行存款账面(元)"]  # the opening balance stands there
    assert all(one.found == 0 and one.holds == (one.stated == 0) for one in found)
    assert sum(one.holds for one in found) < len(found) / 3


def test_the_years_figures_are_those_of_the_lists(hamlet: Year) -> None:
    made = {roll.target.scheme: roll for roll in hamlet.made.rolls}
    with hamlet.county.book.store.read() as connection:
        found = figures(connection, MONTHS[0], MONTHS[-1]).by_key()
        half = figures(connection, MONTHS[0], MONTHS[5]).by_key()
    once = [row for one in hamlet.made.aid if one.target.fund == "relief" for row in one.rows]
    listed = [made[scheme] for scheme in ("urban_dibao", "rural_dibao", "destitute")]
    stated = {
        "relief_total_fen": sum(roll.total_fen() for roll in hamlet.made.rolls) + sum(row.fen for row in once),
        "relief_household_times": sum(roll.household_times() for roll in hamlet.made.rolls) + len(once),
        "relief_person_times": sum(roll.person_times() for roll in hamlet.made.rolls)
        + sum(row.persons for row in once),
        "relief_households": sum(len(cases_of(roll)) for roll in hamlet.made.rolls) + len(once),
        "relief_persons": sum(max(sizes) for roll in hamlet.made.rolls for sizes in cases_of(roll).values())
        + sum(row.persons for row in once),
        "disability_living_payments": made["disability_living"].person_times(),
        "disability_care_payments": made["disability_care"].person_times(),
        "orphan_fen": made["orphan"].total_fen(),
        "unsupported_child_fen": made["unsupported_child"].total_fen(),
        "dibao_urban_close": sum(case.persons for case in made["urban_dibao"].months[-1]),
        "dibao_rural_close": sum(case.persons for case in made["rural_dibao"].months[-1]),
        "destitute_close": sum(case.persons for case in made["destitute"].months[-1]),
        "in": sum(roll.target.came for roll in listed),
        "out": sum(roll.target.left for roll in listed),
    }
    assert {key: found[key] for key in stated} == stated
    assert [key for key, value in found.items() if not value] == ["disaster_left_fen"], "every other kind occurs"
    assert half["relief_total_fen"] == sum(
        c.total_fen for roll in hamlet.made.rolls for m in roll.months[:6] for c in m
    ) + sum(one.total_fen for one in hamlet.made.aid if one.target.fund == "relief" and one.month <= MONTHS[5])
    assert half["dibao_rural_close"] == sum(case.persons for case in made["rural_dibao"].months[6])


def relief_once(year: Year, *months: str) -> int:
    """Fen of aid given once that counts as relief, in some months or in all."""
    given = [one for one in year.made.aid if one.target.scheme in RELIEF and (not months or one.month in months)]
    return sum(one.total_fen for one in given)


def test_the_years_tables_are_those_of_the_lists_and_agree_among_themselves(hamlet: Year) -> None:
    made = {roll.target.name: roll for roll in hamlet.made.rolls}
    whole = [*[(month, month) for month in MONTHS], (MONTHS[0], MONTHS[-1])]
    with hamlet.county.book.store.read() as connection:
        asked = [Asked(*span, date(2025, 1, 31), at=settled(connection)) for span in whole]
        tables = {(code, one.first, one.last): TABLES[code].make(connection, one) for one in asked for code in TABLES}
    assert [key for key, table in tables.items() if any(note.is_check for note in table.notes)] == []

    def of(code: str, first: str, last: str, key: str) -> dict[object, object]:
        found = tables[code, first, last]
        mine = zip(found.column("programme"), found.column(key), (row.kind for row in found.rows), strict=True)
        return {name: value for name, value, kind in mine if kind == "row" and name in made}

    def once(key: str) -> list[object]:
        found = tables["Y1", MONTHS[0], MONTHS[-1]]
        mine = zip(found.column("programme"), found.column(key), (row.kind for row in found.rows), strict=True)
        return [value for name, value, kind in mine if kind == "row" and name not in {*made, ELDERS}]

    assert sum(cast("list[int]", once("paid_fen"))) == sum(one.total_fen for one in hamlet.made.aid)
    assert {*once("opening_persons"), *once("in_persons"), *once("closing_persons")} == {None}

    year = {
        "opening_persons": {name: sum(case.persons for case in roll.months[0]) for name, roll in made.items()},
        "in_persons": {name: roll.target.came for name, roll in made.items()},
        "out_persons": {name: roll.target.left for name, roll in made.items()},
        "closing_persons": {name: sum(case.persons for case in roll.months[-1]) for name, roll in made.items()},
        "person_times": {name: roll.person_times() for name, roll in made.items()},
        "paid_fen": {name: roll.total_fen() for name, roll in made.items()},
    }
    assert {key: of("Y1", MONTHS[0], MONTHS[-1], key) for key in year} == year
    for number, month in enumerate(MONTHS):
        lists = {name: roll.months[number] for name, roll in made.items()}
        persons = {name: sum(case.persons for case in cases) for name, cases in lists.items()}
        paid = {name: sum(case.total_fen for case in cases) for name, cases in lists.items()}
        assert of("M1", month, month, "closing_persons") == persons
        assert of("M1", month, month, "paid_fen") == paid
        assert tables["M2", month, month].column("paid_fen")[-1] == sum(paid.values()) + relief_once(hamlet, month)
        assert of("M4", month, month, "bank_fen") == paid


def test_payments_to_the_dead_are_doubts_whoever_reports_the_death(hamlet: Year) -> None:
    """They were paid before anybody said so; the list of the dead finds each of them, and no other."""
    planted = [one for one in hamlet.made.deaths if one.paid_after]
    assert planted
    with hamlet.county.book.store.read() as connection:
        listed = doubts(connection, code="W_PAYEE_DEAD")
    found = Counter(row.detail["person"] for row in listed.rows)
    assert listed.counts == {"W_PAYEE_DEAD": sum(found.values())}
    reference = hamlet.county.book.vault.reference
    assert found == {reference("person", one.case.head.id_number): one.lines_after for one in planted}


def test_the_years_sentences_are_those_of_the_lists_and_hold(hamlet: Year) -> None:
    """Filled from the book they say what the lists' maker counted; read back as a report, each of them holds."""
    made = {roll.target.scheme: roll for roll in hamlet.made.rolls}
    listed = [made[scheme] for scheme in ("urban_dibao", "rural_dibao", "destitute")]
    with hamlet.county.book.store.read() as connection:
        position = read_head(connection).position
        texts = {}
        for name in TEMPLATES:
            chosen = template(name)
            span = span_of(chosen, None, MONTHS[-1], None)
            texts[name] = "".join(one.zh for one in paragraph(connection, chosen, span, position).sentences)
        report = check_report(connection, list(texts.values()), Span(MONTHS[0], MONTHS[-1]), position)
    assert report.counts["contradicted"] == 0
    assert report.counts["supported"] > 50
    came, left = (sum(getattr(roll.target, way) for roll in listed) for way in ("came", "left"))
    stands = [f"{len(roll.months[-1])}户{sum(case.persons for case in roll.months[-1])}人" for roll in listed[:2]]
    assert f"新增低保、特困供养人员{came}人,退出{left}人" in texts["year"]
    assert f"共有城镇低保{stands[0]}、农村低保{stands[1]}" in texts["year"]
    total = sum(roll.total_fen() for roll in hamlet.made.rolls)
    assert f"各类困难群众救助补助资金{total // 1_000_000}余万元" in texts["year"]


def test_a_report_that_is_wrong_by_one_is_contradicted_by_one(hamlet: Year) -> None:
    made = {roll.target.scheme: roll for roll in hamlet.made.rolls}
    persons = sum(case.persons for case in made["rural_dibao"].months[-1])
    times = made["disability_care"].person_times()
    paid = (sum(roll.total_fen() for roll in hamlet.made.rolls) + relief_once(hamlet)) // 100
    text = "截至{}月,共有农村低保对象{}人,发放重度残疾人护理补贴{}人次,累计发放各类困难群众救助补助资金{}元。"
    with hamlet.county.book.store.read() as connection:
        position = read_head(connection).position
        for off in (-1, 0, 1):
            said = text.format(12, persons + off, times + off, paid + off)
            report = check_report(connection, [said], Span(MONTHS[0], MONTHS[-1]), position)
            claims = report.sentences[0].claims
            assert [claim.verdict for claim in claims] == ["contradicted" if off else "supported"] * 3
            assert [claim.figures[0].off_by for claim in claims] == [off, off, 100 * off]


def cases_of(roll: Roll) -> dict[str, list[int]]:
    """Household -> for how many persons each of its months was paid."""
    found: dict[str, list[int]] = {}
    for case in (case for month in roll.paid() for case in month):
        found.setdefault(case.number, []).append(case.persons)
    return found


def total_in_both_readings(folder: Path) -> None:
    """Whichever set of programmes the total of a report fits, both are told."""
    book = ["--book", str(folder / "book")]
    year = json.loads(CliRunner().invoke(app, ["summary", "year", *book, "--json"]).stdout)
    (total,) = [{one["name"]: one for one in each["slots"]} for each in year["sentences"] if each["name"] == "total"]
    said = {name: total[name]["fact"]["value"] for name in ("total", "narrow")}
    yuan = {name: f"{value // 100:,}.{value % 100:02d} 元" for name, value in said.items()}
    for name, other in (("total", "narrow"), ("narrow", "total")):
        file = folder / "总结.txt"
        file.write_text(f"2024年发放困难群众救助补助资金{total[name]['text']}。", encoding="utf-8")
        told = CliRunner().invoke(app, ["summary", "--check", str(file), *book]).stdout
        assert f"√ {total[name]['text']} = {yuan[name]}" in told
        assert f"另一读法: {yuan[other]}" in told
        file.unlink()


def test_the_command_says_so_and_its_package_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "county"
    result = CliRunner().invoke(app, ["demo", str(folder), "--year", "--scale", "0.006", "--seed", "3", "--dirt", "0"])
    assert result.exit_code == 0, result.output
    assert result.output.count("√") == CONTROLS + len(EXPECTED)
    assert "×" not in result.output
    assert "成立" in result.output
    assert {path.name for path in folder.iterdir()} >= {"book", "inputs", "keys", "package", "state"}
    total_in_both_readings(folder)
    told = CliRunner().invoke(app, ["figures", "--book", str(folder / "book"), "--json"])
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    assert (answer["first"], answer["last"]) == ("2024-01", "2024-12"), "January's lists are there, but not paid"
    assert answer["figures"]["relief_total_fen"] > 0
    assert answer["figures"].keys() == answer["scopes"].keys() == answer["units"].keys() == set(FIGURES)


@pytest.mark.parametrize("scale", ["0", "0.004", "5", "-1", "NaN", "whole", ""])
def test_a_scale_that_is_none_is_refused(tmp_path: Path, scale: str) -> None:
    result = CliRunner().invoke(app, ["demo", str(tmp_path / "county"), "--year", "--scale", scale])
    assert (result.exit_code, "E_DEMO_SCALE" in result.output) == (2, True)
    assert not (tmp_path / "county").exists()
