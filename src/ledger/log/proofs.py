"""Proofs from the tree table: any node, any root, any path of RFC 6962, without reading the leaves again."""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from ledger.errors import EvidenceError
from ledger.log.columns import INTEGER
from ledger.log.tables import tree
from ledger.signing.merkle import consistency_path, inclusion_path, root_at

_NODE: Final = select(tree.c.hash).where(
    tree.c.level == bindparam("at_level", type_=INTEGER),
    tree.c.idx == bindparam("at_index", type_=INTEGER),
)


class LogNodes:
    """The tree table as a NodeSource. Nodes never change, so what was read once is kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        """Hash of the perfect subtree `index` of 2**level leaves. Raises E_NODE_MISSING."""
        known = self._known.get((level, index))
        if known is not None:
            return known
        found = self._connection.scalar(_NODE, {"at_level": level, "at_index": index})
        if found is None:
            raise EvidenceError("E_NODE_MISSING", level=level, index=index)
        self._known[level, index] = found
        return bytes(found)


def log_root(connection: Connection, size: int) -> bytes:
    """Root over the first `size` vouchers."""
    return root_at(LogNodes(connection), size)


def voucher_inclusion(connection: Connection, number: int, size: int) -> list[bytes]:
    """Path that proves voucher `number` (from 1) in the log of `size` vouchers."""
    return inclusion_path(LogNodes(connection), number - 1, size)


def log_consistency(connection: Connection, old: int, new: int) -> list[bytes]:
    """Path that proves the log of `old` vouchers to be a prefix of the log of `new` vouchers."""
    return consistency_path(LogNodes(connection), old, new)
