"""Doubts there and back at the command line: a list is compared, sheets go out, are filled in and come back."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from ledger.application.importing.templates import write_template
from ledger.catalogue import say
from ledger_api.cli import app
from ledger_api.demo.run import ORIGIN
from tests.plain_sentences import require_plain

CLERK, LEADER = "jiuzhu-qian", "fenguan-sun"
HEAD_ROW = 4
PEOPLE = (("示例甲", "431099194803120016"), ("示例丙", "431099195509210242"), ("示例丁", "431099194011020412"))


class Desk:
    """The demonstration's county at the command line, on the machine's own day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: object, officer: str = CLERK) -> Result:
        keys = self.folder / "keys"
        signs: tuple[object, ...] = ()
        is_signed = words[0] in ("import", "check-sheet", "self-check", "approve", "submit") or words[:2] == (
            "key",
            "enrol",
        )
        if is_signed and "--dry-run" not in words:
            signs = ("--key", keys / f"{officer}.clkey", "--passphrase-file", keys / f"{officer}.pass")
        surroundings = {"LEDGER_BOOK": str(self.folder / "book"), "LANG": "zh_CN.UTF-8"}
        surroundings["XDG_STATE_HOME"] = str(self.folder / "state")
        return CliRunner().invoke(app, [str(word) for word in (*words, *signs)], env=surroundings)

    def asked(self, *words: object, officer: str = CLERK, code: int = 0) -> Any:
        result = self.run(*words, "--json", officer=officer)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    def readings(self) -> list[tuple[str, str, str]]:
        """Who read whose data what for."""
        with closing(sqlite3.connect(self.folder / "book" / "book.db")) as there:
            return there.execute("SELECT actor, subject, detail FROM access_log ORDER BY id").fetchall()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("doubts") / "county"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder.parent / "state"))
        result = CliRunner().invoke(app, ["demo", str(folder)])
    assert result.exit_code == 0, result.output
    return Desk(folder)


def the_list(path: Path) -> Path:
    """Another department's list, filled into the template."""
    book = load_workbook(write_template("matching", path))
    for number, (name, id_number) in enumerate(PEOPLE, 1):
        cells = [number, "机动车登记", name, id_number, "小型客车", "2025-01", "2025-09-25", "示例县交警大队"]
        book.worksheets[0].append(cells)
    book.save(path)
    return path


def fill(path: Path, answer: dict[str, str]) -> None:
    """Answer every row of a sheet alike."""
    book = load_workbook(path)
    page = book.active
    heads = {page.cell(HEAD_ROW, n).value: n for n in range(1, page.max_column + 1)}
    for row in range(HEAD_ROW + 1, page.max_row + 1):
        for column, value in answer.items():
            page.cell(row, heads[column]).value = value
    book.save(path)


def test_a_list_is_compared_given_out_answered_and_told(desk: Desk, tmp_path: Path) -> None:
    took = desk.asked("import", the_list(tmp_path / "车辆.xlsx"))
    (file,) = took["files"]
    assert (file["kind"], file["new"], file["noted"], file["wrong"]) == ("matching", 2, 1, [])
    due, folder = "2099-12-31", tmp_path / "核查表"
    gone = desk.asked("check-sheet", "-o", folder, "--due", due, "--purpose", "9月车辆比对核查")
    assert gone["assigned"] == 2
    (sheet,) = gone["sheets"]
    assert (sheet["township"], sheet["doubts"], Path(sheet["file"]).name) == ("石岭镇", 2, "疑点核查表-石岭镇.xlsx")
    assert sheet["exposure_fen"] == 69_000 + 58_000
    read = desk.readings()
    assert [(actor, detail) for actor, _, detail in read] == [(CLERK, f"9月车辆比对核查(核查表 {sheet['number']})")] * 2
    rows = [row for row in desk.asked("clues")["rows"] if row["test"] == "T05车辆"]
    assert {(row["state"], row["due_on"], row["answered_on"]) for row in rows} == {("assigned", due, None)}
    answer = {"核查结果": "不属实", "原因分类": "数据错误", "佐证材料": "已过户证明", "核查人一": "示例申"}
    path = Path(sheet["file"])
    fill(path, answer)
    refused = desk.asked("import", path, code=2)["files"][0]
    assert {cell["code"] for cell in refused["wrong"]} == {"E_TWO_VERIFIERS"}
    fill(path, {"核查人二": "示例酉"})
    took = desk.asked("import", path)["files"][0]
    assert (took["kind"], took["new"], took["wrong"]) == ("doubts", 2, [])
    again = desk.asked("import", path)["files"][0]
    assert (again["new"], again["duplicate"]) == (0, 2)
    rows = [row for row in desk.asked("clues")["rows"] if row["test"] == "T05车辆"]
    assert {(row["state"], row["result"], row["overdue_days"]) for row in rows} == {("refuted", "data_error", 0)}
    assert all(row["answered_on"] and row["days"] == 0 for row in rows)
    (run,) = desk.asked("clues", "--runs")["rows"]
    counted = {name: run[name] for name in ("listed", "compared", "hits", "raised", "issued", "refuted", "unanswered")}
    assert counted == {"listed": 3, "compared": 3, "hits": 2, "raised": 2, "issued": 2, "refuted": 2, "unanswered": 0}
    assert (run["organisation"], run["founded_per_mille"]) == ("示例县交警大队", 0)
    for words in (("clues",), ("clues", "--runs")):
        told = desk.run(*words).output
        assert "T05车辆" in told
    assert desk.run("verify").exit_code in (0, 1), "completeness has its own say; integrity must hold"
    assert "成立" in desk.run("verify").output


BAD: list[tuple[tuple[str, ...], str, str]] = [
    (("--purpose", " "), CLERK, "E_PURPOSE_EMPTY"),
    (("--purpose", "核查431099194803120017"), CLERK, "E_TEXT_PERSONAL"),
    (("--purpose", "核查\n一"), CLERK, "E_TEXT_CONTROL"),
    (("--purpose", "核查", "--due", "2025-01-01"), CLERK, "E_DUE_PASSED"),
    (("--purpose", "核查", "--due", "明天"), CLERK, "E_DATE"),
    (("--purpose", "核查"), LEADER, "E_SHEET_GIVER"),
    (("--purpose", "核查", "--township", "无此乡"), CLERK, "E_NO_DOUBTS"),
    (("--purpose", "核查", "--township", "石岭镇"), CLERK, "E_TARGET_EXISTS"),
    (("--purpose", "核查", "--township", "石岭镇"), "shenji-zheng", "E_TARGET_EXISTS"),
    (("--purpose", "核查"), CLERK, "E_TARGET_EXISTS"),
]


@pytest.mark.parametrize(("words", "officer", "code"), BAD)
def test_what_is_not_given_out_reads_nobody(
    desk: Desk, tmp_path: Path, words: tuple[str, ...], officer: str, code: str
) -> None:
    taken = the_list(tmp_path / "房产.xlsx")
    book = load_workbook(taken)
    for row in range(2, 5):
        book.worksheets[0].cell(row, 2).value = "房产"
    book.save(taken)
    desk.run("import", taken)  # two open doubts, from the first case on
    before = desk.readings()
    error = desk.asked("check-sheet", "-o", taken, *words, officer=officer, code=2)["error"]
    assert error["code"] == code
    assert desk.readings() == before


def test_one_township_is_one_file_and_the_term_is_moved_by_giving_out_again(desk: Desk, tmp_path: Path) -> None:
    words = ("check-sheet", "--township", "石岭镇", "--purpose", "核查")
    first = desk.asked(*words, "-o", tmp_path / "一.xlsx", "--due", "2099-01-01")
    assert (first["assigned"], first["sheets"][0]["doubts"]) == (2, 2)
    assert desk.asked(*words, "-o", tmp_path / "二.xlsx")["assigned"] == 0, "another copy is no other assignment"
    assert desk.asked(*words, "-o", tmp_path / "三.xlsx", "--due", "2099-02-01")["assigned"] == 2
    due = {row["due_on"] for row in desk.asked("clues")["rows"] if row["test"] == "T05房产"}
    assert due == {"2099-02-01"}
    path = tmp_path / "三.xlsx"
    fill(path, {"核查结果": "无法核实", "佐证材料": "外出务工", "核查人一": "示例申", "核查人二": "示例酉"})
    assert desk.asked("import", path)["files"][0]["new"] == 2


def clerk_of(desk: Desk, township: str) -> str:
    """A clerk of the bureau whose post is limited to a township."""
    name = f"xiangzhen-{len(list((desk.folder / 'keys').iterdir()))}"
    keys = desk.folder / "keys"
    (keys / f"{name}.pass").write_text("乡镇经办人的口令\n", encoding="utf-8")
    new = ["key", "new", keys / f"{name}.clkey", "--officer", name, "--name", "示例乡", "--origin", ORIGIN]
    made = desk.run(*new, "--memory-mib", "64", "--passphrase-file", keys / f"{name}.pass")
    assert made.exit_code == 0, made.output
    held = ("--role", "accountant", "--entity", "bureau", "--scope", township)
    asked = desk.run("key", "enrol", keys / f"{name}.clkey.request.json", *held, officer="guan-yi")
    assert asked.exit_code == 0, asked.output
    assert desk.run("approve", "--all", "--yes", officer="guan-er").exit_code == 0
    return name


def test_a_township_gives_out_its_own_doubts_only(desk: Desk, tmp_path: Path) -> None:
    desk.run("check-sheet", "--purpose", "核查", "-o", tmp_path / "已有")  # what other tests left open
    taken = the_list(tmp_path / "工商.xlsx")
    book = load_workbook(taken)
    for row in range(2, 5):
        book.worksheets[0].cell(row, 2).value = "工商登记"
    book.save(taken)
    assert desk.asked("import", taken)["files"][0]["new"] == 2
    other, own = clerk_of(desk, "大冲乡"), clerk_of(desk, "石岭镇")
    before = desk.readings()
    words = ("check-sheet", "--purpose", "核查")
    refused = desk.asked(*words, "-o", tmp_path / "x.xlsx", "--township", "石岭镇", officer=other, code=2)["error"]
    assert refused["code"] == "E_SCOPE"
    assert desk.asked(*words, "-o", tmp_path / "x", officer=other, code=2)["error"]["code"] == "E_NO_DOUBTS"
    assert desk.readings() == before
    gone = desk.asked(*words, "-o", tmp_path / "y", officer=own)
    assert (gone["assigned"], [sheet["township"] for sheet in gone["sheets"]]) == (2, ["石岭镇"])
    path = Path(gone["sheets"][0]["file"])
    fill(path, {"核查结果": "无法核实", "佐证材料": "外出", "核查人一": "示例申", "核查人二": "示例酉"})
    assert desk.asked("import", path, officer=own)["files"][0]["new"] == 2


def test_nothing_is_left_to_give_out(desk: Desk, tmp_path: Path) -> None:
    error = desk.asked("check-sheet", "-o", tmp_path / "空", "--purpose", "核查", code=2)["error"]
    assert error["code"] == "E_NO_DOUBTS"
    assert not (tmp_path / "空").exists()


def test_a_self_check_of_sound_rosters_finds_nothing(desk: Desk) -> None:
    unset = [
        "城镇低保与特困",
        "农村低保与特困",
        "城镇低保与农村低保",
    ]  # the month decides none of them
    nothing = {"found": 0, "raised": 0, "rows": [], "exclusions_unset": unset}
    assert desk.asked("self-check", "--dry-run") == desk.asked("self-check") == nothing
    assert "查出 0 条,新 0 条" in desk.run("self-check").output
    flags = desk.asked("red-flags")
    assert (flags["overlaps"], flags["shared_accounts"], flags["receipt_gaps"]) == ([], [], [])


def test_every_figure_is_called_by_a_word_of_its_own(desk: Desk) -> None:
    """A program reads the keys; a person reads none."""
    keys = desk.asked("figures", "--from", "2025-09", "--to", "2025-09")["figures"]
    titles = [say(f"figure_title.{key}") for key in keys]
    assert len(set(titles)) == len(titles)
    told = desk.run("figures", "--from", "2025-09", "--to", "2025-09").output
    assert [title for title in titles if title not in told] == []
    assert [key for key in keys if "_" in key and key in told] == []


def test_every_doubt_of_the_month_is_told_without_an_id_a_code_or_a_gap(desk: Desk) -> None:
    rows = desk.asked("doubts")["rows"]
    assert rows
    for row in rows:
        require_plain(row["code"], row["message"])


def test_what_excludes_what_is_written_ready_to_be_submitted(desk: Desk, tmp_path: Path) -> None:
    """A county that has set nothing is told so, with a voucher of the usual rules that its own paper mends."""
    assert "template exclusions" in desk.run("self-check", "--dry-run").output
    file = tmp_path / "互斥.json"
    assert desk.run("template", "exclusions", file).exit_code == 0
    (voucher,) = json.loads(file.read_text(encoding="utf-8"))
    pairs = {(one["programme"], one["other"]): one["effect"] for one in voucher["events"]}
    assert pairs["rural-dibao", "destitute"] == "forbidden"
    assert desk.run("template", "exclusions", file).exit_code != 0, "what somebody may have mended is not written over"
    assert json.loads(file.read_text(encoding="utf-8")) == [voucher]
    submitted = desk.run("submit", file)
    assert submitted.exit_code == 0, submitted.output
    desk.run("approve", "--all", "--yes", officer=LEADER)
    assert desk.asked("self-check", "--dry-run")["exclusions_unset"] == []
    assert "template exclusions" not in desk.run("self-check", "--dry-run").output
    assert desk.run("template", "exclusions", tmp_path / "again.json").exit_code == 0
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8")) == []
