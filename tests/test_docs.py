"""Documents cannot lie: what they name exists, and what exists they name.

The rules are in `tests/tidy/documents.py`.
"""

import importlib
import tomllib

import pytest
import typer.main

from ledger.catalogue.page import page
from ledger.flows.page import page as events_page
from tests.tidy import documents
from tests.tidy.reporting import report
from tests.tidy.sources import ROOT, Module, committed_texts

TEXTS = dict(committed_texts())
DOCUMENTS = {path: text for path, text in TEXTS.items() if path.endswith(".md")}
COMMANDS = DOCUMENTS["docs/guide/commands.md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def program() -> dict[str, set[str]]:
    """Every command of the program with its options; asked for here, so that a broken one fails only its own tests."""
    return documents.commands(typer.main.get_command(importlib.import_module("ledger_api.cli").app))


def test_links_lead_somewhere() -> None:
    report(documents.dead_links(DOCUMENTS, TEXTS))


def test_decisions_are_numbered_pages() -> None:
    records = {path: text for path, text in DOCUMENTS.items() if path.startswith("docs/adr/")}
    report(documents.crooked_decisions(records))


def test_the_page_of_codes_is_what_the_catalogues_say() -> None:
    assert DOCUMENTS["docs/errors.md"] == page(), "run `make docs`"


def test_the_page_of_events_is_what_their_classes_say() -> None:
    assert DOCUMENTS["docs/events.md"] == events_page(), "run `make docs`"


def test_tests_that_are_named_exist(sources: list[Module]) -> None:
    report(documents.unknown_tests(DOCUMENTS, sources))
    assert documents.unknown_tests({"a.md": "`test_tests_that_are_named_exist` `test_nobody_wrote`"}, sources) == [
        "a.md: test_nobody_wrote is no test"
    ]


def test_make_targets_exist() -> None:
    report(documents.unknown_targets(DOCUMENTS, TEXTS["Makefile"]))


def test_every_command_and_option_is_told_and_exists(program: dict[str, set[str]]) -> None:
    common = COMMANDS.partition("## 每条命令都有 · Common options")[2].partition("\n## ")[0]
    shared = documents.told_options(common)
    assert shared
    report(documents.untold(program, documents.told_commands(COMMANDS, program), shared))


def test_shell_lines_name_real_commands(program: dict[str, set[str]]) -> None:
    report(documents.unknown_commands(DOCUMENTS, program))


def test_every_setting_is_told_and_read(sources: list[Module]) -> None:
    report(documents.untold_settings(sources, COMMANDS))


def test_the_changelog_names_this_version() -> None:
    assert f"## [{PROJECT['version']}]" in DOCUMENTS["CHANGELOG.md"]
