"""The tables of the log and of what is derived from it. Side tables stand in `side_tables`, refusals in `triggers`.

Immutable: vouchers, events, event_ids, event_tags, tree, checkpoints, cosignatures, postings (and requests,
access_log, book_life and vault_check beside them). Derived, and rebuilt by the full verifier: balances, balance_days,
voucher_numbers, findings, head. Amounts are signed fen, debit positive. Positions and numbers count from 1, without
gaps.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Connection, ForeignKey, Index, Table, UniqueConstraint, insert

from ledger.log import access_tables  # noqa: F401 - a book is made with them
from ledger.log.columns import METADATA, blob, day, integer, table, text
from ledger.log.side_tables import (
    access_log,
    attachments,
    book_life,
    drafts,
    identities,
    pending,
    requests,
    vault_check,
)
from ledger.log.triggers import refuse_changes
from ledger.signing.merkle import empty_root

__all__ = [
    "BOOK_FORMAT",
    "IMMUTABLE",
    "METADATA",
    "OPEN",
    "SCHEMA_STEP",
    "access_log",
    "attachments",
    "balance_days",
    "balances",
    "book_life",
    "checkpoints",
    "cosignatures",
    "create_all",
    "drafts",
    "event_ids",
    "event_tags",
    "events",
    "findings",
    "head",
    "identities",
    "pending",
    "postings",
    "requests",
    "tree",
    "vault_check",
    "voucher_numbers",
    "vouchers",
]

BOOK_FORMAT: Final = 1
"""Rises when a table changes in a way that older software would misread."""

SCHEMA_STEP: Final = 4
"""Rises when a side table or a column that may be NULL is added; `keeping.upgrading` takes an older book here."""

OPEN: Final = "open"
"""The state of a copy that takes vouchers; the others stand in `keeping.life`."""

vouchers: Final = table(
    "vouchers",
    integer("number", key=True),
    text("voucher_id"),
    integer("first_position"),
    integer("count"),
    text("entity"),
    day("voucher_date"),
    text("period", optional=True),
    text("word", optional=True),
    integer("no", optional=True),
    text("posted_at"),
    text("statement_digest"),
    text("maker"),
    integer("amount_fen"),
    text("software"),
    blob("leaf"),
    UniqueConstraint("voucher_id", name="vouchers_voucher_id"),
    UniqueConstraint("first_position", name="vouchers_first_position"),
    UniqueConstraint("entity", "period", "word", "no", name="vouchers_voucher_no"),
    CheckConstraint("count >= 1", name="vouchers_count"),
    CheckConstraint("(period IS NULL) = (word IS NULL) AND (word IS NULL) = (no IS NULL)", name="vouchers_no_whole"),
)

events: Final = table("events", integer("position", key=True), text("kind"), blob("data"), text("tags"))
Index("events_kind", events.c.kind, events.c.position)

event_ids: Final = table("event_ids", text("event_id", key=True), integer("position"))

event_tags: Final = table("event_tags", text("tag", key=True), text("kind", key=True), integer("position", key=True))

tree: Final = table("tree", integer("level", key=True), integer("idx", key=True), blob("hash"))

checkpoints: Final = table("checkpoints", integer("size", key=True), blob("root"), text("note"))

cosignatures: Final = table(
    "cosignatures",
    Column("size", ForeignKey(checkpoints.c.size), primary_key=True, autoincrement=False),
    text("name", key=True),
    text("line"),
)


def _account_key(*, key: bool) -> list[Column[str]]:
    """Whose and which account: the columns that a running balance belongs to. `party` and `fund` may be ''."""
    return [text(name, key=key) for name in ("entity", "fund", "chart", "code", "party", "book")]


postings: Final = table(
    "postings",
    integer("position", key=True),
    integer("line", key=True),
    integer("voucher"),
    *_account_key(key=False),
    text("role"),
    integer("amount_fen"),
    day("occurred_on"),
    integer("balance_after_fen"),
)
Index(
    "postings_account",
    *[postings.c[name] for name in ("entity", "fund", "chart", "code", "party", "book", "position", "line")],
    postings.c.balance_after_fen,
)

balances: Final = table(
    "balances",
    *_account_key(key=True),
    text("role", key=True),
    integer("amount_fen"),
    integer("position"),
)

balance_days: Final = table(
    "balance_days",
    *_account_key(key=True),
    text("role", key=True),
    day("day", key=True),
    integer("net_fen"),
)

voucher_numbers: Final = table(
    "voucher_numbers",
    text("entity", key=True),
    text("period", key=True),
    text("word", key=True),
    integer("last_no"),
)

findings: Final = table(
    "findings",
    integer("position", key=True),
    text("code", key=True),
    integer("ordinal", key=True),
    text("stage"),
    text("detail"),
)

head: Final = table(
    "head",
    integer("id", key=True),
    integer("format"),
    integer("number"),
    integer("position"),
    blob("root"),
    text("posted_at"),
    CheckConstraint("id = 1", name="head_one_row"),
)

IMMUTABLE: Final[tuple[Table, ...]] = (
    vouchers,
    events,
    event_ids,
    event_tags,
    tree,
    checkpoints,
    cosignatures,
    postings,
    requests,
    access_log,
    book_life,
    vault_check,
)


def create_all(connection: Connection) -> None:
    """Make every table, index and refusing trigger, and the head of an empty log, in the caller's transaction."""
    METADATA.create_all(connection, checkfirst=False)
    refuse_changes(connection, IMMUTABLE)
    first = {"id": 1, "format": BOOK_FORMAT, "number": 0, "position": 0, "root": empty_root(), "posted_at": ""}
    connection.execute(insert(head), first)
    life = {"step": 1, "state": OPEN, "schema_step": SCHEMA_STEP, "at": "", "detail": "{}"}
    connection.execute(insert(book_life), life)
