"""64 clerks at once, one event a voucher, against one commit a voucher: what sharing commits is worth.

Both go through the same writer; the floor submits one voucher after another, so that each has a commit and a checkpoint
of its own. An answer is given after its commit, with its proof.
"""

import threading

from benchmarks.measuring import QUICK, RUNS, Place, Watch, heading, median, places, row
from benchmarks.synthetic import Bench, enrolments
from ledger.application.outcomes import Receipt
from ledger.decisions.prepared import Submission

CLERKS = 64
EACH = 10 if QUICK else 50
ALONE = 100 if QUICK else 500
AT_LEAST = {"SQLite": 2.5, "PostgreSQL": 5.0}
RATE_AT_LEAST = {"SQLite": 1500}


def one_by_one(bench: Bench, submissions: list[Submission]) -> float:
    """Vouchers a second, each in its own commit."""
    with Watch() as watch:
        for submission in submissions:
            assert isinstance(bench.writer.submit(submission), Receipt)
    return len(submissions) / watch.wall_s


def together(bench: Bench, submissions: list[Submission]) -> float:
    """Vouchers a second from 64 threads, each of which waits for its answer before it submits again."""
    refused: list[object] = []

    def work(part: list[Submission]) -> None:
        refused.extend(one for one in map(bench.writer.submit, part) if not isinstance(one, Receipt))

    threads = [threading.Thread(target=work, args=(submissions[n::CLERKS],)) for n in range(CLERKS)]
    with Watch() as watch:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not refused
    return len(submissions) / watch.wall_s


def vouchers(bench: Bench, first: int, count: int) -> list[Submission]:
    """One household each."""
    return [bench.sign(enrolments(n, 1)) for n in range(first, first + count)]


def measure(place: Place) -> None:
    """The rows of one database."""
    bench = Bench(place.new())
    alone, grouped = [], []
    for run in range(RUNS):
        first = run * (ALONE + CLERKS * EACH)
        alone.append(one_by_one(bench, vouchers(bench, first, ALONE)))
        grouped.append(together(bench, vouchers(bench, first + ALONE, CLERKS * EACH)))
    bench.store.close()
    ratio = median([both / one for both, one in zip(grouped, alone, strict=True)])
    rate, single, wanted = median(grouped), median(alone), AT_LEAST[place.name]
    figures = f"{ratio:.1f} times ({rate:,.0f}/s against {single:,.0f}/s)"
    row(f"{place.name}: {CLERKS} clerks, one-event vouchers", figures, f"at least {wanted:g}", holds=ratio >= wanted)
    if place.name in RATE_AT_LEAST:
        least = RATE_AT_LEAST[place.name]
        row(f"{place.name}: vouchers a second", f"{rate:,.0f}/s", f"at least {least:,}/s", holds=rate >= least)


def main() -> None:
    """Both databases."""
    heading("Group commit")
    with places() as both:
        for place in both:
            measure(place)


if __name__ == "__main__":
    main()
