"""What the screen says of an import: what keeps rows back is never lost behind what is told of many rows."""

import pytest

from ledger.application.importing.rows import Note, Place
from ledger.application.proposing.importer import Importer
from ledger.application.proposing.reports import FileReport, ImportReport
from ledger.catalogue import codes
from ledger.catalogue.sentences import sentences
from tests.api.county import MAKER, Office


def shown(office: Office, monkeypatch: pytest.MonkeyPatch, *files: FileReport, language: str = "zh") -> list[str]:
    monkeypatch.setattr(Importer, "add_all", lambda _self, _files, _kind: ImportReport([*files]))
    (office.folder / "a.csv").write_text("", encoding="utf-8")
    words = ["import", office.folder / "a.csv", *(["--language", language] if language != "zh" else [])]
    return office.done(*words, officer=MAKER).splitlines()


def report(held: int = 0, *notes: Note) -> FileReport:
    places = {Place("a.csv", None, row) for row in range(2, 2 + held)}
    return FileReport("a.csv", "bank-statement", new=1, held=places, notes=[*notes])


@pytest.mark.parametrize("code", ["W_STATEMENT_HELD", "W_ROWS_HELD"])
def test_rows_that_are_held_are_counted_and_told(office: Office, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    note = Note(Place("a.csv", None, 0), code, {"name": "B-1", "rows": 3})
    lines = shown(office, monkeypatch, report(3, note))
    assert lines[0].split() == ["文件", "种类", "新", "重复", "仅佐证", "待登记", "有误"]
    assert lines[1].split() == ["a.csv", "银行流水", "1", "0", "0", "3", "0"]
    assert [line for line in lines if line.startswith(code) and " 3 行" in line]


def test_where_nothing_is_held_the_table_does_not_speak_of_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(office, monkeypatch, report())
    assert lines[0].split() == ["文件", "种类", "新", "重复", "仅佐证", "有误"]


def test_what_is_told_of_the_whole_comes_before_the_rows(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place("a.csv", None, 2)
    who = {"township": "石岭镇", "village": "上坪村", "persons": 1, "amount_fen": 100}
    absent = [Note(place, "W_ROSTER_ABSENT", {"household": str(number), **who}) for number in range(60)]
    held = Note(Place("a.csv", None, 0), "W_ROWS_HELD", {"name": "B-1", "rows": 3})
    lines = shown(office, monkeypatch, report(3, *absent, held))
    told = [line.split()[0] for line in lines if line.startswith("W_")]
    assert told == ["W_ROWS_HELD", *["W_ROSTER_ABSENT"] * 49]
    assert any("另有 11 处" in line for line in lines)


ACTED_UPON = sorted(code for code in codes() if code.startswith("W_") and sentences()[code].get("remark") == "act")
ROUTINE = sorted(code for code in codes() if sentences()[code].get("remark") in {"routine", "change"})


def test_what_somebody_must_look_at_is_shown_and_what_the_reader_always_does_is_not(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place("a.csv", None, 2)
    half, lines = len(ACTED_UPON) // 2, []
    for part in (ACTED_UPON[:half], ACTED_UPON[half:]):  # of more than fifty a screen shows fifty
        lines += shown(office, monkeypatch, report(0, *(Note(place, code) for code in (*part, *ROUTINE))))
    assert sorted(line.split()[0] for line in lines if line.startswith("W_")) == ACTED_UPON
    told = {"W_AID_PAID_LATER", "W_SHEET_ROWS_GONE", "W_PAYEE_NAME", "W_COLUMNS_UNKNOWN", "W_TOTAL_UNCHECKED"}
    assert told <= {*ACTED_UPON}
    assert {"W_TOTAL_CHECKED", "W_LINE_SIGNATURE", "W_ROSTER_NEW"} <= {*ROUTINE}


def test_a_dead_householder_is_told_with_the_row(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a rule's sentence, which says nothing of files."""
    params = {"enrolment": "农村低保 S1", "person": "示例甲", "died_month": "2025-09"}
    lines = shown(office, monkeypatch, report(0, Note(Place("a.csv", None, 7), "W_PAYEE_TO_CHANGE", params)))
    (line,) = [one for one in lines if one.startswith("W_PAYEE_TO_CHANGE")]
    assert line.startswith("W_PAYEE_TO_CHANGE a.csv 第7行:农村低保 S1 的户主 示例甲")
