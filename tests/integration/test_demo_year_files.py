"""The year's files as a clerk reads them: people of an age and sex that fit, families that are families, rosters
of persons in the columns of their schemes and the manners of their townships, three lists of the dead that disagree.
"""

import csv
import re
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

from openpyxl import load_workbook

from ledger.application.importing.parse import parse_file
from ledger_api.demo.year.deaths import deaths_of, write_lists
from ledger_api.demo.year.making import make
from ledger_api.demo.year.offices import Offices
from ledger_api.demo.year.papers.families import families_of
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.plants.rolls import drawn
from ledger_api.demo.year.registers.matters import DEDUCTED
from ledger_api.demo.year.roll import Roll, roll_of
from ledger_api.demo.year.targets import MONTHS, NEXT, TARGETS


def rolls(scale: str, seed: int) -> list[Roll]:
    dice = Dice(seed)
    return [roll_of(target.scaled(Decimal(scale)), dice) for target in TARGETS]


AGES = {"destitute": (20, 95), "orphan": (3, 17), "unsupported-child": (3, 17), "rural-dibao": (18, 95)}
"""Programme -> how old its people may be at the end of the year, the youngest and the oldest."""


def test_people_are_as_old_as_their_programme_is_for() -> None:
    """Children are under eighteen all year, who cannot support themselves are mostly old; nobody shares a birthday."""
    for roll in rolls("0.1", 5):
        heads = {case.head for month in roll.months for case in month}
        ages = [2024 - head.born.year for head in heads]
        if roll.target.programme in AGES:
            youngest, oldest = AGES[roll.target.programme]
            assert youngest <= min(ages) <= max(ages) <= oldest, roll.target.programme
        if roll.target.programme == "destitute":
            assert sum(age >= 60 for age in ages) * 10 >= len(ages) * 7
        if len(heads) > 100:
            assert len({head.born for head in heads}) * 10 >= len(heads) * 9
            assert len({head.born.month for head in heads}) == 12
            assert abs(sum(head.male for head in heads) * 2 - len(heads)) * 5 < len(heads)


def test_a_family_is_one(tmp_path: Path) -> None:
    """Sons are men and twenty years younger, a mother is older, whoever is married is so to the other sex."""
    dice = Dice(3)
    urban = roll_of(TARGETS[0].scaled(Decimal("0.2")), dice)
    (tmp_path / MONTHS[0]).mkdir()
    families = families_of(tmp_path, [urban], dice, 0)
    assert families.path is not None
    with families.path.open(encoding="gb18030", newline="") as stream:
        rows = list(csv.DictReader(stream))
    heads = {row["家庭编号"]: row for row in rows if row["与户主关系"] == "户主"}
    assert {row["与户主关系"] for row in rows} == {"户主", "配偶", "子", "女", "母亲"}
    for row in rows:
        head, relation = heads[row["家庭编号"]], row["与户主关系"]
        younger = int(row["出生日期"][:4]) - int(head["出生日期"][:4])
        assert {"子": younger >= 20, "女": younger >= 20, "母亲": younger <= -20}.get(relation, abs(younger) < 5)
        assert {"子": row["性别"] == "男", "配偶": row["性别"] != head["性别"]}.get(relation, True)
        assert row["身份证号"][6:14] == row["出生日期"].replace("-", "")


# ---- who died


def test_three_offices_say_who_died_and_disagree(tmp_path: Path) -> None:
    """Each list is the office's own; of everybody the earliest month is the true one, and the lists differ."""
    (tmp_path / NEXT).mkdir()
    dice = Dice(11)
    deaths = deaths_of(rolls("0.3", 11), dice, 5)
    paths = write_lists(tmp_path / NEXT, deaths, dice)
    said: dict[str, set[str]] = {}
    listed: list[set[str]] = []
    for path in paths:
        parsed = parse_file(path)
        assert (parsed.kind, parsed.wrong) == ("deaths", ())
        numbered = [row.values for row in parsed.rows if row.values["id_number"] is not None]
        listed.append({str(values["id_number"]) for values in numbered})
        for values in numbered:
            told = str(values["died_month"] or f"{values['died_on']:%Y-%m}")
            said.setdefault(str(values["id_number"]), set()).add(told)
    true = {one.case.head.id_number: MONTHS[one.month] for one in deaths}
    assert {number: min(months) for number, months in said.items()} == true
    assert len(paths) == 3
    assert any(len(months) > 1 for months in said.values())
    assert all(one != other for one in listed for other in listed if one is not other)
    assert not any(one == set(true) for one in listed), "no office knows everybody"


# ---- what is kept back


def test_a_page_is_its_own_offices(tmp_path: Path) -> None:
    """The police's list bears the police's stamp and tells of no money; what the charity keeps bears the charity's."""
    make(tmp_path, Decimal("0.05"), 8, 0)
    stamps = {}
    for path in sorted(tmp_path.rglob("*.xlsx")):
        lines = [[cell or "" for cell in line] for line in load_workbook(path).active.iter_rows(values_only=True)]
        stamps[path.stem] = (lines[1][0], "单位:元" in lines[1], lines[-1][0])
    assert stamps["公安注销名单"] == ("单位(盖章):示例县公安局治安管理大队", False, "制表:示例冯")
    assert stamps["受赠物资入库"] == ("单位(盖章):示例县慈善总会", True, "制表:示例周")
    assert {("单位(盖章):示例县民政局", True, "制表:示例钱")} == set(stamps.values()) - {
        stamps[name] for name in ("公安注销名单", "受赠物资入库")
    }


def test_who_owes_gets_a_month_less(tmp_path: Path) -> None:
    """August's roster keeps back what August's register says was deducted; the year of the list comes to the same."""
    found = make(tmp_path, Decimal("0.05"), 8, 0)
    (owing,) = [one for one in found.registers.matters if one.deducted_fen]
    (month,) = [files for files in found.months[DEDUCTED] if any(case.back_fen for case in files.cases)]
    kept = {
        row.values["head_id"]: row.values["deduction_fen"]
        for row in parse_file(month.roster, month=MONTHS[DEDUCTED]).rows
        if row.values["deduction_fen"]
    }
    assert kept == {owing.case.head.id_number: owing.deducted_fen}
    assert found.registers.deducted is not None
    (row,) = parse_file(found.registers.deducted).rows
    assert (row.values["mode"], row.values["id_number"]) == ("抵扣", owing.case.head.id_number)
    assert row.values["collected_fen"] == owing.collected_by(0) + owing.deducted_fen
    target = next(roll.target for roll in found.rolls if roll.target.name == owing.programme)
    as_drawn = next(one for one in drawn_alike(Decimal("0.05"), 8) if one.target == target)
    roll = next(roll for roll in found.rolls if roll.target == target)
    assert (roll.total_fen(), roll.person_times()) == (as_drawn.total_fen(), as_drawn.person_times())


def drawn_alike(scale: Decimal, seed: int) -> tuple[Roll, ...]:
    """The lists of a year before anything was planted in them."""
    dice = Dice(seed)
    return drawn(lambda: tuple(roll_of(target.scaled(scale), dice) for target in TARGETS), round(5 * scale))


# ---- rosters of persons


def made(folder: Path, index: int) -> dict[str, tuple[Roll, Path]]:
    """The rosters of a month by programme."""
    dice = Dice(7)
    found = {}
    for roll in rolls("0.05", 7):
        offices = Offices(folder, roll, dice, 0)
        files = [offices.month(at) for at in range(index + 1)]
        found[roll.target.programme] = (roll, files[-1].roster)
    return found


def heads_of(path: Path) -> dict[str, list[str]]:
    """Township -> the titles of its columns, a header of two lines as one."""
    if path.suffix == ".zip":
        with ZipFile(path) as archive:
            sheets = {
                name.removesuffix(".csv"): list(csv.reader(archive.read(name).decode("gb18030").splitlines()))
                for name in archive.namelist()
            }
    else:
        book = load_workbook(path, read_only=True)
        sheets = {
            one.title: [[str(cell or "") for cell in row] for row in one.iter_rows(values_only=True)] for one in book
        }
    found = {}
    for name, lines in sheets.items():
        at = next(number for number, line in enumerate(lines) if line[0] == "序号")
        below = [low if not lines[at + 1][0] else "" for low in lines[at + 1]]
        found[name] = [low or high for high, low in zip(lines[at], below, strict=True)]
    return found


OWN = {
    "destitute": {"供养方式", "自理能力", "基本生活费", "照料护理费", "护理费领取人/机构", "协议编号"},
    "disability-living": {"残疾证号", "残疾类别", "残疾等级", "补贴类型", "月数"},
    "disability-care": {"残疾证号", "残疾类别", "残疾等级", "补贴类型", "月数"},
    "orphan": {"监护人身份证号", "与儿童关系", "安置方式", "认定情形", "已领低保金额", "补差"},
    "unsupported-child": {"监护人身份证号", "与儿童关系", "安置方式", "认定情形", "已领低保金额", "补差"},
}


def test_persons_are_listed_as_their_offices_list_them(tmp_path: Path) -> None:
    """Each scheme has its own columns, each township its own order of them and its own words."""
    for programme, (_, path) in made(tmp_path, 0).items():
        heads = heads_of(path)
        if programme in OWN:
            named = [{re.sub(r"\(.*\)", "", title) for title in head} for head in heads.values()]
            assert all(OWN[programme] <= titles for titles in named), programme
        assert len({tuple(head) for head in heads.values()}) == len(heads)


def test_a_roster_of_persons_is_read_whole(tmp_path: Path) -> None:
    """Sub-totals by village, headers of two lines and synonyms are read; nothing is wrong and nobody is lost."""
    sub_totals = 0
    for roll, path in made(tmp_path, 2).values():
        parsed = parse_file(path, month=MONTHS[2])
        assert (parsed.kind, parsed.wrong) == ("roster", ())
        assert len(parsed.rows) == len(roll.months[2])
        shown = sorted(
            (row.values.get("id_number") or row.values["head_id"], row.values["net_fen"]) for row in parsed.rows
        )
        assert shown == sorted((case.head.id_number, case.total_fen) for case in roll.months[2])
        sub_totals += sum(note.code == "W_TOTAL_CHECKED" for note in parsed.notes)
    assert sub_totals > 5 * 13


def test_newcomers_have_reasons_and_nobody_else(tmp_path: Path) -> None:
    said, silent = set(), 0
    roll = rolls("0.05", 7)[1]
    offices = Offices(tmp_path, roll, Dice(7), 0)
    for index, month in enumerate(MONTHS):
        before = {case.number for case in roll.months[max(0, index - 1)]}
        came = {case.head.id_number for case in roll.months[index] if case.number not in before}
        for row in parse_file(offices.month(index).roster, month=month).rows:
            number, code = row.values["head_id"], row.values["came_code"]
            assert code is None or number in came
            silent += code is None and number in came
            said |= {code} if code else set()
    assert said >= {"new", "discovered", "moved_in"}
    assert silent, "somebody always forgets"


def test_children_are_paid_to_their_guardians(tmp_path: Path) -> None:
    for programme in ("orphan", "unsupported-child"):
        roll, path = made(tmp_path, 0)[programme]
        for row in parse_file(path, month=MONTHS[0]).rows:
            case = next(one for one in roll.months[0] if one.head.id_number == row.values["id_number"])
            assert case.payee is not None
            assert (row.values["guardian_name"], row.values["account"]) == (case.payee.name, case.payee.account)
            assert case.head.born.year - case.payee.born.year >= 18
