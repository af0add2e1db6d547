"""Two hundred times `kill -9` while vouchers are being posted: nothing acknowledged is lost, nothing is doubled.

A child posts signed vouchers of one to twenty-five gifts, by three threads at once, and is killed at a random moment:
while it opens the file, judges, writes, commits, or answers. The file is then opened again as an operator would,
checked as a whole, and every voucher of the round is submitted once more, as a client does that got no answer.
"""

from pathlib import Path

from ledger.application.outcomes import Receipt
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.log.store import LogStore
from ledger.signing.merkle import leaf_hash
from tests.application.office import ORIGIN, Office, gift
from tests.crash import poster, remains
from tests.crash.dice import Dice
from tests.crash.remains import Posted
from tests.crash.serving import serving

KILLS = 200
VOUCHERS = 16
SIZES = (1, 1, 1, 2, 3, 25)
EARLIEST_MS, SPAN_MS = 30, 170
"""When a child is killed: from its first steps to about the time that it needs to post all vouchers of a round, which
the kills themselves find out: a busy machine is given longer, a fast one less.
"""
THREADS = 3
SEED = b"kill -9 during import, 200 times"


def acknowledged(lines: list[list[str]]) -> dict[str, Posted]:
    """Voucher id -> its place, of every acknowledgement that arrived."""
    return {words[1]: Posted(int(words[2]), int(words[3]), words[4]) for words in lines if words[0] == "ack"}


def drafts(office: Office, dice: Dice, name: int) -> list[Submission]:
    """The signed vouchers of one round."""
    made = []
    for place in range(VOUCHERS):
        size = SIZES[dice.below(len(SIZES))]
        facts = [gift(f"g-{name}-{place}-{n}", 100 + dice.below(10_000)) for n in range(size)]
        made.append(office.draft("maker", facts))
    return made


def test_200_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    file = tmp_path / "book.db"
    office = Office(f"sqlite:///{file}").open()
    office.store.close()
    order = {
        "url": f"sqlite:///{file}",
        "origin": ORIGIN,
        "seed": office.operator.key.seed.hex(),
        "now": office.clock().isoformat(),
        "file": str(tmp_path / "submissions"),
    }
    dice, events, cut, span_ms = Dice(SEED), 0, 0, SPAN_MS
    with remains.opened(file) as connection:
        known = remains.posted(connection)
    with serving("poster") as server:
        for name in range(KILLS):
            submissions = drafts(office, dice, name)
            events += sum(len(one.events) for one in submissions)
            poster.save(Path(order["file"]), submissions)
            lines = server.killed({**order, "threads": THREADS}, EARLIEST_MS + dice.below(span_ms))
            with remains.opened(file) as connection:
                after = remains.posted(connection)
                assert remains.faults(connection, office.operator.verifier) == [], name
            assert known.items() <= after.items(), name
            assert acknowledged(lines).items() <= after.items(), name
            posted = len(after) - len(known)
            cut += 0 < posted < VOUCHERS
            span_ms += -(-span_ms // 20) * ((posted == 0) - (posted == VOUCHERS))
            known = submitted_again(office, file, submissions, after)
    with remains.opened(file) as connection:
        assert (
            connection.execute("SELECT count(*) FROM events WHERE kind = 'donation.received'").fetchone()[0] == events
        )
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert cut > KILLS / 10, "the kills came too early or too late to tell anything"


def submitted_again(
    office: Office, file: Path, submissions: list[Submission], before: dict[str, Posted]
) -> dict[str, Posted]:
    """Submit the round once more: what stood is answered as it stands, what was lost is posted now. All vouchers."""
    store = LogStore.open(f"sqlite:///{file}")
    receipts = Writer(store, office.operator, office.clock, "crash test").submit_all(submissions)
    store.close()
    for receipt in receipts:
        assert isinstance(receipt, Receipt), receipt
        stood = before.get(receipt.voucher)
        place = Posted(receipt.number, receipt.first_position, leaf_hash(receipt.leaf).hex())
        assert receipt.repeated == (stood is not None)
        assert stood in {None, place}
    with remains.opened(file) as connection:
        found = remains.posted(connection)
    assert len(found) == len(before) + sum(not receipt.repeated for receipt in receipts if isinstance(receipt, Receipt))
    return found
