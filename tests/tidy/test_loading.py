"""A command loads what it needs: the program is there at once, whatever else it could do."""

import subprocess
import sys

import pytest

HEAVY = (
    *("ledger.application.importing", "ledger.application.proposing", "openpyxl", "calamine"),
    *(
        "ledger_api.demo",
        "ledger_api.http",
        "ledger_api.reports",
        "ledger_audit",
        "ledger_projections.summaries.relief",
    ),
)


@pytest.fixture(scope="module")
def loaded() -> list[str]:
    """The modules of a program that was only started."""
    asked = [sys.executable, "-c", "import sys, ledger_api.cli; print(*sys.modules)"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize("room", HEAVY)
def test_what_only_some_commands_need_is_not_loaded(loaded: list[str], room: str) -> None:
    assert "ledger_api.cli.files" in loaded
    assert [name for name in loaded if name == room or name.startswith(f"{room}.")] == []
