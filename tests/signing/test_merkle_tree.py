"""The Merkle tree against the RFC's own recursive words, published roots and proofs, and every changed proof."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.signing import digests
from ledger.signing.digests import blake2b_commit, commitment_text, digest_text, parse_digest, sha256
from ledger.signing.merkle import (
    Frontier,
    MemoryTree,
    consistency_path,
    empty_root,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_at,
    root_of,
    root_over,
    verify_consistency,
    verify_inclusion,
)

CT_LEAVES = [
    bytes.fromhex(h)
    for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
CT_ROOTS = [  # certificate-transparency's reference roots, beginning and end as published with the known answer
    ("6e340b9c", ""),
    ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", ""),
    ("aeb6bcfe", "6e77"),
    ("d37ee418", "614b7"),
    ("4e3bbb1f", "64d4"),
    ("76e67dad", "87ef"),
    ("ddb89be4", "4c8c"),
    ("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328", ""),
]
CT_TREE = MemoryTree(leaf_hash(leaf) for leaf in CT_LEAVES)


def mth(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:  # noqa: FBT001 - as the RFC has it
    """SUBPROOF of RFC 6962 section 2.1.2, word for word."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]  # noqa: FBT003 - as the RFC has it


def entries(count: int) -> list[bytes]:
    return [b"entry %d" % i for i in range(count)]


def b64(text: str) -> list[bytes]:
    return [base64.b64decode(part) for part in text.split()]


def test_published_hashes() -> None:
    assert empty_root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"L123456").hex().startswith("395aa064")
    assert leaf_hash(b"L123456").hex().endswith("4d56")
    assert node_hash(b"N123", b"N456").hex().startswith("aa217fe8")
    assert node_hash(b"N123", b"N456").hex().endswith("6bbb")
    assert sha256(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_of_certificate_transparency(size: int) -> None:
    root = CT_TREE.root(size).hex()
    first, last = CT_ROOTS[size - 1]
    assert root.startswith(first)
    assert root.endswith(last)
    assert root_of([leaf_hash(leaf) for leaf in CT_LEAVES[:size]]).hex() == root


INCLUSION = {
    0: (
        "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c= "
        "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= "
        "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ="
    ),
    5: (
        "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms= "
        "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA= "
        "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc="
    ),
}


@pytest.mark.parametrize("index", INCLUSION)
def test_the_published_inclusion_proofs(index: int) -> None:
    assert inclusion_path(CT_TREE, index, 8) == b64(INCLUSION[index])


def test_the_published_consistency_proof() -> None:
    expected = (
        "ApjRIpBtz8EIkstTpzmS/FufST6kybrbJ7eRtBJ6f+c= B1Bqhf2d0vEg62lPhgEeW7RmLlxBWmKRcDPUqWJEh+c= "
        "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU= a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ="
    )
    assert consistency_path(CT_TREE, 3, 8) == b64(expected)


def test_every_small_tree_is_the_rfcs() -> None:
    for size in range(1, 20):
        leaves = entries(size)
        tree = MemoryTree(map(leaf_hash, leaves))
        root = mth(leaves)
        assert tree.root() == root_of([leaf_hash(leaf) for leaf in leaves]) == root
        for index in range(size):
            proof = path(index, leaves)
            assert inclusion_path(tree, index, size) == proof
            assert verify_inclusion(leaf_hash(leaves[index]), index, size, proof, root)
        for old in range(1, size + 1):
            proof = subproof(old, leaves, whole=True)
            assert consistency_path(tree, old, size) == proof
            assert verify_consistency(old, size, mth(leaves[:old]), root, proof)


sizes = st.integers(1, 300)
BIG = MemoryTree(map(leaf_hash, entries(300)))


@given(sizes, st.data())
def test_a_proof_proves_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaf, root, proof = BIG.node(0, index), BIG.root(size), inclusion_path(BIG, index, size)
    assert verify_inclusion(leaf, index, size, proof, root)
    other = data.draw(st.integers(0, 299).filter(lambda i: i != index))
    assert not verify_inclusion(BIG.node(0, other), index, size, proof, root)
    assert not verify_inclusion(leaf, other, size, proof, root)
    assert not verify_inclusion(leaf, index, size, [*proof, leaf], root)
    assert not verify_inclusion(leaf, index, size, [leaf, *proof], root)
    assert not verify_inclusion(leaf, index, size, proof, node_hash(root, root))
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        bent = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
        assert not verify_inclusion(leaf, index, size, bent, root)
        assert not verify_inclusion(leaf, index, size, proof[:-1], root)
        assert not verify_inclusion(leaf, index, size, proof[1:], root)


@given(sizes, st.data())
def test_a_consistency_proof_proves_nothing_else(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    old_root, new_root, proof = BIG.root(old), BIG.root(new), consistency_path(BIG, old, new)
    assert verify_consistency(old, new, old_root, new_root, proof)
    wrong = node_hash(old_root, new_root)
    assert not verify_consistency(old, new, wrong, new_root, proof)
    assert not verify_consistency(old, new, old_root, wrong, proof)
    assert not verify_consistency(old, new, old_root, new_root, [*proof, wrong])
    assert not verify_consistency(new + 1, new, old_root, new_root, proof)
    if proof:
        assert not verify_consistency(old, new, old_root, new_root, proof[:-1])
        assert not verify_consistency(old, new, old_root, new_root, [])
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_consistency(old, new, old_root, new_root, [*proof[:at], wrong, *proof[at + 1 :]])


def test_a_tree_of_nothing_is_a_prefix_of_every_tree() -> None:
    root = CT_TREE.root()
    assert consistency_path(CT_TREE, 0, 8) == []
    assert verify_consistency(0, 8, empty_root(), root, [])
    assert verify_consistency(0, 0, empty_root(), empty_root(), [])
    assert not verify_consistency(0, 8, empty_root(), root, [root])
    assert not verify_consistency(0, 8, root, root, [])
    assert not verify_consistency(8, 8, root, empty_root(), [])
    assert not verify_consistency(8, 8, root, root, [root])


def test_hashes_of_another_length_prove_nothing() -> None:
    root, proof = CT_TREE.root(), inclusion_path(CT_TREE, 0, 8)
    assert not verify_inclusion(CT_TREE.node(0, 0), 0, 8, [proof[0][:31], *proof[1:]], root)
    assert not verify_inclusion(b"", 0, 1, [], b"")
    assert not verify_consistency(1, 2, b"", root, [root])


@given(st.lists(st.integers(0, 40), max_size=6), st.data())
def test_growing_by_the_right_edge_stores_what_a_tree_holds(steps: list[int], data: st.DataObject) -> None:
    hashes = [leaf_hash(entry) for entry in entries(sum(steps))]
    stored: dict[tuple[int, int], bytes] = {}
    frontier = Frontier()
    for step in steps:
        added = frontier.append(hashes[frontier.size : frontier.size + step])
        assert not {(level, index) for level, index, _ in added} & stored.keys()
        stored |= {(level, index): value for level, index, value in added}
    whole = MemoryTree(hashes)
    assert frontier.root() == whole.root() == root_of(hashes)
    assert len(stored) == sum(len(hashes) >> level for level in range(len(hashes).bit_length()))
    assert all(whole.node(level, index) == value for (level, index), value in stored.items())

    class Table:
        def node(self, level: int, index: int) -> bytes:
            return stored[level, index]

    size = data.draw(st.integers(0, len(hashes)))
    assert root_at(Table(), size) == root_of(hashes[:size])
    again = Frontier.from_nodes(Table(), size)
    again.append(hashes[size:])
    assert (again.size, again.edge) == (frontier.size, frontier.edge)


def test_a_copied_edge_grows_alone() -> None:
    first = Frontier()
    first.append([leaf_hash(b"a")])
    second = first.copy()
    second.append([leaf_hash(b"b")])
    assert (first.size, second.size) == (1, 2)
    assert first.root() == leaf_hash(b"a")


@pytest.mark.parametrize(("size", "edge"), [(1, []), (0, [b"x" * 32]), (1, [b"x"]), (-1, [])])
def test_an_edge_that_cannot_be_is_refused(size: int, edge: list[bytes]) -> None:
    with pytest.raises(InputError, match="E_FRONTIER"):
        Frontier(size, edge)


@pytest.mark.parametrize(("index", "size"), [(8, 8), (-1, 8), (0, 0), (0, 9)])
def test_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(InputError, match="E_PROOF_RANGE"):
        inclusion_path(CT_TREE, index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 8), (9, 8), (3, 9)])
def test_no_consistency_with_what_is_not_there(old: int, new: int) -> None:
    with pytest.raises(InputError, match="E_PROOF_RANGE"):
        consistency_path(CT_TREE, old, new)


def test_a_tree_counts_its_leaves() -> None:
    tree = MemoryTree()
    assert [tree.append(leaf_hash(b"a")), tree.append(leaf_hash(b"b"))] == [0, 1]
    assert tree.size == 2
    assert tree.root(0) == empty_root()


@given(st.binary(min_size=32, max_size=32))
def test_digests_travel_with_their_algorithm(digest: bytes) -> None:
    assert parse_digest(digest_text(digest)) == digest
    assert commitment_text(digest) == f"blake2b:{digest.hex()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab" * 32,
        "sha256:" + "AB" * 32,
        "sha512:" + "ab" * 32,
        "sha256:" + "ab" * 31,
        "sha256:" + "ab" * 32 + "\n",
        None,
    ],
)
def test_other_digest_texts_are_refused(text: object) -> None:
    with pytest.raises(InputError, match="E_DIGEST"):
        parse_digest(text)


def test_digests_have_one_length() -> None:
    with pytest.raises(InputError, match="E_DIGEST"):
        digest_text(b"short")
    with pytest.raises(InputError, match="E_DIGEST"):
        commitment_text(b"short")


def test_a_commitment_needs_its_whole_key() -> None:
    assert blake2b_commit(bytes(32), b"x") != blake2b_commit(bytes(31) + b"\x01", b"x")
    for key in (b"", bytes(31), bytes(33)):
        with pytest.raises(InputError, match="E_COMMIT_KEY"):
            blake2b_commit(key, b"x")


@pytest.mark.parametrize("hidden", [False, True], ids=["binding", "binding-hidden"])
def test_a_root_over_entries_is_the_root_of_their_leaf_hashes(monkeypatch: pytest.MonkeyPatch, *, hidden: bool) -> None:
    if hidden:
        monkeypatch.setattr(digests, "_binding", lambda: None)
    for count in (0, 1, 2, 3, 7, 8, 33):
        entries = [bytes([count, at]) * at for at in range(count)]
        assert root_over(iter(entries)) == root_of([leaf_hash(entry) for entry in entries])


def test_digests_of_several_threads_do_not_meet() -> None:
    lots = [[f"{lot}/{at}".encode() * 40 for at in range(300)] for lot in range(16)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(digests.sha256_each, lots))
    assert found == [[digests.sha256(part) for part in lot] for lot in lots]
