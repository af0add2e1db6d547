"""Proofs from the tree table: any node, any root, any path of RFC 6962, without reading the leaves again."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, select

from ledger.errors import EvidenceError
from ledger.log.columns import INTEGER
from ledger.log.sets import Given, probe
from ledger.log.tables import tree
from ledger.signing.merkle import Frontier, consistency_path, edge_places, inclusion_path

_NODE: Final = select(tree.c.hash).where(
    tree.c.level == bindparam("at_level", type_=INTEGER),
    tree.c.idx == bindparam("at_index", type_=INTEGER),
)
_PLACES: Final = Given("places", level=int, idx=int)


class LogNodes:
    """The tree table as a NodeSource. Nodes never change, so what was read once is kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[int, int], bytes] = {}

    def edge(self, size: int) -> Frontier:
        """The edge of the first `size` leaves, in one query. Raises E_NODE_MISSING."""
        values = _PLACES.values(self._connection, edge_places(size))
        for level, index, found in self._connection.execute(_nodes(self._connection.dialect.name), values):
            self._known[level, index] = bytes(found)
        return Frontier.from_nodes(self, size)

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


class NewNodes:
    """What proves new leaves, from memory: the edge that they were added to, and the nodes that came to be by them."""

    def __init__(self, old: Frontier, leaf_hashes: Sequence[bytes]) -> None:
        self._known = dict(zip(edge_places(old.size), old.edge, strict=True))
        self._known.update(((level, index), found) for level, index, found in old.copy().append(leaf_hashes))

    def node(self, level: int, index: int) -> bytes:
        """Hash of a perfect subtree. Raises E_NODE_MISSING for one that proves no new leaf."""
        found = self._known.get((level, index))
        if found is None:
            raise EvidenceError("E_NODE_MISSING", level=level, index=index)
        return found


@cache
def _nodes(dialect: str) -> Select[Any]:
    wanted = _PLACES.clause(dialect)
    source, found = probe(dialect, wanted, tree, _PLACES.same(wanted, tree), "found")
    return select(found).select_from(source)


def log_root(connection: Connection, size: int) -> bytes:
    """Root over the first `size` vouchers."""
    return LogNodes(connection).edge(size).root()


def voucher_inclusion(connection: Connection, number: int, size: int) -> list[bytes]:
    """Path that proves voucher `number` (from 1) in the log of `size` vouchers."""
    return inclusion_path(LogNodes(connection), number - 1, size)


def log_consistency(connection: Connection, old: int, new: int) -> list[bytes]:
    """Path that proves the log of `old` vouchers to be a prefix of the log of `new` vouchers."""
    return consistency_path(LogNodes(connection), old, new)
