"""The operator's key changes: clients follow what the log proves, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.application.outcomes import Outcome
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.errors import EvidenceError, UncertainError
from ledger.signing.vkeys import parse_vkey
from ledger_api.access.former import former_secrets, own_secrets
from ledger_api.books import Book
from ledger_api.cli import outcomes
from ledger_audit.verifier.__main__ import main as stranger
from tests.api.county import LIGHT, MAKER, ORIGIN, Office, approve, gift, voucher


def new_operator(office: Office, name: str) -> dict[str, Any]:
    file = office.folder / "book" / name
    words = ("key", "new", file, "--officer", "operator", "--name", "经办", "--origin", ORIGIN, *LIGHT)
    office.done(*words, "--passphrase-file", office.folder / "operator.word")
    return dict(json.loads(Path(f"{file}.request.json").read_text(encoding="utf-8")))


def install(office: Office, name: str) -> None:
    settings = office.book / "book.toml"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith("operator_key")]
    settings.write_text("\n".join([*lines, f'operator_key = "{name}"']) + "\n")


def rotate(office: Office, name: str) -> str:
    """Record another operator key and install it; answers the vkey of before."""
    before = str(office.asked("checkpoint")["vkey"])
    request = new_operator(office, name)
    values = {"previous": parse_vkey(before).public.text, "operator_key": request["key"], "reason": "换机"}
    event = {"kind": "operator_key.rotated", **values, "possession": request["possession"]}
    office.submit(voucher("book", event), officer="guan-yi")
    assert approve(office, "guan-er")[0]["state"] == "posted"
    install(office, name)
    return before


def test_clients_follow_a_recorded_change(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office.submit(voucher("charity", gift("D2", 500)))
    first = rotate(office, "second.clkey")
    # The newest checkpoint still bears the key before the change, and a proof under it holds.
    assert office.asked("proof", 1, "-o", tmp_path / "before.ledger-proof")["position"] == 1
    assert office.submit(voucher("charity", gift("D3", 500)))["state"] == "posted"
    rotate(office, "third.clkey")
    assert office.submit(voucher("charity", gift("D4", 500)))["state"] == "posted"
    now = office.asked("checkpoint")["vkey"]
    assert now != first
    assert office.asked("verify")["integrity"]["ok"]
    office.done("export", "package", tmp_path / "package")
    for key in (first, now):
        assert stranger([str(tmp_path / "package"), "--key", key]) == 0
    capsys.readouterr()


def test_a_client_that_slept_through_two_changes_follows_both(office: Office) -> None:
    office.submit(voucher("charity", gift("D2", 500)))
    rotate(office, "second.clkey")
    office.submit(voucher("book", _entity("a")), officer="guan-san")
    rotate(office, "third.clkey")
    assert office.submit(voucher("charity", gift("D3", 500)), officer=MAKER)["state"] == "posted"


def _entity(name: str) -> dict[str, Any]:
    kinds = {"entity_kind": "charity", "book_kind": "statutory", "chart_family": "npo", "public_fundraising": False}
    return {"kind": "entity.registered", "entity": name, "name": name, **kinds}


def test_a_key_that_the_log_does_not_name_signs_nothing(office: Office) -> None:
    office.submit(voucher("charity", gift("D2", 500)))
    new_operator(office, "other.clkey")
    install(office, "other.clkey")
    error = office.submit(voucher("charity", gift("D3", 500)), code=1)["error"]
    assert error["code"] in {"E_OPERATOR_CHANGED", "E_NOTE_UNVERIFIED"}


def test_a_package_holds_under_either_key_before_anything_else_is_posted(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the old key has signed the log until the new one is taken into use, and then a package bears the new one."""
    first = office.asked("checkpoint")["vkey"]
    office.done("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi")
    approve(office, "guan-er")
    office.done("export", "package", tmp_path / "before")
    now = office.asked("key", "install-operator")["vkey"]
    office.done("export", "package", tmp_path / "after")
    for package, key, code in (("before", first, 0), ("before", now, 1), ("after", first, 0), ("after", now, 0)):
        capsys.readouterr()
        assert stranger([str(tmp_path / package), "--key", key, "--json"]) == code
        codes = [one["code"] for one in json.loads(capsys.readouterr().out)["integrity"]["findings"]]
        assert codes == (["V_KEY_UNPROVEN"] if code else [])


def word_of(office: Office, name: str, text: str) -> Path:
    """A passphrase file."""
    file = office.folder / name
    file.write_text(text + "\n", encoding="utf-8")
    return file


def test_two_administrators_change_the_operators_key_by_commands(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Made, recorded by two, taken into use: everybody goes on, and a stranger accepts the log under either key."""
    first = office.asked("checkpoint")["vkey"]
    pending = office.asked("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi")
    assert pending["missing"] == ["administrator"]
    early = office.asked("key", "install-operator")
    assert early["vkey"] == first, "nothing is recorded yet: the key in use is the one that the log names"
    (posted,) = approve(office, "guan-er")
    assert posted["state"] == "posted"
    refused = office.submit(voucher("charity", gift("D2", 500)), code=1)["error"]
    assert refused["code"] == "E_OPERATOR_KEY"
    assert "install-operator" in refused["message"]
    now = office.asked("key", "install-operator")["vkey"]
    assert now != first
    assert office.submit(voucher("charity", gift("D2", 500)))["state"] == "posted"
    assert office.asked("checkpoint")["vkey"] == now
    assert office.asked("verify")["integrity"]["ok"]
    office.done("export", "package", tmp_path / "package")
    for key in (first, now):
        assert stranger([str(tmp_path / "package"), "--key", key]) == 0
    capsys.readouterr()


def test_the_new_key_may_have_a_passphrase_of_its_own(office: Office) -> None:
    """An old book's short word seals nothing new; the settings name the file of the new one from then on."""
    fresh = word_of(office, "fresh.word", "新机器的运行口令")
    words = ("--reason", "换机", "--operator-passphrase-file", fresh, *LIGHT)
    office.done("key", "rotate-operator", *words, officer="guan-yi")
    approve(office, "guan-er")
    wrong = office.asked("key", "install-operator", code=2)["error"]
    assert wrong["code"] == "E_PASSPHRASE"
    office.done("key", "install-operator", "--operator-passphrase-file", fresh)
    (office.folder / "operator.word").unlink()
    assert office.submit(voucher("charity", gift("D2", 500)))["state"] == "posted"


def test_a_rotation_that_is_refused_leaves_no_key_behind(office: Office) -> None:
    """An accountant changes no operator's key; nor does a weak word seal one."""
    before = sorted(file.name for file in office.book.iterdir())
    for officer, word, code in (
        (MAKER, "新机器的运行口令", "E_REFUSED"),
        ("guan-yi", "12345678", "E_PASSPHRASE_COMMON"),
    ):
        words = ("--reason", "换机", "--operator-passphrase-file", word_of(office, "w", word), *LIGHT)
        assert office.asked("key", "rotate-operator", *words, officer=officer, code=2)["error"]["code"] == code
    assert sorted(file.name for file in office.book.iterdir()) == before


def test_a_key_whose_file_is_elsewhere_is_not_taken_into_use(office: Office) -> None:
    """The file was made on another machine and never brought here."""
    office.done("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi")
    approve(office, "guan-er")
    (file,) = office.book.glob("operator-*.clkey")
    file.unlink()
    before = (office.book / "book.toml").read_text()
    assert office.asked("key", "install-operator", code=2)["error"]["code"] == "E_OPERATOR_KEY_FILE"
    assert (office.book / "book.toml").read_text() == before


@pytest.mark.parametrize("broken", [OSError(28, "No space left on device"), BrokenPipeError(), KeyboardInterrupt()])
def test_a_rotation_that_was_kept_keeps_its_key_whatever_happens_afterwards(
    office: Office, monkeypatch: pytest.MonkeyPatch, broken: BaseException
) -> None:
    """The voucher waits already when its answer cannot be printed: its key must be there when it is approved."""

    def fails(*_: object) -> None:
        raise broken

    with monkeypatch.context() as patch:
        patch.setattr(outcomes, "show", fails)
        assert office.run("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi").exit_code != 0
    (posted,) = approve(office, "guan-er")
    assert posted["state"] == "posted"
    office.done("key", "install-operator")
    assert office.submit(voucher("charity", gift("D2", 500)))["state"] == "posted"


@pytest.mark.parametrize("code", ["E_DATABASE", "E_POSTING_UNKNOWN"])
def test_a_rotation_of_which_nobody_knows_whether_it_was_kept_keeps_its_key(
    office: Office, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """The connection to the database broke at the commit: the voucher may be there, and is."""
    submit, exit_code = Writer.submit, 1 if code == "E_DATABASE" else 2

    def lost(writer: Writer, submission: Submission) -> Outcome:
        submit(writer, submission)
        if code == "E_DATABASE":
            raise EvidenceError(code, reason="server closed the connection unexpectedly")
        raise UncertainError(code, voucher="v", wait=2)

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "submit", lost)
        asked = office.asked("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi", code=exit_code)
    assert asked["error"]["code"] == code
    assert approve(office, "guan-er")[0]["state"] == "posted"
    office.done("key", "install-operator")


def test_no_rotation_is_posted_whose_key_file_is_not_there(office: Office) -> None:
    """Approving it would leave a book that nobody can write to; with the file back, it is posted."""
    voucher_id = office.asked("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi")["voucher"]
    (file,) = office.book.glob("operator-*.clkey")
    away = file.rename(office.folder / "away.clkey")
    one = office.asked("approve", voucher_id, "--yes", officer="guan-er", code=2)["error"]
    (among_all,) = office.asked("approve", "--all", "--yes", officer="guan-er", code=2)
    for error in (one, among_all["error"]):
        assert error["code"] == "E_OPERATOR_KEY_AWAY"
        assert file.stem.removeprefix("operator-") in error["message"]
        assert str(office.book) in error["message"]
    assert office.submit(voucher("charity", gift("D2", 500)))["state"] == "posted"
    away.rename(file)
    assert approve(office, "guan-er")[0]["state"] == "posted"
    office.done("key", "install-operator")
    assert office.submit(voucher("charity", gift("D3", 500)))["state"] == "posted"


def test_the_new_key_is_left_what_the_one_before_kept_answers_under(office: Office) -> None:
    with Book.open(office.book) as book:
        before = book.operator((office.folder / "operator.word").read_text().strip())
    office.done("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi")
    approve(office, "guan-er")
    office.done("key", "install-operator")
    with Book.open(office.book) as book, book.store.read() as connection:
        after = book.operator((office.folder / "operator.word").read_text().strip())
        assert after.vkey != before.vkey
        assert former_secrets(connection, after) == [own_secrets(before)]
        assert former_secrets(connection, before) == []


def test_a_second_rotation_before_the_first_is_in_use_names_the_cure(office: Office) -> None:
    """The two keys are told apart, and no third key file is left behind."""
    office.done("key", "rotate-operator", "--reason", "换机", *LIGHT, officer="guan-yi")
    approve(office, "guan-er")
    (file,) = office.book.glob("operator-*.clkey")
    old = office.asked("key", "show", office.book / "operator.clkey")["keyid"]
    new = office.asked("key", "show", file)["keyid"]
    again = office.asked("key", "rotate-operator", "--reason", "再换", *LIGHT, officer="guan-yi", code=1)["error"]
    posting = office.submit(voucher("charity", gift("D2", 500)), code=1)["error"]
    for error in (again, posting):
        assert error["code"] == "E_OPERATOR_KEY"
        assert "key install-operator" in error["message"]
        assert error["message"].index(new) < error["message"].index(old)
        assert (error["params"]["keyid"], error["params"]["found"]) == (new, old)
    assert list(office.book.glob("operator-*.clkey")) == [file]
    office.done("key", "install-operator")
    assert office.asked("key", "rotate-operator", "--reason", "再换", *LIGHT, officer="guan-yi")["missing"]
