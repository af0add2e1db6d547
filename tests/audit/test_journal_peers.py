"""The exported journal as other accounting programs read it: Beancount and hledger accept it, and come to our sums."""

import csv
import io
import shutil
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Balance, Open, Transaction
from hypothesis import given
from hypothesis import strategies as st

from ledger.accounts.charts import CHARTS
from ledger.log import reading
from ledger.log.rows import AccountKey
from ledger_audit.journal_names import account_name, part
from ledger_audit.journals import FORMATS, export_journal
from tests.projections.opened_book import ORIGIN, OpenedBook


def journal(book: OpenedBook, kind: str, language: str = "zh") -> tuple[str, int]:
    file = io.BytesIO()
    with book.store.read() as connection:
        count = export_journal(connection, file, ORIGIN, FORMATS[kind], language)
    return file.getvalue().decode(), count


def fen_of(yuan: object) -> int:
    """Whole fen of an amount in yuan as another program says it."""
    fen = Decimal(str(yuan)) * 100
    assert fen == int(fen)
    return int(fen)


def ours(book: OpenedBook, language: str = "zh") -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    with book.store.read() as connection:
        for row in reading.balances(connection):
            found[account_name(row.key, language)] += row.amount_fen
    return dict(found)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_beancount_accepts_it_and_comes_to_our_balances(book: OpenedBook, language: str) -> None:
    text, count = journal(book, "beancount", language)
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    transactions = [entry for entry in entries if isinstance(entry, Transaction)]
    assert len(transactions) == count
    sums: defaultdict[str, int] = defaultdict(int)
    for one in transactions:
        for leg in one.postings:
            assert leg.units is not None
            sums[leg.account] += fen_of(leg.units.number)
    assert dict(sums) == ours(book, language)
    assert {entry.account for entry in entries if isinstance(entry, Open)} == set(sums)
    asserted = {e.account: fen_of(e.amount.number) for e in entries if isinstance(e, Balance)}
    assert asserted == dict(sums)


def test_bean_check_as_a_program_accepts_it(book: OpenedBook, tmp_path: Path) -> None:
    file = tmp_path / "book.beancount"
    file.write_text(journal(book, "beancount")[0], encoding="utf-8")
    ran = subprocess.run([sys.executable, "-m", "beancount.scripts.check", file], check=False, capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()


def test_beancount_finds_a_changed_amount(book: OpenedBook) -> None:
    text, _ = journal(book, "beancount")
    first = text.index("  Assets")
    changed = text[:first] + text[first:].replace("CNY", "USD", 1)
    assert loader.load_string(changed)[1] != []


def hledger(*words: str) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("hledger")
    assert program is not None, "hledger is installed by `make setup-system`"
    return subprocess.run([program, *words], check=False, capture_output=True, env={"LANG": "C.UTF-8"})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_hledger_accepts_it_strictly_and_comes_to_our_balances(book: OpenedBook, tmp_path: Path, language: str) -> None:
    file = tmp_path / "book.journal"
    file.write_text(journal(book, "hledger", language)[0], encoding="utf-8")
    checked = hledger("-f", str(file), "check", "--strict")
    assert checked.returncode == 0, checked.stderr.decode()
    told = hledger("-f", str(file), "balance", "--flat", "--empty", "--no-total", "-O", "csv").stdout.decode()
    found = {row["account"]: fen_of(row["balance"].removesuffix(" CNY")) for row in csv.DictReader(io.StringIO(told))}
    assert {name: fen for name, fen in found.items() if fen} == {
        n: fen for n, fen in ours(book, language).items() if fen
    }


def test_hledger_finds_a_balance_that_is_not_ours(book: OpenedBook, tmp_path: Path) -> None:
    text, _ = journal(book, "hledger")
    file = tmp_path / "book.journal"
    at = text.rindex("= ")
    file.write_text(text[:at] + "= 1" + text[at + 2 :], encoding="utf-8")
    assert hledger("-f", str(file), "check").returncode != 0


PARTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


@given(PARTS, PARTS)
def test_two_texts_never_give_one_component(one: str, other: str) -> None:
    assert (part("P", one) == part("P", other)) == (one == other)


@given(st.sampled_from([(c.version, a.code) for c in CHARTS for a in c.accounts]), PARTS, PARTS, PARTS)
def test_every_name_is_one_that_beancount_reads(place: tuple[str, str], entity: str, fund: str, party: str) -> None:
    name = account_name(AccountKey(entity, fund, *place, party, "main"))
    text = f"2025-01-01 open {name} CNY\n"
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    assert [entry.account for entry in entries if isinstance(entry, Open)] == [name]
