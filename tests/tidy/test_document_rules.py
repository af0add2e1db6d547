"""Each rule on documents finds what it is for: planted pages and a planted program."""

from typing import Annotated

import pytest
import typer
import typer.main

from tests.tidy import documents
from tests.tidy.sources import module

RECORD = "# {}. Something\n\n" + "\n\n".join(documents.ADR_SECTIONS) + "\n"


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("README.md", "[a](docs/guide.md)", 0),
        ("README.md", "[a](docs/guide.md#part)", 0),
        ("README.md", "[a](docs)", 0),
        ("README.md", "[a](https://example.org/x) [b](#part)", 0),
        ("docs/guide.md", "[a](../README.md)", 0),
        ("docs/guide.md", "[a](./guide.md)", 0),
        ("README.md", "[a](guide.md)", 1),
        ("docs/guide.md", "[a](docs/guide.md) [b](../NOTHING.md)", 2),
    ],
)
def test_dead_links(path: str, text: str, count: int) -> None:
    assert len(documents.dead_links({path: text}, ["README.md", "docs/guide.md"])) == count


@pytest.mark.parametrize(
    ("records", "count"),
    [
        ({"docs/adr/0001-a.md": RECORD.format(1), "docs/adr/0002-b.md": RECORD.format(2)}, 0),
        ({"docs/adr/0001-a.md": RECORD.format(1), "docs/adr/0003-b.md": RECORD.format(3)}, 1),
        ({"docs/adr/0001-a.md": RECORD.format(2)}, 1),
        ({"docs/adr/0001-a.md": RECORD.format(1) + "\n" * documents.ADR_LINES_MAX}, 1),
        ({"docs/adr/0001-a.md": RECORD.format(1).replace("## Decision", "")}, 1),
        ({"docs/adr/decision.md": RECORD.format(1)}, 1),
    ],
)
def test_crooked_decisions(records: dict[str, str], count: int) -> None:
    assert len(documents.crooked_decisions(records)) == count


def test_unknown_targets() -> None:
    makefile = "help: ## list\n\techo\ndemo: help\n"
    page = "```sh\nmake demo   # runs\n# make nothing\nmake test X=1\n```\n```text\nmake other\n```\n"
    assert documents.unknown_targets({"README.md": page}, makefile) == ["README.md: make test"]


def program() -> typer.Typer:
    """A small program with a command, and a group with one."""
    app, period = typer.Typer(), typer.Typer()

    @app.command()
    def submit(file: str, *, json: Annotated[bool, typer.Option("--json")] = False) -> None: ...

    @period.command()
    def lock(*, book: Annotated[str, typer.Option("--book")] = "") -> None: ...

    app.add_typer(period, name="period")
    return app


REAL = {"submit": {"--json"}, "period lock": {"--book"}}


def test_commands_of_a_program() -> None:
    assert documents.commands(typer.main.get_command(program())) == REAL


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("| `submit FILE` | signs, `--json` |\n| `period lock` | locks |\n", []),
        ("| `submit FILE` | signs |\n| `period lock` | locks |\n", ["submit --json: not told"]),
        ("| `submit FILE` | `--json` |\n", ["period lock: not told"]),
        (
            "| `submit FILE` | `--json --old` |\n| `period lock` | |\n| `gone` | |\n",
            ["gone: no such command", "submit --old: no such option"],
        ),
    ],
)
def test_untold(text: str, findings: list[str]) -> None:
    assert documents.untold(REAL, documents.told_commands(text, REAL), {"--book"}) == findings


def test_unknown_commands() -> None:
    page = (
        "```sh\ncharity-ledger submit f.json --json\n.venv/bin/charity-ledger submit f --yes\ncharity-ledger go\n```\n"
    )
    assert documents.unknown_commands({"a.md": page}, REAL) == ["a.md: submit has no --yes", "a.md: no command go"]


def test_untold_settings() -> None:
    reading = [module("api/ledger_api/m.py", "x = 'LEDGER_BOOK'\ny = 'LEDGER'\n"), module("tests/m.py", "'LEDGER_T'")]
    assert documents.untold_settings(reading, "set `LEDGER_BOOK`") == []
    assert documents.untold_settings(reading, "") == ["LEDGER_BOOK: not told"]
    assert documents.untold_settings(reading, "LEDGER_BOOK LEDGER_OLD") == ["LEDGER_OLD: nobody reads it"]
