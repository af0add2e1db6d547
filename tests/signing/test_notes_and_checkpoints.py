"""Signed notes, cosignatures, checkpoints and travelling proofs against the published known answers."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import EvidenceError, InputError, LedgerError
from ledger.signing.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from ledger.signing.digests import sha256
from ledger.signing.keys import SigningKey
from ledger.signing.merkle import MemoryTree, empty_root, inclusion_path, leaf_hash
from ledger.signing.notes import (
    Cosigner,
    HeldSignature,
    Note,
    NoteSigner,
    NoteVerifier,
    parse_note,
    parse_vkey,
    sign_note,
    verify_note,
)
from ledger.signing.proofs import LogProof, parse_log_proof, verify_log_proof
from tests.signing.cosigning import add_signatures

LOG = NoteSigner("ledger.example.org/fund-log", SigningKey(bytes(range(32))))
WITNESS = Cosigner("witness.example.org/w1", SigningKey(bytes(range(32, 64))), 1_767_225_600)
LOG_VKEY = "ledger.example.org/fund-log+dd68390e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
WITNESS_VKEY = "witness.example.org/w1+f3c080b6+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
KNOWN_NOTE = (
    "ledger.example.org/fund-log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n"
    "— ledger.example.org/fund-log 3Wg5Dmih/TKcKgETiFWCabjP6DAnyiTS9t8BVeD0Z/rL3MPu"
    "eqI/Xp/4Y8+nAYDC86Lc4YiKy/HqpfP0WVyXnPgX/wY=\n"
    "— witness.example.org/w1 88CAtgAAAABpVbkA7Wi/Cd+kfumWJrvMJM+6pBkbiKDCi7JyBcKHpnHN"
    "XKJHNj5zN4aot0XuVjKNVktyGcBjULLszlugeGTwI1f1DQ==\n"
)
CT_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
TREE = MemoryTree(leaf_hash(bytes.fromhex(leaf)) for leaf in CT_LEAVES)
LOG_ONLY = KNOWN_NOTE[: KNOWN_NOTE.index("— witness")]

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""


def test_our_known_answer_byte_for_byte() -> None:
    assert LOG.vkey == LOG_VKEY
    assert WITNESS.vkey == WITNESS_VKEY
    note = sign_checkpoint(Checkpoint(LOG.name, 8, TREE.root()), LOG)
    assert note == LOG_ONLY
    assert add_signatures(note, [WITNESS]) == KNOWN_NOTE
    assert sign_note(parse_note(KNOWN_NOTE.encode()).text, [LOG, WITNESS]) == KNOWN_NOTE


def test_our_known_answer_is_read() -> None:
    log, witness = parse_vkey(LOG_VKEY), parse_vkey(WITNESS_VKEY)
    assert (log, witness) == (LOG.verifier, WITNESS.verifier)
    held = verify_note(parse_note(KNOWN_NOTE.encode()), [log, witness])
    assert held == (HeldSignature(log, None), HeldSignature(witness, 1_767_225_600))
    assert open_checkpoint(KNOWN_NOTE, log, [witness], quorum=1) == Checkpoint(LOG.name, 8, TREE.root())


def test_the_note_of_the_go_library() -> None:
    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    signer = NoteSigner("PeterNeumann", SigningKey(seed))
    assert signer.vkey == PETER
    note = parse_note(PETERS_NOTE.encode())
    assert sign_note(note.text, [signer]) == str(note) == PETERS_NOTE
    assert verify_note(note, [parse_vkey(PETER)])


def test_the_vkey_of_the_specification() -> None:
    vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    assert parse_vkey(vkey).vkey == vkey


@pytest.mark.parametrize(
    ("vkey", "code"),
    [
        pytest.param("", "E_VKEY", id="empty"),
        pytest.param(LOG_VKEY.replace("dd68390e", "dd68390f"), "E_VKEY_ID", id="a wrong id"),
        pytest.param(LOG_VKEY.replace("dd68390e", "DD68390E"), "E_VKEY", id="an id in capitals"),
        pytest.param(LOG_VKEY.replace("fund-log", "fund_log"), "E_VKEY_ID", id="another name"),
        pytest.param(LOG_VKEY.replace("fund-log", "fund log"), "E_KEY_NAME", id="a blank in the name"),
        pytest.param(LOG_VKEY[:-1], "E_VKEY", id="a broken key"),
        pytest.param(LOG_VKEY + "\n", "E_VKEY", id="a line feed"),
        pytest.param("+dd68390e+" + LOG_VKEY[-44:], "E_VKEY", id="no name"),
        pytest.param("a+b+c+d", "E_VKEY", id="too many parts"),
        pytest.param("x+00000000+AQ==", "E_VKEY", id="no key"),
        pytest.param(
            "x+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(), "E_PUBLIC_KEY", id="a key of small order"
        ),
        pytest.param("x+00000000+" + base64.b64encode(b"\x02" + bytes(91)).decode(), "E_VKEY_ALGORITHM", id="ECDSA"),
        pytest.param("x+00000000+" + base64.b64encode(b"\x06" + bytes(1312)).decode(), "E_VKEY_ALGORITHM", id="ML-DSA"),
        pytest.param(
            "x+00000000+" + base64.b64encode(b"\xff" + bytes(32)).decode(), "E_VKEY_ALGORITHM", id="a private type"
        ),
    ],
)
def test_table_of_bad_vkeys(vkey: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_vkey(vkey)
    assert refused.value.code == code


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u3000b", "a\nb", "\x01", "\ud800", "长" * 100])
def test_names_that_no_key_may_have(name: str) -> None:
    with pytest.raises(InputError, match="E_KEY_NAME"):
        sign_note("text\n", [NoteSigner(name, LOG.key)])


def test_a_verifier_of_an_unknown_type_cannot_be_made() -> None:
    with pytest.raises(InputError, match="E_VKEY_ALGORITHM"):
        NoteVerifier("a", 2, LOG.key.public)


SIGNED = KNOWN_NOTE.encode()
LINE = SIGNED.split(b"\n")[4]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "E_NOTE_TEXT", id="empty"),
        pytest.param(b"text\n", "E_NOTE_TEXT", id="no signatures"),
        pytest.param(b"text\n\n", "E_NOTE_TEXT", id="an empty block"),
        pytest.param(SIGNED[:-1], "E_NOTE_TEXT", id="no last line feed"),
        pytest.param(SIGNED + b"\n", "E_NOTE_TEXT", id="an empty last line"),
        pytest.param(SIGNED.replace(b"8\n", b"8\r\n"), "E_NOTE_TEXT", id="a carriage return"),
        pytest.param(SIGNED.replace(b"8\n", b"\t8\n"), "E_NOTE_TEXT", id="a tab"),
        pytest.param(b"\xff" + SIGNED, "E_NOTE_TEXT", id="no UTF-8"),
        pytest.param(SIGNED.replace("— ".encode(), b"- "), "E_NOTE_LINE", id="a hyphen"),
        pytest.param(SIGNED.replace("— ".encode(), "—".encode()), "E_NOTE_LINE", id="no blank after the dash"),
        pytest.param(SIGNED.replace(b"fund-log 3", b"fund-log  3"), "E_NOTE_LINE", id="two blanks"),
        pytest.param(SIGNED.replace(b"fund-log 3", b"fund+log 3"), "E_NOTE_LINE", id="a plus in the name"),
        pytest.param(SIGNED.replace(b"/wY=", b"/wZ="), "E_NOTE_LINE", id="stray bits"),
        pytest.param(SIGNED.replace(b"/wY=\n", b"/wY\n"), "E_NOTE_LINE", id="no padding"),
        pytest.param(b"text\n\n\xe2\x80\x94 a AAAAAA==\n", "E_NOTE_LINE", id="an id and no signature"),
        pytest.param(b"text\n\n" + (LINE + b"\n") * 101, "E_NOTE_SIZE", id="a hundred and one signatures"),
        pytest.param(b"x" * (1 << 20) + SIGNED, "E_NOTE_SIZE", id="too big"),
    ],
)
def test_table_of_bad_notes(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_note(data)
    assert refused.value.code == code


def test_the_last_empty_line_divides() -> None:
    text = "one\n\n— not a signature\n\ntwo\n"
    note = parse_note(sign_note(text, [LOG]).encode())
    assert note.text == text
    assert verify_note(note, [LOG.verifier])


@pytest.mark.parametrize("text", ["", "no line feed", "a\rb\n", "a\x00\n", "\ud800\n"])
def test_texts_that_are_never_signed(text: str) -> None:
    with pytest.raises(InputError, match="E_NOTE_TEXT"):
        sign_note(text, [LOG])


def test_unknown_signatures_of_any_type_are_ignored() -> None:
    others = [f"— other.example/{i} {base64.b64encode(bytes([i]) * (5 + i)).decode()}\n" for i in range(30)]
    renamed = str(parse_note(SIGNED).signatures[0].line).replace("fund-log", "other-log")
    note = parse_note((LOG_ONLY + renamed + "".join(others)).encode())
    assert len(note.signatures) == 32
    assert verify_note(note, [LOG.verifier]) == (HeldSignature(LOG.verifier, None),)


def test_a_known_key_that_fails_spoils_the_note() -> None:
    bad = base64.b64encode(WITNESS.key_id + bytes(72)).decode()
    note = parse_note((LOG_ONLY + f"— {WITNESS.name} {bad}\n").encode())
    assert verify_note(note, [LOG.verifier])
    with pytest.raises(EvidenceError, match="E_NOTE_SIGNATURE"):
        verify_note(note, [LOG.verifier, WITNESS.verifier])


def test_a_note_by_nobody_we_know_is_refused() -> None:
    with pytest.raises(EvidenceError, match="E_NOTE_UNVERIFIED"):
        verify_note(parse_note(SIGNED), [parse_vkey(PETER)])
    with pytest.raises(EvidenceError, match="E_NOTE_UNVERIFIED"):
        verify_note(parse_note(SIGNED), [])


def test_a_key_counts_once() -> None:
    note = parse_note((KNOWN_NOTE + LINE.decode() + "\n").encode())
    assert len(note.signatures) == 3
    assert len(verify_note(note, [LOG.verifier, LOG.verifier, WITNESS.verifier])) == 2


def test_keys_that_cannot_be_told_apart_are_refused() -> None:
    class Twin(NoteVerifier):
        __slots__ = ()

        @property
        def key_id(self) -> bytes:
            return LOG.key_id

    with pytest.raises(InputError, match="E_VKEY_TWICE"):
        verify_note(parse_note(SIGNED), [LOG.verifier, Twin(LOG.name, 1, WITNESS.key.public)])


def cosignature(data: bytes) -> str:
    return f"{LOG_ONLY}— {WITNESS.name} {base64.b64encode(WITNESS.key_id + data).decode()}\n"


COSIGNED = parse_note(SIGNED).signatures[1].signature


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(COSIGNED[:-1], id="short"),
        pytest.param(COSIGNED + b"\x00", id="long"),
        pytest.param((1_767_225_601).to_bytes(8, "big") + COSIGNED[8:], id="another time"),
        pytest.param(b"\x80" + COSIGNED[1:], id="a time beyond 2^63 - 1"),
        pytest.param(LOG.signature(parse_note(SIGNED).text), id="a plain signature"),
        pytest.param(COSIGNED[:8] + WITNESS.key.sign(parse_note(SIGNED).text.encode()), id="the time not signed"),
    ],
)
def test_table_of_bad_cosignatures(data: bytes) -> None:
    with pytest.raises(EvidenceError, match="E_NOTE_SIGNATURE"):
        verify_note(parse_note(cosignature(data).encode()), [LOG.verifier, WITNESS.verifier])


@given(st.integers(0, 2**63 - 1))
def test_a_cosignature_tells_its_time(seconds: int) -> None:
    signer = Cosigner(WITNESS.name, WITNESS.key, seconds)
    note = parse_note(add_signatures(LOG_ONLY, [signer]).encode())
    assert len(note.signatures[1].signature) == 72
    assert verify_note(note, [signer.verifier]) == (HeldSignature(signer.verifier, seconds),)


@pytest.mark.parametrize("seconds", [-1, 2**63])
def test_times_that_no_cosignature_has(seconds: int) -> None:
    with pytest.raises(InputError, match="E_COSIGNATURE_TIME"):
        sign_note("x\n", [Cosigner("w", WITNESS.key, seconds)])


names = st.text("abc./-中", min_size=1, max_size=12)
lines = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1, max_size=10)
checkpoints = st.builds(
    Checkpoint,
    names,
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(lines, max_size=2).map(tuple),
)


@given(checkpoints)
def test_a_checkpoint_is_read_back(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(checkpoint.text()) == checkpoint
    signer = NoteSigner(checkpoint.origin, LOG.key)
    assert open_checkpoint(sign_checkpoint(checkpoint, signer), signer.verifier) == checkpoint


ROOT = base64.b64encode(TREE.root()).decode()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "lines", id="empty"),
        pytest.param("o\n8\n", "lines", id="two lines"),
        pytest.param(f"o\n8\n{ROOT}", "lines", id="no last line feed"),
        pytest.param(f"o\n08\n{ROOT}\n", "size", id="a leading nought"),
        pytest.param(f"o\n-8\n{ROOT}\n", "size", id="a negative size"),
        pytest.param(f"o\n８\n{ROOT}\n", "size", id="a full-width size"),
        pytest.param(f"o\n8 \n{ROOT}\n", "size", id="a blank"),
        pytest.param(f"o\n{2**63}\n{ROOT}\n", "size", id="2^63"),
        pytest.param(f"o\n\n{ROOT}\n", "size", id="no size"),
        pytest.param("o\n8\nAAAA\n", "root", id="a short root"),
        pytest.param(f"o\n8\n{ROOT[:-1]}\n", "root", id="no padding"),
        pytest.param(f"o\n0\n{ROOT}\n", "root", id="a root of nothing that is not empty"),
        pytest.param(f"o\n8\n{ROOT}\n\nx\n", "extension", id="an empty extension"),
    ],
)
def test_table_of_bad_checkpoints(text: str, reason: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_checkpoint(text)
    assert (refused.value.code, refused.value.params["reason"]) == ("E_CHECKPOINT", reason)


@pytest.mark.parametrize("origin", ["", "a b", "a+b"])
def test_an_origin_is_a_key_name(origin: str) -> None:
    with pytest.raises(InputError, match="E_KEY_NAME"):
        parse_checkpoint(f"{origin}\n8\n{ROOT}\n")


def test_an_empty_log_has_a_checkpoint() -> None:
    checkpoint = Checkpoint(LOG.name, 0, empty_root())
    assert open_checkpoint(sign_checkpoint(checkpoint, LOG), LOG.verifier) == checkpoint


def test_only_the_origin_speaks_for_its_log() -> None:
    with pytest.raises(InputError, match="E_CHECKPOINT_ORIGIN"):
        sign_checkpoint(Checkpoint("another.example/log", 8, TREE.root()), LOG)
    with pytest.raises(EvidenceError, match="E_CHECKPOINT_ORIGIN"):
        open_checkpoint(KNOWN_NOTE, parse_vkey(PETER))
    only_witness = sign_note(parse_note(SIGNED).text, [WITNESS])
    with pytest.raises(EvidenceError, match="E_NOTE_UNVERIFIED"):
        open_checkpoint(only_witness, LOG.verifier, [WITNESS.verifier])


def test_a_claim_is_read_without_a_key() -> None:
    changed = KNOWN_NOTE.replace("\n8\n", "\n9\n")
    assert open_checkpoint(changed, None).size == 9
    with pytest.raises(EvidenceError, match="E_NOTE_SIGNATURE"):
        open_checkpoint(changed, LOG.verifier)


def test_a_quorum_counts_keys_and_not_names() -> None:
    again = Cosigner("witness.example.org/w2", WITNESS.key, 1_767_225_600)
    own = Cosigner("witness.example.org/w3", LOG.key, 1_767_225_600)
    note = add_signatures(KNOWN_NOTE, [again, own])
    witnesses = [WITNESS.verifier, again.verifier, own.verifier]
    assert open_checkpoint(note, LOG.verifier, witnesses, quorum=1).size == 8
    with pytest.raises(EvidenceError, match="E_QUORUM"):
        open_checkpoint(note, LOG.verifier, witnesses, quorum=2)
    with pytest.raises(EvidenceError, match="E_QUORUM"):
        open_checkpoint(KNOWN_NOTE, LOG.verifier, quorum=1)


def proof_of(index: int, extra: bytes | None = None) -> LogProof:
    return LogProof(index, tuple(inclusion_path(TREE, index, 8)), KNOWN_NOTE, extra)


@pytest.mark.parametrize("extra", [None, b"", b"receipt 1"])
@pytest.mark.parametrize("index", range(8))
def test_a_proof_travels_and_holds(index: int, extra: bytes | None) -> None:
    proof = parse_log_proof(proof_of(index, extra).text())
    assert proof == proof_of(index, extra)
    assert verify_log_proof(TREE.node(0, index), proof, LOG.verifier, [WITNESS.verifier], quorum=1).size == 8
    with pytest.raises(EvidenceError, match="E_LOG_PROOF_FAILS"):
        verify_log_proof(leaf_hash(b"other"), proof, LOG.verifier)


def test_the_text_of_a_proof() -> None:
    siblings = "\n".join(base64.b64encode(item).decode() for item in inclusion_path(TREE, 5, 8))
    assert proof_of(5).text() == f"c2sp.org/tlog-proof@v1\nindex 5\n{siblings}\n\n{KNOWN_NOTE}"
    assert proof_of(5, b"x").text().startswith("c2sp.org/tlog-proof@v1\nextra eA==\nindex 5\n")


GOOD_PROOF = proof_of(5, b"x").text()
FIRST_HASH = GOOD_PROOF.split("\n")[3]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lambda _: "", "checkpoint", id="empty"),
        pytest.param(lambda t: t.replace("@v1", "@v2"), "header", id="another version"),
        pytest.param(lambda t: t.replace("extra eA==", "extra eA"), "extra", id="a broken extra"),
        pytest.param(lambda t: t.replace("extra eA==\n", "extra eA==\nextra eA==\n"), "index", id="extra twice"),
        pytest.param(lambda t: t.replace("index 5\n", ""), "index", id="no index"),
        pytest.param(lambda t: t.replace("index 5", "index 05"), "index", id="a leading nought"),
        pytest.param(lambda t: t.replace("index 5", "index -5"), "index", id="a negative index"),
        pytest.param(lambda t: t.replace("index 5", "index five"), "index", id="an index in words"),
        pytest.param(lambda t: t.replace("index 5", f"index {2**63}"), "index", id="2^63"),
        pytest.param(lambda t: t.replace(FIRST_HASH, FIRST_HASH[:-1]), "path", id="a broken hash"),
        pytest.param(lambda t: t.replace(FIRST_HASH, "AAAA"), "path", id="a short hash"),
        pytest.param(lambda t: t.replace(FIRST_HASH, "\n".join([FIRST_HASH] * 62)), "path", id="a path too long"),
        pytest.param(lambda t: t.replace("\n\n", "\n", 1), "path", id="no empty line"),
        pytest.param(lambda t: t[: t.index("\n\n") + 2], "checkpoint", id="no checkpoint"),
        pytest.param(lambda t: t.replace("\n8\n", "\n08\n"), "checkpoint", id="a broken checkpoint"),
        pytest.param(lambda t: t.replace("\n", "\r\n"), "checkpoint", id="other line ends"),
        pytest.param(lambda t: t + "x" * (1 << 20), "checkpoint", id="too big"),
    ],
)
def test_table_of_bad_proofs(change: Callable[[str], str], reason: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_log_proof(change(GOOD_PROOF))
    assert (refused.value.code, refused.value.params["reason"]) == ("E_LOG_PROOF", reason)


@given(st.data())
def test_no_changed_byte_of_a_proof_still_proves(data: st.DataObject) -> None:
    original = proof_of(5).text().encode()
    at = data.draw(st.integers(0, original.index("— witness".encode()) - 1))
    changed = bytearray(original)
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        proof = parse_log_proof(bytes(changed).decode("utf-8"))
        verify_log_proof(TREE.node(0, 5), proof, LOG.verifier)
    except (LedgerError, UnicodeDecodeError):
        return
    pytest.fail(f"byte {at} of the proof may be changed")


def test_a_note_is_its_text_and_lines() -> None:
    assert str(Note("x\n", ())) == "x\n\n"
    assert sha256(SIGNED) == sha256(str(parse_note(SIGNED)).encode())
