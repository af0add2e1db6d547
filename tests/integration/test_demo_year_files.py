"""The year's files as a clerk reads them: people of an age and sex that fit, families that are families."""

import csv
from decimal import Decimal
from pathlib import Path

from ledger_api.demo.year.papers.families import families_of
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.roll import Roll, roll_of
from ledger_api.demo.year.targets import MONTHS, TARGETS


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
