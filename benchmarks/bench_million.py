"""A million events: the memory of importing, exporting and verifying them, and balances by both clocks.

10,000 households are paid for fifty months: half a million lines authorised and paid, in vouchers of 1,000. Each step
runs in a process of its own, whose greatest memory the kernel tells at its end; a smaller book is made first, to
see what grows. Balances are read as the program's readers read them: every fund, with what it can still promise.
"""

import json
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.measuring import QUICK, RUNS, heading, median, row, scratch
from benchmarks.synthetic import DAY, NOW, Bench, enrolments, fresh, lines
from ledger.application.outcomes import Receipt
from ledger.log.store import LogStore
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger.values.dates import timestamp_text
from ledger_audit.derivation import verify_book
from ledger_audit.packages import export_package
from ledger_projections.books.balances import fund_balances

SIZE = 1000
HOUSEHOLDS = 1000 if QUICK else 10_000
SIZES = (2_000, 20_000) if QUICK else (10_000, 300_000, 1_000_000)
MEMORY_MB = 400
GROWTH_AT_MOST = 1.25
"""What counts as not growing, from the second size to the last: until then caches fill up."""
NOW_MS, AS_OF_MS, AT_MS = 10, 50, 50


def post(folder: Path, events: int) -> dict[str, Any]:
    """Make the book; the rate of its last tenth."""
    bench = Bench(fresh(folder, "book.db"))
    (folder / "operator").write_bytes(bench.operator.key.seed)
    for first in range(0, HOUSEHOLDS, SIZE):
        bench.writer.submit(bench.sign(enrolments(first, SIZE)))
    batches = events // (2 * SIZE)
    last, seconds = max(1, batches // 10), 0.0
    for line in lines(batches, HOUSEHOLDS, SIZE):
        bench.writer.submit(bench.sign(line.prepared(), "maker", "checker"))
        authorised = bench.sign(line.authorised())
        began = perf_counter()
        bench.writer.submit(authorised)
        took = perf_counter() - began
        bench.writer.submit(bench.sign(line.road(), "maker", "checker"))
        paid = bench.sign(line.paid())
        began = perf_counter()
        assert isinstance(bench.writer.submit(paid), Receipt)
        seconds += took + perf_counter() - began if line.number >= batches - last else 0.0
    bench.store.close()
    return {"rate": last * 2 * SIZE / seconds}


def export(folder: Path, _: int) -> dict[str, Any]:
    """Export the package."""
    store = LogStore.open(fresh(folder, "book.db"))
    operator = _operator(folder, store)
    with store.read() as connection:
        export_package(connection, operator, folder / "package", timestamp_text(NOW))
    store.close()
    return {"vkey": operator.vkey}


def balances(folder: Path, _: int) -> dict[str, Any]:
    """Milliseconds of each reading: the first, which finds nothing in the database's cache, and the median after it."""
    store = LogStore.open(fresh(folder, "book.db"))
    found: dict[str, Any] = {}
    with store.read() as connection:
        middle = (connection.exec_driver_sql("SELECT position FROM head").scalar_one()) // 2
        readers: dict[str, Callable[[], object]] = {
            "now": lambda: fund_balances(connection),
            "as of": lambda: fund_balances(connection, as_of=DAY - timedelta(days=1)),
            "at": lambda: fund_balances(connection, at=middle),
        }
        for name, read in readers.items():
            times = []
            for _ in range(RUNS + 1):
                began = perf_counter()
                read()
                times.append((perf_counter() - began) * 1000)
            found[name] = [times[0], median(times[1:])]
    store.close()
    return found


def _operator(folder: Path, store: LogStore) -> NoteSigner:
    with store.read() as connection:
        note = str(connection.exec_driver_sql("SELECT note FROM checkpoints LIMIT 1").scalar_one())
    return NoteSigner(note.splitlines()[0], SigningKey((folder / "operator").read_bytes()))


def derive(folder: Path, _: int) -> dict[str, Any]:
    """Verify the whole book by deriving it again, as `charity-ledger verify` does."""
    store = LogStore.open(fresh(folder, "book.db"))
    began = perf_counter()
    with store.read() as connection:
        verdict = verify_book(connection, NOW.date())
    store.close()
    assert verdict.holds
    return {"rate": verdict.events / (perf_counter() - began)}


STEPS = {"post": post, "export": export, "balances": balances, "derive": derive}


def child(step: str, folder: Path, events: int) -> dict[str, Any]:
    """Run a step in a process of its own; what it says, and the greatest memory it had."""
    command = [sys.executable, "-m", "benchmarks.bench_million", *sys.argv[1:], step, str(folder), str(events)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def verify(folder: Path, vkey: str) -> float:
    """The greatest memory of `ledger-verify` in MB, both processes together."""
    program = "import resource, sys; from ledger_audit.verifier.__main__ import main; code = main(sys.argv[1:]); "
    peaks = "[resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]"
    arguments = [str(folder / "package"), "--key", vkey, "--json", "--now", NOW.isoformat()]
    command = [sys.executable, "-c", f"{program}print(sum({peaks}), file=sys.stderr); sys.exit(code)", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    return int(done.stderr.splitlines()[-1]) / 1024


def measured(events: int) -> dict[str, Any]:
    """Every step on a book of that many events."""
    with scratch() as folder:
        made = child("post", folder, events)
        exported = child("export", folder, events)
        read = child("balances", folder, events)
        derived = child("derive", folder, events)
        size_mb = Path(folder / "book.db").stat().st_size / 1e6
        found = {
            "import": made["mb"],
            "export": exported["mb"],
            "`ledger-verify`": verify(folder, exported["vkey"]),
            "`charity-ledger verify`": derived["mb"],
        }
        return {"memory": found, "rate": made["rate"], "derived": derived["rate"], "read": read, "size_mb": size_mb}


def main() -> None:
    """The tables."""
    heading(f"A million events (SQLite {sqlite3.sqlite_version})")
    found = {events: measured(events) for events in SIZES}
    most, before = SIZES[-1], SIZES[-2]
    for step, megabytes in found[most]["memory"].items():
        growth = megabytes / found[before]["memory"][step]
        told = f"{megabytes:.0f} MB; at {before:,} events {found[before]['memory'][step]:.0f} MB"
        row(
            f"memory of {step} at {most:,} events",
            told,
            f"under {MEMORY_MB} MB, not growing",
            holds=megabytes < MEMORY_MB and growth <= GROWTH_AT_MOST,
        )
    for name, bar in (("now", NOW_MS), ("as of", AS_OF_MS), ("at", AT_MS)):
        first, after = found[most]["read"][name]
        small = found[SIZES[0]]["read"][name][1]
        told = f"{after:.1f} ms (the first time {first:.0f} ms); at {SIZES[0]:,} events {small:.1f} ms"
        row(f"balance {name} at {most:,} events", told, f"under {bar} ms", holds=after < bar)
    derived = ", ".join(f"{found[events]['derived']:,.0f}/s at {events:,}" for events in SIZES)
    row("`charity-ledger verify`, every event judged again", derived)
    rates = ", ".join(f"{found[events]['rate']:,.0f}/s at {events:,}" for events in SIZES)
    row("posting near the end", rates, "6,000/s near a million", holds=found[most]["rate"] >= 6000)
    row("size of the book", ", ".join(f"{found[events]['size_mb']:,.0f} MB at {events:,}" for events in SIZES))


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    if words:
        said = STEPS[words[0]](Path(words[1]), int(words[2]))
        print(json.dumps({**said, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
    else:
        main()
