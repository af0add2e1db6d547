"""One algorithm for each purpose: any other is refused by name, and a new one has one place of its own."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import AuthorityError, LedgerError
from ledger.signing import base64_text
from ledger.signing.digests import parse_digest, sha256
from ledger.signing.keyfile import INTERACTIVE_MEM, INTERACTIVE_OPS, open_key, seal_key
from ledger.signing.keys import PublicKey, SigningKey
from ledger.signing.vkeys import key_id, parse_vkey
from ledger_api.http import message_signatures
from ledger_api.http.message_signatures import Message, sign_message, verify_message
from ledger_audit.verifier.formats import notes
from ledger_audit.verifier.formats.canonical import FaultError

ROOT = Path(__file__).parents[2]
KEY = SigningKey.generate()
MESSAGE = Message("GET", "ledger.test", "/v1/events", "", {})
NOW = 1_759_200_000
WORD = "correct horse battery staple"


def asked(alg: str) -> None:
    """A request that says another algorithm, signed as it says with ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(message_signatures, "ALGORITHM", alg)
        headers = sign_message(MESSAGE, KEY, NOW, "n-1")
    signed = Message(MESSAGE.method, MESSAGE.authority, MESSAGE.path, MESSAGE.query, headers)
    verify_message(signed, lambda _: KEY.public, NOW)


def vkey(kind: int) -> str:
    public = KEY.public.raw
    return f"name+{key_id('name', kind, public).hex()}+{base64_text.encode(bytes([kind]) + public)}"


def key_file() -> bytes:
    sealed = seal_key(KEY, WORD, "li", ops=INTERACTIVE_OPS, mem=INTERACTIVE_MEM)
    return sealed.replace(b'"argon2id"', b'"scrypt"')


OTHERS: dict[str, tuple[Callable[[], object], str]] = {
    "a request by HMAC": (lambda: asked("hmac-sha256"), "E_REQUEST_SIGNATURE"),
    "a request by a dummy": (lambda: asked("dummy"), "E_REQUEST_SIGNATURE"),
    "a request by none": (lambda: asked(""), "E_REQUEST_SIGNATURE"),
    "a public key of SM2": (lambda: PublicKey.parse(KEY.public.text.replace("ed25519:", "sm2:")), "E_PUBLIC_KEY"),
    "a note's key of another type": (lambda: parse_vkey(vkey(0x7F)), "E_VKEY_ALGORITHM"),
    "a digest of SM3": (lambda: parse_digest("sm3:" + "0" * 64), "E_DIGEST"),
    "a key file by scrypt": (lambda: open_key(key_file(), WORD), "E_KEY_FORMAT"),
    "the stranger: a public key of SM2": (
        lambda: notes.key_of_text(KEY.public.text.replace("ed25519:", "sm2:")),
        "V_KEY_FORM",
    ),
    "the stranger: a note's key of another type": (lambda: notes.parse_vkey(vkey(0x7F)), "V_VKEY"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_algorithm_is_refused_by_name(what: str) -> None:
    use, code = OTHERS[what]
    with pytest.raises((LedgerError, FaultError)) as refused:
        use()
    assert isinstance(refused.value, LedgerError | FaultError)
    assert refused.value.code == code


def test_another_algorithm_of_requests_is_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dummy whose signatures are digests; what it does not accept is not accepted by ours instead."""
    with pytest.raises(AuthorityError, match="alg, tag"):
        asked("dummy")
    taken: list[bytes] = []

    def holds(key: PublicKey, signature: bytes, base: bytes) -> bool:
        taken.append(sha256(base))
        return key.verify(signature, base) and len(taken) > 1

    monkeypatch.setitem(message_signatures.ALGORITHMS, "dummy", holds)
    with pytest.raises(AuthorityError, match="signature"):
        asked("dummy")
    asked("dummy")
    asked("ed25519")
    assert len(taken) == 2


def test_every_module_that_uses_cryptography_is_in_the_inventory() -> None:
    """But for those that draw random bytes only."""
    using = r"^\s*(?:from nacl\S* import .*|import (?:nacl|hmac|pyotp).*|from pyotp\S* import .*)$|nacl\._sodium"
    told = (ROOT / "docs" / "cryptography.md").read_text(encoding="utf-8")
    used = set[str]()
    for room in ("src/ledger", "projections/ledger_projections", "audit/ledger_audit", "api/ledger_api"):
        for file in (ROOT / room).rglob("*.py"):
            lines = re.findall(using, file.read_text(encoding="utf-8"), re.MULTILINE)
            if [one for one in lines if one.strip() != "from nacl.utils import random"]:
                used.add(file.relative_to(ROOT).as_posix())
    listed = set(re.findall(r"`((?:src|projections|audit|api)/[a-z_/]+\.py)`", told))
    assert listed == used
