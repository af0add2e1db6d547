"""The tables of the ways in: logins, sessions, read-only keys, duties (`ac_`), and what imports remember (`im_`).

They are mutable, under none of the log's roots, and no business of the log's: `ledger_api.access` owns them. They stand
here because a book is made, upgraded, copied and protected as a whole. Times are Unix seconds. Tokens stand here as
keyed digests: whoever reads the database cannot come in with what is read.
"""

from typing import Final

from ledger.log.columns import blob, integer, table, text

logins: Final = table(
    "ac_logins",
    text("officer", key=True),
    text("password"),
    integer("changed_at"),
    integer("must_change"),
    integer("locked"),
    blob("seed", optional=True),
    integer("seed_confirmed"),
    integer("last_step"),
)
"""A person's password (argon2id) and second factor (sealed seed; `last_step` is the newest step that was taken)."""

attempts: Final = table(
    "ac_attempts",
    text("who", key=True),
    integer("failures"),
    integer("wait_until"),
    integer("last_at"),
)
"""Failed sign-ins by account and by address, each known by a keyed digest, whether or not the account exists."""

sessions: Final = table(
    "ac_sessions",
    text("digest", key=True),
    text("officer"),
    text("stage"),
    integer("made_at"),
    integer("seen_at"),
    integer("ends_at"),
    text("address"),
)

reading_keys: Final = table(
    "ac_reading_keys",
    text("id", key=True),
    text("digest"),
    text("label"),
    text("permissions"),
    text("entities"),
    text("addresses"),
    text("made_by"),
    integer("made_at"),
    integer("expires_at"),
    integer("revoked_at", optional=True),
    integer("used_at", optional=True),
)
"""Read-only keys; lists are JSON arrays, an empty one of entities or addresses means any."""

duties: Final = table(
    "ac_duties",
    text("duty", key=True),
    text("officer"),
    text("named_by"),
    integer("named_at"),
)

proposals: Final = table(
    "ac_proposals",
    text("duty", key=True),
    text("officer"),
    text("proposed_by"),
    integer("proposed_at"),
)
"""What one administrator proposed and another has not agreed to yet."""

mappings: Final = table(
    "im_mappings", text("entity", key=True), text("header", key=True), blob("sealed"), text("made_by"), text("made_at")
)
"""What an entity's people said that the columns of a file mean; `ledger_api.http.imports` owns it."""
