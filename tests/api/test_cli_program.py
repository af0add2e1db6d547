"""The program as a whole: every command explains itself in both languages, whatever the locale."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from ledger.application.outcomes import VoucherRefusedError
from ledger.catalogue import say
from ledger.flows.knowledge import Finding
from ledger_api.cli import app
from ledger_api.cli.output import error_json
from ledger_api.cli.readers.books import place_in_list
from ledger_projections.books.balances import FundBalance
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


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--book", "{there}", "balances", "--json"], "E_BOOK_MISSING"),
        (["--json", "--book", "{there}", "balances"], "E_BOOK_MISSING"),
        (["--book", "nowhere", "balances", "--json", "--book", "{there}"], "E_BOOK_MISSING"),
        (["--json", "period", "check", "charity", "2025-09"], "E_BOOK_OPTION"),
        (["--lang", "en", "--json", "balances"], "E_BOOK_OPTION"),
        (["--book", "{there}", "--key", "{there}/no.clkey", "--json", "withdraw", "v", "--reason", "x"], "E_KEY_FILE"),
    ],
)
def test_the_shared_options_may_stand_before_the_command(words: list[str], code: str, tmp_path: Path) -> None:
    """What stands after the command's name wins, and both win over the environment."""
    told = [word.format(there=tmp_path) for word in words]
    ran = CliRunner().invoke(app, told, env={"LEDGER_BOOK": None if "OPTION" in code else "/elsewhere"})
    assert ran.exit_code == 2
    error = json.loads(ran.stdout)["error"]
    assert error["code"].startswith(code)
    if code == "E_BOOK_MISSING":
        assert error["params"]["directory"] == str(tmp_path)


def test_societies_are_listed_by_name_after_the_other_funds() -> None:
    """A society's id is another in every book, so the order must not hang on it."""
    named = [
        ("a", "society-x", "上坪村"),
        ("a", "relief", "救助"),
        ("a", "society-b", "下坪村"),
        ("a", "general", "一般"),
    ]
    rows = [FundBalance(entity, fund, name, "", None, 0, 0, 0, 0) for entity, fund, name in named]
    listed = [row.fund for row in sorted(rows, key=place_in_list)]
    assert listed == ["general", "relief", "society-x", "society-b"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_finding_of_a_refusal_comes_with_its_sentence(language: str) -> None:
    params = (("amount_fen", 500), ("fund", "general"), ("available_fen", 200))
    error = VoucherRefusedError("v", [Finding("E_FUND_INSUFFICIENT", 0, params)], 7)
    told = error_json(error, language)["error"]
    assert told["code"] == "E_REFUSED"
    (finding,) = told["params"]["findings"]
    assert finding["code"] == "E_FUND_INSUFFICIENT"
    assert finding["message"] == say("E_FUND_INSUFFICIENT", language, **dict(params))
    assert "message" not in error.params["findings"][0], "what was judged stays as it was"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["pledges", "--year", "abc"], "E_USAGE_VALUE", "--year"),
        (["pledges", "--year", "20255"], "E_USAGE_VALUE", "20255"),
        (["lottery", "--year", "-1"], "E_USAGE_VALUE", "--year"),
        (["proof", "0"], "E_USAGE_VALUE", "0"),
        (["trail"], "E_USAGE_MISSING", "TAG"),
        (["nosuch"], "E_USAGE_COMMAND", "nosuch"),
        (["key", "nosuch"], "E_USAGE_COMMAND", "nosuch"),
        (["balances", "--nosuch"], "E_USAGE_OPTION", "--nosuch"),
        (["balances", "--at"], "E_USAGE", "--at"),
        (["balances", "more"], "E_USAGE", "more"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wrong_command_line_is_an_error_like_any_other(words: list[str], code: str, said: str, lang: str) -> None:
    """A program gets JSON, a person both languages, the one that was asked for first."""
    ran = CliRunner().invoke(app, ["--json", f"--lang={lang}", *words])
    assert ran.exit_code == 2
    error = json.loads(ran.stdout)["error"]
    assert (error["code"], set(error)) == (code, {"code", "message", "params"})
    assert said in error["message"]
    assert bool(re.search(r"[\u4e00-\u9fff]", error["message"])) == (lang == "zh")
    assert re.search(r"[\u4e00-\u9fff]", ran.stderr)
    plain = CliRunner().invoke(app, ["--lang", lang, *words])
    assert (plain.exit_code, plain.stdout) == (2, "")
    assert code in plain.stderr
