"""`init` and `key`: making a book and taking people's keys in."""

import json
import stat
from pathlib import Path

import pytest

from tests.api.county import ADMINISTRATORS, LIGHT, ORIGIN, Office, administrators, approve, operator

NEW = "ledger.example.org/new-book"


def test_a_book_is_opened_with_three_administrators(office: Office, tmp_path: Path) -> None:
    other = tmp_path / "other"
    words = ("init", "--book", other, "--origin", NEW, *administrators(office), *operator(office), *LIGHT)
    found = office.asked(*words)
    assert found["state"] == "posted"
    assert (found["number"], found["positions"]) == (1, [1, 1])
    assert found["vkey"].startswith(NEW + "+")
    assert stat.S_IMODE((other / "operator.clkey").stat().st_mode) == 0o600
    assert office.asked("checkpoint", "--book", other)["vkey"] == found["vkey"]
    told = office.run("init", "--origin", NEW, "--book", other, *administrators(office), *operator(office))
    assert told.exit_code == 2
    assert "E_BOOK_DIRECTORY_TAKEN" in told.stderr


def test_the_operators_key_is_told_to_be_kept_outside(office: Office, tmp_path: Path) -> None:
    words = ("init", "--book", tmp_path / "x", "--origin", NEW, *administrators(office), *operator(office), *LIGHT)
    told = office.done(*words)
    assert "账本以外" in told
    assert told.splitlines()[-1].startswith(NEW + "+")


def test_a_name_that_a_client_knows_is_not_given_to_another_book(office: Office, tmp_path: Path) -> None:
    words = ("init", "--book", tmp_path / "x", "--origin", ORIGIN, *administrators(office), *operator(office), *LIGHT)
    assert office.asked(*words, code=2)["error"]["code"] == "E_ORIGIN_TAKEN"
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("E_ADMINISTRATOR_OPTION", ["--administrator", "guan-yi"]),
        ("E_ADMINISTRATOR_OPTION", ["--administrator", "guan-yi==file"]),
        ("E_EVENT_FIELD", []),
        ("E_KEY_FILE", ["--administrator", "guan-yi=示例=nowhere.clkey=nowhere"]),
    ],
)
def test_a_wrong_opening_leaves_nothing_behind(office: Office, tmp_path: Path, code: str, wrong: list[str]) -> None:
    two = administrators(office)[:4]
    told = office.run("init", "--book", tmp_path / "x", "--origin", NEW, *two, *wrong, *operator(office), *LIGHT)
    assert told.exit_code == 2
    assert code in told.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("origin", ["with space", "UPPER", "a+b", ""])
def test_an_origin_has_one_form(office: Office, tmp_path: Path, origin: str) -> None:
    words = ("init", "--book", tmp_path / "x", "--origin", origin, *administrators(office), *operator(office), *LIGHT)
    assert office.run(*words).exit_code == 2
    assert not (tmp_path / "x").exists()


WEAK = {"two letters": ("ab", "E_PASSPHRASE_SHORT"), "a row of digits": ("12345678", "E_PASSPHRASE_COMMON")}


@pytest.mark.parametrize(("word", "code"), WEAK.values(), ids=WEAK.keys())
def test_a_weak_passphrase_seals_nothing(office: Office, tmp_path: Path, word: str, code: str) -> None:
    """Neither a person's key nor the operator's; and no half-made book is left behind."""
    weak = tmp_path / "weak"
    weak.write_text(word + "\n", encoding="utf-8")
    new = ("key", "new", tmp_path / "new.clkey", "--officer", "wang", "--name", "示例王", "--origin", ORIGIN, *LIGHT)
    assert office.asked(*new, "--passphrase-file", weak, code=2)["error"]["code"] == code
    words = ("init", "--book", tmp_path / "x", "--origin", NEW, *administrators(office), *LIGHT)
    assert office.asked(*words, "--operator-passphrase-file", weak, code=2)["error"]["code"] == code
    assert [file.name for file in tmp_path.iterdir() if file.suffix or file.name == "x"] == []


def test_a_new_key_comes_with_a_request_that_proves_possession(office: Office) -> None:
    file = office.folder / "wang.clkey"
    found = office.asked(
        *("key", "new", file, "--officer", "wang", "--name", "示例王", "--origin", ORIGIN, *LIGHT),
        *("--passphrase-file", office.folder / "word"),
    )
    request = json.loads(Path(found["request"]).read_text(encoding="utf-8"))
    assert set(request) == {"officer", "name", "key", "keyid", "possession", "origin"}
    shown = office.asked("key", "show", file)
    assert (shown["name"], shown["key"], shown["keyid"]) == ("wang", request["key"], request["keyid"])
    assert request["keyid"] in office.done("key", "show", file)
    again = office.run("key", "new", file, "--officer", "w", "--name", "w", "--origin", ORIGIN, *LIGHT, officer="zhang")
    assert (again.exit_code, "E_KEY_EXISTS" in again.stderr) == (2, True)


def test_a_key_is_enrolled_by_two_administrators_and_revoked_by_two(office: Office) -> None:
    file = office.folder / "wang.clkey"
    new = ("key", "new", file, "--officer", "wang", "--name", "示例王", "--origin", ORIGIN, *LIGHT)
    keyid = office.asked(*new, "--passphrase-file", office.folder / "word")["keyid"]
    request = f"{file}.request.json"
    enrol = ("key", "enrol", request, "--role", "cashier", "--role", "auditor", "--entity", "charity")
    townships = ("--scope", "甲镇", "--scope", "乙镇")
    roles = (*enrol[:3], "--role", "cashier", "--entity", "charity", "--title", "出纳", *townships)
    waiting = office.asked(*roles, officer="guan-yi")
    assert (waiting["state"], waiting["missing"]) == ("pending", ["administrator"])
    assert approve(office, "guan-er")[0]["state"] == "posted"
    kinds = [row["kind"] for row in office.asked("trail", "officer:wang")["rows"]]
    assert kinds == ["officer.named", "key.enrolled", "role.granted", "role.granted"]
    office.done("export", "events", office.folder / "events.jsonl")
    *lines, _ = (office.folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line)["event"] for line in lines]
    assert [one["scope"] for one in events if one["kind"] == "role.granted"][-2:] == ["甲镇", "乙镇"]
    office.asked("key", "revoke", keyid, "--reason", "lost", "--note", "丢失", officer="guan-yi")
    approve(office, "guan-san")
    told = office.run("reverse", 2, "--reason", "x", officer="wang")
    assert told.exit_code == 2
    assert "E_KEY_REVOKED" in told.output


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--role", "cashier", "--entity", "charity", "--entity", "charity"), "E_ROLE_OPTIONS"),
        (("--role", "king", "--entity", "charity"), "E_EVENT_FIELD"),
    ],
)
def test_a_wrong_enrolment_is_refused(office: Office, words: tuple[str, ...], code: str) -> None:
    told = office.run("key", "enrol", f"{office.key('zhang')}.request.json", *words, officer="guan-yi")
    assert told.exit_code == 2
    assert code in told.stderr


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"officer": 1}'])
def test_a_request_that_is_none_is_refused(office: Office, text: str) -> None:
    file = office.folder / "request.json"
    file.write_text(text)
    told = office.run("key", "enrol", file, officer="guan-yi")
    assert (told.exit_code, "E_KEY_REQUEST" in told.stderr) == (2, True)


def test_a_request_for_another_book_is_refused(office: Office) -> None:
    file = Path(f"{office.key('zhang')}.request.json")
    file.write_text(file.read_text(encoding="utf-8").replace(ORIGIN, "other.example.org/book"), encoding="utf-8")
    told = office.run("key", "enrol", file, officer="guan-yi")
    assert (told.exit_code, "E_KEY_REQUEST" in told.stderr) == (2, True)


def test_an_unknown_key_signs_nothing(office: Office) -> None:
    file = office.folder / "nobody.clkey"
    new = ("key", "new", file, "--officer", "nobody", "--name", "某", "--origin", ORIGIN, *LIGHT)
    office.done(*new, "--passphrase-file", office.folder / "word")
    told = office.run("reverse", 2, "--reason", "x", officer="nobody")
    assert (told.exit_code, "E_KEY_UNKNOWN" in told.stderr) == (2, True)
    assert office.run("key", "revoke", "0" * 16, "--reason", "lost", officer=ADMINISTRATORS[0]).exit_code == 2
