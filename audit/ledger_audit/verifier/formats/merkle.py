"""The Merkle tree of RFC 6962 section 2.1, kept whole so that the root of every earlier size can be asked."""

from collections.abc import Sequence
from typing import Final

from ledger_audit.verifier.formats.digests import sha256

HASH_BYTES: Final = 32
LEAF: Final = b"\x00"
NODE: Final = b"\x01"
_PAIR_BYTES: Final = 2 * HASH_BYTES
_ROOTS_HELD: Final = 4096


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data), RFC 6962 section 2.1."""
    return sha256(LEAF + data)


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; an odd last node rises as it is, which equals the RFC's split."""
    if not hashes:
        return sha256(b"")
    row = b"".join(hashes)
    while len(row) > HASH_BYTES:
        odd = row[len(row) // _PAIR_BYTES * _PAIR_BYTES :]
        pairs = [sha256(NODE + row[at : at + _PAIR_BYTES]) for at in range(0, len(row) - len(odd), _PAIR_BYTES)]
        row = b"".join(pairs) + odd
    return row


class Tree:
    """Grows by leaf hashes; level l holds the hashes of whole subtrees of 2^l leaves, 32 bytes each, in one array."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[bytearray] = [bytearray()]
        self._roots: dict[int, bytes] = {}

    def append(self, leaf: bytes) -> None:
        """Adds a leaf hash and every subtree it completes."""
        place, value, level = self.size, leaf, 0
        self._levels[0] += value
        while place & 1:
            value = sha256(NODE + self._node(level, place - 1) + value)
            level, place = level + 1, place >> 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += value
        self.size += 1

    def root(self, size: int) -> bytes | None:
        """The root over the first `size` leaves; None when there are not that many."""
        if not 0 <= size <= self.size:
            return None
        if size not in self._roots:
            if len(self._roots) >= _ROOTS_HELD:
                self._roots.clear()
            self._roots[size] = self._root(size)
        return self._roots[size]

    def _root(self, size: int) -> bytes:
        value = b"" if size else sha256(b"")
        done = size
        for level in range(size.bit_length()):
            if size >> level & 1:
                done -= 1 << level
                node = self._node(level, done >> level)
                value = sha256(NODE + node + value) if value else node
        return value

    def _node(self, level: int, index: int) -> bytes:
        return bytes(self._levels[level][index * HASH_BYTES : (index + 1) * HASH_BYTES])


def leads_to(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether an inclusion path leads from the leaf hash at `index` to the root of `size` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or any(len(item) != HASH_BYTES for item in (leaf, root, *path)):
        return False
    place, last, value = index, size - 1, leaf
    for item in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = sha256(NODE + item + value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = sha256(NODE + value + item)
        place, last = place >> 1, last >> 1
    return last == 0 and value == root


def roots_joined(old: int, new: int, root: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The roots of both sizes that a consistency path implies, where `root` is that of `old` (RFC 6962, 2.1.2): the
    proof's own recursion walked backwards. None for a path that is no proof of such sizes.
    """
    if not 0 < old < new or any(len(item) != HASH_BYTES for item in (root, *path)):
        return None
    left = list(path)
    try:
        found = _joined(old, new, root, left)
    except IndexError:
        return None
    return None if left else found


def _joined(old: int, new: int, root: bytes | None, left: list[bytes]) -> tuple[bytes, bytes]:
    """Both roots over `new` leaves; `root` is known where the old tree is a whole left part, else it is in the path."""
    if old == new:
        whole = left.pop() if root is None else root
        return whole, whole
    split = 1 << (new - 1).bit_length() - 1
    other = left.pop()
    if old <= split:
        before, after = _joined(old, split, root, left)
        return before, sha256(NODE + after + other)
    before, after = _joined(old - split, new - split, None, left)
    return sha256(NODE + other + before), sha256(NODE + other + after)
