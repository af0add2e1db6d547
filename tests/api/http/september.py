"""The county after its seventeen files, asked over the network and at the command line: both must say the same."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ledger_api import books
from ledger_api.cli import app
from tests.api.http.house import House
from tests.application.proposing.county import ORIGIN


def asked(house: House, words: Sequence[str], language: str = "zh") -> Any:
    """The JSON that the command line answers from the same book at the same time."""
    code, found = _run(house, words, language)
    assert code in {0, 1}, found
    return found


def refused(house: House, words: Sequence[str]) -> Any:
    """The error that the command line answers from the same book."""
    code, found = _run(house, words, "zh")
    assert code > 1, found
    return found["error"]


def printed(house: House, words: Sequence[str]) -> str:
    """What the command line prints for people."""
    result = _invoked(house, words, "zh")
    assert result.exit_code in {0, 1}, result.output
    return result.stdout


def _run(house: House, words: Sequence[str], language: str) -> tuple[int, Any]:
    result = _invoked(house, [*words, "--json"], language)
    assert result.stdout, result.output
    return result.exit_code, json.loads(result.stdout)


def _invoked(house: House, words: Sequence[str], language: str) -> Result:
    settings = house.county.folder / books.SETTINGS
    url = house.county.store.engine.url.render_as_string(hide_password=False)
    settings.write_text(f'[book]\norigin = "{ORIGIN}"\ndatabase = "{url}"\n', encoding="utf-8")
    now: dt.datetime = house.county.now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "system_clock", lambda: now)
        surroundings = {"LEDGER_BOOK": str(house.county.folder), "COLUMNS": "400"}
        return CliRunner().invoke(app, [*words, "--lang", language], env=surroundings)
