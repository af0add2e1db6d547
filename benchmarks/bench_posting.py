"""100,000 subsidy events in vouchers of 1,000, rules and books included, against bare inserts of the same rows.

The book holds the households before. For each thousand lines a batch is prepared, its lines are authorised (a thousand
events that move nothing), the batch is approved, sent and funded, and its lines are paid (a thousand events of two
legs). Signing is the client's and not counted; parsing, checking the signature, judging, posting, the commit are.
"""

from benchmarks.floor import insert_bare
from benchmarks.measuring import QUICK, RUNS, Place, Watch, heading, median, places, row
from benchmarks.synthetic import Bench, Line, enrolments, lines
from ledger.application.outcomes import Receipt
from ledger.decisions.prepared import Submission
from ledger.flows.event import Event
from ledger.log.store import LogStore

SIZE = 1000
BATCHES = 3 if QUICK else 50
EVENTS = 2 * BATCHES * SIZE
AT_MOST = 3.0
AIM = 9000
KINDS = ("subsidy.authorised", "subsidy.paid")


def households(bench: Bench) -> None:
    """Everybody is enrolled before the clock runs."""
    for first in range(0, BATCHES * SIZE, SIZE):
        bench.writer.submit(bench.sign(enrolments(first, SIZE)))


def signed(bench: Bench) -> list[tuple[str, Submission]]:
    """Every voucher of a run, in order, with the kind that it is counted for; '' for the steps between."""
    made: list[tuple[str, Submission]] = []
    for line in lines(BATCHES, BATCHES * SIZE, SIZE):
        made += _of_batch(bench, line)
    return made


def _of_batch(bench: Bench, line: Line) -> list[tuple[str, Submission]]:
    def step(events: list[Event]) -> tuple[str, Submission]:
        return "", bench.sign(events, "maker", "checker")

    return [
        step(line.prepared()),
        (KINDS[0], bench.sign(line.authorised())),
        step(line.road()),
        (KINDS[1], bench.sign(line.paid())),
    ]


def post(bench: Bench, vouchers: list[tuple[str, Submission]]) -> tuple[dict[int, str], dict[str, Watch]]:
    """Submit one after another; which voucher number is which kind, and the time by kind."""
    numbers: dict[int, str] = {}
    watches = {kind: Watch() for kind in (*KINDS, "")}
    for kind, submission in vouchers:
        with watches[kind]:
            receipt = bench.writer.submit(submission)
        assert isinstance(receipt, Receipt)
        assert not receipt.warnings
        numbers[receipt.number] = kind
    return numbers, watches


def one_run(
    place: Place, bench: Bench, base: str, vouchers: list[tuple[str, Submission]]
) -> dict[str, tuple[Watch, Watch]]:
    """By kind: our time and the floor's, on equal copies of the book."""
    ours, floor = place.copy(base), place.copy(base)
    bench.use(ours)
    numbers, watches = post(bench, vouchers)
    empty = LogStore.open(floor)
    bare = {kind: Watch() for kind in KINDS}
    timed = {number: bare[kind] for number, kind in numbers.items() if kind}
    insert_bare(bench.store, empty, range(min(numbers), max(numbers) + 1), timed)
    for store, url in ((bench.store, ours), (empty, floor)):
        store.close()
        place.drop(url)
    return {kind: (watches[kind], bare[kind]) for kind in KINDS}


def report(place: Place, runs: list[dict[str, tuple[Watch, Watch]]]) -> None:
    """The rows of one database."""
    whole = [(_sum(run, 0), _sum(run, 1)) for run in runs]
    _lines(f"{place.name}: {EVENTS:,} events, both kinds", EVENTS, whole, bar=True)
    for kind in KINDS:
        pairs = [((run[kind][0].wall_s, run[kind][0].cpu_s), (run[kind][1].wall_s, run[kind][1].cpu_s)) for run in runs]
        _lines(f"{place.name}: {EVENTS // 2:,} {kind}", EVENTS // 2, pairs, bar=False)


Times = tuple[float, float]


def _sum(run: dict[str, tuple[Watch, Watch]], which: int) -> Times:
    return sum(pair[which].wall_s for pair in run.values()), sum(pair[which].cpu_s for pair in run.values())


def _lines(what: str, events: int, pairs: list[tuple[Times, Times]], *, bar: bool) -> None:
    rate = events / median([ours[0] for ours, _ in pairs])
    bare = events / median([floor[0] for _, floor in pairs])
    ratio = median([ours[0] / floor[0] for ours, floor in pairs])
    cpu = median([ours[1] / floor[1] for ours, floor in pairs])
    own = events / median([ours[1] for ours, _ in pairs])
    row(f"{what}, against bare inserts", f"{ratio:.2f} times", f"at most {AT_MOST:g}", holds=ratio <= AT_MOST)
    figures = f"{rate:,.0f}/s (bare {bare:,.0f}/s); of this process's processor {own:,.0f}/s and {cpu:.2f} times"
    row(what, figures, f"aim {AIM:,}/s" if bar else "", holds=rate >= AIM if bar else None)


def main() -> None:
    """Both databases."""
    heading("Posting subsidy events")
    with places() as both:
        for place in both:
            base = place.new()
            bench = Bench(base)
            households(bench)
            vouchers = signed(bench)
            bench.store.close()
            report(place, [one_run(place, bench, base, vouchers) for _ in range(RUNS)])
            place.drop(base)


if __name__ == "__main__":
    main()
