"""`ledger-verify` of 100,000 subsidy events, two processes, against the time `ledger` (C++) takes to balance them.

`ledger` reads the exported journal and adds it up. `ledger-verify` reads the exported package and checks every digest,
signature, key, root, number, posting and balance of it, and that no JSON key stands twice. Both are whole programs on
the wall, start included. The journal holds the payments only: what is authorised moves no money.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import QUICK, RUNS, Watch, heading, median, row, scratch
from benchmarks.synthetic import NOW, Bench, enrolments, fresh, lines
from ledger.application.outcomes import Receipt
from ledger.values.dates import timestamp_text
from ledger_audit.journals import FORMATS, export_journal
from ledger_audit.packages import export_package

SIZE = 1000
BATCHES = 3 if QUICK else 50
EVENTS = 2 * BATCHES * SIZE
JOBS = 2
AT_MOST = 1.5


def book(folder: Path) -> Bench:
    """A book of that many subsidy events, and the households and steps that they need."""
    bench = Bench(fresh(folder, "book.db"))
    for first in range(0, BATCHES * SIZE, SIZE):
        bench.writer.submit(bench.sign(enrolments(first, SIZE)))
    for line in lines(BATCHES, BATCHES * SIZE, SIZE):
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
    """One book, both programs in turn."""
    heading("Verifying a package")
    if shutil.which("ledger") is None:
        row("ledger (C++)", "not installed", "", holds=False)
        return
    with scratch() as folder:
        bench = book(folder)
        package, journal = exported(bench, folder)
        bench.store.close()
        verify = [sys.executable, "-m", "ledger_audit.verifier", str(package), "--key", bench.operator.vkey]
        verify += ["--jobs", str(JOBS), "--now", NOW.isoformat()]
        pairs = [(timed(verify), timed(["ledger", "-f", str(journal), "balance"])) for _ in range(RUNS)]
    ratio = median([ours / theirs for ours, theirs in pairs])
    ours, theirs = median([one for one, _ in pairs]), median([one for _, one in pairs])
    figures = f"{ratio:.2f} times ({ours:.1f} s against {theirs:.1f} s)"
    row(
        f"`ledger-verify` of {EVENTS:,} events, {JOBS} processes",
        figures,
        f"at most {AT_MOST:g}",
        holds=ratio <= AT_MOST,
    )


if __name__ == "__main__":
    main()
