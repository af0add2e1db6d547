"""Real files, spoilt in every way that a desk, a stick or a clever person finds: nothing breaks or goes uncounted.

A file is refused as a whole with a code, or every line of it is told: new, duplicate, evidence or wrong with its place.
A dry run leaves book, vault and waiting list as they were. 300 files in CI, 10,000 in `make soak`.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import text

from ledger.application.importing.checks.lines import safe_text
from ledger.application.importing.kinds.registry import kind_named
from ledger.application.importing.parse import parse_file
from ledger.application.importing.readers.encodings import decode
from ledger.application.importing.readers.opening import read_tables
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.tables import RawRow
from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.importer import FileReport, Importer
from ledger.catalogue import say
from ledger.errors import InputError
from ledger_api.demo.acts import CLERK
from ledger_api.demo.year.play import Year, prepared
from tests.application.importing.mutations import Dice, Mutant, Sheets
from tests.application.importing.mutations import mutant as spoilt
from tests.application.importing.offices import KINDS, as_numbers, sample
from tests.application.proposing.county import _OFFICE as OFFICES
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU, CHARITY
from tests.application.proposing.redress.test_check_sheets import FOUNDED, REFUTED, filled
from tests.application.proposing.redress.test_matching_lists import CARS, A, B

SOAK = settings().max_examples > 1_000
EXAMPLES = 10_000 if SOAK else 300
YEAR_MONTH = "2024-02"
OF_FILES = ("E_FILE_", "E_KIND_", "E_HEADER_", "E_UNIT_", "E_MONTH_", "E_ROSTER_", "E_CELL_TOO_LONG", "E_ROLE")
"""Codes by which a file is refused as a whole; whatever lies in a row is told at the row."""
OF_RECEIPTS = ("E_DONATION_UNKNOWN", "E_RECEIPT")
"""What may be wrong with the receipt that comes beside a gift: the gift is new all the same."""

quietly = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


class Sources(dict[str, Sheets]):
    """Sheets by the file that they come from."""

    def __repr__(self) -> str:
        return f"{len(self)} files"


def sources_of_samples() -> Sources:
    """The samples as text, and as a spreadsheet keeps them."""
    as_text: dict[str, Sheets] = {name: {"Sheet1": [list[Any](row) for row in sample(name)]} for name in KINDS}
    as_kept: dict[str, Sheets] = {f"{name}+": {"Sheet1": as_numbers(sample(name))} for name in KINDS}
    return Sources(as_text | as_kept | {"matching": {"Sheet1": [list[Any](row) for row in CARS]}})


SAMPLES = sources_of_samples()


def sheets_of(path: Path) -> Sheets:
    """A file of the year as sheets of cells."""
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        return {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book}
    if path.suffix == ".zip":
        with ZipFile(path) as archive:
            return {name: cells_of(name, archive.read(name)) for name in archive.namelist()}
    return {"Sheet1": cells_of(path.name, path.read_bytes())}


def cells_of(name: str, data: bytes) -> list[list[Any]]:
    """A text file as cells."""
    told_as, _ = decode(name, data)
    return [list(row) for row in csv.reader(io.StringIO(told_as), delimiter="|" if name.endswith(".txt") else ",")]


def told(report: FileReport, mutant: Mutant) -> None:
    """Every refusal has a code, a sentence in both languages, and its place."""
    for language in ("zh", "en"):
        if report.refused is not None:
            assert report.refused.code.startswith("E_"), mutant.said
            assert mutant.name in report.refused.message(language) or "{" not in report.refused.message(language)
            assert say(report.refused.code, language) != report.refused.code, report.refused.code
        for cell in report.wrong:
            assert say(cell.code, language) != cell.code, cell.code
            assert cell.place.row >= 1 or (cell.place.row == 0 and not cell.column), "a cell, a row, or the whole"
            assert cell.place.text(language) in cell.message(language), (cell, cell.message(language))
    if report.refused is not None:
        assert report.refused.code.startswith(OF_FILES), (report.refused.code, report.refused.params, mutant.said)


def counted(parsed: ParsedFile, report: FileReport) -> None:
    """Every row is one of: new, duplicate, evidence, wrong, or kept back by what is wrong with another or the whole."""
    rows, wrong = {row.place for row in parsed.rows}, {cell.place for cell in report.wrong}
    assert {cell.place for cell in parsed.wrong} <= wrong
    heads = {each.title for sheet in parsed.sheets for each in sheet.header.columns}
    for shape in kind_named(parsed.kind).shapes:
        heads |= {title for column in shape.columns for title in column.headers}
    assert {cell.column for cell in report.wrong} <= heads | {""}, report.wrong
    whole = {place for place in wrong if not place.row}
    told_rows = report.new + report.duplicate + report.noted + len((wrong - whole) | report.held)
    all_rows = len(rows | {cell.place for cell in parsed.wrong})
    beside = {
        cell.place for cell in report.wrong if parsed.kind == "donation-register" and cell.code.startswith(OF_RECEIPTS)
    }
    assert all_rows <= told_rows <= all_rows + len(beside), (report.to_json(), all_rows)


def says_something(row: RawRow) -> bool:
    """Whether a line holds more than blanks and characters that nobody sees."""
    return any(safe_text(cell).strip() for cell in row.cells)


def every_line(parsed: ParsedFile, mutant: Mutant) -> None:
    """No line below a header goes missing: it is a row, a wrong row, or a line that is told as skipped or checked."""
    tables = {(one.file, one.sheet): one for one in read_tables(mutant.name, mutant.data)}
    if mutant.lines is not None:
        assert sum(says_something(row) for table in tables.values() for row in table.rows) == mutant.lines
    found = [row.place for row in parsed.rows] + [cell.place for cell in parsed.wrong]
    places = {(one.file, one.sheet, one.row) for one in (*found, *(note.place for note in parsed.notes))}
    for sheet in parsed.sheets:
        below = [row for row in tables[sheet.file, sheet.sheet].rows if row.number > sheet.header.last_row]
        missing = [row for row in below if says_something(row) and (sheet.file, sheet.sheet, row.number) not in places]
        assert missing == [], mutant.said


def parsed_or_refused(path: Path, month: str) -> ParsedFile | InputError:
    try:
        return parse_file(path, month=month)
    except InputError as refused:
        return refused


@dataclass
class World:
    """A book that files are held against, in a dry run."""

    look: Callable[[Path], FileReport]
    size: Callable[[], Any]
    month: str
    folder: Path
    sources: Sources

    def __repr__(self) -> str:
        return "a world"

    def try_on(self, mutant: Mutant) -> FileReport:
        path = self.folder / mutant.name
        path.write_bytes(mutant.data)
        before = self.size()
        report = self.look(path)
        assert self.size() == before, "a dry run records nothing"
        told(report, mutant)
        parsed = parsed_or_refused(path, self.month)
        if isinstance(parsed, InputError):
            assert report.refused is not None, mutant.said
            assert report.refused.code == parsed.code
            return report
        every_line(parsed, mutant)
        if report.refused is None:
            counted(parsed, report)
        else:
            assert (report.new, report.duplicate) == (0, 0)
        return report


def bring_in(county: County, path: Path, *, dry_run: bool) -> FileReport:
    """Import a spoilt sample with the person whose files of this name are."""
    kind = KINDS.get(path.stem.rstrip("+"), path.stem)
    officer = f"acct-{OFFICES.get(kind, CHARITY) if 'rcc' not in path.name else BUREAU}"
    context = Context(county.store, county.vault, county.options(officer))
    return Importer(county.writer, context, lambda: county.signer(officer), dry_run=dry_run).add_all([path]).files[0]


def prepared_county(county: County) -> County:
    """Everything that a sample rests on, no sample but the roster, and two doubts that were given out."""
    county.take_in("dibao_roster.csv")
    county.road()
    county.take_in(county.write("matching.csv", CARS))
    county.sign_off()
    return county


def check_sheet(county: County) -> Sheets:
    """A sheet that comes back with two answers."""
    page = load_workbook(filled(county, {A[0]: REFUTED, B[0]: FOUNDED})).worksheets[0]
    return {page.title: [list(row) for row in page.iter_rows(values_only=True)]}


@pytest.fixture(scope="module", params=["all is known", "all is new"])
def county_world(
    request: pytest.FixtureRequest,
    september: County,
    new_county: Callable[[], County],
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    county = september if request.param == "all is known" else prepared_county(new_county())
    sources = SAMPLES if request.param == "all is known" else Sources(SAMPLES | {"doubts++": check_sheet(county)})

    def look(path: Path) -> FileReport:
        return bring_in(county, path, dry_run=True)

    return World(look, county.size, "2025-09", tmp_path_factory.mktemp("spoilt"), sources)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """A hamlet in February: January's lists and payments are in the book."""
    found = prepared(tmp_path_factory.mktemp("year") / "county", Decimal("0.005"), 5, 3)
    for roll, files in zip(found.made.rolls, found.made.months[0], strict=True):
        found.county.read(CLERK, [files.roster], "2024-01", date(2024, 1, 28))
        found.county.sign_off()
        found.county.send(
            f"{roll.target.programme}-2024-01-01", "2024-01", "transit", len(files.cases), files.total_fen
        )
        found.county.read(CLERK, [files.pay_file, *files.results], "2024-01", date(2024, 1, 28))
        found.county.sign_off()
    yield found
    found.county.book.close()


@pytest.fixture(scope="module")
def year_sources(year: Year) -> Sources:
    """January's and February's files, and the lists of the dead."""
    paths = [*year.made.death_lists]
    for month in year.made.months[:2]:
        for files in month[1:4]:
            paths += [one for one in (files.roster, files.exits, files.pay_file, *files.results) if one is not None]
    return Sources({f"{path.parent.name}{path.stem}": sheets_of(path) for path in paths})


@pytest.fixture(scope="module")
def year_world(year: Year, year_sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> World:
    county = year.county

    def look(path: Path) -> FileReport:
        context = Context(county.book.store, county.book.vault, Options(CLERK, date(2024, 2, 28), month=YEAR_MONTH))
        return Importer(county.writer, context, lambda: county.signer(CLERK), dry_run=True).add_all([path]).files[0]

    def size() -> tuple[int, ...]:
        with county.book.store.read() as connection:
            names = ("events", "pending", "identities", "access_log")
            return tuple(connection.execute(text(f"select count(*) from {name}")).scalar_one() for name in names)

    return World(look, size, YEAR_MONTH, tmp_path_factory.mktemp("spoilt-year"), year_sources)


@settings(quietly, max_examples=EXAMPLES // 3)
@given(st.randoms(use_true_random=True))
def test_a_spoilt_sample_breaks_nothing(county_world: World, dice: Dice) -> None:
    county_world.try_on(spoilt(dice, county_world.sources))


@settings(quietly, max_examples=EXAMPLES // 10)
@given(st.randoms(use_true_random=True))
def test_a_spoilt_sample_again_adds_nothing(
    new_county: Callable[[], County], tmp_path_factory: pytest.TempPathFactory, dice: Dice
) -> None:
    """What was taken of it is known the second time, and what was wrong is wrong in the same way."""
    county = prepared_county(new_county())
    mutant = spoilt(dice, SAMPLES)
    path = county.folder / mutant.name
    path.write_bytes(mutant.data)
    first = bring_in(county, path, dry_run=False)
    before = county.size()
    again = bring_in(county, path, dry_run=False)
    assert again.new == 0, (mutant.said, first.to_json(), again.to_json())
    assert county.size() == before, mutant.said
    county.close()


@settings(quietly, max_examples=EXAMPLES * 7 // 30)
@given(st.randoms(use_true_random=True))
def test_a_spoilt_file_of_the_year_breaks_nothing(year_world: World, dice: Dice) -> None:
    year_world.try_on(spoilt(dice, year_world.sources))
