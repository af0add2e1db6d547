"""A witness's line comes into the book, is checked before, and goes out again with everything that others check."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.signing.keyfile import read_key_file
from ledger.signing.keys import SigningKey
from ledger.signing.notes import Cosigner, NoteSigner
from ledger_audit.verifier.__main__ import main as stranger
from tests.api.county import OPERATOR_WORD, ORIGIN, Office, approve, fee, voucher
from tests.signing.cosigning import add_signatures

NAME = "witness.example.org/w1"
KEY = SigningKey(bytes(range(32)))


def witness(office: Office, ahead: int = -60, name: str = NAME, key: SigningKey = KEY) -> Cosigner:
    return Cosigner(name, key, int(office.now.timestamp()) + ahead)


def handed(office: Office, note: str) -> Path:
    file = office.folder / "cosigned.note"
    file.write_text(note, encoding="utf-8")
    return file


def verified(office: Office, *witnesses: str) -> dict[str, int]:
    """What `verify` says of witnesses: code -> up to which voucher."""
    named = [word for vkey in witnesses for word in ("--witness", vkey)]
    found = office.asked("verify", *named)["completeness"]["findings"]
    return {one["code"]: one["params"]["size"] for one in found if "WITNESS" in one["code"]}


def test_what_a_witness_signed_goes_out_with_everything(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = office.asked("checkpoint")
    signer = witness(office)
    cosigned = add_signatures(before["note"], [signer])
    told = office.asked("checkpoint", "--cosigned", handed(office, cosigned), "--witness", signer.vkey)
    size = int(cosigned.splitlines()[1])
    assert (told["witness"], told["size"]) == (NAME, size)
    assert office.asked("checkpoint")["note"] == cosigned
    again = office.done("checkpoint", "--cosigned", handed(office, cosigned), "--witness", signer.vkey)
    assert NAME in again
    office.done("export", "package", tmp_path / "package")
    office.done("proof", 1, "-o", tmp_path / "one.ledger-proof")
    office.done("export", "events", tmp_path / "e.jsonl")
    assert verified(office) == {"W_WITNESS_UNCHECKED": size, "W_UNWITNESSED": 0}
    assert verified(office, signer.vkey) == {}
    assert verified(office, Cosigner(NAME, SigningKey(bytes(32)), 1).vkey) == verified(office)
    plain = office.asked("verify", "--witness", before["vkey"], code=2)
    assert plain["error"]["code"] == "E_WITNESS_VKEY"
    capsys.readouterr()
    for file in ("package", "one.ledger-proof", "e.jsonl"):
        asked = [str(tmp_path / file), "--key", before["vkey"], "--now", office.now.isoformat(), "--json"]
        assert stranger([*asked, "--witness", signer.vkey]) == 0
        found = json.loads(capsys.readouterr().out)["completeness"]["findings"]
        assert not [one for one in found if "WITNESS" in one["code"] or "ANCHOR" in one["code"]]
        other = Cosigner(NAME, SigningKey(bytes(32)), 1).vkey
        assert stranger([*asked, "--witness", other]) == 0
        found = json.loads(capsys.readouterr().out)["completeness"]["findings"]
        assert {"C_NO_WITNESS", "C_WITNESS_UNPROVEN"} <= {one["code"] for one in found}


@pytest.mark.parametrize(("ahead", "codes"), [(-200, set()), (-7 * 86_400, {"W_WITNESS_BEFORE", "W_UNWITNESSED"})])
def test_a_stored_line_of_before_its_vouchers_is_told(
    office: Office,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    ahead: int,
    codes: set[str],
) -> None:
    """As an earlier release took it in: the book holds, and the line shows that one of two clocks was wrong."""
    monkeypatch.setattr("ledger_api.keeping.witnessing.CLOCKS_APART", 10**9)
    signer = witness(office, ahead)
    cosigned = add_signatures(office.asked("checkpoint")["note"], [signer])
    office.asked("checkpoint", "--cosigned", handed(office, cosigned), "--witness", signer.vkey)
    assert set(verified(office, signer.vkey)) == codes
    office.done("export", "package", tmp_path / "package")
    office.done("proof", 1, "-o", tmp_path / "one.ledger-proof")
    capsys.readouterr()
    for file in ("package", "one.ledger-proof"):
        asked = [str(tmp_path / file), "--now", office.now.isoformat(), "--json", "--witness", signer.vkey]
        assert stranger([*asked, "--key", office.asked("checkpoint")["vkey"]]) == 0
        found = json.loads(capsys.readouterr().out)["completeness"]["findings"]
        assert ("C_WITNESS_BEFORE" in {one["code"] for one in found}) == bool(codes), file


def test_an_earlier_checkpoint_may_be_taken_in_when_its_witness_was_slow(office: Office) -> None:
    cosigned = add_signatures(office.asked("checkpoint")["note"], [witness(office)])
    office.submit(voucher("charity", fee("M1", 300)))
    approve(office)
    told = office.asked("checkpoint", "--cosigned", handed(office, cosigned), "--witness", witness(office).vkey)
    assert told["size"] < int(office.asked("checkpoint")["note"].splitlines()[1])


Changed = Callable[[Office, str], tuple[str, str]]
"""The note that is handed in, and the key that is named."""


def _plain(office: Office, note: str) -> tuple[str, str]:
    signer = NoteSigner(NAME, KEY)
    return add_signatures(note, [signer]), signer.vkey


def _forged(office: Office, note: str) -> tuple[str, str]:
    signed = add_signatures(note, [witness(office)])
    lines = signed.splitlines(keepends=True)
    other = add_signatures(note.replace("\n\n", "\nmore\n\n", 1), [witness(office)]).splitlines(keepends=True)[-1]
    return "".join([*lines[:-1], other]), witness(office).vkey


def _other_root(office: Office, note: str) -> tuple[str, str]:
    origin, size, root, *rest = note.split("\n")
    changed = "\n".join((origin, size, root[:4] + ("B" if root[4] == "A" else "A") + root[5:], *rest))
    return add_signatures(changed, [witness(office)]), witness(office).vkey


def _later(office: Office, note: str) -> tuple[str, str]:
    origin, _, *rest = note.split("\n")
    return add_signatures("\n".join((origin, "999", *rest)), [witness(office)]), witness(office).vkey


def _operator(office: Office, note: str) -> tuple[str, str]:
    signer = witness(office, name=ORIGIN)
    return add_signatures(note, [signer]), signer.vkey


def _of(ahead: int) -> Changed:
    def made(office: Office, note: str) -> tuple[str, str]:
        signer = witness(office, ahead)
        return add_signatures(note, [signer]), signer.vkey

    return made


REFUSED: dict[str, tuple[Changed, str]] = {
    "not signed by the witness": (lambda office, note: (note, witness(office).vkey), "E_NOTE_UNVERIFIED"),
    "signed with another key": (
        lambda office, note: (add_signatures(note, [witness(office, key=SigningKey(bytes(32)))]), witness(office).vkey),
        "E_NOTE_UNVERIFIED",
    ),
    "a line from elsewhere": (_forged, "E_NOTE_SIGNATURE"),
    "a plain signature": (_plain, "E_WITNESS_VKEY"),
    "another root": (_other_root, "E_COSIGNED_OTHER"),
    "vouchers that are not there": (_later, "E_COSIGNED_OTHER"),
    "the operator's name": (_operator, "E_WITNESS_OPERATOR"),
    "a time to come": (_of(1_000), "E_COSIGNED_AHEAD"),
    "a time beyond any": (_of(10**15), "E_COSIGNED_AHEAD"),
    "a time before it can have been": (_of(-7 * 86_400), "E_COSIGNED_BEFORE"),
    "a time before any computer": (
        lambda office, note: _of(-int(office.now.timestamp()))(office, note),
        "E_COSIGNED_BEFORE",
    ),
    "no note": (lambda office, _: ("something", witness(office).vkey), "E_NOTE_TEXT"),
    "no key": (lambda _, note: (note, "nonsense"), "E_VKEY"),
}


@pytest.mark.parametrize("which", REFUSED)
def test_what_no_witness_signed_is_not_taken_in(which: str, office: Office) -> None:
    changed, code = REFUSED[which]
    before = office.asked("checkpoint")["note"]
    note, vkey = changed(office, before)
    result = office.run("checkpoint", "--cosigned", handed(office, note), "--witness", vkey)
    assert (result.exit_code in {1, 2}, code in result.stderr) == (True, True), result.output
    assert office.asked("checkpoint")["note"] == before


def test_a_witness_signs_a_checkpoint_once(office: Office) -> None:
    note, first, second = office.asked("checkpoint")["note"], witness(office), witness(office, -30)
    office.done("checkpoint", "--cosigned", handed(office, add_signatures(note, [first])), "--witness", first.vkey)
    changed = handed(office, add_signatures(note, [second]))
    assert office.asked("checkpoint", "--cosigned", changed, "--witness", first.vkey, code=2)["error"]["code"] == (
        "E_COSIGNED_TWICE"
    )
    assert office.asked("checkpoint")["note"] == add_signatures(note, [first])


def test_the_operators_key_is_no_witnesss(office: Office) -> None:
    note = office.asked("checkpoint")["note"]
    key = read_key_file(office.book / "operator.clkey", OPERATOR_WORD)
    own = witness(office, key=key)
    asked = ("--cosigned", handed(office, add_signatures(note, [own])), "--witness", own.vkey)
    assert office.asked("checkpoint", *asked, code=2)["error"]["code"] == "E_WITNESS_OPERATOR"


@pytest.mark.parametrize("given", ["--cosigned", "--witness"])
def test_both_are_needed(given: str, office: Office) -> None:
    error = office.asked("checkpoint", given, "x", code=2)["error"]
    assert error["code"] == "E_COSIGNED_OPTIONS"
