"""Keys, rotation, checkpoints known from elsewhere, and the state that remembers the last run."""

import json
from base64 import b64decode
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ledger_audit.verifier.checkpoints import State
from ledger_audit.verifier.formats.canonical import FaultError
from ledger_audit.verifier.formats.notes import parse_vkey
from ledger_audit.verifier.sentences import SENTENCES
from ledger_audit.verifier.whole import Trust
from tests.audit import mini_books as books
from tests.audit import mini_writer as mini
from tests.audit.mini_acts import KEY, act, codes, post, rotated, verdict_on
from tests.audit.mini_writer import MiniBook, Pen


def rotate(book: MiniBook) -> None:
    act(rotated)(book)
    book.anchor()
    book.operator = Pen(101)
    post()(book)
    book.anchor()


def test_the_operators_key_may_be_rotated(tmp_path: Path) -> None:
    book = books.working()
    rotate(book)
    for number, pen in enumerate((Pen(100), Pen(101))):
        trust = Trust(key=parse_vkey(pen.vkey()))
        assert verdict_on(book.sealed(), tmp_path / str(number), trust).integrity.kept == []


def test_the_old_key_signs_nothing_more(tmp_path: Path) -> None:
    book = books.working()
    rotate(book)
    book.checkpoints[-1]["note"] = book.checkpoint(pen=Pen(100))
    verdict = verdict_on(book.sealed(), tmp_path / "1")
    assert codes(verdict.integrity) == {"V_CHECKPOINT_SIGNATURE"}
    verdict = verdict_on(book.sealed(pen=Pen(100)), tmp_path / "2")
    assert "V_PACKAGE_SIGNATURE" in codes(verdict.integrity)


def test_the_new_key_signed_nothing_before(tmp_path: Path) -> None:
    book = books.working()
    rotate(book)
    book.checkpoints[3]["note"] = book.checkpoint(book.checkpoints[3]["size"], Pen(101))
    assert codes(verdict_on(book.sealed(), tmp_path).integrity) == {"V_CHECKPOINT_SIGNATURE"}


def taken_over(book: MiniBook, *, signed: bool) -> None:
    """The key is changed by the last but one voucher; `signed`: the key before says so by its last checkpoint."""
    act(rotated)(book)
    if signed:
        book.anchor()
    book.operator = Pen(101)
    post()(book)
    book.anchor()


def given_away(book: MiniBook, *, signed: bool) -> None:
    """The key is changed by the last voucher, and the key before signs everything; `signed`: but for the package."""
    act(rotated)(book)
    book.anchor()
    book.operator = Pen(101) if signed else book.operator


@pytest.mark.parametrize(("change", "vkey"), [(taken_over, Pen(100).vkey()), (given_away, Pen(101).vkey())])
def test_a_log_that_only_names_the_key_is_not_its_log(change: Callable[..., None], vkey: str, tmp_path: Path) -> None:
    """Anybody can write a log that begins or ends with another's public key; it takes that key to sign for it."""
    for signed, found in ((True, set()), (False, {"V_KEY_UNPROVEN"})):
        book = books.working()
        change(book, signed=signed)
        size = len(book.leaves)
        book.checkpoints = [one for one in book.checkpoints if one["size"] >= size - 1]
        verdict = verdict_on(book.sealed(), tmp_path / str(signed), Trust(key=parse_vkey(vkey)))
        assert codes(verdict.integrity) == found
        assert verdict.holds is signed


def test_the_first_key_is_followed_through_every_change_that_it_signed(tmp_path: Path) -> None:
    """A change back to an old key too; one step without a signature breaks it, and the keys after it still hold."""
    for left_out, held in ((0, (True, True)), (1, (True, True)), (2, (True, False))):
        book = books.working()
        turns = []
        for pen in (Pen(101), Pen(102)):
            act(partial(rotated, operator_key=pen.text, possession=pen.possession("operator")))(book)
            book.anchor()
            turns.append(len(book.leaves))
            book.operator = pen
            post()(book)
            book.anchor()
        book.checkpoints = [one for one in book.checkpoints if left_out == 0 or one["size"] != turns[left_out - 1]]
        found = []
        for number in (102, 101):
            folder = tmp_path / f"{left_out}-{number}"
            found.append(verdict_on(book.sealed(), folder, Trust(key=parse_vkey(Pen(number).vkey()))).holds)
        assert tuple(found) == held
        first = verdict_on(book.sealed(), tmp_path / f"{left_out}-100", Trust(key=parse_vkey(Pen(100).vkey())))
        assert first.holds is (left_out == 0)


SHAPES = {
    "before the new key is in use": ("old", 100, (True, False)),
    "the old key's package under a checkpoint that the new one signed too": ("both", 100, (True, False)),
    "the new key's package": ("old", 101, (True, True)),
    "the new key's package under a checkpoint that both signed": ("both", 101, (True, True)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_postings_stand_under_the_key_that_signed_the_package(name: str, tmp_path: Path) -> None:
    """A checkpoint covers vouchers only: who has the old key of a change may print the last one with the new key's
    line, which everybody is shown, beside postings of his own.
    """
    last, package, held = SHAPES[name]
    for forged in (False, True):
        book = books.working()
        act(rotated)(book)
        book.anchor()
        line = book.checkpoint(pen=Pen(101)).rpartition("\n\n")[2]
        if forged:
            for posting in book.postings:
                posting["amount_fen"] *= 10
        files = book.files()
        files["checkpoint"] += line.encode() if last == "both" else b""
        sealed = mini.seal(files, book, Pen(package))
        for number, holds in zip((100, 101), held, strict=True):
            trust = Trust(key=parse_vkey(Pen(number).vkey()))
            verdict = verdict_on(sealed, tmp_path / f"{forged}-{number}", trust)
            assert codes(verdict.integrity) == (set() if holds else {"V_KEY_UNPROVEN"})
            assert verdict.holds is holds


def test_a_key_of_long_ago_vouches_for_a_package_through_every_change(tmp_path: Path) -> None:
    """Changed twice and the last key not in use yet: the middle key signs the package, and the first stands behind."""
    book = books.working()
    rotate(book)
    act(partial(rotated, operator_key=Pen(102).text, possession=Pen(102).possession("operator")))(book)
    book.anchor()
    for package, held in ((101, (True, True, False)), (102, (True, True, True))):
        for number, holds in zip((100, 101, 102), held, strict=True):
            trust = Trust(key=parse_vkey(Pen(number).vkey()))
            verdict = verdict_on(book.sealed(pen=Pen(package)), tmp_path / f"{package}-{number}", trust)
            assert codes(verdict.integrity) == (set() if holds else {"V_KEY_UNPROVEN"})


@pytest.mark.parametrize("vkey", [Pen(101).vkey(), Pen(100).vkey("other.example/log"), Pen(1).vkey()])
def test_another_key_is_not_this_operators(vkey: str, tmp_path: Path) -> None:
    verdict = verdict_on(books.working().sealed(), tmp_path, Trust(key=parse_vkey(vkey)))
    assert codes(verdict.integrity) == {"V_NOT_THIS_KEY"}


def test_without_a_key_it_only_agrees_with_itself(tmp_path: Path) -> None:
    verdict = verdict_on(books.working().sealed(), tmp_path, Trust())
    assert verdict.integrity.kept == []
    assert verdict.self_consistent_only
    assert not verdict.holds


def cut(book: MiniBook, size: int) -> MiniBook:
    """The same log cut back to an older size, with everything the operator can sign signed anew."""
    shorter = MiniBook(operator=book.operator, pens=book.pens)
    shorter.leaves = book.leaves[:size]
    events = sum(
        json.loads(b64decode(json.loads(leaf)["envelope"]["payload"]))["events"]["count"] for leaf in shorter.leaves
    )
    shorter.events = book.events[:events]
    shorter.postings = [one for one in book.postings if one["position"] <= events]
    shorter.checkpoints = [one for one in book.checkpoints if one["size"] <= size]
    return shorter


@pytest.mark.parametrize("size", range(1, 7))
def test_a_log_cut_back_is_seen_only_by_who_knew_more(size: int, tmp_path: Path) -> None:
    book = books.working()
    files = cut(book, size).sealed()
    assert verdict_on(files, tmp_path).integrity.kept == []
    known = Trust(key=KEY, known=[("kept.note", book.checkpoint())])
    assert codes(verdict_on(files, tmp_path, known).integrity) == {"V_CUT_BACK"}
    older = Trust(key=KEY, known=[("kept.note", book.checkpoint(size))])
    assert verdict_on(files, tmp_path, older).integrity.kept == []


def test_a_log_cut_back_to_before_a_change_of_key_may_be_that(tmp_path: Path) -> None:
    """It no longer names the key that signed the newer checkpoint, so that both readings are told."""
    book = books.working()
    rotate(book)
    known = Trust(key=KEY, known=[("kept.note", book.checkpoint())])
    shorter = cut(book, 6)
    shorter.operator = Pen(100)
    found = verdict_on(shorter.sealed(), tmp_path, known).integrity
    assert codes(found) == {"V_KNOWN_SIGNATURE", "V_KNOWN_LATER"}
    (later,) = (one for one in found.kept if one.code == "V_KNOWN_LATER")
    assert (later.params["known"], later.params["found"]) == (len(book.leaves), 6)


def test_a_rewritten_history_is_a_fork(tmp_path: Path) -> None:
    book = books.working()
    other = cut(book, 6)
    post()(other)
    post()(other)
    known = [("kept.note", book.checkpoint())]
    verdict = verdict_on(other.sealed(), tmp_path, Trust(key=KEY, known=known))
    assert "V_FORK" in codes(verdict.integrity)


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (lambda book: Pen(9).note(book.checkpoint().partition("\n\n")[0] + "\n"), "V_KNOWN_SIGNATURE"),
        (lambda book: Pen(100).note(f"o\n7\n{mini.b64(book.root())}\n", "o"), "V_KNOWN_ORIGIN"),
    ],
    ids=["not signed by the operator", "of another log"],
)
def test_a_known_checkpoint_must_be_the_operators(note: Callable[[MiniBook], str], code: str, tmp_path: Path) -> None:
    book = books.working()
    verdict = verdict_on(book.sealed(), tmp_path, Trust(key=KEY, known=[("kept.note", note(book))]))
    assert codes(verdict.integrity) == {code}


def test_a_known_file_that_is_no_note_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(FaultError, match="V_NOTE"):
        verdict_on(books.working().sealed(), tmp_path, Trust(key=KEY, known=[("kept.note", "no note")]))


def test_the_state_remembers_and_moves_only_forward(tmp_path: Path) -> None:
    book, state = books.working(), State(tmp_path / "state")
    trust = Trust(key=KEY, state=state)
    assert verdict_on(cut(book, 4).sealed(), tmp_path / "1", trust).holds
    assert state.read(mini.ORIGIN) == book.checkpoint(4)
    assert verdict_on(book.sealed(), tmp_path / "2", trust).holds
    assert state.read(mini.ORIGIN) == book.checkpoint()
    older = verdict_on(cut(book, 4).sealed(), tmp_path / "3", trust)
    assert codes(older.integrity) == {"V_CUT_BACK"}
    bad = books.working()
    post()(bad)
    bad.anchor()
    bad.postings[0]["amount_fen"] += 1
    assert not verdict_on(bad.sealed(), tmp_path / "4", trust).holds
    assert state.read(mini.ORIGIN) == book.checkpoint()
    assert verdict_on(book.sealed(), tmp_path / "5", Trust(state=State(tmp_path / "other"))).integrity.kept == []
    assert State(tmp_path / "other").read(mini.ORIGIN) is None


def test_a_state_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FaultError, match="V_STATE"):
        verdict_on(books.working().sealed(), tmp_path / "1", Trust(key=KEY, state=State(tmp_path / "file" / "x")))
    state = State(tmp_path / "state")
    state.path(mini.ORIGIN).mkdir(parents=True)
    with pytest.raises(FaultError, match="V_STATE"):
        verdict_on(books.working().sealed(), tmp_path / "2", Trust(key=KEY, state=state))


def test_findings_never_hide_the_first(tmp_path: Path) -> None:
    book = books.staffed()
    for number in range(700):
        book.voucher("mei", "e1", [books.gift(book, f"d{number}", 1)], leaf={"number": 9999})
    verdict = verdict_on(book.sealed(), tmp_path)
    assert verdict.integrity.total >= 700
    assert verdict.to_json()["integrity"]["first_bad"] == {"number": 3, "position": 9}
    assert len(verdict.to_json()["integrity"]["findings"]) == 200


def test_every_code_is_said_in_both_languages_and_made_to_fail_somewhere() -> None:
    source = "\n".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_verifier_*.py"))
    assert [code for code, said in SENTENCES.items() if not all(said)] == []
    assert [code for code in SENTENCES if f'"{code}"' not in source] == []
