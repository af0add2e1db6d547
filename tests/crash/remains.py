"""What must hold in the file that a killed writer leaves behind, read with the bare SQLite driver and nothing of ours
but the Merkle tree and the notes.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.merkle import leaf_hash, root_of
from ledger.signing.vkeys import NoteVerifier


class Posted(NamedTuple):
    """Where a voucher stands and what the log commits to for it."""

    number: int
    first_position: int
    leaf_hash: str


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own: opening it is what recovers the file."""
    with closing(sqlite3.connect(file)) as connection:
        yield connection


def posted(connection: sqlite3.Connection) -> dict[str, Posted]:
    """Voucher id -> its place and leaf."""
    rows = connection.execute(
        "SELECT voucher_id, number, first_position, leaf FROM vouchers ORDER BY number"
    ).fetchall()
    return {row[0]: Posted(row[1], row[2], leaf_hash(row[3]).hex()) for row in rows}


# Each of these must give no row.
_NOTHING = {
    "a gap in the positions": "SELECT count(*), max(position) FROM events HAVING count(*) <> max(position)",
    "a gap in the numbers": "SELECT count(*), max(number) FROM vouchers HAVING count(*) <> max(number)",
    "ranges that do not tile": """
        SELECT number FROM (SELECT number, first_position,
            1 + coalesce(lag(first_position + count - 1) OVER (ORDER BY number), 0) AS expected FROM vouchers)
        WHERE first_position <> expected""",
    "a range beyond the events": """
        SELECT 1 WHERE (SELECT max(first_position + count - 1) FROM vouchers) <> (SELECT max(position) FROM events)""",
    "a head that is not the end": """
        SELECT * FROM head WHERE number <> (SELECT max(number) FROM vouchers)
            OR position <> (SELECT max(position) FROM events)
            OR posted_at <> (SELECT posted_at FROM vouchers ORDER BY number DESC LIMIT 1)""",
    "a gap in the accountant's numbers": """
        SELECT entity, period, word FROM vouchers WHERE no IS NOT NULL GROUP BY entity, period, word
        HAVING count(*) <> max(no)
            OR max(no) <> (SELECT last_no FROM voucher_numbers n WHERE (n.entity, n.period, n.word)
                           = (vouchers.entity, vouchers.period, vouchers.word))""",
    "an event without its id, or an id twice": """
        SELECT 1 WHERE (SELECT count(*) FROM event_ids) <> (SELECT count(*) FROM events)
        UNION ALL SELECT 1 FROM events JOIN event_ids USING (position) WHERE event_id <> json_extract(data, '$.id')""",
    "tags that are not the events'": """
        SELECT 1 WHERE (SELECT count(*) FROM event_tags) <> (SELECT sum(json_array_length(tags)) FROM events)""",
    "an entry that does not balance": """
        SELECT position FROM postings GROUP BY position, fund, book HAVING sum(amount_fen) <> 0""",
    "balances that are not the sums": """
        SELECT entity, fund, chart, code, party, book, role, sum(amount_fen) FROM postings GROUP BY 1, 2, 3, 4, 5, 6, 7
        EXCEPT SELECT entity, fund, chart, code, party, book, role, amount_fen FROM balances""",
    "a balance of nothing": """
        SELECT 1 WHERE (SELECT count(*) FROM balances)
            <> (SELECT count(*) FROM (SELECT 1 FROM postings GROUP BY entity, fund, chart, code, party, book, role))""",
    "daily balances that are not the sums": """
        SELECT entity, fund, chart, code, party, book, role, occurred_on, sum(amount_fen) FROM postings
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        EXCEPT SELECT entity, fund, chart, code, party, book, role, day, net_fen FROM balance_days""",
    "a running balance that does not run": """
        SELECT position FROM (SELECT position, balance_after_fen, sum(amount_fen) OVER
            (PARTITION BY entity, fund, chart, code, party, book ORDER BY position, line) AS expected FROM postings)
        WHERE balance_after_fen <> expected""",
}


def faults(connection: sqlite3.Connection, operator: NoteVerifier) -> list[str]:
    """What is wrong with a book; nothing when the writer's death did no harm."""
    found = [what for what, query in _NOTHING.items() if connection.execute(query).fetchone() is not None]
    leaves = [leaf for (leaf,) in connection.execute("SELECT leaf FROM vouchers ORDER BY number")]
    number, root = connection.execute("SELECT number, root FROM head").fetchone()
    if root_of([leaf_hash(leaf) for leaf in leaves]) != root:
        found.append("a root that is not the leaves'")
    size, noted_root, note = connection.execute(
        "SELECT size, root, note FROM checkpoints ORDER BY size DESC LIMIT 1",
    ).fetchone()
    checkpoint = open_checkpoint(note, operator)
    if not (size == checkpoint.size == number and noted_root == checkpoint.root == root):
        found.append("a newest checkpoint that is not the head's")
    if [json.loads(leaf)["number"] for leaf in leaves] != list(range(1, number + 1)):
        found.append("leaves that number themselves otherwise")
    return found
