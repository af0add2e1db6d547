"""Tables beside the log: answered requests, the access log, the vault's check and the book's life (immutable), what
waits, drafts, people, papers, web hooks.

`application` owns `pending`, `drafts` and `requests`; `vault` owns `identities`, `vault_check`, `attachments` and
`access_log`.
Nothing here is under the log's root. `identities` holds sealed bytes only; the keys that open them are kept elsewhere.
"""

from typing import Final

from sqlalchemy import Column, Index

from ledger.log.columns import INTEGER, blob, integer, table, text

pending: Final = table(
    "pending",
    text("voucher_id", key=True),
    text("statement_digest"),
    text("entity"),
    text("maker"),
    integer("amount_fen"),
    text("state"),
    text("submitted_at"),
    text("valid_until"),
    blob("envelope"),
    blob("events"),
    blob("approvals"),
    text("reason", optional=True),
    text("changed_at", optional=True),
)
Index("pending_state", pending.c.state, pending.c.submitted_at)

drafts: Final = table(
    "drafts",
    text("draft_id", key=True),
    text("owner"),
    text("entity"),
    text("title"),
    blob("body"),
    text("changed_at"),
)
Index("drafts_owner", drafts.c.owner, drafts.c.changed_at)

identities: Final = table(
    "identities",
    text("reference", key=True),
    text("field", key=True),
    blob("sealed"),
    text("commitment"),
    blob("blind_index", optional=True),
    text("state"),
    text("created_at"),
)
Index("identities_blind_index", identities.c.field, identities.c.blind_index)

vault_check: Final = table(
    "vault_check",
    # One row, once somebody was registered: a keyed digest that only this book's vault keys give. It lies in the
    # database, so that a copy whose keys were left behind, or are another book's, is known wherever it goes.
    integer("id", key=True),
    blob("digest"),
)

attachments: Final = table(
    "attachments",
    text("digest", key=True),
    text("stored_digest"),
    integer("size_bytes"),
    text("media_type"),
    text("name"),
    text("added_by"),
    text("added_at"),
)

requests: Final = table(
    "requests",
    text("key", key=True),
    text("digest"),
    blob("answer"),
    text("answered_at"),
)

access_log: Final = table(
    "access_log",
    # The database counts here, unlike in the log: readers write these rows without the writer's lock.
    Column("id", INTEGER, primary_key=True, autoincrement=True),
    text("at"),
    text("actor"),
    text("action"),
    text("subject"),
    text("detail"),
)

seen: Final = table(
    "seen",
    # What each person had seen of the log when they signed; derived from the leaves, so that the writer refuses what a
    # verifier would refuse: a client's checkpoint never goes back.
    text("officer", key=True),
    text("made_at", key=True),
    integer("size", key=True),
)

book_life: Final = table(
    "book_life",
    # What became of this copy of the book: made, restored from a backup, moved away, opened again. The newest row
    # decides whether vouchers are taken; it lies in the database, so that it goes wherever the database is copied.
    integer("step", key=True),
    text("state"),
    integer("schema_step"),
    text("at"),
    text("detail"),
)

hooks: Final = table(
    "hooks",
    # Who is told of new vouchers, how far each was told, and how that went. Times are Unix seconds; lists are JSON.
    text("id", key=True),
    text("url"),
    text("entities"),
    text("kinds"),
    text("state"),
    blob("seed"),
    blob("old_seed", optional=True),
    integer("old_until", optional=True),
    integer("made_at"),
    integer("delivered"),
    integer("failures"),
    integer("failing_since", optional=True),
    integer("next_at"),
    integer("tried_at", optional=True),
    text("last_answer"),
)

hook_lease: Final = table(
    "hook_lease",
    # Which process delivers, and until when no other may.
    integer("id", key=True),
    text("holder"),
    integer("ends_at"),
)
