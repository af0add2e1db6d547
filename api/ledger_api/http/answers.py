"""What every reading route shares: one snapshot, two clocks, and headers that say what the answer stands for."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Query, Response
from sqlalchemy import Connection

from ledger_api.asking import position_of
from ledger_api.http.cursors import Place
from ledger_api.http.reading.standing import Words, checkpoint_text
from ledger_api.http.service import Service
from ledger_projections.keeping.clocks import head_position

POSITION: Final = "Ledger-Position"
CHECKPOINT: Final = "Ledger-Checkpoint"
TOWNSHIPS: Final = "Ledger-Townships"
MOVED: Final = "Ledger-Moved"
_TRIES: Final = 3

AsOf = Annotated[
    str | None, Query(description="业务日期:只算到这一天。 Up to this business date.", examples=["2025-09-30"])
]
At = Annotated[
    str | None,
    Query(
        description="当时所知:账到这个序号或记账时间为止。 As the log stood at a position or recording time.",
        examples=["120", "2025-09-30T10:00:00+08:00"],
    ),
]
EntityAsked = Annotated[
    str | None, Query(description="只看一个会计主体。 One entity only.", max_length=64, examples=["charity"])
]
Limit = Annotated[int, Query(ge=1, le=1000, description="一页最多多少行。 How many rows a page has at most.")]
CursorAsked = Annotated[
    str | None, Query(description="上一页给出的 next。 The `next` of the page before.", max_length=512)
]

HEADERS: Final = {
    POSITION: {"description": "The position that the answer stands for", "schema": {"type": "integer"}},
    CHECKPOINT: {
        "description": "Size and root (base64) of the newest checkpoint in the same snapshot",
        "schema": {"type": "string"},
    },
    MOVED: {
        "description": "`true`: the book was moved to another database, and the answer is of what this copy had then. "
        "Absent otherwise",
        "schema": {"type": "string", "const": "true"},
    },
}

PARTED_HEADERS: Final = {
    TOWNSHIPS: {
        "description": "The answer is of these townships only, the asker's, percent-encoded and parted by commas; "
        "what lies elsewhere or in no township is left out",
        "schema": {"type": "string"},
    }
}


def named_townships(names: Iterable[str]) -> str:
    """Townships as a header names them."""
    return ",".join(quote(name, safe="") for name in sorted(names))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot of the book: the connection, where its log ends, and the position that was asked for."""

    connection: Connection
    head: int
    at: int | None

    @property
    def end(self) -> int:
        """The position that the answer stands for."""
        return self.head if self.at is None else min(self.at, self.head)


@dataclass(frozen=True, slots=True)
class Standing:
    """What an answer stands for: the head and its checkpoint, whether all that is read has reached it, and whether the
    book has gone elsewhere, so that nothing comes after it here.
    """

    words: Words
    is_settled: bool
    has_moved: bool


@contextmanager
def settled_snapshot(
    service: Service, at: str | None = None, *, folded: bool = False
) -> Iterator[tuple[Snapshot, Standing]]:
    """A snapshot and what it stands for. With `folded` the read models follow first; where the log grows faster than
    they can follow, the answer stands for the position that they have reached.
    """
    reached: int | None = None
    gone = service.has_moved
    for _ in range(_TRIES):
        reached = service.fold() if folded else None
        with service.store.read() as connection:
            head = head_position(connection)
            if reached is None or reached >= head:
                found = Snapshot(connection, head, position_of(connection, at))
                yield found, Standing((str(head), checkpoint_text(connection)), is_settled=True, has_moved=gone)
                return
    with service.store.read() as connection:
        position = position_of(connection, at)
        found = Snapshot(connection, reached or 0, reached if position is None else position)
        yield found, Standing((str(found.head), checkpoint_text(connection)), is_settled=False, has_moved=gone)


def headers_of(position: int | str, checkpoint: str, *, has_moved: bool = False) -> dict[str, str]:
    """The headers that say which position an answer stands for, the newest checkpoint in its snapshot, if any, and
    whether it is of a copy that the book has left.
    """
    headers = {POSITION: str(position)}
    headers |= {CHECKPOINT: checkpoint} if checkpoint else {}
    return headers | {MOVED: "true"} if has_moved else headers


def position_header(found: Snapshot, stands: Standing) -> dict[str, str]:
    """The headers that say what an answer stands for."""
    return headers_of(found.end, stands.words[1], has_moved=stands.has_moved)


@contextmanager
def snapshot(
    service: Service, response: Response, at: str | None = None, *, folded: bool = False
) -> Iterator[Snapshot]:
    """A snapshot of the book, with the headers that say so; `folded` has the read models follow first."""
    with settled_snapshot(service, at, folded=folded) as (found, stands):
        response.headers.update(position_header(found, stands))
        yield found


def begin_page(
    service: Service, response: Response, found: Snapshot, cursor: str | None, asked: Mapping[str, Any]
) -> Place:
    """Where a page of a list begins. The list stands for the position of its first page, and each page's header says
    so. InputError E_CURSOR for another list's cursor.
    """
    place = Place(0, found.end) if cursor is None else service.cursors.read(cursor, asked)
    response.headers[POSITION] = str(place.position)
    return place
