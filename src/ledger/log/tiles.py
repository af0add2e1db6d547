"""The log's tree in tiles, as mirrors and monitors fetch it: 256 hashes or 256 leaves at a time.

A tile of level L and index N holds the hashes of the perfect subtrees of 256**L leaves, from 256 N on; what is whole
never changes again. Source: c2sp.org/tlog-tiles.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, select

from ledger.errors import EvidenceError, NotFoundError
from ledger.log.tables import tree, vouchers

WIDTH: Final = 256
LEVEL_BITS: Final = 8
LEVEL_MAX: Final = 6
"""Above that a tile would stand for more leaves than positions can count."""
INDEX_MAX: Final = 2**53 // WIDTH - 1
"""Of the last tile that positions can count; no log is longer, and no database takes greater numbers."""
_ENTRY_BYTES_MAX: Final = 0xFFFF


def tile_hashes(connection: Connection, level: int, index: int, width: int) -> bytes:
    """The first `width` hashes of a tile, 32 bytes each. Raises NotFoundError E_TILE when the log is too short."""
    if level > LEVEL_MAX or index > INDEX_MAX:
        raise NotFoundError("E_TILE", level=level, index=index, width=width)
    first = WIDTH * index
    chosen = select(tree.c.hash).where(tree.c.level == LEVEL_BITS * level, tree.c.idx.between(first, first + width - 1))
    found = [bytes(one) for one in connection.scalars(chosen.order_by(tree.c.idx))]
    if len(found) < width:
        raise NotFoundError("E_TILE", level=level, index=index, width=width)
    return b"".join(found)


def tile_entries(connection: Connection, index: int, width: int) -> bytes:
    """The first `width` leaves of a bundle, each after its length in two bytes, the high one first. Raises E_TILE."""
    if index > INDEX_MAX:
        raise NotFoundError("E_TILE", level="entries", index=index, width=width)
    first = WIDTH * index + 1
    chosen = select(vouchers.c.leaf).where(vouchers.c.number.between(first, first + width - 1))
    found = list(_framed(bytes(one) for one in connection.scalars(chosen.order_by(vouchers.c.number))))
    if len(found) < width:
        raise NotFoundError("E_TILE", level="entries", index=index, width=width)
    return b"".join(found)


def _framed(leaves: Iterator[bytes]) -> Iterator[bytes]:
    for leaf in leaves:
        if len(leaf) > _ENTRY_BYTES_MAX:
            raise EvidenceError("E_TILE_ENTRY", bytes=len(leaf), most=_ENTRY_BYTES_MAX)
        yield len(leaf).to_bytes(2, "big") + leaf
