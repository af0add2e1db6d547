"""`ledger-verify` of 100,000 subsidy events, two processes, against the time `ledger` (C++) takes to balance them.

`ledger` reads the exported journal and adds it up. `ledger-verify` reads the exported package and checks every digest,
signature, key, root, number, posting and balance of it, and that no JSON key stands twice. Both are whole programs on
the wall, start included. Two books: 100,000 payments; and 50,000 authorisations with their 50,000 payments, where
half the events move no money and so do not stand in the journal that `ledger` reads.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import QUICK, RUNS, Watch, heading, median, row, scratch
from benchmarks.synthetic import NOW, Bench, enrolments, fresh, lines
from ledger.application.outcomes import Receipt
from ledger.values.dates import timestamp_text
from ledger_audit.journals import FORMATS, export_journal
from ledger_audit.packages import export_package

SIZE = 1000
BATCHES = 4 if QUICK else 100
EVENTS = BATCHES * SIZE
HOUSEHOLDS = 2_000 if QUICK else 5_000
JOBS = 2
AT_MOST = 1.5


def book(folder: Path) -> Bench:
    """A book of the households, as they were before the book began."""
    bench = Bench(fresh(folder, "book.db"))
    for first in range(0, HOUSEHOLDS, SIZE):
        bench.writer.submit(bench.sign(enrolments(first, SIZE)))
    return bench


def payments(folder: Path) -> Bench:
    """Every event a payment, as an opening takes over what was paid before."""
    bench = book(folder)
    for line in lines(BATCHES, HOUSEHOLDS, SIZE):
        assert isinstance(bench.writer.submit(bench.sign(line.paid(origin="history"), "maker", "checker")), Receipt)
    return bench


def authorised_and_paid(folder: Path) -> Bench:
    """Half the events authorise, half pay."""
    bench = book(folder)
    for line in lines(BATCHES // 2, HOUSEHOLDS, SIZE):
        bench.writer.submit(bench.sign(line.prepared(), "maker", "checker"))
        bench.writer.submit(bench.sign(line.authorised()))
        bench.writer.submit(bench.sign(line.road(), "maker", "checker"))
        assert isinstance(bench.writer.submit(bench.sign(line.paid())), Receipt)
    return bench


def exported(bench: Bench, folder: Path) -> tuple[Path, Path]:
    """The package and the journal."""
    package, journal = folder / "package", folder / "book.journal"
    with bench.store.read() as connection:
        export_package(connection, bench.operator, package, timestamp_text(NOW))
        with journal.open("wb") as file:
            export_journal(connection, file, "bench", FORMATS["hledger"])
    return package, journal


def timed(command: list[str]) -> float:
    """Seconds of a whole program that must succeed."""
    with Watch() as watch:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    return watch.wall_s


def main() -> None:
    """Both books."""
    heading("Verifying a package")
    if shutil.which("ledger") is None:
        row("ledger (C++)", "not installed", "", holds=False)
        return
    measured("payments", payments)
    measured("authorised and paid", authorised_and_paid)


def measured(what: str, make: Callable[[Path], Bench]) -> None:
    """Both programs in turn on one book."""
    with scratch() as folder:
        bench = make(folder)
        package, journal = exported(bench, folder)
        bench.store.close()
        verify = [sys.executable, "-m", "ledger_audit.verifier", str(package), "--key", bench.operator.vkey]
        verify += ["--jobs", str(JOBS), "--now", NOW.isoformat()]
        pairs = [(timed(verify), timed(["ledger", "-f", str(journal), "balance"])) for _ in range(RUNS)]
    ratio = median([ours / theirs for ours, theirs in pairs])
    ours, theirs = median([one for one, _ in pairs]), median([one for _, one in pairs])
    figures = f"{ratio:.2f} times ({ours:.2f} s against {theirs:.2f} s)"
    title = f"`ledger-verify` of {EVENTS:,} events ({what}), {JOBS} processes"
    row(title, figures, f"at most {AT_MOST:g}", holds=ratio <= AT_MOST)


if __name__ == "__main__":
    main()
