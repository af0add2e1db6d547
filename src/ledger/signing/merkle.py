"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): hashes, roots, proofs, and the right edge.

Hash i at level l covers the leaves i * 2^l up to (i + 1) * 2^l and exists only when all of them do; anything that
keeps those perfect subtrees (memory, a table, tiles) is a `NodeSource`, and every root and proof follows from it.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from ledger.errors import InputError
from ledger.signing.digests import DIGEST_BYTES, sha256, sha256_each

LEAF_PREFIX = b"\x00"
"""RFC 6962 section 2.1: a leaf is hashed as 0x00 || entry."""
NODE_PREFIX = b"\x01"
"""RFC 6962 section 2.1: an inner node is hashed as 0x01 || left || right."""


class NodeSource(Protocol):
    """Anything that can give the hash of a perfect subtree; level 0 holds the leaf hashes."""

    def node(self, level: int, index: int) -> bytes:
        """The 32-byte hash at that level and index."""
        ...


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return sha256(LEAF_PREFIX + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(NODE_PREFIX + left + right)


def empty_root() -> bytes:
    """The root of no leaves: SHA-256 of nothing."""
    return sha256(b"")


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order. An odd last node rises unchanged, which is the RFC's split at 2^k < n."""
    row = list(leaf_hashes)
    if not row:
        return empty_root()
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        row = sha256_each(NODE_PREFIX + row[i] + row[i + 1] for i in range(0, len(row) - 1, 2)) + odd
    return row[0]


def root_over(entries: Iterable[bytes]) -> bytes:
    """The root over entries, the leaves' own bytes, in order: the events of a voucher."""
    return root_of(sha256_each(LEAF_PREFIX + entry for entry in entries))


def root_at(source: NodeSource, size: int) -> bytes:
    """The root over the first `size` leaves."""
    return Frontier.from_nodes(source, size).root()


def inclusion_path(source: NodeSource, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1, the leaf's sibling first; InputError E_PROOF_RANGE."""
    if not 0 <= index < size:
        raise InputError("E_PROOF_RANGE", index=index, size=size)
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_range_hash(source, middle, end))
            end = middle
        else:
            path.append(_range_hash(source, begin, middle))
            begin = middle
    return path[::-1]


def consistency_path(source: NodeSource, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2; empty when old is 0 or equals new; InputError E_PROOF_RANGE."""
    if not 0 <= old <= new:
        raise InputError("E_PROOF_RANGE", index=old, size=new)
    if old in {0, new}:
        return []
    path: list[bytes] = []
    begin, end, whole = 0, new, True
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_range_hash(source, middle, end))
            end = middle
        else:
            path.append(_range_hash(source, begin, middle))
            begin, whole = middle, False
    if not whole:
        path.append(_range_hash(source, begin, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves that the leaf hash stands at `index` under the root of `size` (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size or not _digests([leaf, root, *path]):
        return False
    place, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node_hash(sibling, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the tree of size `old` is a prefix of the tree of size `new` (RFC 9162 2.1.4.2).

    A tree of size 0 is a prefix of every tree: only the empty path is accepted for it, as witnesses do
    (c2sp.org/tlog-witness), and its root must be the empty root. For equal sizes too the path must be empty.
    """
    if not 0 <= old <= new or not _digests([old_root, new_root, *path]):
        return False
    if old in {0, new}:
        return not path and (old_root == new_root if old == new else old_root == empty_root())
    if not path:
        return False
    steps = list(path) if old & (old - 1) else [old_root, *path]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_value = new_value = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_value, new_value = node_hash(sibling, old_value), node_hash(sibling, new_value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_value = node_hash(new_value, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old_value == old_root and new_value == new_root


def edge_places(size: int) -> list[tuple[int, int]]:
    """(level, index) of the perfect subtrees that the first `size` leaves are made of, the widest first."""
    places = []
    begin = 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            places.append((level, begin >> level))
            begin += 1 << level
    return places


class Frontier:
    """The right edge of a tree: its size and one hash for each set bit of the size, the widest subtree first.

    It is all that appending needs, O(log n) hashes, so a log never reads its tree in order to grow.
    """

    __slots__ = ("edge", "size")

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        if size < 0 or len(edge) != size.bit_count() or not _digests(edge):
            raise InputError("E_FRONTIER", size=size, hashes=len(edge))
        self.size = size
        self.edge = list(edge)

    @classmethod
    def from_nodes(cls, source: NodeSource, size: int) -> "Frontier":
        """The edge of the first `size` leaves, read from stored perfect subtrees."""
        return cls(size, [source.node(level, index) for level, index in edge_places(size)])

    def append(self, leaf_hashes: Iterable[bytes]) -> list[tuple[int, int, bytes]]:
        """Adds leaves; returns every perfect subtree that came to be, as (level, index, hash), leaves included."""
        added: list[tuple[int, int, bytes]] = []
        edge, size = self.edge, self.size
        for leaf in leaf_hashes:
            added.append((0, size, leaf))
            value, level = leaf, 0
            while size >> level & 1:
                value = sha256(NODE_PREFIX + edge.pop() + value)
                level += 1
                added.append((level, size >> level, value))
            edge.append(value)
            size += 1
        self.size = size
        return added

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.edge:
            return empty_root()
        value = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            value = sha256(NODE_PREFIX + left + value)
        return value

    def copy(self) -> "Frontier":
        """An independent copy, for trying an append that may be taken back."""
        return Frontier(self.size, self.edge)


class MemoryTree:
    """A `NodeSource` that keeps every perfect subtree in memory: for vouchers, verifiers and tests."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        self._frontier = Frontier()
        self.extend(leaf_hashes)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return self._frontier.size

    def append(self, leaf: bytes) -> int:
        """Adds one leaf hash; returns its index."""
        self.extend([leaf])
        return self.size - 1

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Adds leaf hashes in order."""
        for level, _, value in self._frontier.append(leaf_hashes):
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(value)

    def node(self, level: int, index: int) -> bytes:
        """The hash of a perfect subtree; InputError E_PROOF_RANGE when it is not complete."""
        if 0 <= level < len(self._levels) and 0 <= index < len(self._levels[level]):
            return self._levels[level][index]
        raise InputError("E_PROOF_RANGE", index=index, size=self.size)

    def root(self, size: int | None = None) -> bytes:
        """The root now, or as it was at an earlier size."""
        return self._frontier.root() if size is None else root_at(self, size)


def _split(count: int) -> int:
    """The largest power of two smaller than count (RFC 6962 section 2.1)."""
    return 1 << (count - 1).bit_length() - 1


def _digests(values: Iterable[bytes]) -> bool:
    return all(len(value) == DIGEST_BYTES for value in values)


def _range_hash(source: NodeSource, begin: int, end: int) -> bytes:
    """MTH(D[begin:end]) for a range that begins at a multiple of a power of two not less than its length."""
    edge = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        edge.append(source.node(level, begin >> level))
        begin += 1 << level
    value = edge[-1]
    for left in reversed(edge[:-1]):
        value = node_hash(left, value)
    return value
