"""Whether anything bears a tag (标签), and which tag was likely meant where nothing does."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from sqlalchemy import Connection, func, select

from ledger.errors import NotFoundError
from ledger.log.tables import event_tags
from ledger.values.text import without_personal

_MANY: Final = 200
"""Tags of one kind that are looked at: each is one step down the index."""
_NEAR: Final = 3
_TOLD: Final = 80
_AFTER_COLON: Final = ";"


def require_tag(connection: Connection, tag: str) -> None:
    """NotFoundError E_TAG_UNKNOWN for a tag that no event of the log bears, with those near to it: an empty trail would
    read as if nothing had happened.
    """
    if _bears(connection, tag):
        return
    kinds = list(_kinds(connection))
    near = "、".join(_near(connection, tag, kinds)) or "—"
    told = without_personal(tag[:_TOLD])
    raise NotFoundError("E_TAG_UNKNOWN", tag=told, near=near, kinds="、".join(kinds) or "—")


def _near(connection: Connection, tag: str, kinds: list[str]) -> list[str]:
    kind, colon, value = tag.partition(":")
    if not colon:  # whoever leaves the kind out has written the reference alone
        return [full for one in kinds if _bears(connection, full := f"{one}:{tag}")][:_NEAR]
    found: list[str] = []
    for one in get_close_matches(kind, kinds, _NEAR):
        known = list(_from(connection, f"{one}:", f"{one}{_AFTER_COLON}"))
        found += get_close_matches(f"{one}:{value}", known, _NEAR)
    return found[:_NEAR]


def _bears(connection: Connection, tag: str) -> bool:
    return connection.scalar(select(event_tags.c.position).where(event_tags.c.tag == tag).limit(1)) is not None


def _kinds(connection: Connection) -> Iterator[str]:
    """What stands before the colon of the log's tags, each once."""
    after = ""
    while found := connection.scalar(select(func.min(event_tags.c.tag)).where(event_tags.c.tag >= after)):
        kind = found.partition(":")[0]
        yield kind
        after = f"{kind}{_AFTER_COLON}"


def _from(connection: Connection, first: str, end: str) -> Iterator[str]:
    """The tags from one on and before another, as many as are looked at."""
    after = first
    for _ in range(_MANY):
        within = select(func.min(event_tags.c.tag)).where(event_tags.c.tag > after, event_tags.c.tag < end)
        found = connection.scalar(within)
        if found is None:
            return
        yield found
        after = found
