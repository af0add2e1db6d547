"""Proofs from the tree table verify against every root the log ever had, and fail for any other leaf."""

import pytest

from ledger.errors import EvidenceError, InputError
from ledger.log.appending import Head
from ledger.log.proofs import LogNodes, log_consistency, log_root, voucher_inclusion
from ledger.log.store import LogStore
from ledger.signing.merkle import empty_root, leaf_hash, root_of, verify_consistency, verify_inclusion
from tests.log.scribe import scribe_of, write

BATCHES = (1, 2, 1, 5, 8, 3)
SIZE = sum(BATCHES)


@pytest.fixture
def leaves(store: LogStore) -> list[bytes]:
    """A log of twenty vouchers that came in batches of many sizes; their leaf hashes."""
    scribe = scribe_of(store)
    made = [[scribe.voucher(word=None) for _ in range(size)] for size in BATCHES]
    heads: list[Head] = [write(store, batch) for batch in made]
    hashes = [leaf_hash(voucher.leaf) for batch in made for voucher in batch]
    assert [head.root for head in heads] == [root_of(hashes[: head.number]) for head in heads]
    return hashes


def test_every_root_can_be_found_again(leaves: list[bytes], store: LogStore) -> None:
    with store.read() as connection:
        assert log_root(connection, 0) == empty_root()
        assert [log_root(connection, size) for size in range(1, SIZE + 1)] == [
            root_of(leaves[:size]) for size in range(1, SIZE + 1)
        ]


def test_every_voucher_is_proven_in_every_size(leaves: list[bytes], store: LogStore) -> None:
    with store.read() as connection:
        for size in range(1, SIZE + 1):
            root = root_of(leaves[:size])
            for number in range(1, size + 1):
                path = voucher_inclusion(connection, number, size)
                assert verify_inclusion(leaves[number - 1], number - 1, size, path, root)
                assert not verify_inclusion(leaves[number % SIZE], number - 1, size, path, root)


def test_every_size_is_a_prefix_of_every_later_one(leaves: list[bytes], store: LogStore) -> None:
    with store.read() as connection:
        for new in range(1, SIZE + 1):
            for old in range(1, new + 1):
                path = log_consistency(connection, old, new)
                assert verify_consistency(old, new, root_of(leaves[:old]), root_of(leaves[:new]), path)


@pytest.mark.parametrize(("number", "size"), [(0, 5), (6, 5), (-1, 5)])
def test_what_is_not_there_is_not_proven(number: int, size: int, leaves: list[bytes], store: LogStore) -> None:
    with store.read() as connection, pytest.raises(InputError, match="E_PROOF_RANGE"):
        voucher_inclusion(connection, number, size)


def test_a_node_that_is_not_stored_is_missed(leaves: list[bytes], store: LogStore) -> None:
    with store.read() as connection:
        nodes = LogNodes(connection)
        assert nodes.node(0, 3) == nodes.node(0, 3) == leaves[3]
        with pytest.raises(EvidenceError, match="E_NODE_MISSING"):
            nodes.node(5, 0)
        with pytest.raises(EvidenceError, match="E_NODE_MISSING"):
            voucher_inclusion(connection, 1, SIZE + 12)
