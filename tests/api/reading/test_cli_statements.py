"""A bank statement that lacks a line: three ways of asking say the same, and the line that was missing closes it."""

import json
from typing import Any

import pytest

from ledger_audit.verifier.__main__ import main as stranger
from tests.api.county import LIGHT, ORIGIN, Office, approve, entity_registered, voucher


def statement(name: str, opening: int, closing: int, lines: int, **more: Any) -> dict[str, Any]:
    by = {"organisation": "示例银行", "file_digest": "sha256:" + "0" * 64, "obtained_by": "zhang"}
    values = {
        "account": "icbc",
        "source": {**by, "obtained_on": "2025-09-30", "how": "download"},
        "first_day": "2025-09-03",
        "last_day": "2025-09-20",
        "opening_fen": opening,
        "closing_fen": closing,
        "line_count": lines,
        "breaks": 0,
    }
    return {"kind": "bank.statement_imported", "statement": name, **values, **more}


def line(of: str, day: int, fen: int, balance: int | None) -> dict[str, Any]:
    said = {"serial": None, "counterparty": None, "counterparty_ref": None, "place": None, "memo": "转账"}
    when = {"occurred_at": f"2025-09-{day:02}T09:00:00+08:00", "key": f"{of}-{day}"}
    money = {"account": "icbc", "amount_fen": fen, "balance_fen": balance}
    return {"kind": "bank.line_recorded", "line": f"{of}-{day}", "statement": of, **when, **money, **said}


def breaks(office: Office, capsys: pytest.CaptureFixture[str]) -> set[int]:
    """What `reconcile`, `verify` and the stranger's verifier say of the account's breaks."""
    words = ("reconcile", "--entity", "charity", "--account", "icbc", "--on", "2025-09-30")
    of_reconcile = office.asked(*words)["breaks"]
    issues = [one for one in office.asked("verify")["completeness"]["findings"] if one["code"] == "W_STATEMENT_BREAKS"]
    package = office.folder / f"package-{office.position()}"
    office.done("export", "package", package)
    stranger([str(package), "--key", office.asked("checkpoint")["vkey"], "--json"])
    found = json.loads(capsys.readouterr().out)["completeness"]["findings"]
    chains = [one for one in found if one["code"] == "C_BANK_CHAIN"]
    sums = [sum(one["params"]["breaks"] for one in some) for some in (issues, chains)]
    return {of_reconcile, *sums}


@pytest.mark.parametrize("opening", [0, 1], ids=["equal ends", "other ends"])
def test_a_line_that_lacks_is_told_wherever_the_statement_ends(
    office: Office, capsys: pytest.CaptureFixture[str], opening: int
) -> None:
    rows = [line("s1", 3, 50 - opening, 50), line("s1", 20, -80, 0)]
    office.submit(voucher("charity", statement("s1", opening, 0, 2, breaks=1), *rows, note="缺一行"))
    approve(office)
    assert breaks(office, capsys) == {1}
    days = {"first_day": "2025-09-10", "last_day": "2025-09-10"}
    office.submit(voucher("charity", statement("s2", 50, 80, 1, **days), line("s2", 10, 30, 80), note="补一行"))
    approve(office)
    assert breaks(office, capsys) == {0}


def test_lines_of_another_entity_close_nothing_and_break_nothing(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its accountant took the account's id by mistake: the breaks of ours are ours alone."""
    office.submit(voucher("book", entity_registered("assoc") | {"name": "示例协会"}), officer="guan-yi")
    approve(office, "guan-er")
    enrolled(office, "wang", "accountant", "assoc")
    enrolled(office, "zhao", "checker", "assoc")
    days = {"first_day": "2025-09-10", "last_day": "2025-09-10"}
    rows = [line("s1", 3, 49, 50), line("s1", 20, -80, 0)]
    office.submit(voucher("charity", statement("s1", 1, 0, 2, breaks=1), *rows, note="缺一行"))
    approve(office)
    office.submit(voucher("assoc", statement("s2", 50, 80, 1, **days), line("s2", 10, 30, 80)), officer="wang")
    assert breaks(office, capsys) == {1}, "the line that fits is another's"
    office.submit(voucher("charity", statement("s3", 50, 80, 1, **days), line("s3", 10, 30, 80), note="补一行"))
    approve(office)
    assert breaks(office, capsys) == {0}
    office.submit(voucher("assoc", statement("s4", 0, 5, 1, **days), line("s4", 10, 5, None)), officer="wang")
    assert breaks(office, capsys) == {0}, "a line without its balance, which is another's"
    issues = {one["code"] for one in office.asked("verify")["completeness"]["findings"]}
    assert "W_STATEMENTS_APART" not in issues


def enrolled(office: Office, officer: str, role: str, entity: str) -> None:
    """A person with a role for an entity."""
    file = office.key(officer)
    person = ("--officer", officer, "--name", f"示例{officer}", "--origin", ORIGIN)
    office.done("key", "new", file, *person, *LIGHT, "--passphrase-file", office.folder / "word")
    office.done("key", "enrol", f"{file}.request.json", "--role", role, "--entity", entity, officer="guan-yi")
    approve(office, "guan-er")
