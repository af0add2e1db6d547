"""The stranger's formats against the ledger's own: two programs written apart read the same bytes in the same way."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.signing import dsse, merkle, notes
from ledger.signing.canonical import canonical, parse_canonical
from ledger.signing.checkpoints import Checkpoint, sign_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.statements import Approval, Leaf, Statement
from ledger_audit.verifier.formats import merkle as own_merkle
from ledger_audit.verifier.formats import notes as own_notes
from ledger_audit.verifier.formats import shapes
from ledger_audit.verifier.formats.canonical import FaultError, base64_of, read_canonical, write_canonical
from tests.signing.cosigning import add_signatures

FROZEN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "assets" / "vectors.json").read_text(encoding="utf-8"))
keys = st.text("a\u00e9\ud7ff\ue000\uff5e\U00010000\U0001f600", max_size=3)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=6)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4))


def ours(data: bytes) -> Any:
    try:
        return parse_canonical(data)
    except InputError:
        return InputError


def theirs(data: bytes) -> Any:
    try:
        return read_canonical(data)
    except FaultError as fault:
        return InputError if fault.code == "V_CANONICAL" else fault


@given(values)
def test_both_read_what_is_canonical(value: Any) -> None:
    data = canonical(value)
    assert read_canonical(data) == value
    assert write_canonical(value) == data


@given(values, st.sampled_from([{"indent": 1}, {"sort_keys": True}, {"ensure_ascii": False, "separators": (",", ":")}]))
def test_both_refuse_the_same_spellings(value: Any, style: dict[str, Any]) -> None:
    data = json.dumps(value, **style).encode()
    assert theirs(data) == ours(data)


@given(values, st.data())
def test_both_answer_alike_to_one_changed_byte(value: Any, data: st.DataObject) -> None:
    changed = bytearray(canonical(value))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    assert theirs(bytes(changed)) == ours(bytes(changed))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1 ",
        b"1.0",
        b"1e1",
        b"-0",
        b"01",
        b"9007199254740992",
        b"-9007199254740992",
        b"9" * 5000,
        b"NaN",
        b"Infinity",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'"\\u00e9"',
        b'"\\/"',
        b'"\xff"',
        b'"\\ud800"',
        b"\xef\xbb\xbf1",
        b"[" * 100_000,
        b"[" * 900 + b"]" * 900 + b" ",
        b"[1,]",
    ],
    ids=lambda data: f"{len(data)} {data[:12]!r}",
)
def test_table_of_bad_documents(data: bytes) -> None:
    with pytest.raises(FaultError, match="V_CANONICAL"):
        read_canonical(data)
    assert ours(data) is InputError


@given(st.lists(st.binary(max_size=8), max_size=40), st.data())
def test_both_grow_the_same_tree(entries: list[bytes], data: st.DataObject) -> None:
    tree, peer = own_merkle.Tree(), merkle.MemoryTree()
    for entry in entries:
        tree.append(own_merkle.leaf_hash(entry))
        peer.append(merkle.leaf_hash(entry))
    for size in range(len(entries) + 1):
        assert tree.root(size) == peer.root(size)
    assert tree.root(len(entries) + 1) is None
    assert own_merkle.root_of([merkle.leaf_hash(entry) for entry in entries]) == peer.root()
    if entries:
        index = data.draw(st.integers(0, len(entries) - 1))
        path = merkle.inclusion_path(peer, index, len(entries))
        leaf, size = peer.node(0, index), len(entries)
        assert own_merkle.leads_to(leaf, index, size, path, peer.root())
        assert not own_merkle.leads_to(leaf, index, size, [*path, leaf], peer.root())
        assert not own_merkle.leads_to(leaf, index + size, size, path, peer.root())
        if path:
            assert not own_merkle.leads_to(leaf, index, size, path[:-1], peer.root())
            assert not own_merkle.leads_to(leaf, index, size, [path[0][:31], *path[1:]], peer.root())


SIGNER = notes.NoteSigner("ledger.example.org/fund-log", SigningKey(bytes(range(32))))


def test_notes_and_keys_of_the_ledger_are_read() -> None:
    name, key = own_notes.parse_vkey(SIGNER.vkey)
    assert (name, key) == (SIGNER.name, SIGNER.key.public.raw)
    assert own_notes.keyid_of(key) == SIGNER.key.public.keyid
    checkpoint = Checkpoint(SIGNER.name, 8, bytes(32))
    text = sign_checkpoint(checkpoint, SIGNER)
    witness = notes.Cosigner("witness.example.org/w1", SigningKey(bytes(range(32, 64))), 1_767_225_600)
    note = own_notes.parse_note(add_signatures(text, [witness]).encode())
    assert note.signed_by(name, key)
    assert not note.signed_by(name, witness.key.public.raw)
    assert not note.signed_by("another", key)
    known = own_notes.parse_witness(witness.vkey)
    assert note.cosigned_at(known) == (1_767_225_600,)
    assert note.cosigners() == {(witness.name, witness.key_id)}
    assert note.cosigned_at(own_notes.Witness("another", known.key)) == ()
    found = own_notes.checkpoint_of(note.text)
    assert (found.origin, found.size, found.root) == (SIGNER.name, 8, bytes(32))
    assert own_notes.parse_note(text.encode()).cosigned_at(known) == ()


@given(st.binary(max_size=60))
def test_base64_has_one_reading(data: bytes) -> None:
    text = base64.b64encode(data).decode()
    assert base64_of(text, "x") == data
    for other in (text + "\n", text.rstrip("=") + "!", " " + text, None):
        with pytest.raises(FaultError, match="V_BASE64"):
            base64_of(other, "x")


def test_what_people_signed_is_read_as_the_ledger_wrote_it() -> None:
    leaf, peer = shapes.read_leaf(FROZEN["leaf"].encode()), Leaf.from_bytes(FROZEN["leaf"].encode())
    statement, signed = shapes.read_statement(leaf.envelope.payload), Statement.from_bytes(peer.envelope.payload)
    approval, approved = shapes.read_approval(leaf.approvals[0].payload), Approval.from_bytes(peer.approvals[0].payload)
    assert (leaf.number, leaf.first_position, leaf.posted_at) == (peer.number, peer.first_position, peer.posted_at)
    assert leaf.envelope.message == dsse.pae(peer.envelope.payload_type, peer.envelope.payload)
    assert "sha256:" + statement.digest.hex() == signed.digest
    assert (statement.maker, statement.count, statement.root) == (signed.maker, signed.events.count, signed.events.root)
    assert (approval.person, approval.capacity, approval.rejects) == (approved.person, approved.capacity, False)
    key = own_notes.key_of_text(FROZEN["keys"]["maker"])
    assert own_notes.signed(key, leaf.envelope.signatures[0], leaf.envelope.message)
    assert not own_notes.signed(key, leaf.envelope.signatures[0][:-1], leaf.envelope.message)
    assert own_merkle.leaf_hash(FROZEN["leaf"].encode()) == peer.hash


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "V_NOTE"),
        ("a\n\n", "V_NOTE"),
        ("a\n\n- x AAAA\n", "V_NOTE"),
        ("a\n\n\u2014 x AAAA\n", "V_NOTE"),
        ("\x01\n\n\u2014 x AAAAAAA=\n", "V_NOTE"),
        ("a\n\n\u2014 x+y AAAAAAA=\n", "V_NOTE"),
        ("a\n\n\u2014 x !\n", "V_BASE64"),
    ],
)
def test_table_of_bad_notes(text: str, code: str) -> None:
    with pytest.raises(FaultError, match=code):
        own_notes.parse_note(text.encode())
    with pytest.raises(FaultError, match="V_NOTE"):
        own_notes.parse_note(b"\xff" + text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"o\n01\n{'A' * 43}=\n",
        f"o\n-1\n{'A' * 43}=\n",
        f"o\n\n{'A' * 43}=\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{'A' * 43}=\n\nx\n",
    ],
)
def test_table_of_bad_checkpoints(text: str) -> None:
    with pytest.raises(FaultError, match="V_CHECKPOINT_FORM"):
        own_notes.checkpoint_of(text)


@pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:" + "A" * 43 + "=", FROZEN["keys"]["maker"] + " "])
def test_table_of_bad_keys(text: str) -> None:
    with pytest.raises(FaultError, match="V_KEY_FORM"):
        own_notes.key_of_text(text)
