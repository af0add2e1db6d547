"""A restored copy that lost vouchers is left for a new book under another name, which says where it came from."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger_api.knowing import KnownFile
from tests.api.county import LIGHT, ORIGIN, Office, administrators, entity_registered, operator, voucher
from tests.api.keeping.books import give, note, refused
from tests.api.keeping.test_restore import restored

NEW = "ledger.example.org/shili-2"
LOST = "九月三十日下午的凭证没有备份"


def successor(copy: Office, origin: str = NEW, *more: object, reason: str = LOST, code: int = 0) -> Any:
    """A new book in place of the copy's; the answer as JSON."""
    words = ("init", "--book", copy.folder / "new", "--origin", origin, "--fork-origin", copy.book)
    stated = ("--reason", reason) if reason else ()
    return copy.asked(*words, *stated, *administrators(copy), *operator(copy), *LIGHT, *more, code=code)


def behind(office: Office, tmp_path: Path) -> Office:
    """A copy that lacks the office's last voucher, and is told so."""
    copy = restored(office, tmp_path)
    give(office, "D30")
    known = note(office, tmp_path / "outside")
    assert copy.asked("resume", "--known", known, code=1)["error"]["code"] == "E_RESTORED_BEHIND"
    return copy


def state_of(copy: Office) -> str:
    found = copy.asked("doctor", code=1)["checks"]
    return str(next(one["found"] for one in found if one["code"] == "E_DOCTOR_STATE"))


def test_the_new_book_says_where_it_came_from_and_the_copy_is_closed_for_good(office: Office, tmp_path: Path) -> None:
    copy = behind(office, tmp_path)
    before, old = copy.position(), copy.asked("checkpoint")["note"].split("\n")
    made = successor(copy)
    assert (made["origin"], made["number"]) == (NEW, 1)
    event = _first_event(copy, copy.folder / "new")
    assert (event["kind"], event["version"], event["origin"], event["reason"]) == ("book.opened", 2, NEW, LOST)
    came_from = event["came_from"]
    root = "sha256:" + base64.b64decode(old[2]).hex()
    assert (came_from["origin"], came_from["size"], came_from["root"]) == (ORIGIN, int(old[1]), root)
    assert came_from["operator_key"] == _first_event(copy, copy.book)["operator_key"] != event["operator_key"]
    assert refused(copy, "D31") == "E_FORKED"
    assert state_of(copy) == "forked"
    for known in (tmp_path / "outside", note(copy, tmp_path / "own")):
        error = copy.asked("resume", "--known", known, code=2)["error"]
        assert (error["code"], NEW in error["message"]) == ("E_NOT_RESTORED", True), "which book goes on in its place"
    assert (copy.position(), copy.asked("verify")["integrity"]["ok"]) == (before, True)


def test_the_two_are_different_books_to_everybody(office: Office, tmp_path: Path) -> None:
    copy = behind(office, tmp_path)
    made = successor(copy)
    new = copy.folder / "new"
    file = copy.folder / "voucher.json"
    file.write_text(json.dumps(voucher("book", entity_registered())), encoding="utf-8")
    copy.done("submit", file, "--book", new, officer="guan-yi")
    copy.done("approve", "--all", "--yes", "--book", new, officer="guan-er")
    assert copy.asked("verify", "--book", new)["integrity"]["ok"]
    state = copy.folder / "state" / "charity-ledger"
    notes = [KnownFile(origin, "guan-yi", state).read() for origin in (ORIGIN, NEW)]
    assert [one.note.split("\n")[0] for one in notes if one is not None] == [ORIGIN, NEW]
    copy.done("export", "package", tmp_path / "package", "--book", new)
    words = [sys.executable, "-m", "ledger_audit.verifier", str(tmp_path / "package"), "--key", made["vkey"], "--json"]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
    told = subprocess.run([*words, "--known", str(tmp_path / "outside")], capture_output=True, text=True, check=False)
    assert (told.returncode, "V_KNOWN_ORIGIN" in told.stdout) == (1, True)


@pytest.mark.parametrize(
    ("origin", "reason", "found"),
    [(ORIGIN, LOST, "E_ORIGIN_TAKEN"), (NEW, "", "E_FORK_REASON")],
    ids=["name", "reason"],
)
def test_what_is_refused_leaves_the_copy_as_it_was(
    office: Office, tmp_path: Path, origin: str, reason: str, found: str
) -> None:
    copy = behind(office, tmp_path)
    assert successor(copy, origin, reason=reason, code=2)["error"]["code"] == found
    if reason:  # on a machine that has never seen the book, too
        shutil.rmtree(copy.folder / "state")
        assert successor(copy, origin, code=2)["error"]["code"] == "E_FORK_ORIGIN_SAME"
    assert not (copy.folder / "new").exists()
    assert state_of(copy) == "restored"


def test_a_book_that_takes_vouchers_is_not_left(office: Office) -> None:
    error = successor(office, code=2)["error"]
    assert (error["code"], "restore" in error["message"]) == ("E_NOT_RESTORED", True), "what to do instead"
    assert give(office, "D30")["state"] == "posted"


def test_broken_off_it_is_done_again_under_the_same_name_only(office: Office, tmp_path: Path) -> None:
    copy = behind(office, tmp_path)
    words = ("--database", f"sqlite:///{tmp_path / 'taken.db'}")
    successor(copy, NEW, *words)
    shutil.rmtree(copy.folder / "new")
    shutil.rmtree(copy.folder / "state")
    assert successor(copy, NEW, *words, code=2)["error"]["code"] == "E_BOOK_EXISTS"
    shutil.rmtree(copy.folder / "new", ignore_errors=True)
    error = successor(copy, NEW + "-again", code=2)["error"]
    assert (error["code"], f"{NEW} " in error["message"]) == ("E_NOT_RESTORED", True), "by which it was replaced"
    assert successor(copy)["origin"] == NEW


def _first_event(copy: Office, directory: Path) -> dict[str, Any]:
    file = copy.folder / "events.jsonl"
    file.unlink(missing_ok=True)
    copy.done("export", "events", file, "--book", directory)
    first: dict[str, Any] = json.loads(file.read_text(encoding="utf-8").splitlines()[0])
    found: dict[str, Any] = first["event"]
    return found
