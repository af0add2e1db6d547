"""`mirror add`, `pull`, `status`, `tables` at the command line, over a real connection to the loopback range."""

import json
import shutil
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger_api.mirroring.directory import MirrorDirectory
from tests.api.client.serving import serving
from tests.api.county import MAKER, OPERATOR_WORD, ORIGIN, Office, approve, gift, voucher

LOOKER = "zhao"


def overseen(office: Office) -> Office:
    """The office, with a supervisor of every entity."""
    new = ("key", "new", office.key(LOOKER), "--officer", LOOKER, "--name", "示例", "--origin", ORIGIN)
    office.done(*new, "--memory-mib", "64", "--passphrase-file", office.folder / "word")
    request = f"{office.key(LOOKER)}.request.json"
    office.done("key", "enrol", request, "--role", "supervisor", "--entity", "charity", officer="guan-yi")
    approve(office, "guan-er")
    granted = {"kind": "role.granted", "officer": LOOKER, "role": "supervisor", "entity": None}
    office.submit(voucher("book", granted), officer="guan-yi")
    approve(office, "guan-er")
    return office


def added(office: Office, mirror: Path, url: str, vkey: str, name: str = "shili") -> None:
    office.done("mirror", "add", mirror, "--name", name, "--url", url, "--vkey", vkey, officer=LOOKER)


def test_a_book_is_followed_read_and_told(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = tmp_path / "office" / "mirror"
    with serving(overseen(office).book, OPERATOR_WORD) as (url, operator):
        added(office, mirror, url, operator.vkey)
        assert mirror.stat().st_mode & 0o777 == 0o700, "the first `add` makes the directory, for its owner only"
        (first,) = office.asked("mirror", "pull", mirror)["books"]
        assert (first["code"], first["holds"], first["taken"]) == ("", True, first["size"])
        office.submit(voucher("charity", gift("D7", 777)))
        assert "新收 1 张" in office.done("mirror", "pull", mirror, "shili")
    (standing,) = office.asked("mirror", "status", mirror)["books"]
    assert (standing["size"], standing["origin"], standing["fork"]) == (first["size"] + 1, ORIGIN, "")
    told = office.asked("mirror", "tables", mirror)
    assert told["total"]["balance_fen"] == 100_777
    text = office.done("mirror", "tables", mirror, "M7", "--from", "2025-09")
    assert text.startswith("M7 慈善资金收支月报(2025-09)\n口径:")
    assert "shili" in text
    assert "合计" in text
    assert "说明:" in text
    monkeypatch.setattr("ledger_api.cli.output.PIPE_COLUMNS", 40)
    for name in ("M7", "balances"):
        narrow = office.done("mirror", "tables", mirror, name)
        assert "1,007.77" in narrow, "an amount is never cut"
    assert "非限定" in narrow
    assert "unrestricted" not in narrow
    copy = MirrorDirectory(mirror).folder(MirrorDirectory(mirror).book("shili"))
    assert office.asked("balances", "--book", copy) == office.asked("balances")
    assert office.asked("verify", "--book", copy)["integrity"]["ok"]
    refused = office.run("submit", office.folder / "voucher.json", "--book", copy, officer=MAKER)
    assert refused.exit_code == 2
    assert "E_MIRROR_READ_ONLY" in refused.stderr


def test_out_of_reach_is_2_and_what_does_not_hold_is_1(office: Office, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    other = overseen(office).copy(tmp_path / "other")
    with serving(office.book, OPERATOR_WORD) as (url, operator):
        added(office, mirror, url, operator.vkey)
        office.done("mirror", "pull", mirror)
        office.submit(voucher("charity", gift("D7", 777)))
        office.done("mirror", "pull", mirror)
    listed = mirror / "mirror.toml"
    away = "https://127.0.0.1:9"
    listed.write_text(listed.read_text(encoding="utf-8").replace(url, away), encoding="utf-8")
    other.submit(voucher("charity", gift("D8", 888)))
    with serving(other.book, OPERATOR_WORD) as (fork, _):
        state = MirrorDirectory(mirror).folder(MirrorDirectory(mirror).book("shili")) / "state"
        assert state.is_dir()
        listed.write_text(listed.read_text(encoding="utf-8").replace(away, fork), encoding="utf-8")
        (found,) = office.asked("mirror", "pull", mirror, code=1)["books"]
        assert (found["code"], found["holds"]) == ("E_FORK", False)
    assert json.loads(Path(found["fork"]).read_bytes())["verdict"] == "proven"
    result = office.run("mirror", "status", mirror)
    assert result.exit_code == 1
    assert "两个检查点互相矛盾" in result.stdout
    assert "未计入:shili" in office.run("mirror", "tables", mirror).stderr
    (told,) = office.asked("mirror", "status", mirror, code=1)["books"]
    assert (told["verdict"], told["evidence"]) == ("proven", [{"file": found["fork"], "verdict": "proven"}])
    added(office, mirror, "https://127.0.0.1:9", NoteSigner("b.example.org/x", SigningKey.generate()).vkey, "other")
    Path(found["fork"]).write_bytes(b"{")
    spoilt = office.run("mirror", "status", mirror)
    assert spoilt.exit_code == 1
    assert "other" in spoilt.stdout, "the others are told all the same"
    assert "shili: 不是账本分叉的证据文件" in spoilt.stdout
    (told, other) = office.asked("mirror", "status", mirror, code=1)["books"]
    assert (told["holds"], told["verdict"], told["evidence"]) == (
        *(False, None),
        [{"file": found["fork"], "verdict": None}],
    )
    assert (other["evidence"], other["verdict"]) == ([], None)


def test_a_followed_book_is_changed_and_removed_and_never_counted_twice(office: Office, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    secret = ("--passphrase-file", office.folder / "word")
    with serving(overseen(office).book, OPERATOR_WORD) as (url, operator):
        added(office, mirror, "https://127.0.0.1:9", operator.vkey)
        again = ("mirror", "add", mirror, "--name", "again", "--url", url, "--vkey", operator.vkey)
        refused = office.run(*again, officer=LOOKER)
        assert (refused.exit_code, "E_MIRROR_TWICE" in refused.stderr) == (2, True)
        assert [one.name for one in MirrorDirectory(mirror).books()] == ["shili"]
        bare = office.run("mirror", "set", mirror, "shili")
        assert (bare.exit_code, "E_MIRROR_CHANGE" in bare.stderr) == (2, True)
        office.done("mirror", "set", mirror, "shili", "--url", url, "--key", office.key(LOOKER), *secret)
        (found,) = office.asked("mirror", "pull", mirror)["books"]
        assert (found["code"], found["taken"] > 0) == ("", True)
        listed = mirror / "mirror.toml"
        whole = listed.read_text(encoding="utf-8")
        listed.write_text(whole + whole.replace('"shili"', '"twin"'), encoding="utf-8")
        shutil.copytree(mirror / "books" / "shili", mirror / "books" / "twin")
        told = office.asked("mirror", "tables", mirror)
        assert (told["total"]["balance_fen"], told["left_out"]) == (100_000, ["twin"]), "one log is counted once"
        status = office.asked("mirror", "status", mirror)["books"]
        assert [(one["code"], one["counted"]) for one in status] == [("", True), ("E_MIRROR_TWICE", False)]
        for word in ("pull", "remove", "set"):
            nobody = office.run("mirror", word, mirror, "nosuch", *(("--url", url) if word == "set" else ()))
            assert (nobody.exit_code, "E_MIRROR_UNKNOWN" in nobody.stderr) == (2, True), word
            assert "shili, twin" in nobody.stderr
        removed = office.asked("mirror", "remove", mirror, "twin")
        assert (Path(removed["kept"]) / "book.db").is_file(), "what was taken in is kept, apart"
        assert listed.read_text(encoding="utf-8") == whole
        office.done("mirror", "remove", mirror, "shili")
        assert office.asked("mirror", "status", mirror) == {"books": []}
        added(office, mirror, url, operator.vkey)
        assert office.asked("mirror", "pull", mirror)["books"][0]["size"] == found["size"]


def test_a_mirror_that_is_none_is_told(office: Office, tmp_path: Path) -> None:
    for words in (("pull",), ("status",), ("tables",)):
        result = office.run("mirror", *words, tmp_path)
        assert result.exit_code == 2
        assert LedgerError("E_MIRROR_MISSING", directory=str(tmp_path)).message("zh") in result.stderr


def test_a_refused_first_add_leaves_no_directory(office: Office, tmp_path: Path) -> None:
    vkey = NoteSigner("b.example.org/x", SigningKey.generate()).vkey
    mirror, words = tmp_path / "mirror", ("--name", "a", "--url", "https://127.0.0.1:9", "--vkey", vkey)
    result = office.run("mirror", "add", mirror, *words)  # as nobody
    assert (result.exit_code, "E_MIRROR_CALLER" in result.stderr) == (2, True)
    assert not mirror.exists()
    (tmp_path / "file").write_text("a file")
    result = office.run("mirror", "add", tmp_path / "file", *words, officer=LOOKER)
    assert (result.exit_code, "E_MIRROR_PLACE" in result.stderr) == (2, True)
    assert "mirror add" not in result.stderr
