"""Key files: sealed, bound to their header, readable by their owner only, and refused when weak or absurd."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import InputError
from ledger.signing import keyfile
from ledger.signing.keyfile import (
    INTERACTIVE_MEM,
    INTERACTIVE_OPS,
    describe_key,
    open_key,
    read_key_file,
    seal_key,
    write_key_file,
)
from ledger.signing.keys import SigningKey

KEY = SigningKey(bytes(range(32)))
PASSPHRASE = "出纳的口令 café"
WEAKEST: dict[str, int] = {"ops": INTERACTIVE_OPS, "mem": INTERACTIVE_MEM}
SEALED = seal_key(KEY, PASSPHRASE, "zhang", **WEAKEST)


def changed(**fields: Any) -> bytes:
    return json.dumps({**json.loads(SEALED), **fields}).encode()


def kdf(**fields: Any) -> dict[str, Any]:
    return {**json.loads(SEALED)["kdf"], **fields}


def test_a_key_file_opens_with_its_passphrase() -> None:
    assert open_key(SEALED, PASSPHRASE).public == KEY.public
    assert open_key(SEALED, "出纳的口令 cafe\u0301").public == KEY.public
    assert open_key(SEALED, PASSPHRASE.encode()).public == KEY.public
    assert describe_key(SEALED) == ("zhang", KEY.public)


def test_a_key_file_shows_no_seed_and_never_repeats() -> None:
    again = seal_key(KEY, PASSPHRASE, "zhang", **WEAKEST)
    one, two = json.loads(SEALED), json.loads(again)
    assert one["kdf"]["salt"] != two["kdf"]["salt"]
    assert one["box"] != two["box"]
    assert set(one) == {"format", "kdf", "name", "public", "box"}
    assert one["kdf"] == {"name": "argon2id", **WEAKEST, "salt": one["kdf"]["salt"]}
    assert KEY.seed.hex() not in SEALED.decode()


def test_a_wrong_passphrase_opens_nothing() -> None:
    with pytest.raises(InputError) as refused:
        open_key(SEALED, PASSPHRASE + "!")
    assert refused.value.code == "E_PASSPHRASE"
    assert PASSPHRASE not in str(refused.value)


other_box = json.loads(seal_key(SigningKey(bytes(32)), PASSPHRASE, "zhang", **WEAKEST))["box"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(lambda: changed(name="li"), "E_PASSPHRASE", id="another name"),
        pytest.param(
            lambda: changed(public=SigningKey(bytes(32)).public.text), "E_PASSPHRASE", id="another public key"
        ),
        pytest.param(lambda: changed(kdf=kdf(ops=INTERACTIVE_OPS + 1)), "E_PASSPHRASE", id="other parameters"),
        pytest.param(lambda: changed(kdf=kdf(salt="A" * 22 + "==")), "E_PASSPHRASE", id="another salt"),
        pytest.param(lambda: changed(box=other_box), "E_PASSPHRASE", id="another box"),
        pytest.param(lambda: changed(box="AAAA"), "E_PASSPHRASE", id="hardly a box"),
        pytest.param(lambda: changed(box=""), "E_PASSPHRASE", id="an empty box"),
        pytest.param(lambda: changed(kdf=kdf(ops=1)), "E_KEY_WEAK", id="one pass"),
        pytest.param(lambda: changed(kdf=kdf(mem=8192)), "E_KEY_WEAK", id="little memory"),
        pytest.param(lambda: changed(kdf=kdf(ops=17)), "E_KEY_PARAMS", id="too many passes"),
        pytest.param(lambda: changed(kdf=kdf(mem=2**40)), "E_KEY_PARAMS", id="a terabyte"),
        pytest.param(lambda: changed(kdf=kdf(mem=2**60)), "E_KEY_FORMAT", id="beyond 2^53"),
        pytest.param(lambda: changed(kdf=kdf(ops=2.0)), "E_KEY_FORMAT", id="a float"),
        pytest.param(lambda: changed(kdf=kdf(ops=True)), "E_KEY_FORMAT", id="a boolean"),
        pytest.param(lambda: changed(kdf=kdf(name="scrypt")), "E_KEY_FORMAT", id="another stretching"),
        pytest.param(lambda: changed(kdf=kdf(salt="")), "E_KEY_FORMAT", id="no salt"),
        pytest.param(lambda: changed(kdf=kdf(salt="!")), "E_KEY_FORMAT", id="a broken salt"),
        pytest.param(lambda: changed(kdf={"name": "argon2id"}), "E_KEY_FORMAT", id="no parameters"),
        pytest.param(lambda: changed(kdf=None), "E_KEY_FORMAT", id="no stretching"),
        pytest.param(lambda: changed(format="charity-ledger-key/2"), "E_KEY_FORMAT", id="another format"),
        pytest.param(lambda: changed(extra=1), "E_KEY_FORMAT", id="an unknown field"),
        pytest.param(lambda: changed(name=""), "E_KEY_FORMAT", id="no name"),
        pytest.param(lambda: changed(name=1), "E_KEY_FORMAT", id="a name of another type"),
        pytest.param(lambda: changed(public="ed25519:AAAA"), "E_KEY_FORMAT", id="a broken public key"),
        pytest.param(lambda: changed(box=None), "E_KEY_FORMAT", id="no box"),
        pytest.param(lambda: b"", "E_KEY_FORMAT", id="empty"),
        pytest.param(lambda: b"[]", "E_KEY_FORMAT", id="a list"),
        pytest.param(lambda: b"\xff\xfe", "E_KEY_FORMAT", id="no text"),
        pytest.param(lambda: b"-----BEGIN OPENSSH PRIVATE KEY-----", "E_KEY_FORMAT", id="another program's key"),
        pytest.param(lambda: b"[" * 8000, "E_KEY_FORMAT", id="an abyss"),
        pytest.param(lambda: SEALED + b" " * 8192, "E_KEY_FORMAT", id="too big"),
        pytest.param(lambda: SEALED[:-20], "E_KEY_FORMAT", id="cut off"),
    ],
)
def test_table_of_bad_key_files(data: Callable[[], bytes], code: str) -> None:
    with pytest.raises(InputError) as refused:
        open_key(data(), PASSPHRASE)
    assert refused.value.code == code


def test_a_box_with_something_else_inside_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SigningKey, "seed", bytes(31))
    short = seal_key(KEY, PASSPHRASE, "zhang", **WEAKEST)
    monkeypatch.setattr(SigningKey, "seed", bytes(32))
    other = seal_key(KEY, PASSPHRASE, "zhang", **WEAKEST)
    for data in (short, other):
        with pytest.raises(InputError, match="E_KEY_FORMAT"):
            open_key(data, PASSPHRASE)


@pytest.mark.parametrize(
    ("passphrase", "name", "parameters", "code"),
    [
        ("", "zhang", WEAKEST, "E_PASSPHRASE_FORM"),
        ("长" * 400, "zhang", WEAKEST, "E_PASSPHRASE_FORM"),
        ("ab", "zhang", WEAKEST, "E_PASSPHRASE_SHORT"),
        ("七个汉字不够的", "zhang", WEAKEST, "E_PASSPHRASE_SHORT"),
        ("   ab     ", "zhang", WEAKEST, "E_PASSPHRASE_SHORT"),
        ("e\u0301" * 7, "zhang", WEAKEST, "E_PASSPHRASE_SHORT"),
        ("12345678", "zhang", WEAKEST, "E_PASSPHRASE_COMMON"),
        ("19820314", "zhang", WEAKEST, "E_PASSPHRASE_COMMON"),
        ("Password1", "zhang", WEAKEST, "E_PASSPHRASE_COMMON"),
        ("qwertyui", "zhang", WEAKEST, "E_PASSPHRASE_COMMON"),
        ("zhang-2025", "zhang", WEAKEST, "E_PASSPHRASE_COMMON"),
        ("aaaaaaaab", "zhang", WEAKEST, "E_PASSPHRASE_COMMON"),
        (b"Passw0rd!", "zhang", WEAKEST, "E_PASSPHRASE_COMMON"),
        ("\ud800", "zhang", WEAKEST, "E_PASSPHRASE_FORM"),
        (b"\xff", "zhang", WEAKEST, "E_PASSPHRASE_FORM"),
        (PASSPHRASE, "", WEAKEST, "E_FIELD_EMPTY"),
        (PASSPHRASE, "a b", WEAKEST, "E_FIELD_BLANK"),
        (PASSPHRASE, "zhang", {"ops": 1, "mem": INTERACTIVE_MEM}, "E_KEY_WEAK"),
        (PASSPHRASE, "zhang", {"ops": 2, "mem": 1 << 31}, "E_KEY_PARAMS"),
    ],
)
def test_what_is_never_sealed(passphrase: str | bytes, name: str, parameters: dict[str, int], code: str) -> None:
    with pytest.raises(InputError) as refused:
        seal_key(KEY, passphrase, name, **parameters)
    assert refused.value.code == code


@pytest.mark.parametrize("passphrase", ["春眠不觉晓处处闻", "trombone", "9" + "4071" * 4, b"correct horse"])
def test_eight_characters_that_nobody_guesses_are_enough(passphrase: str | bytes) -> None:
    assert open_key(seal_key(KEY, passphrase, "zhang", **WEAKEST), passphrase).public == KEY.public


def test_an_old_file_opens_with_the_passphrase_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sealed before the rule was made is nobody's fault."""
    with monkeypatch.context() as patch:
        patch.setattr(keyfile, "require_strong", lambda *_: None)
        old = seal_key(KEY, "ab", "zhang", **WEAKEST)
    assert open_key(old, "ab").public == KEY.public


def test_a_key_file_belongs_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "zhang.clkey"
    mask = os.umask(0)
    try:
        write_key_file(path, KEY, PASSPHRASE, "zhang", **WEAKEST)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key_file(path, PASSPHRASE).public == KEY.public
    for mode in (0o640, 0o604, 0o620, 0o601, 0o660):
        path.chmod(mode)
        with pytest.raises(InputError, match="E_KEY_FILE_MODE") as refused:
            read_key_file(path, PASSPHRASE)
        assert refused.value.params["mode"] == f"{mode:04o}"
    path.chmod(0o400)
    assert read_key_file(path, PASSPHRASE).public == KEY.public


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "zhang.clkey"
    path.write_bytes(b"precious")
    with pytest.raises(InputError, match="E_KEY_EXISTS"):
        write_key_file(path, KEY, PASSPHRASE, "zhang", **WEAKEST)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="E_KEY_EXISTS"):
        write_key_file(tmp_path / "link", KEY, PASSPHRASE, "zhang", **WEAKEST)
    assert path.read_bytes() == b"precious"
    assert not (tmp_path / "elsewhere").exists()


def test_what_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path, Path("/dev/null")):
        with pytest.raises(InputError, match="E_KEY_FILE"):
            read_key_file(path, PASSPHRASE)
    big = tmp_path / "big"
    big.touch(mode=0o600)
    big.write_bytes(bytes(keyfile.MAX_FILE_BYTES + 1))
    with pytest.raises(InputError, match="E_KEY_FORMAT"):
        read_key_file(big, PASSPHRASE)
