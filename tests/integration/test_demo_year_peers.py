"""The year's journal in other hands: bean-check, bean-query and hledger accept it and come to our balances by fund."""

import csv
import io
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Transaction

from ledger_api.demo.year.play import Year
from ledger_audit.journal_names import part
from ledger_audit.journals import FORMATS, export_journal
from ledger_projections.books.balances import fund_balances

MONEY = ("Bank-deposits", "Cash", "Treasury-quota")
"""How the English accounts are called in which a fund of the invented county holds money to spend."""
Fund = tuple[str, str]
PATHS = os.environ.get("PYTHONPATH", "")


Sums = dict[str, int]
"""Account -> fen, as another program adds up."""


@pytest.fixture(scope="module", params=["beancount", "hledger"])
def exported(request: pytest.FixtureRequest, hamlet: Year, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of the whole year in one of the formats."""
    text = io.BytesIO()
    with hamlet.county.book.store.read() as connection:
        count = export_journal(connection, text, "hamlet", FORMATS[request.param], "en")
    assert count > 1_000
    file: Path = tmp_path_factory.mktemp("journal") / f"year.{request.param}"
    file.write_bytes(text.getvalue())
    return file


def by_beancount(file: Path) -> Sums:
    """Account -> fen, added up from the postings that Beancount read; its own checker must have nothing to say."""
    ran = subprocess.run([sys.executable, "-m", "beancount.scripts.check", file], check=False, capture_output=True)
    assert (ran.returncode, ran.stderr) == (0, b"")
    entries, errors, _ = loader.load_file(str(file))
    assert errors == []
    found: defaultdict[str, int] = defaultdict(int)
    for entry in entries:
        for leg in entry.postings if isinstance(entry, Transaction) else ():
            assert leg.units is not None
            found[leg.account] += fen_of(str(leg.units.number))
    return found


def by_bean_query(file: Path) -> Sums:
    """Account -> fen, as bean-query answers a question."""
    question = "SELECT account, sum(number) AS yuan WHERE currency = 'CNY' GROUP BY account"
    command = [sys.executable, "-m", "beanquery", "--format", "csv", "--numberify", str(file), question]
    ran = subprocess.run(command, check=False, capture_output=True, env={"LANG": "C.UTF-8", "PYTHONPATH": PATHS})
    assert (ran.returncode, ran.stderr) == (0, b"")
    rows = csv.DictReader(io.StringIO(ran.stdout.decode()))
    return {row["account"].strip(): fen_of(row["yuan"].strip() or "0") for row in rows}


def by_hledger(file: Path) -> Sums:
    """Account -> fen, as hledger says after its strict check."""
    hledger(file, "check", "--strict")
    told = hledger(file, "balance", "--flat", "--empty", "--no-total", "-O", "csv")
    rows = csv.DictReader(io.StringIO(told))
    return {row["account"]: fen_of(row["balance"].removesuffix(" CNY")) for row in rows}


def hledger(file: Path, *words: str) -> str:
    program = shutil.which("hledger")
    assert program is not None, "hledger is installed by `make setup-system`"
    command = [program, "-f", str(file), *words]
    ran = subprocess.run(command, check=False, capture_output=True, env={"LANG": "C.UTF-8"})
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode()


def fen_of(yuan: str) -> int:
    fen = Decimal(yuan) * 100
    assert fen == int(fen)
    return int(fen)


def test_every_fund_holds_what_they_say(hamlet: Year, exported: Path) -> None:
    """Money to spend and what is promised, from the names of accounts alone."""
    readers = (by_beancount, by_bean_query) if exported.suffix == ".beancount" else (by_hledger,)
    with hamlet.county.book.store.read() as connection:
        rows = fund_balances(connection).rows
    ours = {(part("E", row.entity), part("F", row.fund)): (row.balance_fen, row.committed_fen) for row in rows}
    assert len(ours) > 5
    assert any(fen for fen, _ in ours.values())
    assert any(fen for _, fen in ours.values())
    for read in readers:
        assert by_fund(read(exported), ours) == ours, read.__name__


def by_fund(sums: Sums, funds: Collection[Fund]) -> dict[Fund, tuple[int, int]]:
    """Fund -> money and promises; no account tells of another fund."""
    money: defaultdict[Fund, int] = defaultdict(int)
    promised: defaultdict[Fund, int] = defaultdict(int)
    for account, fen in sums.items():
        root, entity, named, *rest = account.split(":")
        fund = next(one for one in rest if one.startswith("F-"))
        if root == "Assets" and named.endswith(MONEY):
            money[entity, fund] += fen
        elif "Committed-and-not-yet-paid" in named:
            promised[entity, fund] += fen
    assert {*money, *promised} <= {*funds}
    return {fund: (money.get(fund, 0), promised.get(fund, 0)) for fund in funds}
