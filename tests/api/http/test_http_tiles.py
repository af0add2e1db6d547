"""The log in tiles: a reader that shares no code with the log comes to the root that the checkpoint signed."""

import pytest
from nacl.bindings import crypto_hash_sha256
from sqlalchemy import select

from ledger.log.side_tables import access_log
from ledger.log.store import LogStore
from ledger.log.tables import tree, vouchers
from ledger.log.tiles import INDEX_MAX, WIDTH, tile_hashes
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.merkle import Frontier, leaf_hash
from tests.api.http.house import House, on_both


def tile_path(index: int, width: int) -> str:
    """A tile's name as the specification spells it."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return "/".join(groups) + ("" if width == WIDTH else f".p/{width}")


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it stands there."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return crypto_hash_sha256(b"\x01" + root_of(leaves[:half]) + root_of(leaves[half:]))


def split(data: bytes) -> list[bytes]:
    """The entries of a bundle."""
    found = []
    while data:
        size = int.from_bytes(data[:2], "big")
        entry, data = data[2 : 2 + size], data[2 + size :]
        assert len(entry) == size
        found.append(entry)
    return found


def test_a_stranger_comes_to_the_signed_root_from_hashes_and_from_entries(september: House) -> None:
    note = open_checkpoint(september.get(None, "/v1/checkpoint")["note"], september.service.operator.verifier)
    hashes: list[bytes] = []
    entries: list[bytes] = []
    for index in range(-(-note.size // WIDTH)):
        name = tile_path(index, min(WIDTH, note.size - WIDTH * index))
        answer = september.call(None, "GET", f"/v1/tile/0/{name}")
        hashes += [answer.content[at : at + 32] for at in range(0, len(answer.content), 32)]
        entries += split(september.call("witness-1", "GET", f"/v1/tile/entries/{name}").content)
    assert len(hashes) == len(entries) == note.size
    assert root_of(hashes) == note.root
    assert [crypto_hash_sha256(b"\x00" + entry) for entry in entries] == hashes


def test_a_whole_tile_may_be_kept_for_ever_and_a_part_of_one_may_not(september: House) -> None:
    part = september.call(None, "GET", "/v1/tile/0/000.p/7")
    assert (part.status_code, len(part.content)) == (200, 7 * 32)
    assert "immutable" not in part.headers["cache-control"]
    whole = september.call(None, "GET", "/v1/tile/0/000")
    size = september.get(None, "/v1/checkpoint")["size"]
    assert whole.status_code == (200 if size >= WIDTH else 404)
    if size >= WIDTH:
        assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"


SPOILT: dict[str, tuple[str, int]] = {
    "too long": ("0/000.p/255", 404),
    "a tile of later": ("0/001", 404),
    "far later": ("0/x001/x234/067", 404),
    "a level that is not reached": ("5/000.p/1", 404),
    "another spelling": ("0/x000/000.p/1", 404),
    "no digits": ("0/0.p/1", 404),
    "a width of nothing": ("0/000.p/0", 404),
    "a width of all": ("0/000.p/256", 404),
    "a width with a nought": ("0/000.p/01", 404),
    "a level that no log reaches": ("7/000", 404),
    "the last level there is": ("63/000.p/1", 404),
    "a level beyond": ("64/000", 404),
    "a level that is none": ("-1/000", 404),
    "a level with a nought": ("00/000.p/1", 404),
    "a level in words": ("leaves/000.p/1", 404),
    "up and away": ("0/../../book.toml", 404),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_no_tile_is_not_found(house: House, how: str) -> None:
    name, status = SPOILT[how]
    answer = house.call(None, "GET", f"/v1/tile/{name}")
    assert answer.status_code == status, answer.text
    assert answer.json()["code"].startswith("E_")


def test_higher_tiles_are_the_roots_of_whole_tiles_below(tmp_path: object) -> None:
    """A log of more than one full tile, made of its nodes alone."""
    store = LogStore.create(f"sqlite:///{tmp_path}/tiles.db")
    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(3 * WIDTH + 5)]
    nodes = [{"level": level, "idx": index, "hash": found} for (level, index, found) in Frontier().append(leaves)]
    with store.write() as connection:
        connection.execute(tree.insert(), nodes)
    with store.read() as connection:
        above = tile_hashes(connection, 1, 0, 3)
        for index in range(3):
            below = tile_hashes(connection, 0, index, WIDTH)
            whole = [below[at : at + 32] for at in range(0, len(below), 32)]
            assert root_of(whole) == above[32 * index : 32 * index + 32]
        last = tile_hashes(connection, 0, 3, 5)
        everything = [above[at : at + 32] for at in range(0, 96, 32)] + [
            root_of([last[a : a + 32] for a in range(0, 160, 32)])
        ]
        assert root_of_tiles(everything) == root_of(leaves)
        assert not connection.execute(vouchers.select()).all()
    store.close()


def root_of_tiles(parts: list[bytes]) -> bytes:
    """The root over three whole tiles and a part of a fourth: ((1 2) (3 4))."""
    first, second, third, fourth = parts
    left, right = crypto_hash_sha256(b"\x01" + first + second), crypto_hash_sha256(b"\x01" + third + fourth)
    return crypto_hash_sha256(b"\x01" + left + right)


def test_taking_leaves_is_written_down_and_taking_hashes_is_not(house: House) -> None:
    size = house.get(None, "/v1/checkpoint")["size"]
    for path in (f"/v1/tile/0/000.p/{size}", f"/v1/tile/entries/000.p/{size}"):
        assert house.call("witness-1", "GET", path).status_code == 200
    with house.service.store.read() as connection:
        rows = connection.execute(select(access_log.c.actor, access_log.c.action, access_log.c.subject)).all()
    assert [tuple(row) for row in rows] == [("witness-1", "export.leaves", f"1-{size}")]


@on_both
@pytest.mark.parametrize("name", [tile_path(index, WIDTH) for index in (INDEX_MAX, INDEX_MAX + 1, 2**56, 10**18 - 1)])
@pytest.mark.parametrize("level", ["0", "6", "entries"])
def test_no_log_is_as_long_as_a_name_can_say(house: House, level: str, name: str) -> None:
    answer = house.call("witness-1", "GET", f"/v1/tile/{level}/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "E_TILE")
