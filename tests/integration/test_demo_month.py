"""The main job, whole: `charity-ledger demo` from the offices' files to a package that a stranger accepts.

The figures are those of the files themselves: a WeChat gift of 200.00 with a fee of 1.20 that reached the bank as
198.80, a roster of 690, 760 and 580, a household whose member died, a payment that failed and was paid again.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from ledger_api.cli import app
from ledger_api.clients import Client
from ledger_api.demo.run import CHECKERS, opened
from tests.application.importing.word_documents import document, paragraph, run

ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that the demonstration leaves."""
    folder = tmp_path_factory.mktemp("demo") / "county"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder.parent / "state"))
        result = CliRunner().invoke(app, ["demo", str(folder)])
        assert result.exit_code == 0, result.output
        (folder.parent / "said.txt").write_text(result.output, encoding="utf-8")
        yield folder


def _json(county: Path, *command: str) -> dict[str, object]:
    result = CliRunner().invoke(app, [*command, "--book", str(county / "book"), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def _vkey(county: Path) -> str:
    return str(_json(county, "checkpoint")["vkey"])


def test_it_leaves_what_it_promises(county: Path) -> None:
    """Book, the seventeen files as they came, keys that nobody else can read, the package, the outside checkpoints."""
    assert {p.name for p in county.iterdir()} >= {"book", "inputs", "keys", "package", "state"}
    assert len(list((county / "inputs").glob("*.csv"))) == 17
    assert all(key.stat().st_mode & 0o077 == 0 for key in (county / "keys").iterdir())
    assert list((county / "state").iterdir())


def test_the_months_figures_are_those_of_the_files(county: Path) -> None:
    """The roster's 690, 760 and 580; three recoveries; a pledge of 300,000 whose first instalment came."""
    found = _json(county, "figures", "--from", "2025-09", "--to", "2025-09")["figures"]
    assert isinstance(found, dict)
    money = {"relief_total_fen": 203_000, "recovery_ordered_fen": 1_174_000, "recovery_collected_fen": 814_000}
    pledges = {"pledge_charity_fen": 30_000_000, "pledge_charity_received_fen": 20_000_000}
    counters = {"relief_households": 3, "relief_household_times": 3, "relief_persons": 6, "relief_person_times": 6}
    assert money.items() | pledges.items() | counters.items() <= found.items()
    assert (found["in"], found["dibao_rural_close"]) == (0, 6), "who was taken over with the book came before it"
    before = cast("dict[str, int]", _json(county, "figures", "--from", "2025-01", "--to", "2025-08")["figures"])
    assert (before["recovery_ordered_fen"] < money["recovery_ordered_fen"], before["relief_total_fen"]) == (True, 0)
    assert (before["pledge_charity_fen"], before["pledge_charity_received_fen"]) == (0, 0)


def test_doubts_and_clues_of_the_month(county: Path) -> None:
    """Facts that broke a rule each say why; the three doubts of the checking list stand where it left them."""
    found = _json(county, "doubts")
    rows = cast("list[dict[str, Any]]", found["rows"])
    assert rows
    assert all(row["message"] and "{" not in row["message"] for row in rows)
    assert sum(cast("dict[str, int]", found["counts"]).values()) == len([r for r in rows if r["reversed_at"] is None])
    raised = cast("list[dict[str, Any]]", _json(county, "clues")["rows"])
    assert len(raised) == 3
    assert {row["state"] for row in raised} <= {"raised", "assigned", "verified", "refuted", "confirmed"}
    told = CliRunner().invoke(app, ["clues", "--book", str(county / "book")])
    assert all(row["clue"] in told.output for row in raised)
    assert ("政策允许" in told.output, "policy_allows" in told.output) == (True, False)


def test_funds_hold_what_the_files_say(county: Path) -> None:
    """Fund by fund, to the fen."""
    funds = _json(county, "balances")["funds"]
    assert isinstance(funds, list)
    held = {(one["entity"], one["fund"]): one["balance_fen"] for one in funds}
    assert held["charity", "aixin-zhuxue"] == 50_000_000 + 2_865_000 - 1_800_000 + 500_000 - 1_200
    assert held["charity", "dongjie-community"] == 2_000_000
    # 1,800,000 at the start, 200,000 pledged, WeChat 198.80, Alipay 99.40 not settled, interest 312.50, cash 1,000.00.
    assert held["charity", "general"] == 180_000_000 + 20_000_000 + 19_880 + 9_940 + 31_250 + 100_000 - 2_000_000
    assert held["bureau", "relief"] == 500_000 - 203_000 + 190_000
    assert held["bureau", "lottery"] == 74_250_000 - 45_500_000
    societies = sorted(fen for (entity, _), fen in held.items() if entity == "village-agent" and fen)
    assert societies == [2_570_000, 2_960_000, 3_000_000]


def _first(found: dict[str, object], table: str, **where: object) -> dict[str, Any]:
    rows = found[table]
    assert isinstance(rows, list)
    return next(row for row in rows if all(row[name] == value for name, value in where.items()))


def test_the_channels_are_empty_but_for_what_was_not_settled(county: Path) -> None:
    """WeChat: 200.00 given, 1.20 kept, 198.80 in the bank. Alipay: 100.00 given, 0.60 kept, not yet settled."""
    found = _json(county, "balances", "--accounts")
    rows = found["accounts"]
    assert isinstance(rows, list)
    assert {row["balance_fen"] for row in rows if row["role"] == "channel"} - {0} == {9_940}
    assert {row["balance_fen"] for row in rows if row["role"] == "transit"} <= {0}


def test_subsidies_are_those_of_roster_and_result(county: Path) -> None:
    """Without a month the newest one answers: 690, 760 and 580 paid; 240 kept back for what was paid too much."""
    row = _first(_json(county, "subsidies"), "rows", programme="rural-dibao")
    assert (row["month"], row["households"], row["persons"]) == ("2025-09", 3, 6)
    assert row["paid_fen"] == 69_000 + 76_000 + 58_000
    assert (row["failed_fen"], row["reissued_fen"], row["offset_fen"]) == (76_000, 76_000, 24_000)
    assert row["authorised_fen"] == row["paid_fen"] + row["offset_fen"]


def test_recoveries_pledges_and_societies_are_those_of_the_files(county: Path) -> None:
    """Ordered, collected and open of the three recoveries; the instalment that came; the society below the line."""
    rows = _json(county, "recoveries")["recoveries"]
    assert isinstance(rows, list)
    sums = sorted((row["sums"]["ordered_fen"], row["sums"]["collected_fen"], row["sums"]["open_fen"]) for row in rows)
    assert sums == [(24_000, 24_000, 0), (190_000, 190_000, 0), (960_000, 600_000, 360_000)]
    pledge = _first(_json(county, "pledges"), "rows", pledge="RJ2025-003")
    assert (pledge["promised_fen"], pledge["arrived_fen"]) == (30_000_000, 20_000_000)
    below = _first(_json(county, "societies"), "rows", reaches_line=False)
    assert (below["name"], below["raised_fen"], below["short_fen"]) == ("下坪村救急难互助社", 2_650_000, 350_000)


def test_the_recoveries_are_told_in_words(county: Path) -> None:
    """The paper, the kind of matter, the programme's name and the state; the reference stands in the tag alone."""
    told = CliRunner().invoke(app, ["recoveries", "--book", str(county / "book")], env={"COLUMNS": "300"}).stdout
    (line,) = [one for one in told.splitlines() if "9,600.00" in one]
    assert {"示审决〔2025〕3号", "财政供养未报告", "城镇低保", "部分追回"} <= set(line.split())
    for row in cast("list[Any]", _json(county, "recoveries")["recoveries"]):
        assert told.count(row["recovery"]) == told.count(f"recovery:{row['recovery']}") == 1
        assert row["finding"] not in told
        assert row["state"] not in told.split()


def test_the_collective_gift_is_one_gift_of_many(county: Path) -> None:
    """412 persons gave 28,650.00 through their school: one event, one amount, their number."""
    rows = _json(county, "trail", "fund:aixin-zhuxue")["rows"]
    assert isinstance(rows, list)
    gift = next(row for row in rows if row["kind"] == "donation.collective")
    assert gift["amount_fen"] == 2_865_000
    events = (county / "package" / "data" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(events[gift["position"] - 1])["persons"] == 412


def test_what_went_out_and_came_back_is_explained_on_the_bank_s_file(county: Path) -> None:
    """The payment that never left stands twice on the statement, which opens with the money that had come in."""
    month = ("reconcile", "--entity", "bureau", "--account", "rcc-transit", "--on", "2025-09-30")
    found = _json(county, *month)
    assert (found["bank_items"], found["book_items"], found["difference_fen"]) == ([], [], 0)
    (funding,) = cast("list[dict[str, Any]]", found["carried_items"])
    assert (funding["kind"], funding["fen"]) == ("batch.funded", 203_000)


def test_a_statement_that_contradicts_itself_is_told_at_the_desk(county: Path, tmp_path: Path) -> None:
    """An amount was raised by a yuan, the balances were left; and a statement that holds says nothing."""
    honest = county / "inputs" / "bank_icbc.csv"
    forged = tmp_path / "forged.csv"
    forged.write_bytes(honest.read_bytes().replace(b",200000.00,", b",200001.00,"))
    key = county / "keys" / "chuna-li"
    who = ("--book", str(county / "book"), "--key", f"{key}.clkey", "--passphrase-file", f"{key}.pass", "--dry-run")
    told, silent = (CliRunner().invoke(app, ["import", str(file), *who]) for file in (forged, honest))
    assert "W_BALANCE_CHAIN forged.csv 第3行" in told.stdout
    assert all(one in told.stdout for one in ("1228650.00", "1228651.00", "-1.00"))
    assert (silent.exit_code, "W_BALANCE_CHAIN" in silent.stdout) == (0, False)


def test_a_roster_s_changes_are_told_before_anybody_signs(county: Path, tmp_path: Path) -> None:
    """October's list is September's with one amount less, without the last household: by kind, and row by row."""
    text = (county / "inputs" / "dibao_roster.csv").read_text(encoding="utf-8-sig")
    head, one, *_ = text.splitlines()
    october = tmp_path / "花名册10月.csv"
    less = one.replace(",2,180,500,320,640,1,50,0,0,690,", ",1,180,500,320,320,1,50,0,0,370,")
    october.write_text(f"{head}\n{less}\n")
    key = county / "keys" / "jiuzhu-qian"
    who = ("--book", str(county / "book"), "--key", f"{key}.clkey", "--passphrase-file", f"{key}.pass", "--dry-run")
    words = ["import", str(october), "--month", "2025-10", "--absences-known", *who]
    short, whole, machine = (CliRunner().invoke(app, [*words, *more]) for more in ((), ("--changes",), ("--json",)))
    assert short.exit_code == 0, short.output
    assert "W_ROSTER_KINDS 农村低保 2025-10 变动分类" in short.stdout
    assert "缺席 2 户" in short.stdout
    assert ("W_ROSTER_CHANGED" in short.stdout, "W_ROSTER_CHANGED" in whole.stdout) == (False, True)
    assert "人口变动、金额变动:2 人 690.00 元→1 人 370.00 元" in whole.stdout.replace("：", ":")
    (file,) = json.loads(machine.stdout)["files"]
    kinds = {note["code"]: note["params"] for note in file["notes"]}
    assert (kinds["W_ROSTER_KINDS"]["amount"], kinds["W_ROSTER_KINDS"]["absent"]) == (1, 2)
    assert kinds["W_ROSTER_CHANGED"]["kind_words"] == ["roster_kind.persons", "roster_kind.amount"]


def test_balances_have_two_clocks(county: Path) -> None:
    """Before the first payment the relief fund holds its quota; before its voucher it holds nothing."""

    def relief(*when: str) -> int:
        funds = _json(county, "balances", *when)["funds"]
        assert isinstance(funds, list)
        return next((one["balance_fen"] for one in funds if one["fund"] == "relief"), 0)

    assert relief() == 487_000
    assert relief("--as-of", "2025-09-07") == 500_000 + 190_000
    assert relief("--at", "2") == 0


def test_the_book_and_the_package_hold(county: Path) -> None:
    """Both verifiers: ours, which derives everything again, and the stranger's, which shares no code with it."""
    result = CliRunner().invoke(app, ["verify", "--book", str(county / "book"), "--json"])
    assert result.exit_code == 0, result.output
    for name in ("pledges", "societies", "lottery", "payment_lines", "rosters", "recoveries", "bank"):
        assert CliRunner().invoke(app, ["check", name, "--book", str(county / "book")]).exit_code == 0


def _stranger(county: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ledger_audit.verifier", str(county / "package"), *arguments, "--json"]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=120)


def test_a_stranger_accepts_the_package_and_only_with_the_key(county: Path, tmp_path: Path) -> None:
    """With the operator's key it holds; without, it is consistent with itself and no more."""
    key = _vkey(county)
    verdict = _stranger(county, "--key", key, "--state", str(tmp_path))
    assert verdict.returncode == 0, verdict.stdout
    found = json.loads(verdict.stdout)
    assert found["integrity"]["ok"] is True
    assert found["integrity"]["checked"]["events"] > 150
    assert found["completeness"]["ok"] is False
    assert _stranger(county).returncode == 1


def test_a_changed_byte_is_found_and_placed(county: Path, tmp_path: Path) -> None:
    """An amount changed in one event names that event's voucher."""
    package = tmp_path / "package"
    package.mkdir()
    for file in sorted((county / "package").rglob("*")):
        target = package / file.relative_to(county / "package")
        if file.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.write_bytes(file.read_bytes())
    events = package / "data" / "events.jsonl"
    lines = events.read_bytes().split(b"\n")
    position = next(i for i, line in enumerate(lines, 1) if b'"amount_fen":2865000' in line)
    lines[position - 1] = lines[position - 1].replace(b"2865000", b"9865000")
    events.write_bytes(b"\n".join(lines))
    command = [sys.executable, "-m", "ledger_audit.verifier", str(package), "--key", _vkey(county), "--json"]
    verdict = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=120)
    assert verdict.returncode == 1
    first = json.loads(verdict.stdout)["integrity"]["first_bad"]
    assert first["position"] <= position


def test_it_tells_what_happened_in_plain_words(county: Path) -> None:
    """The words of the users, none of the machine's; and what to try next."""
    said = (county.parent / "said.txt").read_text(encoding="utf-8")
    for words in (
        "2,030.00",
        "760.00",
        "爱心助学",
        "下坪村",
        "3,600.00",
        "charity-ledger verify",
    ):
        assert words in said
    for machine in ("哈希", "默克尔", "Traceback"):
        assert machine not in said


def test_what_to_try_next_can_be_typed(tmp_path: Path) -> None:
    """Where the programs are on no path, as after `make demo`, the folder that they lie in is said."""
    environment = {**ENVIRONMENT, "PATH": "/nowhere", "XDG_STATE_HOME": str(tmp_path / "state")}
    program = [str(Path(sys.executable).parent / "charity-ledger"), "demo", str(tmp_path / "county")]
    run = subprocess.run(program, capture_output=True, text=True, env=environment, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    steps = [line.split()[0] for line in run.stdout.splitlines() if " --book " in line or " --key " in line]
    assert len(steps) == 5
    assert [step for step in steps if not Path(step).is_file()] == []


def test_the_readme_shows_what_it_says(county: Path) -> None:
    """Every line of the README's picture of the demonstration is printed by it; societies come in no fixed order."""
    said = (county.parent / "said.txt").read_text(encoding="utf-8").splitlines()
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = text.split("<!-- demo:begin -->")[1].split("```")[1].splitlines()[1:]
    assert len(shown) > 20
    assert [line for line in shown if line not in said] == []


def test_it_never_writes_over_anything(county: Path) -> None:
    """A second run into the same folder is refused."""
    result = CliRunner().invoke(app, ["demo", str(county)])
    assert result.exit_code == 2
    assert "E_DEMO_FOLDER" in result.output


def test_a_second_demonstration_is_no_fork_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who signed in the first one's book can sign in the second one's, on the same machine."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("first", "second"):
        made = opened(tmp_path / name, lambda _said: None)
        officer = CHECKERS["charity"]
        reader = Client(made.book.store, made.book.origin, officer, made.keys.key(officer))
        assert reader.signer(made.operator.vkey).seen is not None
        made.book.close()


def test_the_months_sentences_say_their_source(county: Path) -> None:
    """The recoveries of 11,740.00 and 8,140.00, the three societies, the pledge; what is not in the book stays open."""
    found = _json(county, "summary", "year")
    slots = [slot for one in cast("list[dict[str, Any]]", found["sentences"]) for slot in one["slots"]]
    told = {slot["text"]: slot for slot in slots if slot["reason"] is None}
    assert {"8140元", "11740元", "69.3%", "240元", "30万元", "20万元"} <= set(told)
    assert told["8140元"]["fact"]["query"].startswith("figures --from 2025-01 --to 2025-09 --at ")
    assert all(slot["scope"] for slot in told.values())
    assert all(slot["told"].startswith(("账内无", "账内从 2025-09 起", "没有")) for slot in slots if slot["reason"])
    assert "2030元" not in told, "paid in September; of January to August the book knows nothing"
    since = _json(county, "summary", "year", "--from", "2025-09")
    assert any(slot["text"] == "2030元" for one in cast("list[Any]", since["sentences"]) for slot in one["slots"])
    words = CliRunner().invoke(app, ["summary", "quarter", "--book", str(county / "book")])
    assert "救急难互助社3家,已登记2家,达到筹资标准(3万元)2家,筹资8.85万元" in words.output
    assert "自 2025-09 起" in words.output
    english = CliRunner().invoke(app, ["summary", "month", "--book", str(county / "book"), "--lang", "en"])
    assert "In 2025-09, relief of 2,030.00 yuan was paid" in english.output
    listed = CliRunner().invoke(app, ["summary", "--book", str(county / "book")])
    assert all(name in listed.output for name in ("year", "jan_sep", "month", "quarter", "campaign"))


REPORT = (
    "累计追缴到位8140元（应追{}元）。全县互助社3家，筹资8.85万元，筹资不少于3万元2家，筹资不足3万元的1家。"
    "慈善大会共认捐30万元。适老化改造152户。"
)


def test_a_report_is_checked_at_the_command_line(county: Path, tmp_path: Path) -> None:
    """0 where nothing is contradicted, 1 where something is (and by how much), 2 where there is no report."""
    file = tmp_path / "总结.txt"
    book = ("--book", str(county / "book"))
    file.write_bytes(REPORT.format(11740).encode("gb18030"))
    right = CliRunner().invoke(app, ["summary", "--check", str(file), *book])
    assert (right.exit_code, "有据 6,不符 0,无法核对 2" in right.output) == (0, True), right.output
    assert "适老化改造" in right.output
    file.write_text(REPORT.format(11741), encoding="utf-8")
    wrong = CliRunner().invoke(app, ["summary", "--check", str(file), *book])
    assert (wrong.exit_code, "多写 1.00 元" in wrong.output) == (1, True), wrong.output
    data = json.loads(CliRunner().invoke(app, ["summary", "--check", str(file), *book, "--json"]).stdout)
    assert (data["file"], data["counts"]["contradicted"]) == ("总结.txt", 1)
    (claim,) = [one for sentence in data["sentences"] for one in sentence["claims"] if one["number"] == "11741元"]
    assert (claim["verdict"], claim["figures"][0]["off_by"]) == ("contradicted", 100)
    for name, code in ((tmp_path / "无.txt", "E_FILE_MISSING"), (county / "book" / "book.sqlite", "E_")):
        refused = CliRunner().invoke(app, ["summary", "--check", str(name), *book])
        assert refused.exit_code == 2
        assert code in refused.stderr
    unknown = CliRunner().invoke(app, ["summary", "week", *book])
    assert (unknown.exit_code, "E_TABLE_NAME" in unknown.stderr) == (2, True)


def test_a_title_says_which_months_unless_the_reader_does(county: Path, tmp_path: Path) -> None:
    file = tmp_path / "总结.txt"
    file.write_text("2025年1-8月工作总结\n发放农村低保2030元。", encoding="utf-8")
    titled = _json(county, "summary", "--check", str(file))
    claim = cast("list[dict[str, Any]]", titled["sentences"])[0]["claims"][0]
    assert (titled["last"], claim["reason"], claim["told"]) == ("2025-08", "no_record", "账内无此数据:没有这类记录")
    year = _json(county, "summary", "--check", str(file), "--to", "2025-09")
    assert cast("list[dict[str, Any]]", year["sentences"])[0]["claims"][0]["told"].startswith("账内从 2025-09 起")
    asked = _json(county, "summary", "--check", str(file), "--from", "2025-09", "--to", "2025-09")
    figure = cast("list[dict[str, Any]]", asked["sentences"])[0]["claims"][0]["figures"][0]
    assert (asked["last"], figure["fits"], "农村低保" in figure["scope"]) == ("2025-09", True, True)


def test_a_word_document_is_checked_like_a_text(county: Path, tmp_path: Path) -> None:
    """A number that is broken over runs is one number; what a revision deleted is not read."""
    file = tmp_path / "总结.docx"
    deleted = f"<w:del>{run('9999元')}</w:del>"
    file.write_bytes(document(paragraph(run("累计追缴到位8"), run("140"), deleted, run("元。"))))
    result = CliRunner().invoke(app, ["summary", "--check", str(file), "--book", str(county / "book"), "--lang", "en"])
    assert (result.exit_code, "supported 1, contradicted 0" in result.output) == (0, True), result.output


def test_an_earlier_day_and_position_give_earlier_answers(county: Path, tmp_path: Path) -> None:
    file = tmp_path / "总结.txt"
    file.write_text("累计追缴到位8140元。", encoding="utf-8")
    told = _json(county, "summary", "--check", str(file))
    figure = cast("list[dict[str, Any]]", told["sentences"])[0]["claims"][0]["figures"][0]
    early = CliRunner().invoke(
        app, ["summary", "--check", str(file), "--as-of", "2025-09-01", "--json", "--book", str(county / "book")]
    )
    assert early.exit_code == 1
    then = json.loads(early.stdout)["sentences"][0]["claims"][0]["figures"][0]
    assert (figure["fact"]["value"], then["fact"]["on"]) == (814_000, "2025-09-01")
    assert then["fact"]["value"] < 814_000
