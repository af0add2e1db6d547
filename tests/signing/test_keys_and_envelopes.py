"""Ed25519 keys against RFC 8032 and hostile signatures; DSSE envelopes against its specification; base64; fresh ids."""

import base64
import os
import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.signing import base64_text
from ledger.signing.dsse import Envelope, Signature, pae, sign, verify
from ledger.signing.ids import new_uuid7
from ledger.signing.keys import PublicKey, SigningKey
from ledger.values.ids import check_uuid7

RFC_8032 = [  # section 7.1: seed, public key, message, signature
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493
KEY = SigningKey(bytes(range(32)))
OTHER = SigningKey(bytes(range(32, 64)))


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_the_vectors_of_the_rfc(seed: str, public: str, message: str, signature: str) -> None:
    key = SigningKey(bytes.fromhex(seed))
    assert key.public.raw.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    assert key.public.verify(bytes.fromhex(signature), bytes.fromhex(message))


def bent(signature: bytes, at: int) -> bytes:
    return signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]


def with_scalar(signature: bytes, change: int) -> bytes:
    """The same R and another S: S + change * the group's order verifies wherever S is not bounded."""
    scalar = int.from_bytes(signature[32:], "little") + change * ORDER
    return signature[:32] + scalar.to_bytes(32, "little")


GOOD = KEY.sign(b"message")
HOSTILE = {
    "empty": b"",
    "only R": GOOD[:32],
    "one byte short": GOOD[:-1],
    "one byte long": GOOD + b"\x00",
    "first bit of R": bent(GOOD, 0),
    "last bit of R": bent(GOOD, 31),
    "first bit of S": bent(GOOD, 32),
    "last bit of S": bent(GOOD, 63),
    "S + L": with_scalar(GOOD, 1),
    "S + 2L": with_scalar(GOOD, 2),
    "S = 0": GOOD[:32] + bytes(32),
    "S = L": GOOD[:32] + ORDER.to_bytes(32, "little"),
    "S all ones": GOOD[:32] + b"\xff" * 32,
    "R = 0": bytes(32) + GOOD[32:],
    "R the neutral point": b"\x01" + bytes(31) + GOOD[32:],
    "all zero": bytes(64),
    "another key's": OTHER.sign(b"message"),
    "another message's": KEY.sign(b"massage"),
    "swapped halves": GOOD[32:] + GOOD[:32],
}


@pytest.mark.parametrize("signature", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_signatures_do_not_hold(signature: bytes) -> None:
    assert KEY.public.verify(GOOD, b"message")
    assert not KEY.public.verify(signature, b"message")


P = 2**255 - 19
HOSTILE_KEYS = {
    "short": bytes(31),
    "long": bytes(33),
    "the neutral point": b"\x01" + bytes(31),
    "order 2": (P - 1).to_bytes(32, "little"),
    "order 4": bytes(32),
    "order 8": bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    "order 8, other sign": bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
    "neutral point, not canonical": (P + 1).to_bytes(32, "little"),
    "nought, not canonical": P.to_bytes(32, "little"),
    "off the curve": b"\x02" + bytes(31),
    "all ones": b"\xff" * 32,
}


@pytest.mark.parametrize("raw", HOSTILE_KEYS.values(), ids=HOSTILE_KEYS.keys())
def test_hostile_keys_are_refused(raw: bytes) -> None:
    with pytest.raises(InputError, match="E_PUBLIC_KEY"):
        PublicKey(raw)
    with pytest.raises(InputError, match="E_PUBLIC_KEY"):
        PublicKey.parse("ed25519:" + base64.b64encode(raw).decode())


def test_a_public_key_as_text() -> None:
    text = KEY.public.text
    assert text == "ed25519:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
    assert PublicKey.parse(text) == KEY.public
    assert hash(PublicKey.parse(text)) == hash(KEY.public)
    assert KEY.public != OTHER.public
    assert KEY.public.keyid == "56475aa75463474c"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ed25519:",
        KEY.public.text[8:],
        KEY.public.text + "\n",
        KEY.public.text.replace("=", ""),
        KEY.public.text.upper(),
        None,
    ],
)
def test_other_texts_are_no_public_key(text: object) -> None:
    with pytest.raises(InputError, match="E_PUBLIC_KEY"):
        PublicKey.parse(text)


def test_stray_bits_in_a_keys_text_are_refused() -> None:
    with pytest.raises(InputError, match="E_BASE64"):
        PublicKey.parse(KEY.public.text.replace("bg=", "bh="))


def test_a_seed_is_never_shown() -> None:
    seed = bytes(range(32))
    shown = f"{KEY!r} {KEY} {vars(type(KEY)).keys()}"
    assert seed.hex() not in shown
    assert repr(seed) not in shown
    assert base64.b64encode(seed).decode() not in shown
    with pytest.raises(TypeError):
        KEY.__reduce__()
    assert SigningKey.generate().public != SigningKey.generate().public
    with pytest.raises(InputError, match="E_SEED"):
        SigningKey(seed[:31])


def test_the_published_pre_authentication_encoding() -> None:
    assert (
        pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("", b"") == b"DSSEv1 0  0 "
    assert pae("类型/é", b"\x00\xff") == b"DSSEv1 9 " + "类型/é".encode() + b" 2 \x00\xff"


@given(st.text(max_size=6), st.binary(max_size=6), st.text(max_size=6), st.binary(max_size=6))
def test_two_messages_never_encode_alike(kind: str, body: bytes, other_kind: str, other_body: bytes) -> None:
    try:
        encoded, other = pae(kind, body), pae(other_kind, other_body)
    except UnicodeEncodeError:
        return
    assert (encoded == other) == ((kind, body) == (other_kind, other_body))


envelopes = st.builds(
    Envelope,
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.binary(max_size=40),
    st.lists(
        st.builds(Signature, st.text(st.characters(codec="utf-8"), max_size=5), st.binary(min_size=64, max_size=64)),
        min_size=1,
        max_size=4,
    ).map(tuple),
)


@given(envelopes)
def test_an_envelope_is_read_back(envelope: Envelope) -> None:
    assert Envelope.from_bytes(envelope.to_bytes()) == envelope


def test_both_base64_alphabets_are_read_and_one_is_written() -> None:
    envelope = Envelope("t", b"\xfb\xff\xfe", (Signature("k", b"\xff" * 64),))
    value: dict[str, Any] = envelope.to_json_value()
    assert value["payload"] == "+//+"
    value["payload"] = "-__-"
    value["signatures"] = [{"keyid": "k", "sig": base64.urlsafe_b64encode(b"\xff" * 64).decode()}]
    assert Envelope.from_json_value(value) == envelope


def envelope_value() -> dict[str, Any]:
    return dict(sign("t", b"body", KEY).to_json_value())


BAD_ENVELOPES: dict[str, tuple[dict[str, Any], str]] = {
    "no payload": ({k: v for k, v in envelope_value().items() if k != "payload"}, "E_FIELD_MISSING"),
    "an unknown field": ({**envelope_value(), "extra": 1}, "E_FIELD_UNKNOWN"),
    "payload no text": ({**envelope_value(), "payload": 1}, "E_BASE64"),
    "payload without padding": ({**envelope_value(), "payload": "Ym9keQ"}, "E_BASE64"),
    "payload with a blank": ({**envelope_value(), "payload": "Ym9k eQ=="}, "E_BASE64"),
    "payload with stray bits": ({**envelope_value(), "payload": "Ym9keR=="}, "E_BASE64"),
    "payload in two alphabets": ({**envelope_value(), "payload": "+_++"}, "E_BASE64"),
    "type no text": ({**envelope_value(), "payloadType": None}, "E_FIELD_TYPE"),
    "signatures no list": ({**envelope_value(), "signatures": {}}, "E_FIELD_TYPE"),
    "no signature": ({**envelope_value(), "signatures": []}, "E_ENVELOPE_SIGNATURES"),
    "too many": ({**envelope_value(), "signatures": envelope_value()["signatures"] * 17}, "E_ENVELOPE_SIGNATURES"),
    "a signature no object": ({**envelope_value(), "signatures": ["x"]}, "E_FIELD_TYPE"),
    "no keyid": ({**envelope_value(), "signatures": [{"sig": ""}]}, "E_FIELD_MISSING"),
    "a short signature": (
        {**envelope_value(), "signatures": [{"keyid": "", "sig": "AAAA"}]},
        "E_ENVELOPE_SIGNATURE_LENGTH",
    ),
}


@pytest.mark.parametrize(("value", "code"), BAD_ENVELOPES.values(), ids=BAD_ENVELOPES.keys())
def test_table_of_bad_envelopes(value: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as refused:
        Envelope.from_json_value(value)
    assert refused.value.code == code


KEYS = {"first": KEY.public, "second": OTHER.public}


def test_an_envelope_says_who_signed_it() -> None:
    one, two = sign("t", b"body", KEY), sign("t", b"body", OTHER)
    both = Envelope("t", b"body", two.signatures + one.signatures)
    assert verify(one, KEYS) == ("first",)
    assert verify(both, KEYS) == ("second", "first")
    assert verify(one, {"second": OTHER.public}) == ()


def test_a_changed_envelope_is_signed_by_nobody() -> None:
    envelope = sign("t", b"body", KEY)
    assert verify(Envelope("u", envelope.payload, envelope.signatures), KEYS) == ()
    assert verify(Envelope("t", b"bodY", envelope.signatures), KEYS) == ()
    assert (
        verify(Envelope("t", b"body", (Signature(KEY.public.keyid, bent(envelope.signatures[0].sig, 0)),)), KEYS) == ()
    )


def test_a_keyid_hints_and_decides_nothing() -> None:
    sig = sign("t", b"body", KEY).signatures[0].sig
    for keyid in ("", "first", "second", "unknown"):
        assert verify(Envelope("t", b"body", (Signature(keyid, sig),)), KEYS) == ("first",)


def test_one_key_counts_once() -> None:
    sig = sign("t", b"body", KEY).signatures[0].sig
    twice = Envelope("t", b"body", (Signature("a", sig), Signature("b", sig)))
    assert verify(twice, {"a": KEY.public, "b": KEY.public}) == ("a",)


@given(st.binary(max_size=40))
def test_base64_is_the_standards(data: bytes) -> None:
    text = base64_text.encode(data)
    assert text == base64.b64encode(data).decode()
    assert base64_text.decode(text) == data
    assert base64_text.decode(base64.urlsafe_b64encode(data).decode(), url_safe=True) == data


@given(st.text("AQBz+/-_= \n8", max_size=8))
def test_base64_has_one_reading(text: str) -> None:
    try:
        data = base64_text.decode(text)
    except InputError as refused:
        assert refused.code == "E_BASE64"  # noqa: PT017 - either it is refused or it is exact
    else:
        assert base64_text.encode(data) == text


def test_fresh_ids_are_uuids_of_now() -> None:
    before = time.time_ns() // 1_000_000
    ids = [new_uuid7() for _ in range(2000)]
    after = time.time_ns() // 1_000_000
    assert len(set(ids)) == len(ids)
    assert all(before <= int(check_uuid7(text).replace("-", "")[:12], 16) <= after for text in ids)


def test_every_free_bit_of_an_id_is_fresh() -> None:
    drawn = [int(new_uuid7().replace("-", ""), 16) for _ in range(400)]
    fixed_ones, fixed_zeros = drawn[0], ~drawn[0]
    for value in drawn[1:]:
        fixed_ones, fixed_zeros = fixed_ones & value, fixed_zeros & ~value
    free = ~(fixed_ones | fixed_zeros) & ((1 << 80) - 1)
    assert free == ((1 << 80) - 1) ^ (0xF << 76) ^ (0b11 << 62)  # all but version and variant: 74 bits


def test_threads_never_share_an_id() -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.extend([new_uuid7() for _ in range(1500)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({text[-20:] for text in found}) == len(found) == 6000


def test_a_forked_child_draws_its_own_bits() -> None:
    new_uuid7()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, "".join(new_uuid7() for _ in range(20)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        theirs = pipe.read()
    ours = "".join(new_uuid7() for _ in range(600))
    tails = {theirs[i + 15 : i + 36] for i in range(0, len(theirs), 36)}
    assert len(tails) == 20
    assert not any(tail in ours for tail in tails)
