"""A program that is killed: it posts vouchers through the real writer and says which ones were acknowledged."""

import json
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ledger.application.outcomes import Receipt
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.flows.registry import event_classes
from ledger.log.store import LogStore
from ledger.signing.dsse import Envelope
from ledger.signing.keys import SigningKey
from ledger.signing.merkle import leaf_hash
from ledger.signing.vkeys import NoteSigner
from tests.crash.serving import say, serve


def save(file: Path, submissions: Iterable[Submission]) -> None:
    """Write submissions, one a line: what a client would keep until it has its receipts."""
    lines = [
        json.dumps(
            {
                "envelope": one.envelope.to_bytes().decode(),
                "events": [data.decode() for data in one.events],
                "approvals": [approval.to_bytes().decode() for approval in one.approvals],
            },
        )
        for one in submissions
    ]
    file.write_text("\n".join(lines), encoding="utf-8")


def load(file: Path) -> list[Submission]:
    """The submissions of a file that `save` wrote."""
    return [_submission(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def _submission(value: dict[str, Any]) -> Submission:
    return Submission(
        Envelope.from_bytes(value["envelope"].encode()),
        tuple(data.encode() for data in value["events"]),
        tuple(Envelope.from_bytes(data.encode()) for data in value["approvals"]),
    )


def post(order: dict[str, Any]) -> None:
    """Post the order's file, by several threads at once, and say each acknowledgement as soon as it is there."""
    operator = NoteSigner(order["origin"], SigningKey(bytes.fromhex(order["seed"])))
    store = LogStore.open(order["url"])
    now = datetime.fromisoformat(order["now"])
    writer = Writer(store, operator, lambda: now, "crash test")
    submissions, count = load(Path(order["file"])), order["threads"]
    threads = [threading.Thread(target=_work, args=(writer, submissions[n::count])) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()


def _work(writer: Writer, submissions: Sequence[Submission]) -> None:
    for submission in submissions:
        receipt = writer.submit(submission)
        if isinstance(receipt, Receipt):
            say("ack", receipt.voucher, receipt.number, receipt.first_position, leaf_hash(receipt.leaf).hex())


if __name__ == "__main__":
    event_classes()
    serve(post)
