"""A batch that does not come about is told once, where it belongs, and not as a fault of each of its rows."""

import pytest

from ledger.application.importing.rows import Place
from ledger.application.proposing.reports import FileReport
from ledger.catalogue import say
from tests.application.importing.offices import Grid, workbook
from tests.application.proposing.county import BATCH, County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, SEPTEMBER
from tests.application.proposing.relief.paying.bank import row_of, send

NEEDED_FEN, QUOTA_FEN = 808_000, 500_000


def listed(county: County, grid: Grid = SEPTEMBER, **more: bool) -> FileReport:
    return county.one(county.write("花名册9月.csv", grid), **more)


def more_quota(county: County, document: str, fen: int) -> None:
    (given,) = [one for one in county.of_kind("appropriation.received") if one.amount_fen == QUOTA_FEN]
    stated = {name: value for name, value in given.model_dump(mode="json").items() if name not in ("id", "kind")}
    county.decide(BUREAU, ("appropriation.received", {**stated, "document": document, "amount_fen": fen}))


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_short_quota_is_told_once_with_its_amounts(county: County, *, dry_run: bool) -> None:
    report = listed(county, dry_run=dry_run)
    (wrong,) = report.wrong
    assert (wrong.place, wrong.code) == (Place("花名册9月.csv", None, 0), "E_QUOTA_SHORT")
    assert "剩余 5,000.00 元,需要 8,080.00 元,还差 3,080.00 元" in wrong.message()
    assert wrong.message().startswith("花名册9月.csv：")
    assert "3,080.00 yuan too much" in wrong.message("en")
    assert report.to_json()["wrong"][0]["row"] is None
    (held,) = [note for note in report.notes if note.code == "W_ROWS_HELD"]
    assert held.params == {"name": BATCH, "rows": 12}
    assert (report.new, len(report.held), report.wrong_rows) == (12, 0, 1), "the enrolments are recorded"


def test_rows_of_which_nothing_is_recorded_are_held(county: County) -> None:
    listed(county)
    again = listed(county)
    assert (again.new, again.duplicate, len(again.held)) == (0, 0, 12)
    assert [cell.code for cell in again.wrong] == ["E_QUOTA_SHORT"]
    assert again.to_json()["held"] == 12


def test_once_it_is_cured_the_same_file_goes_on(county: County) -> None:
    listed(county)
    more_quota(county, "湘财社指〔2025〕9号", NEEDED_FEN - QUOTA_FEN)
    report = listed(county)
    assert (report.new, report.wrong, len(report.held)) == (12, [], 0)
    (prepared,) = county.of_kind("batch.prepared")
    assert prepared.total_fen == NEEDED_FEN
    assert len(county.of_kind("enrolment.confirmed")) == 12


def test_what_several_documents_lack_is_added_up(county: County) -> None:
    more_quota(county, "湘财社指〔2025〕9号", 100_000)
    (wrong,) = listed(county).wrong
    assert (wrong.params["left_fen"], wrong.params["amount_fen"]) == (600_000, NEEDED_FEN)
    assert "〔2025〕1号、湘财社指〔2025〕9号" in wrong.message()


def test_a_book_without_any_quota_says_so(county: County) -> None:
    (given,) = county.of_kind("appropriation.received")
    county.reverse(given, BUREAU)
    (wrong,) = listed(county).wrong
    assert (wrong.code, wrong.params["left_fen"]) == ("E_QUOTA_SHORT", 0)
    assert "没有可用的文号" in wrong.message()


def test_the_fault_of_several_sheets_is_one_of_the_file(county: County) -> None:
    path = county.folder / "两表.xlsx"
    rows: list[list[object]] = [list(row) for row in SEPTEMBER[1:]]
    path.write_bytes(workbook({"东": [list(HEAD), *rows[:6]], "西": [list(HEAD), *rows[6:]]}))
    report = county.one(path)
    assert [(cell.code, cell.place) for cell in report.wrong] == [("E_QUOTA_SHORT", Place("两表.xlsx", None, 0))]
    one_sheet = county.folder / "一表.xlsx"
    one_sheet.write_bytes(workbook({"全县": [list(HEAD), *rows]}))
    (wrong,) = county.one(one_sheet).wrong
    assert (wrong.place.sheet, wrong.place.row) == ("全县", 0)
    assert "[全县]：" in wrong.message()


def test_the_lists_of_two_files_are_each_told(county: County) -> None:
    first, second = county.write("东.csv", SEPTEMBER[:7]), county.write("西.csv", [HEAD, *SEPTEMBER[7:]])
    report = county.take_in(first, second)
    assert [[cell.code for cell in one.wrong] for one in report.files] == [["E_QUOTA_SHORT"], []]
    held = [[note.params["rows"] for note in one.notes if note.code == "W_ROWS_HELD"] for one in report.files]
    assert held == [[6], [6]]
    assert [one.new for one in report.files] == [6, 6]


def test_a_pay_file_without_its_batch_is_told_of_the_file(county: County) -> None:
    report = county.one("payfile.csv")
    assert [(cell.code, cell.place.row, cell.column) for cell in report.wrong] == [("E_BATCH_UNKNOWN", 0, "")]
    assert "batch." not in report.wrong[0].message()


def test_a_step_out_of_order_is_told_in_words() -> None:
    told = say("E_BATCH_STATE", batch="b", state="-", step="subsidy.authorised")
    assert "尚未制表" in told
    assert "subsidy." not in told
    assert "not prepared" in say("E_BATCH_STATE", "en", batch="b", state="-", step="subsidy.authorised")


SECOND_PAPER = "湘财社指〔2025〕9号"
RURAL = [HEAD, *(row_of(number) for number in range(1, 7))]
URBAN = [HEAD, *(row_of(number, 保障类别="城镇A类") for number in range(7, 13))]
BATCHES = ("rural-dibao-2025-09-01", "urban-dibao-2025-09-01")


@pytest.mark.parametrize("together", [False, True], ids=["one after the other", "in one import"])
def test_a_document_is_promised_once_until_its_order_comes(county: County, *, together: bool) -> None:
    """Two lists of 4,400 and 3,680 yuan, both before any order, and two documents of 5,000 and 10,000."""
    more_quota(county, SECOND_PAPER, 1_000_000)
    files = [county.write("农村9月.csv", RURAL), county.write("城镇9月.csv", URBAN)]
    groups = [files] if together else [[one] for one in files]
    for group in groups:
        assert [one.wrong for one in county.take_in(*group).files] == [[]] * len(group)
    parts = [{one.document: one.fen for one in prepared.fund_source} for prepared in county.of_kind("batch.prepared")]
    first = next(iter(parts[0]))
    assert parts == [{first: 440_000}, {first: 60_000, SECOND_PAPER: 308_000}]
    county.sign_off()
    for batch in BATCHES:
        send(county, batch)
    assert county.fen(BUREAU, "relief", "quota", first) == 0
    assert [code for code in county.findings() if "QUOTA" in code] == []


def test_what_an_order_has_paid_is_promised_no_more(county: County) -> None:
    """The first list is paid: nothing of its document is promised, and what is left of it pays the second."""
    more_quota(county, SECOND_PAPER, 1_000_000)
    assert listed(county, RURAL).wrong == []
    send(county, BATCHES[0])
    assert county.one(county.write("城镇9月.csv", URBAN)).wrong == []
    (_, second) = county.of_kind("batch.prepared")
    assert [one.fen for one in second.fund_source] == [60_000, 308_000]


def test_when_everything_is_promised_the_fund_is_short(county: County) -> None:
    assert listed(county, RURAL).wrong == []
    report = county.one(county.write("城镇9月.csv", URBAN))
    assert [cell.code for cell in report.wrong] == ["E_FUND_INSUFFICIENT"]
