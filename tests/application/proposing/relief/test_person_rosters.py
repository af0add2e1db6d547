"""Rosters by person (特困, 两项补贴, 孤儿, 高龄): the columns of a row are compared, and a row that does
not add up is told.
"""

from typing import Any

import pytest

from ledger.application.importing.parse import parse_file
from ledger.application.proposing.reports import FileReport
from ledger_projections.public_money.shared_accounts import shared_accounts
from tests.application.importing.offices import delimited
from tests.application.proposing.county import MONTH, County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import id_number

_WHO = {"序号": "1", "乡镇": "石岭镇", "村": "上坪村", "姓名": "示例孤老", "身份证号": id_number(201)}

SOUND: list[tuple[str, dict[str, str]]] = [
    ("living and care", {"基本生活费": "800", "照料护理费": "300", "实发": "1100"}),
    ("living alone", {"基本生活费": "800", "照料护理费": "", "实发": "800"}),
    ("living and care of three months", {"基本生活费": "800", "照料护理费": "300", "月数": "3", "实发": "3300"}),
    ("three months told whole", {"基本生活费": "2400", "照料护理费": "900", "月数": "3", "实发": "3300"}),
    ("paid late, kept back", {"基本生活费": "800", "补发(元)": "100", "扣回(元)": "50", "实发": "850"}),
    ("up to the yuan", {"基本生活费": "800.50", "照料护理费": "300", "实发": "1101"}),
    ("the difference", {"标准": "1200", "已领低保金额": "500", "补差": "700", "实发": "700"}),
    ("more than the standard already", {"标准": "1200", "已领低保金额": "1300", "补差": "0", "实发": "0"}),
    ("no column for the difference", {"标准": "1200", "已领低保金额": "500", "实发": "700"}),
    ("a standard", {"标准": "80", "月数": "1", "实发": "80"}),
    ("a standard for months", {"标准": "80", "月数": "2", "实发": "160"}),
    ("a quarter of a month's standard", {"标准": "50", "季度": "三季度", "实发": "150"}),
    ("a quarter's own standard", {"标准": "150", "季度": "3季度", "实发": "150"}),
    ("a quarter in Latin", {"标准": "50", "季度": "Q3", "实发": "150"}),
    ("a quarter of a year, with its months", {"标准": "50", "季度": "2025年第三季度", "月数": "3", "实发": "150"}),
    ("nothing but the net", {"实发": "777"}),
    ("a standard that living and care make up otherwise", {"标准": "900", "基本生活费": "800", "实发": "800"}),
]
BROKEN: list[tuple[str, dict[str, str], str, str, str]] = [
    # what does not add up, cells, the column, code, what was computed
    (
        "living and care",
        {"基本生活费": "800", "照料护理费": "300", "实发": "1200"},
        "实发",
        "E_ROSTER_PERSON_SUM",
        "1100.00",
    ),
    (
        "care above the net",
        {"基本生活费": "", "标准": "800", "照料护理费": "300", "实发": "200"},
        "实发",
        "E_ROSTER_PERSON_SUM",
        "1100.00",
    ),
    ("paid late without its column", {"基本生活费": "800", "实发": "900"}, "实发", "E_ROSTER_PERSON_SUM", "800.00"),
    (
        "the difference of other sums",
        {"标准": "1200", "已领低保金额": "500", "补差": "800", "实发": "800"},
        "补差",
        "E_PARTS_SUM",
        "700.00",
    ),
    (
        "the standard in spite of dibao",
        {"标准": "1200", "已领低保金额": "500", "补差": "700", "实发": "1200"},
        "实发",
        "E_ROSTER_PERSON_SUM",
        "700.00",
    ),
    (
        "dibao taken off nowhere",
        {"标准": "1200", "已领低保金额": "500", "实发": "1200"},
        "实发",
        "E_ROSTER_PERSON_SUM",
        "700.00",
    ),
    ("two months for one", {"标准": "80", "月数": "1", "实发": "160"}, "实发", "E_ROSTER_PERSON_SUM", "80.00"),
    ("a quarter short", {"标准": "50", "季度": "三季度", "实发": "100"}, "实发", "E_ROSTER_PERSON_SUM", "150.00/50.00"),
]


UNREADABLE: list[tuple[dict[str, str], str, str]] = [
    ({"季度": "第五季度"}, "季度", "E_CELL_CHOICE"),
    ({"季度": "十三季度"}, "季度", "E_CELL_CHOICE"),
    ({"季度": "7-9月"}, "季度", "E_CELL_CHOICE"),
    ({"季度": "1季度", "月数": "2"}, "月数", "E_QUARTER_MONTHS"),
    ({"季度": "1季度", "月数": "1"}, "月数", "E_QUARTER_MONTHS"),
]


@pytest.mark.parametrize(("cells", "column", "code"), UNREADABLE)
@pytest.mark.parametrize("net", ["50", "100", "150"])
def test_a_quarter_that_is_none_is_told(cells: dict[str, str], column: str, code: str, net: str) -> None:
    parsed = parse_file(
        delimited(sheet({"标准": "50", **cells, "实发": net})[:2]).encode(), name="高龄.csv", month=MONTH
    )
    assert [(one.column, one.code) for one in parsed.wrong] == [(column, code)]
    assert all("{" not in parsed.wrong[0].message(language) for language in ("zh", "en"))


def sheet(cells: dict[str, str]) -> list[list[str]]:
    """One row beside a sound neighbour, in a file of these columns."""
    other = {**_WHO, "序号": "2", "姓名": "示例独老", "身份证号": id_number(202), "实发": cells["实发"]}
    row, sound = {**_WHO, **cells}, {**cells, **other}
    head = list(row)
    return [head, [row[name] for name in head], [sound[name] for name in head]]


@pytest.mark.parametrize(("what", "cells"), SOUND, ids=[one[0] for one in SOUND])
def test_what_adds_up_is_read(what: str, cells: dict[str, str]) -> None:
    parsed = parse_file(delimited(sheet(cells)).encode(), name="特困.csv", month=MONTH)
    assert ([row.shape for row in parsed.rows], parsed.wrong) == (["person", "person"], ())


@pytest.mark.parametrize(("what", "cells", "column", "code", "computed"), BROKEN, ids=[one[0] for one in BROKEN])
def test_what_does_not_add_up_is_told(what: str, cells: dict[str, str], column: str, code: str, computed: str) -> None:
    parsed = parse_file(delimited(sheet(cells)[:2]).encode(), name="特困.csv", month=MONTH)
    assert [(one.place.row, one.column, one.code) for one in parsed.wrong] == [(2, column, code)]
    assert parsed.rows == ()
    for language in ("zh", "en"):
        told = parsed.wrong[0].message(language)
        assert computed in told
        assert "{" not in told


def test_care_of_several_months_is_told_by_the_month(county: County) -> None:
    """A row that tells three months whole, and one that tells them each, are the same entitlement."""
    rows = [
        {**_WHO, "类别": "特困", "基本生活费": "1200", "照料护理费": "450", "月数": "3", "实发": "1650"},
        {
            **_WHO,
            "姓名": "示例独老",
            "身份证号": id_number(202),
            "类别": "特困",
            "基本生活费": "400",
            "照料护理费": "150",
            "月数": "3",
            "实发": "1650",
        },
    ]
    head = list(rows[0])
    grid = [head, *([row[name] for name in head] for row in rows)]
    report = county.one(county.write("特困.csv", grid))
    county.sign_off()
    assert (report.new, report.wrong) == (2, [])
    first, second = (one.monthly for one in county.of_kind("enrolment.confirmed"))
    assert first == second
    assert (first.base_fen, [one.fen for one in first.supplements]) == (40_000, [15_000])


TYPES = [("生活", "disability-living"), ("护理", "disability-care"), ("生活补贴", "disability-living")]


@pytest.mark.parametrize(("word", "programme"), TYPES)
def test_the_type_of_a_disability_subsidy_names_its_programme(county: County, word: str, programme: str) -> None:
    """Lists write 生活 or 护理 and nothing else: it is the programme, and its category is the programme's own."""
    opened: dict[str, Any] = {"fund": "relief", "unit": "person", "function_code": "20811"}
    opened |= {"on": "2025-09-01", "origin": "history"}
    facts: list[tuple[str, dict[str, Any]]] = []
    for name, title in (("disability-living", "困难残疾人生活补贴"), ("disability-care", "重度残疾人护理补贴")):
        fields = {"programme": name, "name": title, "scheme": name.replace("-", "_"), "categories": [title]}
        facts.append(("programme.opened", {**opened, **fields}))
        standard = {"programme": name, "category": title, "amount_fen_per_month": 10_000, "tiers_fen": []}
        papers = {"effective_from": "2025-01", "decided_on": "2024-12-20", "document": "示民发〔2024〕30号"}
        facts.append(("standard.set", {**standard, **papers, "origin": "history"}))
    county.decide(BUREAU, *facts)
    row = {**_WHO, "补贴类型": word, "标准(元)": "100", "月数": "1", "实发(元)": "100"}
    report = county.one(county.write("两项补贴.csv", [list(row), list(row.values())]))
    county.sign_off()
    assert (report.new, report.wrong) == (1, [])
    (confirmed,) = county.of_kind("enrolment.confirmed")
    title = {"disability-living": "困难残疾人生活补贴", "disability-care": "重度残疾人护理补贴"}[programme]
    assert (confirmed.programme, confirmed.category) == (programme, title)


def _living(number: int, **cells: str) -> dict[str, str]:
    row = {**_WHO, "类别": "特困", "姓名": f"示例孤老{number}", "身份证号": id_number(200 + number)}
    return {**row, "基本生活费": "800", "实发": "800", **cells}


def _lived(county: County, month: int, *rows: dict[str, str]) -> FileReport:
    head = list(rows[0])
    county.now = county.now.replace(month=month, day=8)
    path = county.write(f"特困{month}月.csv", [head, *([row[name] for name in head] for row in rows)])
    return county.one(path, month=f"2025-{month:02d}", today=county.now.date())


@pytest.mark.parametrize("spoilt", [{"实发": "900"}, {"基本生活费": "abc"}], ids=["no sum", "no amount"])
def test_a_person_whose_row_cannot_be_used_is_not_absent(funded: County, spoilt: dict[str, str]) -> None:
    """Nor is the place without anybody in it, although all who are read live elsewhere."""
    here = [_living(number, 村="上坪村" if number < 3 else "下坪村") for number in range(1, 6)]
    assert _lived(funded, 9, *here).wrong == []
    funded.sign_off()
    report = _lived(funded, 10, {**here[0], **spoilt}, *here[2:])
    assert (report.refused, [cell.place.row for cell in report.wrong]) == (None, [2])
    told = [(note.code, note.params["household"]) for note in report.notes if "household" in note.params]
    assert told == [("W_ROSTER_UNREAD", "…" + id_number(201)[-4:]), ("W_ROSTER_ABSENT", "…" + id_number(202)[-4:])]
    (counts,) = [note for note in report.notes if note.code == "W_ROSTER_KINDS"]
    assert counts.params["absent"] == 1


_WARD = {"监护人": "示例监护甲", "监护人身份证号": id_number(301), "银行账号": "82010530000066001"}
_OTHER = {"监护人": "示例监护乙", "监护人身份证号": id_number(302)}


def _reasons(county: County) -> list[tuple[str, ...]]:
    return [one.reasons for one in county.of_kind("enrolment.changed")]


def test_another_guardian_with_the_same_account_is_a_change_once(funded: County) -> None:
    """Of both wards that the account is for; and a list that names no guardian takes nobody's account."""
    wards = [_living(number, **_WARD) for number in (1, 2)]
    assert _lived(funded, 9, *wards).wrong == []
    funded.sign_off()
    report = _lived(funded, 10, *({**ward, **_OTHER} for ward in wards))
    (kinds,) = [note for note in report.notes if note.code == "W_ROSTER_KINDS"]
    assert (report.wrong, kinds.params["householder"], _reasons(funded)) == ([], 2, [("payee",), ("payee",)])
    funded.sign_off()
    assert _lived(funded, 11, *({**ward, **_OTHER, "监护人": "示例 监护乙"} for ward in wards)).wrong == []
    assert len(_reasons(funded)) == 2, "written otherwise it is the same guardian"


def test_an_account_of_two_guardians_is_either_ones(funded: County) -> None:
    wards = [_living(1, **_WARD), _living(2, **{**_WARD, **_OTHER})]
    for month in (9, 10):
        assert _lived(funded, month, *wards).wrong == []
        funded.sign_off()
    assert _reasons(funded) == []


def test_a_list_that_names_no_receiver_takes_nobodys_account(funded: County) -> None:
    """The same ward in a list of aid, by the guardian's account."""
    ward = _living(1, **_WARD)
    assert _lived(funded, 9, ward).wrong == []
    facts: dict[str, Any] = {
        "programme": "temporary-aid",
        "name": "临时救助",
        "scheme": "temporary_aid",
        "unit": "person",
    }
    facts |= {"fund": "relief", "categories": [], "function_code": "20820", "on": "2025-09-01", "origin": "history"}
    funded.decide(BUREAU, ("programme.opened", facts))
    aid = {
        "救助项目": "临时救助",
        "审批编号": "LS1",
        "姓名": ward["姓名"],
        "身份证号": ward["身份证号"],
        "家庭人口": "1",
    }
    aid |= {"救助金额(元)": "500", "救助方式": "转账", "银行账号": _WARD["银行账号"]}
    assert funded.one(funded.write("临时救助.csv", [list(aid), list(aid.values())])).wrong == []
    funded.sign_off()
    assert _lived(funded, 10, ward).wrong == []
    assert _reasons(funded) == []


def test_a_type_of_subsidy_that_names_no_programme_is_told_in_its_own_column(county: County) -> None:
    row = {**_WHO, "补贴类型": "交通", "标准(元)": "100", "月数": "1", "实发(元)": "100"}
    report = county.one(county.write("两项补贴.csv", [list(row), list(row.values())]))
    assert [(one.code, one.column) for one in report.wrong] == [("E_PROGRAMME_CHOICE", "补贴类型")]


# ---- those who live in a home, or are cared for by another


_HOME = {"供养方式": "集中", "护理费领取人/机构": "石岭镇敬老院", "银行账号": "82010530000077001"}


def _payees(county: County) -> list[tuple[str, bool]]:
    """Kind of payee and whether an agreement is on record, row by row."""
    found = [one.payee for one in county.of_kind("enrolment.confirmed")]
    return [(one.payee_kind, one.authorisation is not None) for one in found]


def test_a_home_receives_by_its_agreements(funded: County) -> None:
    """Its account is shared by right; whose agreement is on no record is counted."""
    rows = [_living(n, **_HOME, 协议编号="" if n == 4 else f"XY-{n}") for n in range(1, 5)]
    assert _lived(funded, 9, *rows).wrong == []
    funded.sign_off()
    assert _payees(funded) == [("institution", True)] * 3 + [("institution", False)]
    agreements = {one.payee.authorisation for one in funded.of_kind("enrolment.confirmed")} - {None}
    assert len(agreements) == 3
    with funded.store.read() as connection:
        found = shared_accounts(connection)
    assert found.rows == ()
    assert [(one.homes, one.without, one.level) for one in found.apart] == [(4, 1, "listed")]
    again = _lived(funded, 10, *rows)
    assert (again.wrong, _reasons(funded)) == ([], [])


def test_a_home_without_agreements_is_a_red_flag(funded: County) -> None:
    assert _lived(funded, 9, *(_living(n, **_HOME) for n in range(1, 5))).wrong == []
    funded.sign_off()
    with funded.store.read() as connection:
        (one,) = shared_accounts(connection).apart
    assert (one.homes, one.without, one.level) == (4, 4, "high")


def test_a_carer_receives_where_several_share_the_account(funded: County) -> None:
    """Who lives at home has an account, and the carer is paid beside; one account of several is the carer's."""
    alone = {"供养方式": "分散", "护理费领取人/机构": "示例护工"}
    shared = [_living(n, **alone, 银行账号="82010530000077002", 协议编号="XY-9") for n in (1, 2)]
    own = _living(3, **alone, 银行账号="82010530000077003", 协议编号="XY-9")
    assert _lived(funded, 9, *shared, own).wrong == []
    funded.sign_off()
    assert _payees(funded) == [("carer", True), ("carer", True), ("self", False)]


def test_a_guardian_with_an_agreement_has_it_on_record(funded: County) -> None:
    rows = [_living(1, **_WARD, 协议编号="JH-1"), _living(2, **_WARD, 协议编号="")]
    assert _lived(funded, 9, *rows).wrong == []
    funded.sign_off()
    assert _payees(funded) == [("guardian", True), ("guardian", False)]
