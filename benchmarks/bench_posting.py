"""100,000 subsidy events in vouchers of 1,000, rules and books included, against bare inserts of the same rows.

On PostgreSQL the bare inserts go by COPY, the writer's call. On SQLite they are measured twice: by SQLAlchemy Core's
executemany, and by the writer's own call, which adds 64 rows a statement; the faster floor makes the harder ratio.

The book holds the households before. For each thousand lines a batch is prepared, its lines are authorised (a thousand
events that move nothing), the batch is approved, sent and funded, and its lines are paid (a thousand events of two
legs). Signing is the client's and not counted; parsing, checking the signature, judging, posting, the commit are.
"""

from benchmarks.floor import Call, by_core, by_writer, insert_bare
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
FLOORS: dict[str, dict[str, Call]] = {
    "SQLite": {"Core's executemany": by_core, "our own call": by_writer},
    "PostgreSQL": {"COPY": by_writer},
}
Run = dict[str, dict[str, tuple[Watch, Watch]]]
"""By floor and kind: our time and the floor's."""


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


def one_run(place: Place, bench: Bench, base: str, vouchers: list[tuple[str, Submission]]) -> Run:
    """Our time and each floor's, on equal copies of the book."""
    ours = place.copy(base)
    bench.use(ours)
    numbers, watches = post(bench, vouchers)
    found: Run = {}
    for name, call in FLOORS[place.name].items():
        bare = _bare(place, bench, base, numbers, call)
        found[name] = {kind: (watches[kind], bare[kind]) for kind in KINDS}
    bench.store.close()
    place.drop(ours)
    return found


def _bare(place: Place, bench: Bench, base: str, numbers: dict[int, str], call: Call) -> dict[str, Watch]:
    """The time by kind of adding the same rows to an equal book."""
    url = place.copy(base)
    empty = LogStore.open(url)
    bare = {kind: Watch() for kind in KINDS}
    timed = {number: bare[kind] for number, kind in numbers.items() if kind}
    insert_bare(bench.store, empty, range(min(numbers), max(numbers) + 1), timed, call)
    empty.close()
    place.drop(url)
    return bare


def report(place: Place, runs: list[Run]) -> None:
    """The rows of one database."""
    for floor in FLOORS[place.name]:
        found = [run[floor] for run in runs]
        whole = [(_sum(run, 0), _sum(run, 1)) for run in found]
        _ratio(f"{place.name}: {EVENTS:,} events, both kinds, against bare inserts by {floor}", whole, EVENTS)
        for kind in KINDS:
            _ratio(
                f"{place.name}: {EVENTS // 2:,} {kind}, by {floor}", [_pair(run[kind]) for run in found], EVENTS // 2
            )
    found = [next(iter(run.values())) for run in runs]
    _rate(f"{place.name}: {EVENTS:,} events, both kinds", EVENTS, [_sum(run, 0) for run in found], bar=True)
    for kind in KINDS:
        times = [_pair(run[kind])[0] for run in found]
        _rate(f"{place.name}: {EVENTS // 2:,} {kind}", EVENTS // 2, times, bar=False)


Times = tuple[float, float]


def _sum(run: dict[str, tuple[Watch, Watch]], which: int) -> Times:
    return sum(pair[which].wall_s for pair in run.values()), sum(pair[which].cpu_s for pair in run.values())


def _pair(pair: tuple[Watch, Watch]) -> tuple[Times, Times]:
    ours, floor = pair
    return (ours.wall_s, ours.cpu_s), (floor.wall_s, floor.cpu_s)


def _ratio(what: str, pairs: list[tuple[Times, Times]], events: int) -> None:
    ratio = median([ours[0] / floor[0] for ours, floor in pairs])
    bare = events / median([floor[0] for _, floor in pairs])
    row(what, f"{ratio:.2f} times (bare {bare:,.0f}/s)", f"at most {AT_MOST:g}", holds=ratio <= AT_MOST)


def _rate(what: str, events: int, times: list[Times], *, bar: bool) -> None:
    rate, own = (events / median([time[which] for time in times]) for which in (0, 1))
    figures = f"{rate:,.0f}/s; of this process's processor {own:,.0f}/s"
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
