"""One certificate is one household, unless the rows have numbers that say otherwise, or the cell says nothing."""

import pytest

from tests.application.proposing.county import County
from tests.application.proposing.relief.october import HEAD, household, id_number, import_october
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
