"""The root of one day's access log: RFC 6962 over its rows, each as canonical JSON, in the order of their numbers."""

from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from ledger.log.side_tables import access_log
from ledger.signing.canonical import canonical
from ledger.signing.digests import digest_text
from ledger.signing.merkle import leaf_hash, root_of

_COLUMNS: Final = ("id", "at", "actor", "action", "subject", "detail")


class AccessRoot(NamedTuple):
    """How many rows a day has, and their root (`sha256:` and hex)."""

    rows: int
    root: str


def access_root(connection: Connection, day: date) -> AccessRoot:
    """The root of a day in China, as the rows stand now."""
    at = access_log.c.at
    chosen = select(access_log).where(at >= f"{day}T", at < f"{day}U").order_by(access_log.c.id)  # "T" is before "U"
    leaves = [
        leaf_hash(canonical({name: getattr(row, name) for name in _COLUMNS})) for row in connection.execute(chosen)
    ]
    return AccessRoot(len(leaves), digest_text(root_of(leaves)))
