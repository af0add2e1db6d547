"""Single proofs: what holds under the key, each way in which one does not, and kept checkpoints beside them."""

import base64
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.audit import mini_books as books
from tests.audit import mini_writer as mini
from tests.audit.mini_writer import MiniBook, Pen
from tests.audit.verifier.test_verifier_commands import VKEY, run, run_json


def proof_of(book: MiniBook, number: int, line: int, /, **changes: Any) -> dict[str, Any]:
    leaves = [mini.leaf_hash(leaf) for leaf in book.leaves]
    leaf = json.loads(book.leaves[number - 1])
    statement = json.loads(base64.b64decode(leaf["envelope"]["payload"]))
    first, count = leaf["first_position"], statement["events"]["count"]
    events = [mini.leaf_hash(event) for event in book.events[first - 1 : first - 1 + count]]
    path = "".join(mini.b64(item) + "\n" for item in mini.path_of(number - 1, leaves))
    return {
        "event": mini.b64(book.events[first - 1 + line]),
        "line": line,
        "voucher_path": [mini.b64(item) for item in mini.path_of(line, events)],
        "leaf": mini.b64(book.leaves[number - 1]),
        "log_proof": f"c2sp.org/tlog-proof@v1\nindex {number - 1}\n{path}\n{book.checkpoint()}",
        **changes,
    }


def write_proof(tmp_path: Path, proof: Any) -> Path:
    path = tmp_path / "event.ledger-proof"
    path.write_text(json.dumps(proof), encoding="utf-8")
    return path


@pytest.mark.parametrize(("number", "line"), [(1, 0), (2, 6), (3, 0), (4, 1), (5, 2), (7, 1)])
def test_a_proof_holds_under_the_key(
    number: int, line: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = books.working()
    path = write_proof(tmp_path, proof_of(book, number, line))
    code, found = run_json(capsys, path, "--key", VKEY)
    assert code == 0
    position = json.loads(book.leaves[number - 1])["first_position"] + line
    assert found["proven"]["position"] == position
    assert found["proven"]["event"] == json.loads(book.events[position - 1])
    code, out, _ = run(capsys, path, "--key", VKEY)
    assert code == 0
    assert f"第 {number} 号凭证" in out
    assert run(capsys, path)[0] == 1


def with_extra(proof: dict[str, Any]) -> dict[str, Any]:
    return {**proof, "log_proof": proof["log_proof"].replace("@v1\n", "@v1\nextra eA==\n")}


def test_an_extra_line_in_a_proof_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_proof(tmp_path, with_extra(proof_of(books.working(), 3, 1)))
    assert run(capsys, path, "--key", VKEY)[0] == 0


def altered_leaf(book: MiniBook) -> str:
    leaf = json.loads(book.leaves[2])
    return mini.b64(mini.canonical({**leaf, "posted_at": "2025-09-03T09:00:00+08:00"}))


def other_statement(book: MiniBook) -> MiniBook:
    other = books.staffed()
    other.voucher("mei", "e1", [books.gift(other, "d1", 1)], statement={"ledger": "other.example/log"})
    return other


def resigned(book: MiniBook) -> str:
    text: str = proof_of(book, 3, 1)["log_proof"]
    return text.replace(book.checkpoint(), book.checkpoint(pen=Pen(9)))


def test_a_proof_signed_by_another_key_says_by_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After a change of key an old proof, or a new one under the old key, is whole all the same."""
    book = books.working()
    path = write_proof(tmp_path, proof_of(book, 3, 1, log_proof=resigned(book)))
    _, found = run_json(capsys, path, "--key", VKEY)
    told = {one["code"]: one for one in found["integrity"]["findings"]}
    assert set(told) == {"V_CHECKPOINT_SIGNATURE", "V_OTHER_KEY"}
    params = told["V_OTHER_KEY"]["params"]
    assert (params["by"], params["given"]) == (Pen(9).vkey().split("+")[1], VKEY.split("+")[1])
    assert params["by"] in told["V_OTHER_KEY"]["message"]
    position = json.loads(book.leaves[2])["first_position"] + 1
    assert found["integrity"]["first_bad"]["position"] == position


def test_a_proof_altered_under_its_own_key_speaks_of_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = proof_of(books.working(), 3, 1)
    proof["log_proof"] = proof["log_proof"].replace("mini\n7\n", "mini\n6\n")
    _, found = run_json(capsys, write_proof(tmp_path, proof), "--key", VKEY)
    assert "V_OTHER_KEY" not in {one["code"] for one in found["integrity"]["findings"]}


BAD_PROOFS: dict[str, tuple[Callable[[MiniBook], dict[str, Any]], str]] = {
    "another event": (lambda b: proof_of(b, 3, 1, event=mini.b64(b.events[0])), "V_PROOF_EVENT"),
    "another line": (lambda b: proof_of(b, 3, 1, line=0), "V_PROOF_EVENT"),
    "a line beyond the voucher": (lambda b: proof_of(b, 3, 1, line=3), "V_PROOF_EVENT"),
    "no path in the voucher": (lambda b: proof_of(b, 3, 1, voucher_path=[]), "V_PROOF_EVENT"),
    "another leaf": (lambda b: proof_of(b, 3, 1, leaf=altered_leaf(b)), "V_PROOF_LEAF"),
    "another checkpoint": (
        lambda b: proof_of(b, 3, 1, log_proof=proof_of(b, 3, 1)["log_proof"].replace("mini\n7\n", "mini\n6\n")),
        "V_CHECKPOINT_SIGNATURE",
    ),
    "signed by another": (
        lambda b: proof_of(b, 3, 1, log_proof=resigned(b)),
        "V_CHECKPOINT_SIGNATURE",
    ),
    "a voucher of another book": (lambda b: proof_of(other_statement(b), 3, 0), "V_ORIGIN"),
}


@pytest.mark.parametrize(("make", "code"), BAD_PROOFS.values(), ids=BAD_PROOFS.keys())
def test_table_of_proofs_that_do_not_hold(
    make: Callable[[MiniBook], dict[str, Any]], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_proof(tmp_path, make(books.working()))
    exit_code, found = run_json(capsys, path, "--key", VKEY)
    assert exit_code == 1
    assert code in {finding["code"] for finding in found["integrity"]["findings"]}
    assert code in run(capsys, path, "--key", VKEY)[1]


def other_root(pen: Pen) -> str:
    return pen.note(f"{mini.ORIGIN}\n7\n{mini.b64(bytes(32))}\n")


@pytest.mark.parametrize(
    ("note", "code", "said"),
    [
        pytest.param(lambda b: b.checkpoint(), 0, None, id="the same"),
        pytest.param(lambda b: b.checkpoint(4), 0, "C_NOT_COMPARED", id="another size"),
        pytest.param(lambda b: other_root(b.operator), 1, "V_FORK", id="another root"),
        pytest.param(lambda _: other_root(Pen(9)), 1, "V_KNOWN_SIGNATURE", id="another root of another signer"),
        pytest.param(lambda b: b.checkpoint(pen=Pen(9)), 0, None, id="the same of another signer"),
        pytest.param(lambda _: "garbage", 2, "V_NOTE", id="no note"),
    ],
)
def test_a_proof_is_compared_with_the_checkpoints_that_one_has(
    note: Callable[[MiniBook], str], code: int, said: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = books.working()
    path = write_proof(tmp_path, proof_of(book, 3, 1))
    (tmp_path / "kept.note").write_text(note(book), encoding="utf-8")
    exit_code, found = run_json(capsys, path, "--key", VKEY, "--known", tmp_path / "kept.note")
    findings = [] if "error" in found else found["integrity"]["findings"] + found["completeness"]["findings"]
    told = [one["code"] for one in ([found["error"]] if "error" in found else findings)]
    assert (exit_code, told) == (code, [] if said is None else [said])


def test_a_proof_of_another_event_names_its_position(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = books.working()
    path = write_proof(tmp_path, proof_of(book, 3, 1, event=mini.b64(book.events[0])))
    assert "{event}" not in run(capsys, path, "--key", VKEY)[1]


def test_a_proof_under_another_key_does_not_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_proof(tmp_path, proof_of(books.working(), 3, 1))
    code, found = run_json(capsys, path, "--key", Pen(100).vkey("other.example/log"))
    assert code == 1
    assert found["integrity"]["findings"][0]["code"] == "V_NOT_THIS_KEY"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"extra": 1}, "V_FIELDS"),
        ({"event": "!"}, "V_BASE64"),
        ({"event": mini.b64(b'{"a": 1}')}, "V_CANONICAL"),
        ({"line": -1}, "V_FIELD"),
        ({"line": "1"}, "V_FIELD"),
        ({"leaf": mini.b64(b"{}")}, "V_FIELDS"),
        ({"voucher_path": "x"}, "V_PROOF_FORM"),
        ({"voucher_path": ["AAAA"] * 64}, "V_PROOF_FORM"),
        ({"log_proof": "x"}, "V_PROOF_FORM"),
        ({"log_proof": "c2sp.org/tlog-proof@v1\nindex 5\n\nx\n"}, "V_PROOF_FORM"),
        ({"log_proof": "c2sp.org/tlog-proof@v1\nindex 2\n\nx\n"}, "V_NOTE"),
    ],
)
def test_a_proof_with_a_spoilt_part_does_not_hold(
    changes: dict[str, Any], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is a proof all the same: what was done to it is a finding with a place, as in a package."""
    path = write_proof(tmp_path, proof_of(books.working(), 3, 1, **changes))
    exit_code, found = run_json(capsys, path, "--key", VKEY)
    assert exit_code == 1
    assert [one["code"] for one in found["integrity"]["findings"]] == [code]
    assert found["integrity"]["first_bad"] == {"file": path.name}
    assert "proven" not in found
    exit_code, out, _ = run(capsys, path, "--key", VKEY)
    assert exit_code == 1
    assert f"{code} {path.name}" in out


def test_no_character_of_a_proof_can_be_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each of its parts, a character at a time: found and placed; a file that is no JSON any more is of no use."""
    path = write_proof(tmp_path, proof_of(books.working(), 3, 1))
    whole = path.read_text(encoding="utf-8")
    seen = Counter[int]()
    for place in range(1, len(whole), 17):
        path.write_text(whole[:place] + ("x" if whole[place] != "x" else "y") + whole[place + 1 :], encoding="utf-8")
        code, found = run_json(capsys, path, "--key", VKEY)
        seen[code] += 1
        assert (code == 2) == ("error" in found)
        assert code == 2 or found["integrity"]["first_bad"]
    assert seen[1] > 20 * seen[2]
    assert not seen[0]


@pytest.mark.parametrize("text", ["{", "{}", '{"a": 1}', '{"event": '])
def test_what_is_no_proof_at_all_is_of_no_use(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "event.ledger-proof"
    path.write_text(text, encoding="utf-8")
    exit_code, found = run_json(capsys, path, "--key", VKEY)
    assert (exit_code, found["error"]["code"]) == (2, "V_PROOF_FORM")
