"""Evidence of two histories, before the stranger: its proofs agree with the ledger's, spoilt forms prove nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.signing import base64_text
from ledger.signing.checkpoints import Checkpoint, sign_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.merkle import MemoryTree, consistency_path, leaf_hash, root_at, verify_consistency
from ledger.signing.vkeys import NoteSigner
from ledger_audit.verifier.__main__ import main
from ledger_audit.verifier.formats.merkle import roots_joined

ORIGIN = "ledger.example.org/forked"
OPERATOR = NoteSigner(ORIGIN, SigningKey.generate())
LEAVES = [leaf_hash(b"%d" % number) for number in range(70)]
TREE = MemoryTree(LEAVES)


@given(st.data())
def test_consistency_is_proven_as_the_ledger_proves_it(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, new - 1))
    path = consistency_path(TREE, old, new)
    roots = root_at(TREE, old), root_at(TREE, new)
    assert roots_joined(old, new, roots[0], path) == roots
    spoilt = data.draw(st.permutations(path))[: data.draw(st.integers(0, len(path)))]
    spoilt += data.draw(st.lists(st.sampled_from(LEAVES), max_size=2))
    assert (roots_joined(old, new, roots[0], spoilt) == roots) == verify_consistency(old, new, *roots, spoilt)


def note(size: int, root: bytes, signer: NoteSigner = OPERATOR) -> str:
    return sign_checkpoint(Checkpoint(signer.name, size, root), signer)


def evidence(**changes: Any) -> dict[str, Any]:
    """A log of 9 was kept; then one of 6 was shown that is no beginning of it."""
    path = [base64_text.encode(node) for node in consistency_path(TREE, 6, 9)]
    made = {
        "format": "charity-ledger/fork@v1",
        "verdict": "proven",
        "origin": ORIGIN,
        "vkey": OPERATOR.vkey,
        "kept": note(9, root_at(TREE, 9)),
        "shown": note(6, leaf_hash(b"another")),
        "url": "https://ledger.example.org",
        "found_at": "2025-09-30T12:00:00+08:00",
        "root": base64_text.encode(root_at(TREE, 6)),
        "path": path,
    }
    return {**made, **changes}


OTHER = NoteSigner(ORIGIN, SigningKey.generate())
JUDGED: dict[str, tuple[Callable[[], Any], int]] = {
    "a shorter one": (evidence, 1),
    "one of the same size": (lambda: evidence(shown=note(9, leaf_hash(b"x")), root="", path=[]), 1),
    "the same note twice": (lambda: evidence(shown=note(9, root_at(TREE, 9))), 2),
    "an older state": (lambda: evidence(shown=note(6, root_at(TREE, 6))), 2),
    "a longer one": (lambda: evidence(shown=note(12, leaf_hash(b"x"))), 2),
    "no path": (lambda: evidence(path=[]), 2),
    "no root": (lambda: evidence(root=""), 2),
    "another root": (lambda: evidence(root=base64_text.encode(leaf_hash(b"y"))), 2),
    "another path": (lambda: evidence(path=evidence()["path"][::-1]), 2),
    "an endless path": (lambda: evidence(path=evidence()["path"] * 100), 2),
    "a path that is none": (lambda: evidence(path="x"), 2),
    "digests that are none": (lambda: evidence(path=["AAAA"]), 2),
    "kept by another key": (lambda: evidence(kept=note(9, root_at(TREE, 9), OTHER)), 2),
    "shown by another key": (lambda: evidence(shown=note(6, leaf_hash(b"x"), OTHER)), 2),
    "under another key": (lambda: evidence(vkey=OTHER.vkey), 2),
    "a spoilt note": (lambda: evidence(shown="?"), 2),
    "a field more": (lambda: {**evidence(), "more": 1}, 2),
    "a field less": (lambda: {name: value for name, value in evidence().items() if name != "kept"}, 2),
}


@pytest.mark.parametrize("what", JUDGED)
def test_evidence_is_judged_from_its_bytes_alone(tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, code = JUDGED[what]
    file = tmp_path / "fork.json"
    file.write_text(json.dumps(make()), encoding="utf-8")
    assert main([str(file), "--key", OPERATOR.vkey]) == code
    told = capsys.readouterr()
    assert ("V_FORK_PROVEN" in told.out) == (code == 1)
    assert main([str(file), "--key", OTHER.vkey]) == 2, "evidence against one operator is none against another"
    capsys.readouterr()
    assert main([str(file), "--json"]) == code
    assert json.loads(capsys.readouterr().out)


def test_evidence_that_proves_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "fork.json"
    file.write_text(json.dumps(evidence()), encoding="utf-8")
    assert main([str(file), "--key", OTHER.vkey, "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["params"]) == ("V_FORK_UNPROVEN", {"reason": "key"})
