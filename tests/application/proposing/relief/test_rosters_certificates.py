"""One certificate is one household, unless the rows have numbers that say otherwise, or the cell says nothing."""

import pytest

from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County
from tests.application.proposing.relief.october import HEAD, OCTOBER, household, id_number, import_october
from tests.application.proposing.relief.test_rosters_masked import rest

FILLERS = ["无", "待办", "0", "/", "办理中", "暂无", "N/A", "同上", "详见附件"]
"""What stands in a certificate's column of households that have none; of the last two the book knows no better."""


@pytest.mark.parametrize("filler", FILLERS)
def test_a_word_that_fills_the_certificates_column_joins_nobody(funded: County, filler: str) -> None:
    rows = [household(n, **({"低保证号": filler} if n in {3, 4, 5} else {})) for n in range(1, 13)]
    first = funded.one(funded.write("花名册9月.csv", [HEAD, *rows]))
    assert (first.new, first.wrong) == (12, [])
    funded.sign_off()
    more = [household(n, 低保证号=filler) for n in (13, 14)]
    report = import_october(funded, [HEAD, *rows, *more])
    assert (report.new, report.wrong) == (14, [])
    assert len(funded.of_kind("enrolment.confirmed")) == 14
    assert funded.of_kind("enrolment.changed") == []


@pytest.mark.parametrize("turned", [False, True])
def test_households_with_numbers_may_share_a_certificate(enrolled: County, *, turned: bool) -> None:
    """Neither is the other by a certificate alone: one is known, the others are new, and none has the name of
    another.
    """
    rows = [household(n, 低保证号="NC2020-0003") for n in (13, 14)]
    report = import_october(enrolled, [HEAD, *rest(), *(reversed(rows) if turned else rows)])
    assert (report.new, report.wrong) == (14, [])


@pytest.mark.parametrize(
    ("cells", "cure"),
    [
        ({"家庭编号": "431099S09913"}, {"低保证号": "NC2020-9913"}),
        ({"家庭编号": "", "户主姓名": "示例别户", "户主身份证号": id_number(99)}, {"低保证号": "NC2020-9913"}),
        ({"家庭编号": "", "户主姓名": "示例别户", "户主身份证号": id_number(99)}, {"家庭编号": "431099S09913"}),
    ],
    ids=["one person", "two people, the certificate", "two people, the number"],
)
@pytest.mark.parametrize("number", [3, 13], ids=["known", "new"])
@pytest.mark.parametrize("cured", [False, True], ids=["wrong", "cured"])
def test_a_certificate_that_stands_twice_is_named_and_the_cure_helps(
    enrolled: County, number: int, cells: dict[str, str], cure: dict[str, str], *, cured: bool
) -> None:
    others = rest() if number == 3 else [*rest(), household(13)]
    report = import_october(enrolled, [HEAD, *others, household(number, **(cells | cure if cured else cells))])
    if cured:
        assert (report.new, report.wrong) == (len(others) + 1, [])
        return
    (wrong,) = report.wrong
    assert (wrong.code, wrong.column, wrong.value) == ("E_ROSTER_CERTIFICATE", "低保证号", f"NC2020-{number:04d}")
    assert "更正低保证号" in wrong.message()


@pytest.mark.parametrize(
    ("number", "cells", "code"),
    [(15, {}, "E_ROSTER_CHOICE"), (14, {"备注": "又"}, "E_ROSTER_CERTIFICATE")],
    ids=["another person", "the person of one"],
)
def test_of_two_households_of_one_certificate_the_person_tells(
    enrolled: County, number: int, cells: dict[str, str], code: str
) -> None:
    shared = {"低保证号": "NC2020-0099"}
    rows = [household(n, **shared) for n in (13, 14)]
    report = import_october(enrolled, [HEAD, *rest(), *rows, household(number, 家庭编号="", **cells, **shared)])
    (wrong,) = report.wrong
    assert (wrong.place.row, wrong.code) == (16, code)
    assert ("第15行" in wrong.message()) is (number == 14)


# ---- a person who stands in two households, and rows that have no number of either


OWN, ELSEWHERE = "82010530000000003", "82010530000009913"
"""The accounts of a person's two households."""
HOMES = (("石岭镇", "上坪村"), ("石岭镇", "下坪村"))


def of_home(village: tuple[str, str], account: str, **cells: str) -> list[str]:
    """A row of the person of household 3; without numbers of its own."""
    place = {"乡镇": village[0], "村(社区)": village[1], "银行账号": account}
    return household(3, **{"家庭编号": "", "低保证号": "", **place, **cells})


def of_both(county: County, one: tuple[tuple[str, str], str], other: tuple[tuple[str, str], str]) -> County:
    """September lists one person under two numbers, each with a place and an account."""
    numbers = ("431099S00003", "431099S09913")
    rows = [of_home(*said, 家庭编号=number) for said, number in zip((one, other), numbers, strict=True)]
    report = county.one(county.write("花名册9月.csv", [HEAD, *rest(3), *rows]))
    assert (report.new, report.wrong) == (13, [])
    county.sign_off()
    return county


def absent(report: FileReport) -> list[str]:
    return [str(note.params["household"]) for note in report.notes if note.code == "W_ROSTER_ABSENT"]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "homes",
    [
        ((HOMES[0], OWN), (HOMES[1], ELSEWHERE)),
        ((HOMES[0], OWN), (HOMES[0], ELSEWHERE)),
        ((HOMES[0], OWN), (HOMES[1], OWN)),
    ],
    ids=["by both", "by the account", "by the village"],
)
def test_of_a_persons_two_households_the_account_or_the_village_tells(
    funded: County, homes: tuple[tuple[tuple[str, str], str], ...], *, turned: bool
) -> None:
    """Each is in a list of its own: in one list, two rows of one number contradict each other."""
    county = of_both(funded, *homes)
    rows = [of_home(*said) for said in (reversed(homes) if turned else homes)]
    grids = {"10月甲.csv": [HEAD, *rest(3), rows[0]], "10月乙.csv": [HEAD, rows[1]]}
    county.now = county.now.replace(month=10, day=8)
    paths = [county.write(name, grid) for name, grid in grids.items()]
    reports = county.take_in(*paths, month=OCTOBER, today=county.now.date()).files
    assert [(one.new, one.wrong, absent(one)) for one in reports] == [(12, [], []), (1, [], [])]
    assert county.of_kind("enrolment.changed") == [], "each is known as it was"


@pytest.mark.parametrize("account", [ELSEWHERE, "82010530000000777"], ids=["its account", "another account"])
def test_one_row_of_a_persons_two_households_is_of_the_one_that_it_shows(funded: County, account: str) -> None:
    county = of_both(funded, (HOMES[0], OWN), (HOMES[1], ELSEWHERE))
    report = import_october(county, [HEAD, *rest(3), of_home(HOMES[1], account)])
    assert (report.new, report.wrong, absent(report)) == (12, [], ["431099S00003"])


def test_two_households_that_nothing_tells_apart_are_asked_for_their_number_only(funded: County) -> None:
    county = of_both(funded, (HOMES[0], OWN), (HOMES[0], OWN))
    report = import_october(county, [HEAD, *rest(3), of_home(HOMES[0], OWN)], dry_run=True)
    (wrong,) = report.wrong
    assert (wrong.place.row, wrong.code, wrong.column) == (13, "E_ROSTER_HOMES", "家庭编号")
    assert "家庭编号" in wrong.message()
    assert "2 户" in wrong.message()
    assert not any(word in wrong.message() for word in ("补全", "账号"))
    assert "account" not in wrong.message("en")
    cured = import_october(county, [HEAD, *rest(3), of_home(HOMES[0], OWN, 家庭编号="431099S09913")])
    assert (cured.new, cured.wrong, absent(cured)) == (12, [], ["431099S00003"])


def test_what_is_left_out_and_would_tell_is_asked_for(funded: County) -> None:
    county = of_both(funded, (HOMES[0], OWN), (HOMES[0], ELSEWHERE))
    report = import_october(county, [HEAD, *rest(3), of_home(HOMES[0], "")])
    assert [(wrong.code, wrong.column) for wrong in report.wrong] == [("E_ROSTER_CHOICE", "家庭编号")]
