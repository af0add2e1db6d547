"""What the network costs: vouchers posted by 32 clients against the same writer without a network, in the same run, and
balances read by 16 clients while files are being imported.
"""

import threading

from benchmarks.bench_group_commit import together
from benchmarks.measuring import QUICK, RUNS, Place, heading, median, places, row, scratch
from benchmarks.serving import ask, directory, request, served, voucher, writer_of
from benchmarks.synthetic import Bench, enrolments
from ledger.decisions.prepared import Submission

CLIENTS = 32
EACH = 5 if QUICK else 40
READERS = 16
READS = 20 if QUICK else 200
IMPORTED = 200
"""Events of a voucher of the import that goes on while balances are read."""

SHARE_AT_LEAST = 0.5
POST_P99_MS = 250
READS_AT_LEAST = 1_500
READ_P99_MS = 60


def body(submission: Submission) -> dict[str, object]:
    """A voucher as the interface takes it."""
    events = [data.decode() for data in submission.events]
    return {"envelope": submission.envelope.to_json_value(), "events": events}


def measure(place: Place) -> None:
    """The rows of one database."""
    url = place.new()
    bench = Bench(url)
    bench.writer = writer_of(bench)
    shares, rates, inside, p99, cpu, reads, reads99, reads_cpu = [], [], [], [], [], [], [], []
    size, first = CLIENTS * EACH, 0
    with scratch() as folder, served(directory(bench, url, folder / "book")) as server:
        for _ in range(RUNS):
            inside.append(together(bench, [voucher(bench, enrolments(first + n, 1)) for n in range(size)]))
            first += size
            bodies = [body(voucher(bench, enrolments(first + n, 1))) for n in range(size)]
            first += size
            posts = [request(bench, server.port, "POST", "/v1/vouchers", one) for one in bodies]
            before = server.cpu_s()
            run = ask(server.port, [posts[n::CLIENTS] for n in range(CLIENTS)])
            assert run.statuses == {201}, run.statuses
            cpu.append(1000 * (server.cpu_s() - before) / size)
            rates.append(run.rate)
            shares.append(run.rate / inside[-1])
            p99.append(run.percentile_ms(99))
        stop = threading.Event()
        importing = threading.Thread(target=imports, args=(bench, server.port, first, stop))
        importing.start()
        for _ in range(RUNS):
            asked = [request(bench, server.port, "GET", "/v1/balances") for _ in range(READERS * READS)]
            before = server.cpu_s()
            run = ask(server.port, [asked[n::READERS] for n in range(READERS)])
            assert run.statuses == {200}, run.statuses
            reads_cpu.append(1000 * (server.cpu_s() - before) / len(asked))
            reads.append(run.rate)
            reads99.append(run.percentile_ms(99))
        stop.set()
        importing.join()
    bench.store.close()
    share, late = median(shares), median(p99)
    figures = f"{share:.2f} of the rate inside ({median(rates):,.0f}/s against {median(inside):,.0f}/s)"
    row(f"{place.name}: {CLIENTS} clients post", figures, f"at least {SHARE_AT_LEAST}", holds=share >= SHARE_AT_LEAST)
    row(f"{place.name}: p99 of a post", f"{late:.0f} ms", f"under {POST_P99_MS} ms", holds=late < POST_P99_MS)
    rate, late = median(reads), median(reads99)
    what = f"{place.name}: balances read by {READERS} during an import"
    row(what, f"{rate:,.0f}/s", f"at least {READS_AT_LEAST:,}/s", holds=rate >= READS_AT_LEAST)
    row(f"{place.name}: p99 of a read", f"{late:.0f} ms", f"under {READ_P99_MS} ms", holds=late < READ_P99_MS)
    row(f"{place.name}: the server's processor", f"{median(cpu):.2f} ms a post, {median(reads_cpu):.2f} ms a read")


def imports(bench: Bench, port: int, first: int, stop: threading.Event) -> None:
    """Vouchers of many events, one after the other."""
    while not stop.is_set():
        one = request(bench, port, "POST", "/v1/vouchers", body(voucher(bench, enrolments(first, IMPORTED))))
        first += IMPORTED
        assert ask(port, [[one]]).statuses == {201}


def main() -> None:
    """Both databases."""
    heading("The book on the network")
    with places() as both:
        for place in both:
            measure(place)


if __name__ == "__main__":
    main()
