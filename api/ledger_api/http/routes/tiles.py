"""The log in tiles, for mirrors and monitors: `/v1/tile/<L>/<N>` and `/v1/tile/entries/<N>` (c2sp.org/tlog-tiles).

Hashes say nothing of anybody and are for everybody; leaves are for those who may follow the whole log.
"""

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Response

from ledger.errors import NotFoundError
from ledger.log.tiles import WIDTH, tile_entries, tile_hashes
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.doors import Door, ServiceHere, opened_by
from ledger_api.http.problems import RESPONSES
from ledger_api.http.reading.exporting import write_down

router: Final = APIRouter(tags=["log"], responses=RESPONSES)

_MEDIA_TYPE: Final = "application/octet-stream"
_FOR_EVER: Final = "max-age=31536000, immutable"
_NAME: Final = re.compile(r"(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?", re.ASCII)
_LEVEL: Final = re.compile(r"[1-5]?[0-9]|6[0-3]", re.ASCII)
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The bytes. A whole tile never changes.",
        "content": {_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}

TileName = Annotated[
    str,
    Path(
        description="The index in groups of three digits, each but the last after an x; `.p/W` for its first W.",
        examples=["x001/x234/067", "000.p/12"],
        max_length=64,
    ),
]
Level = Annotated[
    str, Path(description="The level of the hashes, 0 to 63: each stands for 256 to its power of vouchers.")
]
Mirror = Annotated[Caller, Depends(Door(Permission.MIRROR))]


@router.get(
    "/tile/entries/{tile:path}",
    operation_id="read_entry_tile",
    response_class=Response,
    responses=_ANSWER,
    openapi_extra=opened_by(Permission.MIRROR),
)
def read_entry_tile(tile: TileName, caller: Mirror, service: ServiceHere) -> Response:
    """The leaves of 256 vouchers, each after its length in two bytes (high byte first); or the first W of them. Taking
    them is written down.
    """
    index, width = _place(tile)
    with service.store.read() as connection:
        body = tile_entries(connection, index, width)
    write_down(service, caller, "export.leaves", f"{index * WIDTH + 1}-{index * WIDTH + width}")
    return _answer(body, width, "private")


@router.get("/tile/{level}/{tile:path}", operation_id="read_tile", response_class=Response, responses=_ANSWER)
def read_tile(level: Level, tile: TileName, service: ServiceHere) -> Response:
    """256 hashes of the log's tree, or the first W of them."""
    index, width = _place(tile)
    if _LEVEL.fullmatch(level) is None:
        raise NotFoundError("E_TILE_NAME", value=f"{level[:8]}/{tile}")
    with service.store.read() as connection:
        body = tile_hashes(connection, int(level), index, width)
    return _answer(body, width, "public")


def _place(name: str) -> tuple[int, int]:
    """Index and width of a tile's name, which has one spelling only. Raises NotFoundError E_TILE_NAME."""
    found = _NAME.fullmatch(name)
    if found is None or (name.startswith("x000")) or int(found["width"] or 1) >= WIDTH:
        raise NotFoundError("E_TILE_NAME", value=name[:64])
    index = int(found["index"].replace("x", "").replace("/", ""))
    return index, int(found["width"] or WIDTH)


def _answer(body: bytes, width: int, whose: str) -> Response:
    kept = _FOR_EVER if width == WIDTH else "max-age=60"
    return Response(body, media_type=_MEDIA_TYPE, headers={"Cache-Control": f"{whose}, {kept}"})
