"""Every reader answers in words and in JSON, in both languages, and says the position that it stands for."""

import datetime as dt
import sqlite3
from typing import Any

import pytest
import typer
from sqlalchemy.exc import ProgrammingError
from typer.testing import CliRunner

from ledger.values.dates import TZ
from ledger_api.cli import app
from ledger_projections.books import balances
from tests.api.county import MAKER, Office, approve, fee, gift, voucher

READERS: dict[str, tuple[str, ...]] = {
    "balances": (),
    "balances --accounts": ("--accounts",),
    "trial-balance": ("--period", "2025-09"),
    "trail": ("fund:general",),
    "pledges": (),
    "pledges --year": ("--year", "2025"),
    "recoveries": (),
    "red-flags": (),
    "doubts": ("--as-of", "2025-09-30"),
    "three-way": ("--month", "2025-09"),
    "subsidies": ("--month", "2025-09", "--until", "2025-10"),
    "subsidies --rosters": ("--month", "2025-09", "--rosters"),
    "subsidies --failures": ("--failures",),
    "societies": (),
    "lottery": ("--year", "2025"),
    "reconcile": ("--entity", "charity"),
    "reconcile of all": (),
    "reconcile --account": ("--entity", "charity", "--account", "icbc", "--on", "2025-09-30"),
}


@pytest.mark.parametrize("name", READERS)
def test_every_reader_says_its_position(first_office: Office, name: str) -> None:
    words = (name.split(maxsplit=1)[0], *READERS[name])
    head = first_office.position()
    assert first_office.asked(*words)["position"] == head
    assert f"依据:序号 1 至 {head}" in first_office.done(*words)
    assert f"Stands for positions 1 to {head}" in first_office.done(*words, "--lang", "en")


COMMANDS = typer.main.get_command(app)
OF_ENTITIES = [
    name
    for name, one in getattr(COMMANDS, "commands", {}).items()
    if "readers" in str(getattr(one.callback, "__module__", ""))
    and "--entity" in {o for p in one.params for o in p.opts}
]


def test_the_readers_of_entities_are_found() -> None:
    assert {"balances", "trial-balance", "pledges", "doubts", "clues", "reconcile", "summary"} <= set(OF_ENTITIES)


@pytest.mark.parametrize("name", OF_ENTITIES)
def test_no_reader_answers_for_an_entity_that_nobody_registered(first_office: Office, name: str) -> None:
    words = (name, *(("M2",) if name == "summary" else ()))
    told = first_office.run(*words, "--entity", "nobody")
    assert (told.exit_code, told.stderr.split(":")[0]) == (2, "E_ENTITY_UNKNOWN")
    early = first_office.run(*words, "--entity", "charity", "--at", 1)
    assert (early.exit_code, early.stderr.split(":")[0]) == (2, "E_ENTITY_UNKNOWN")
    assert first_office.run(*words, "--entity", "charity").exit_code == 0


CLOCKED = ("balances", "trial-balance", "trail", "pledges", "recoveries", "societies", "lottery")


@pytest.mark.parametrize("name", CLOCKED)
def test_a_reader_answers_for_an_earlier_position(first_office: Office, name: str) -> None:
    words = (name, *READERS[name])
    head = first_office.position()
    assert first_office.asked(*words, "--at", head - 1)["position"] == head - 1
    told = first_office.run(*words, "--at", head + 1)
    assert told.exit_code == 2
    assert "E_" in told.stderr


@pytest.mark.parametrize("name", CLOCKED)
def test_a_reader_answers_for_a_recording_time(first_office: Office, name: str) -> None:
    words = (name, *READERS[name])
    times = {"2025-09-30T23:59:59+08:00": first_office.position(), "2025-09-30T09:59:59+08:00": 0}
    for time, position in times.items():
        assert first_office.asked(*words, "--at", time)["position"] == position


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "１", "9" * 19, "2025-09-30", "2025-09-30T10:00:00Z", ""])
def test_what_is_neither_a_position_nor_a_time_is_refused(first_office: Office, text: str) -> None:
    error = first_office.asked("balances", f"--at={text}", code=2)["error"]
    assert (error["code"], error["params"]) == ("E_AT_OPTION", {"field": "--at", "value": text})


def test_balances_follow_both_clocks(office: Office) -> None:
    before = office.position()
    office.submit(voucher("charity", gift("D2", 500, "2025-09-20")))
    sums = {
        "now": office.asked("balances"),
        "then": office.asked("balances", "--at", before),
        "early": office.asked("balances", "--as-of", "2025-09-19"),
    }
    assert {name: found["funds"][0]["balance_fen"] for name, found in sums.items()} == {
        "now": 100_500,
        "then": 100_000,
        "early": 100_000,
    }
    wanted = {"entity", "fund", "kind", "balance_fen", "available_fen"}
    assert wanted <= set(sums["now"]["funds"][0])


def test_money_lies_on_accounts(office: Office) -> None:
    before = office.position()
    office.submit(voucher("charity", fee("M1", 250)))
    approve(office)
    place = {"entity": "charity", "role": "bank", "account": "icbc", "fund": "general"}
    assert office.asked("balances", "--accounts")["accounts"] == [{**place, "balance_fen": 99_750}]
    assert office.asked("balances", "--accounts", "--at", before)["accounts"] == [{**place, "balance_fen": 100_000}]
    assert office.asked("balances", "--accounts", "--entity", "book")["accounts"] == []
    told = office.done("balances", "--accounts")
    assert "银行" in told
    assert "997.50" in told


@pytest.mark.parametrize("name", READERS)
def test_a_position_that_the_log_has_not_reached_is_told_as_that(office: Office, name: str) -> None:
    """Not as a read model that is behind, and not as an answer for a position that nobody knows."""
    told = office.run(name.split(maxsplit=1)[0], *READERS[name], "--at", "999999")
    assert told.exit_code == 2
    assert told.stderr.startswith("E_POSITION_AHEAD"), told.stderr


def test_three_way_prints_the_line_that_gives_it_again(first_office: Office) -> None:
    own = ("--month", "2025-09", "--entity", "charity")
    for words in (("--month", "2025-09"), own, ("--month", "2025-09", "--as-of", "2025-09-15")):
        printed = first_office.done("three-way", *words)
        (again,) = [one for one in printed.splitlines() if one.startswith("查询:")]
        assert again == f"查询:charity-ledger three-way {' '.join(words)} --at {first_office.position()}"
        assert first_office.done(*again.split()[1:]) == printed
    assert "业务日期截至 2025-09-15" in printed
    assert first_office.asked("three-way", *words)["as_of"] == "2025-09-15"


def test_a_tag_that_nothing_bears_is_told(office: Office) -> None:
    """An empty table and success would read as if nothing had happened to it."""
    for words, near in (
        (("fund:genral",), "fund:general"),
        (("fnd:general",), "fund:general"),
        (("general",), "fund:general"),
        (("垃圾",), "—"),
        (("没有:的",), "—"),
    ):
        told = office.run("trail", *words)
        assert (told.exit_code, told.stdout) == (2, "")
        assert told.stderr.startswith("E_TAG_UNKNOWN"), told.stderr
        assert f"相近的有:{near}。标签写作“类别:编号”,如 fund:general" in told.stderr
        assert office.run("trail", *words, "--json").exit_code == 2
    assert "110101199003074514" not in office.run("trail", "donor:110101199003074514").stderr
    assert office.asked("trail", "fund:general", "--as-of", "2000-01-01")["rows"] == []
    assert office.asked("trail", "fund:general", "--as-of", "2099-12-31") == office.asked("trail", "fund:general")


def test_the_trial_balance_ties_and_shows_yuan(office: Office) -> None:
    office.submit(voucher("charity", fee("M1", 250)))
    approve(office)
    found = office.asked("trial-balance", "--period", "2025-09", "--entity", "charity")["entities"][0]
    assert found["ties"]
    assert found["total"]["debit_fen"] == found["total"]["credit_fen"] == 100_250
    assert found["root"].startswith("sha256:")
    early = office.asked("trial-balance", "--as-of", "2025-09-05")["entities"][0]
    assert early["total"]["debit_fen"] == 100_000
    told = office.done("trial-balance", "--period", "2025-09")
    assert "1,002.50" in told
    assert "借贷平衡" in told
    assert "debit equals credit" in office.done("trial-balance", "--period", "2025-09", "--lang", "en")


def test_an_account_of_two_charts_stands_in_the_trial_balance_with_each(office: Office) -> None:
    """What the books of 2025 hold stays under the chart of 2004, what moves from 2026 on is under that of 2024."""
    office.now = dt.datetime(2026, 1, 20, 10, 0, 0, tzinfo=TZ)
    office.submit({**voucher("charity", gift("D2", 700, "2026-01-15")), "voucher_date": "2026-01-15"})
    approve(office)
    words = ("trial-balance", "--period", "2026-01")
    (found,) = office.asked(*words)["entities"]
    banks = [(one["chart"], one["code"]) for one in found["accounts"] if one["code"] == "1002"]
    assert banks == [("npo-2004", "1002"), ("npo-2024", "1002")]
    told = [line.split()[:2] for line in office.done(*words).splitlines() if " 1002 " in line]
    assert [tuple(one) for one in told] == banks
    assert "科目表" in office.done(*words)


def test_the_language_follows_the_locale_unless_it_is_named(first_office: Office) -> None:
    words = ["pending", "--book", str(first_office.book)]
    english = CliRunner().invoke(app, words, env={"LANG": "en_GB.UTF-8", "LC_ALL": ""})
    chinese = CliRunner().invoke(app, [*words, "--lang", "zh"], env={"LANG": "en_GB.UTF-8", "LC_ALL": ""})
    assert "0 waiting" in english.stdout
    assert "共 0 张待审核" in chinese.stdout


@pytest.mark.parametrize("words", [("balances",), ("verify",), ("approve", "--all"), ("checkpoint",)])
def test_a_command_without_a_book_says_so(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*words], env={"LEDGER_BOOK": ""})
    assert result.exit_code == 2
    assert "E_BOOK_OPTION" in result.stderr or "E_KEY_OPTION" in result.stderr


def test_errors_come_in_both_languages_and_as_json(first_office: Office) -> None:
    told = first_office.run("trail", "fund:general", "--at", "9999")
    assert told.stderr.splitlines()[0].startswith("E_")
    assert len(told.stderr.splitlines()) == 2
    error = first_office.asked("balances", "--as-of", "yesterday", code=2)["error"]
    assert set(error) == {"code", "message", "params"}
    assert (error["code"], error["params"]) == ("E_DATE", {"field": "--as-of", "value": "yesterday"})


DATED: dict[tuple[str, ...], str] = {
    ("figures", "--from", "2025-01", "--to", "2025-1"): "--to",
    ("figures", "--from", "2025年1月"): "--from",
    ("trial-balance", "--period", "2025-13"): "--period",
    ("subsidies", "--month", "13"): "--month",
}


@pytest.mark.parametrize("words", DATED, ids=" ".join)
def test_a_day_or_month_that_cannot_be_read_is_told_by_its_option(first_office: Office, words: tuple[str, ...]) -> None:
    error = first_office.asked(*words, code=2)["error"]
    assert error["params"]["field"] == DATED[words], error


def test_a_directory_without_a_book(first_office: Office) -> None:
    told = first_office.run("balances", "--book", first_office.folder)
    assert (told.exit_code, "E_BOOK_MISSING" in told.stderr) == (2, True)


def test_what_nobody_foresaw_is_a_sentence_too(first_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a broken reader")

    monkeypatch.setattr(balances, "fund_balances", broken)
    told = first_office.run("balances")
    assert told.exit_code == 2
    assert "E_UNFORESEEN" in told.stderr
    assert "Traceback" not in told.output


def test_what_a_database_says_is_told_without_its_statement(
    first_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ProgrammingError("SELECT name FROM people", {"name": "张三"}, sqlite3.OperationalError("no such column"))

    monkeypatch.setattr(balances, "fund_balances", broken)
    told = first_office.run("balances")
    assert (told.exit_code, "no such column" in told.stderr) == (2, True)
    assert "SELECT" not in told.output
    assert "张三" not in told.output


def test_matches_that_are_sure_become_a_voucher_to_sign(office: Office) -> None:
    source = {"organisation": "示例银行", "file_digest": "sha256:" + "5" * 64, "obtained_by": "zhang"}
    statement = {
        "kind": "bank.statement_imported",
        "statement": "s1",
        "account": "icbc",
        "line_count": 1,
        "breaks": 0,
        "source": {**source, "obtained_on": "2025-09-30", "how": "download"},
        "first_day": "2025-09-01",
        "last_day": "2025-09-30",
        "opening_fen": 0,
        "closing_fen": 100_000,
    }
    line = {
        "kind": "bank.line_recorded",
        "line": "l1",
        "statement": "s1",
        "account": "icbc",
        "key": "k1",
        "occurred_at": "2025-09-05T10:00:00+08:00",
        "amount_fen": 100_000,
        "memo": "转账",
    }
    office.submit(voucher("charity", statement, line))
    file = office.folder / "matches.json"
    words = ("reconcile", "--entity", "charity", "--account", "icbc", "--on", "2025-09-30")
    found = office.asked(*words, "--propose", file)
    assert [item["line"] for item in found["bank_items"]] == ["l1"]
    assert [(one["lines"], one["fen"]) for one in found["proposals"]] == [(["l1"], 100_000)]
    assert found["ties"] == []
    assert office.asked("submit", file, officer=MAKER)[0]["state"] == "posted"
    after = office.asked(*words)
    assert (after["bank_items"], after["book_items"], after["difference_fen"]) == ([], [], 0)
    assert "相符" in office.done("reconcile", "--entity", "charity", "--on", "2025-09-30")
    every = office.asked("reconcile", "--on", "2025-09-30")
    assert [row["account"] for one in every["entities"] for row in one["rows"]] == ["icbc"]
    assert "charity" in office.done("reconcile", "--on", "2025-09-30")
    nobodys = office.asked("reconcile", "--account", "icbc", code=2)["error"]
    assert (nobodys["code"], nobodys["params"]) == ("E_ACCOUNT_ENTITY", {"account": "icbc"})
    nothing = office.folder / "nothing.json"
    nothing.write_text("[]")
    told = office.run("submit", nothing, officer=MAKER)
    assert (told.exit_code, "文件里没有凭证" in told.stderr) == (0, True)
    again = office.asked(*words, "--propose", file, code=2)["error"]
    assert again["code"] == "E_TARGET_EXISTS"
    alone = office.asked("reconcile", "--entity", "charity", "--propose", office.folder / "x.json", code=2)["error"]
    assert alone["code"] == "E_PROPOSE_ACCOUNT"


def promised(due: str) -> dict[str, Any]:
    """A pledge of one instalment."""
    donor = {"donor_kind": "organisation", "donor_label": "湖南示例矿业有限公司", "publicity": "name"}
    sums = {"amount_fen": 100_000, "paid_before_fen": 0, "instalments": [{"due": due, "fen": 100_000}]}
    how = {"pledge_kind": "single", "public": False, "on": "2025-09-02"}
    return {"kind": "pledge.made", "pledge": f"P-{due}", "fund": "general", **donor, **sums, **how}


@pytest.mark.parametrize(
    ("words", "overdue"),
    [
        ((), [0, 100_000]),
        (("--as-of", "2025-09-15"), [0, 0]),
        (("--as-of", "2025-09-29"), [0, 100_000]),
        (("--as-of", "2025-12-31"), [0, 100_000]),
        (("--as-of", "2025-09-15", "--on", "2025-10-31"), [100_000, 100_000]),
    ],
    ids=["today", "before it was due", "after", "a day to come", "another day"],
)
def test_what_was_due_later_was_not_overdue_then(office: Office, words: tuple[str, ...], overdue: list[int]) -> None:
    office.submit(voucher("charity", promised("2025-09-20"), promised("2025-10-20")))
    approve(office)
    found = office.asked("pledges", *words)["rows"]
    assert sorted(one["overdue_fen"] for one in found) == overdue
