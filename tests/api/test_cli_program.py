"""The program as a whole: every command explains itself in both languages, whatever the locale."""

import os
import re
import subprocess
import sys

import pytest
import typer.main
from typer.testing import CliRunner

from ledger_api.cli import app
from tests.tidy.documents import commands

PROGRAM = commands(typer.main.get_command(app))


@pytest.mark.parametrize("name", PROGRAM)
def test_every_command_explains_itself_in_both_languages(name: str) -> None:
    told = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "200"})
    assert told.exit_code == 0
    head = told.stdout.split("Options:")[0].split("\n\n", 1)[1]
    assert re.search(r"[\u4e00-\u9fff]", head)
    assert re.search(r"[A-Za-z]{3,},? [a-z]+", head)


@pytest.mark.parametrize("name", PROGRAM)
def test_every_command_has_the_shared_options(name: str) -> None:
    assert {"--book", "--key", "--passphrase-file", "--json", "--lang"} <= PROGRAM[name]


@pytest.mark.parametrize("words", [["nosuch"], ["balances", "--nosuch"], ["proof", "first"], ["proof"]])
def test_what_is_no_command_ends_with_two(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2


def test_text_goes_out_as_utf8_even_without_a_locale() -> None:
    code = "from ledger_api.cli import main; main()"
    surroundings = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0"}
    ran = subprocess.run(
        [sys.executable, "-c", code, "balances"],
        check=False,
        capture_output=True,
        env={**surroundings, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ran.returncode == 2
    assert ran.stderr.decode("utf-8").startswith("E_BOOK_OPTION: 没有指定账套")
    assert b"Traceback" not in ran.stderr
