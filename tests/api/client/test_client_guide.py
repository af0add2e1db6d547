"""The guide's example, run as it is printed, against the real server on the loopback range."""

import re
from pathlib import Path
from typing import Any

import pytest

from ledger.application.outcomes import Receipt
from tests.api.client.serving import serving
from tests.api.county import MAKER, OPERATOR_WORD, Office
from tests.tidy.sources import ROOT

GUIDE = ROOT / "docs" / "guide" / "client.md"


def test_the_example_of_the_guide_does_what_it_says(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with serving(office.book, OPERATOR_WORD) as (url, operator):
        told = {"https://ledger.example.org": url, "公布的公钥": operator.vkey, "zhang.clkey": str(office.key(MAKER))}
        for printed, real in told.items():
            assert code.count(f'"{printed}"') == 1
            code = code.replace(f'"{printed}"', repr(real))
        names: dict[str, Any] = {}
        exec(compile(code, str(GUIDE), "exec"), names)
    assert isinstance(names["receipt"], Receipt)
    assert '"amount_fen":20000' in capsys.readouterr().out
    (general,) = [row for row in names["balances"]["rows"] if row["fund"] == "general"]
    assert general["balance_fen"] == 120_000
    assert list((tmp_path / "state" / "charity-ledger").glob("*.json"))
