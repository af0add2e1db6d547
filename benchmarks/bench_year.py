"""A county's year of relief and charity from files to a verified book, its tables, and one roster of 6,000 households.

The year is the demonstration's, at scale 1: its files lie there and are imported month by month; what the book says is
compared with their control totals, packed and verified. Each table and paragraph is then asked for as a command, from
starting the program to its last line. The roster is its rural one, once when nobody is known yet and once a month
later.
"""

import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

from benchmarks.measuring import QUICK, RUNS, heading, median, row, scratch
from ledger_api.demo.acts import CLERK
from ledger_api.demo.cast import BUREAU
from ledger_api.demo.run import INPUTS, opened
from ledger_api.demo.year.offices import Offices
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.play import setup
from ledger_api.demo.year.roll import roll_of
from ledger_api.demo.year.targets import MONTHS, TARGETS
from ledger_api.tables.papers import PAPERS
from ledger_projections.summaries.sentences_catalogue import TEMPLATES

SCALE = "0.01" if QUICK else "1"
ROSTER_SCALE = Decimal("0.01") if QUICK else Decimal("1.02")
SECONDS_OF_A_YEAR, SECONDS_OF_A_ROSTER, SECONDS_OF_A_TABLE, MEGABYTES = 360, 20, 3, 500
_RURAL = 1
_CHILD = """
import resource, sys, time
from decimal import Decimal
from pathlib import Path
from ledger_api.demo import figures
from ledger_api.demo.year.control import controls
from ledger_api.demo.year.play import play, prepared
from ledger_audit.verifier.__main__ import main as ledger_verify
from ledger_projections.registry import catch_up
year = prepared(Path(sys.argv[1]), Decimal(sys.argv[2]), 1, 20)
begun = time.perf_counter()
play(year, lambda _told: None, lambda _done, _all: None)
catch_up(year.county.book.store)
with year.county.book.store.read() as connection:
    assert year.troubles == [] and all(one.holds for one in controls(connection, year.made))
package = figures.package(year.county)
assert ledger_verify([str(package), "--key", year.county.operator.vkey, "--state", str(package.parent / "state")]) == 0
print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def roster(folder: Path) -> tuple[int, list[float]]:
    """Households, and the seconds that the first and the second month's roster take."""
    dice = Dice(1)
    roll = roll_of(TARGETS[_RURAL].scaled(ROSTER_SCALE), dice)
    county = opened(folder, lambda _told: None)
    county.post(CLERK, BUREAU, setup(2 * roll.total_fen()), ("fenguan-sun", "checker"), date(2024, 1, 1))
    office = Offices(folder / INPUTS, roll, dice, 50)
    seconds = []
    for index, month in enumerate(MONTHS[:2]):
        files = office.month(index)
        lists = [files.roster] if files.exits is None else [files.exits, files.roster]
        begun = time.perf_counter()
        report = county.read(CLERK, lists, month, date.fromisoformat(f"{month}-28"))
        seconds.append(time.perf_counter() - begun)
        assert report.files[-1].new == len(files.cases)
        county.sign_off()
    county.book.close()
    return len(roll.months[0]), seconds


def year(folder: Path) -> tuple[float, int]:
    """Seconds from files that lie there to a book whose package the stranger's program accepts, and megabytes."""
    told = subprocess.run(
        [sys.executable, "-c", _CHILD, str(folder), SCALE], check=True, capture_output=True, text=True
    )
    seconds, kilobytes = told.stdout.split()[-2:]
    return float(seconds), int(kilobytes) // 1024


def tables(book: Path) -> dict[str, float]:
    """Seconds that each template of `summary` takes as a command; one for one month where it is monthly."""
    seconds = {}
    for name in (*PAPERS, *TEMPLATES):
        command = [
            str(Path(sys.executable).with_name("charity-ledger")),
            "summary",
            name,
            "--book",
            str(book),
            "--json",
        ]
        runs = []
        for _ in range(1 if QUICK else 3):
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            runs.append(time.perf_counter() - begun)
        seconds[name] = median(runs)
    return seconds


def main() -> None:
    """The roster in several runs, the year in one."""
    heading("A county's year")
    with scratch() as folder:
        runs = [roster(folder / f"roster-{run}") for run in range(RUNS)]
        households = runs[0][0]
        for index, which in enumerate(("first, with everybody in it new", "second, compared with the first")):
            seconds = median([found[index] for _, found in runs])
            what = f"roster of {households:,} households, {which}: compared, proposed, signed, posted"
            bar = f"under {SECONDS_OF_A_ROSTER} s"
            row(what, f"{seconds:.1f} s", bar, holds=seconds < SECONDS_OF_A_ROSTER)
        seconds, megabytes = year(folder / "year")
        found = tables(folder / "year" / "book")
    what = f"a year at scale {SCALE}, from files to a verified book (one run)"
    row(what, f"{seconds:.0f} s", f"under {SECONDS_OF_A_YEAR} s", holds=seconds < SECONDS_OF_A_YEAR)
    slowest = max(found, key=lambda name: found[name])
    what = f"each of {len(found)} tables and paragraphs as a command: the slowest, {slowest}"
    row(what, f"{found[slowest]:.1f} s", f"under {SECONDS_OF_A_TABLE} s", holds=found[slowest] < SECONDS_OF_A_TABLE)
    row("memory of it", f"{megabytes} MB", f"under {MEGABYTES} MB", holds=megabytes < MEGABYTES)


if __name__ == "__main__":
    main()
