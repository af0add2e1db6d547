"""One certificate is one household, unless the rows have numbers that say otherwise, or the cell says nothing."""

import pytest

from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County
from tests.application.proposing.relief.october import HEAD, OCTOBER, household, id_number, import_october, number_like
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


# ---- both of a person's households in one list


BOTH = [
    ((HOMES[0], OWN), (HOMES[1], ELSEWHERE)),
    ((HOMES[0], OWN), (HOMES[0], ELSEWHERE)),
    ((HOMES[0], OWN), (HOMES[1], OWN)),
]
APART = ["by both", "by the account", "by the village"]


def october_of(county: County, *rows: list[str], month: int = 10) -> FileReport:
    county.now = county.now.replace(month=month, day=8)
    path = county.write(f"花名册{month}月.csv", [HEAD, *rest(3), *rows])
    return county.one(path, month=f"2025-{month:02d}", today=county.now.date())


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("homes", BOTH, ids=APART)
def test_both_households_of_a_person_are_known_in_one_list(
    funded: County, homes: tuple[tuple[tuple[str, str], str], ...], *, turned: bool
) -> None:
    county = of_both(funded, *homes)
    rows = [of_home(*said) for said in (reversed(homes) if turned else homes)]
    report = october_of(county, *rows)
    assert (report.new, report.wrong, absent(report)) == (13, [], [])
    assert county.of_kind("enrolment.changed") == [], "each is known as it was"
    county.sign_off()
    again = october_of(county, *reversed(rows))
    assert (again.new, again.wrong, again.duplicate) == (0, [], 13)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("known", [0, 1], ids=["neither is known", "one is known"])
def test_a_persons_two_new_households_are_two_where_village_and_account_are_others(
    funded: County, known: int, *, turned: bool
) -> None:
    """Without any number of the household: told as what it is, and each goes on as itself."""
    homes = [of_home(*said) for said in BOTH[0]]
    report = funded.one(funded.write("花名册9月.csv", [HEAD, *rest(3), *homes[: known or 2]]))
    assert (report.new, report.wrong) == (13 - known, [])
    funded.sign_off()
    for month in (10, 11):
        report = october_of(funded, *(reversed(homes) if turned else homes), month=month)
        assert (report.new, report.wrong, absent(report)) == (13, [], [])
        funded.sign_off()
    assert len(funded.of_kind("enrolment.confirmed")) == 13
    assert funded.of_kind("enrolment.changed") == []
    assert "W_ENROLLED_TWICE" in funded.findings()
    report = october_of(funded, homes[1], month=12)
    assert (report.new, report.wrong, len(absent(report))) == (12, [], 1)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"备注": "又"}, "E_KEY_CONFLICT"),
        ({"银行账号": ELSEWHERE}, "E_ROSTER_TWICE"),
        ({"村(社区)": "下坪村"}, "E_ROSTER_TWICE"),
        ({"银行账号": "", "村(社区)": "下坪村"}, "E_ROSTER_TWICE"),
    ],
    ids=["a remark", "the account", "the village", "the village, and no account"],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_row_corrected_below_itself_is_no_second_household(
    funded: County, cells: dict[str, str], code: str, *, turned: bool
) -> None:
    """Of a household that the book does not know: one of the two lives or is paid where the other does."""
    rows = [of_home(HOMES[0], OWN), of_home(HOMES[0], OWN, **cells)]
    report = october_of(funded, *(reversed(rows) if turned else rows))
    assert [wrong.code for wrong in report.wrong] == [code]
    if code == "E_ROSTER_TWICE":
        assert "家庭编号" in report.wrong[0].message()


def test_a_households_row_twice_is_one_row(funded: County) -> None:
    homes = [of_home(*said) for said in BOTH[0]]
    report = october_of(funded, *homes, homes[1])
    assert (report.new, report.wrong, report.duplicate) == (13, [], 1)


def test_a_list_with_numbers_asks_for_the_one_that_lacks(enrolled: County) -> None:
    """A row without number beside one that has it is not another household for where it lives."""
    report = import_october(enrolled, [HEAD, *rest(), of_home(HOMES[1], ELSEWHERE)])
    assert [wrong.code for wrong in report.wrong] == ["E_ROSTER_TWICE"]


@pytest.mark.parametrize("turned", [False, True])
def test_two_namesakes_behind_one_mask_are_known_in_one_list(funded: County, *, turned: bool) -> None:
    """As two lists told them apart already: by the account or the village."""
    signs = id_number(3)[:4] + "*" * 10 + id_number(3)[14:]
    other = {"户主姓名": "示例户3", "户主身份证号": number_like(id_number(3))}
    whole = [of_home(HOMES[0], OWN, 家庭编号="431099S00003"), of_home(HOMES[1], ELSEWHERE, 家庭编号="431099S00013")]
    whole[1] = household(3, **dict(zip(HEAD, whole[1], strict=True)) | other)
    report = funded.one(funded.write("花名册9月.csv", [HEAD, *rest(3), *whole]))
    assert (report.new, report.wrong) == (13, [])
    funded.sign_off()
    rows = [of_home(*said, 户主身份证号=signs) for said in BOTH[0]]
    report = october_of(funded, *(reversed(rows) if turned else rows))
    assert (report.new, report.wrong, absent(report)) == (13, [], [])
    assert [one.person for one in funded.of_kind("enrolment.changed")] == []


@pytest.mark.parametrize("turned", [False, True])
def test_what_was_read_before_is_known_again(funded: County, monkeypatch: pytest.MonkeyPatch, *, turned: bool) -> None:
    """By a release that took two rows of one number in one list for one row, whatever else they said."""
    signs = id_number(4)[:4] + "*" * 10 + id_number(4)[14:]
    blind = {"家庭编号": "", "低保证号": ""}
    singles = [household(3, **blind), household(4, **blind, 户主身份证号=signs), *rest(3, 4)]
    homes = [of_home(HOMES[0], OWN), of_home(HOMES[1], ELSEWHERE)]
    grid = [HEAD, *singles[1:], *(reversed(homes) if turned else homes)]
    with monkeypatch.context() as earlier:
        earlier.setattr("ledger.application.importing.sameness._home", lambda *_said: ())
        before = funded.one(funded.write("花名册9月.csv", grid))
        assert (before.new, [wrong.code for wrong in before.wrong]) == (12, ["E_KEY_CONFLICT"])
        funded.sign_off()
    position, (refused,) = funded.size(), before.wrong
    again = funded.one(funded.write("又一份.csv", [row for at, row in enumerate(grid, 1) if at != refused.place.row]))
    assert (again.new, again.wrong, again.duplicate, funded.size()) == (0, [], 12, position)
    again = funded.one(funded.write("花名册9月.csv", grid))
    assert (again.new, [wrong.code for wrong in again.wrong], again.duplicate) == (0, ["E_ROSTER_PREPARED"], 12)
    assert again.wrong[0].place.row == refused.place.row
    report = october_of(funded, *homes)
    assert (report.new, report.wrong, absent(report)) == (13, [], [])
    assert len(funded.of_kind("enrolment.confirmed")) == 12, "the second household waits for a signature"
