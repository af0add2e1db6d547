"""Whose row stands on a roster and cannot be used is told as that, and never as missing."""

import pytest

from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County
from tests.application.proposing.relief.october import HEAD, household, id_number, import_october
from tests.application.proposing.relief.test_rosters_masked import BLIND, masked, rest

NUMBER = id_number(3)
THEIRS = {"户主姓名": "示例户3", "户主身份证号": NUMBER}
"""Household 13 is of the person who heads household 3."""
SHOWN = [NUMBER, masked(NUMBER), masked(NUMBER, 0)]
KINDS = ["whole", "masked", "masked but for its tail"]
OF_3, OF_12, OF_13 = (f"431099S{number:05d}" for number in (3, 12, 13))


HOME = {"乡镇": "大冲乡", "村(社区)": "冲尾村", "银行账号": "82010530000000003"}
"""Where household 3 lives and is paid."""


def october(county: County, *rows: list[str], **cells: str) -> FileReport:
    """October's list of these and of all others but the twelfth, after a September in which all thirteen stood."""
    report = county.one(county.write("花名册9月.csv", [HEAD, *rest(), household(13, **THEIRS, **cells)]))
    assert (report.new, report.wrong) == (13, [])
    county.sign_off()
    return import_october(county, [HEAD, *rest(3, 12), *rows])


def told(report: FileReport) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"W_ROSTER_UNREAD": [], "W_ROSTER_ABSENT": []}
    for note in report.notes:
        if note.code in found:
            found[note.code].append(note.params["household"])
    (kinds,) = [note.params for note in report.notes if note.code == "W_ROSTER_KINDS"]
    assert kinds["absent"] == len(found["W_ROSTER_ABSENT"])
    return found


@pytest.mark.parametrize("number", SHOWN, ids=KINDS)
@pytest.mark.parametrize("turned", [False, True], ids=["3 first", "13 first"])
def test_whose_row_contradicts_anothers_is_not_missing(funded: County, number: str, *, turned: bool) -> None:
    """Somebody heads two households that live and are paid alike; a list without their numbers names the person twice,
    and nothing tells which row is whose. Both households stand on the list all the same: nobody is to take them off by
    a list of exits.
    """
    shown = {**BLIND, "户主身份证号": number}
    rows = [household(3, **shown), household(13, **{**THEIRS, **shown, **HOME})]
    report = october(funded, *(reversed(rows) if turned else rows), **HOME)
    assert "E_KEY_CONFLICT" in {cell.code for cell in report.wrong}
    assert told(report) == {"W_ROSTER_UNREAD": [OF_3, OF_13], "W_ROSTER_ABSENT": [OF_12]}


@pytest.mark.parametrize("number", SHOWN, ids=KINDS)
@pytest.mark.parametrize("turned", [False, True], ids=["3 first", "13 first"])
def test_whose_row_stands_beside_another_of_the_person_is_read(funded: County, number: str, *, turned: bool) -> None:
    """The two households live and are paid apart."""
    shown = {**BLIND, "户主身份证号": number}
    rows = [household(3, **shown), household(13, **{**THEIRS, **shown})]
    report = october(funded, *(reversed(rows) if turned else rows))
    assert report.wrong == []
    assert told(report) == {"W_ROSTER_UNREAD": [], "W_ROSTER_ABSENT": [OF_12]}


@pytest.mark.parametrize("number", SHOWN, ids=KINDS)
def test_whose_masked_row_is_wrong_is_not_missing(funded: County, number: str) -> None:
    wrong = household(13, **{**THEIRS, **BLIND, "户主身份证号": number, "本月实发(元)": "五百x"})
    report = october(funded, household(3), wrong)
    assert len({cell.place for cell in report.wrong}) == 1
    assert told(report) == {"W_ROSTER_UNREAD": [OF_13], "W_ROSTER_ABSENT": [OF_12]}


@pytest.mark.parametrize(
    "cells",
    [
        {"户主身份证号": masked(id_number(12))},
        {"户主姓名": "示例户12"},
        {"户主姓名": "示例户12", "户主身份证号": masked(id_number(12)), "家庭编号": OF_13},
        {"户主姓名": "示例户12", "户主身份证号": masked(id_number(12), 0), "村(社区)": "冲尾村"},
    ],
    ids=["another name", "another number", "a number of its own", "a namesake of elsewhere"],
)
def test_nobody_else_is_told_as_unread(funded: County, cells: dict[str, str]) -> None:
    """Whoever is off the list stays missing, whosever row is wrong."""
    wrong = household(13, **{**THEIRS, **BLIND, "户主身份证号": masked(NUMBER), **cells, "本月实发(元)": "五百x"})
    assert OF_12 in told(october(funded, household(3), wrong))["W_ROSTER_ABSENT"]
