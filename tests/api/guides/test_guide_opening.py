"""The guide that opens a book, as it is printed: every file and every command, from an empty folder to the balances."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.api.county import LIGHT, OPERATOR_WORD, WORD, Office
from tests.tidy.sources import ROOT

GUIDE = (ROOT / "docs" / "guide" / "opening.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(json|sh)\n(.*?)```", re.DOTALL)


def words_of(line: str) -> list[str]:
    """A command as a terminal runs it, with the passphrases that it would ask for."""
    program, *words = shlex.split(line)
    assert program == "charity-ledger"
    words = [f"{one}=word" if one.startswith("guan-") and "=" in one else one for one in words]
    if words[0] == "init":
        words += ["--operator-passphrase-file", "operator.word", *LIGHT]
    if words[:2] == ["key", "new"]:
        words += ["--passphrase-file", "word", *LIGHT]
    elif "--key" in words:
        words += ["--passphrase-file", "word"]
    return words


def test_the_guide_opens_a_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("word").write_text(WORD, encoding="utf-8")
    Path("operator.word").write_text(OPERATOR_WORD, encoding="utf-8")
    office = Office(tmp_path)
    told = ""
    files = list(dict.fromkeys(re.findall(r"`(\w+\.json)`:\n", GUIDE)))  # each is named in both languages
    for language, block in BLOCK.findall(GUIDE):
        if language == "json":
            Path(files.pop(0)).write_text(block, encoding="utf-8")
            continue
        for line in block.splitlines():
            if not line.startswith("export "):
                told = office.done(*words_of(line))
    assert not files
    assert office.asked("pending")["pending"] == []
    stands = {one["fund"]: one["balance_fen"] for one in office.asked("balances")["funds"]}
    assert stands == {"general": 5_020_000, "school": 800_000}
    assert "50,200.00" in told
    assert json.loads(office.done("verify", "--json"))["integrity"]["ok"]
