"""What every reading route shares: one snapshot, two clocks, and headers that say what the answer stands for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query, Response
from sqlalchemy import Connection

from ledger.log import reading
from ledger.signing import base64_text
from ledger.signing.checkpoints import open_checkpoint
from ledger_api.asking import position_of
from ledger_api.http.service import Service
from ledger_projections.keeping.clocks import head_position

POSITION: Final = "Ledger-Position"
CHECKPOINT: Final = "Ledger-Checkpoint"

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
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot of the book: the connection, where its log ends, and the position that was asked for."""

    connection: Connection
    head: int
    at: int | None


@contextmanager
def snapshot(
    service: Service, response: Response, at: str | None = None, *, folded: bool = False
) -> Iterator[Snapshot]:
    """A snapshot of the book, with the headers that say so; `folded` has the read models follow first."""
    if folded:
        service.fold()
    with service.store.read() as connection:
        head, position = head_position(connection), position_of(connection, at)
        response.headers[POSITION] = str(head if position is None else min(position, head))
        newest = reading.checkpoint(connection)
        if newest is not None:
            told = open_checkpoint(newest.note, None)
            response.headers[CHECKPOINT] = f"{told.size} {base64_text.encode(told.root)}"
        yield Snapshot(connection, head, position)
