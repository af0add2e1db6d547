"""Numbers of a written report that no book counts: told, and never part of a sentence that is right as a whole."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from tests.projections.sentences.checked_reports import check, claims
from tests.projections.small_county import COLLECTED_FEN, KEPT_FEN, county


@pytest.fixture(scope="module")
def book() -> Iterator[tuple[Connection, int]]:
    with county() as found:
        yield found


UNCOUNTED = {
    "追缴到位{}元,比去年多2倍": "2倍",
    "追缴到位{}元,较上年翻了1番": "1番",
    "追缴到位{}元,翻了一番": "一番",
    "追缴到位{}元,最大年龄103岁": "103岁",
    "追缴到位{}元,提高3个百分点": "3个百分点",
    "追缴到位{}元,提高三个百分点": "三个百分点",
    "追缴到位{}元,保障率达百分之九十": "百分之九十",
    "追缴到位{}元,占千分之3.5": "千分之3.5",
    "追缴到位{}元,占3‰": "3‰",
    "追缴到位{}元,占1/30": "1/30",
    "追缴到位{}元,人均面积12.5平方米": "12.5平方米",
    "追缴到位{}元,大米５吨": "5吨",
    "追缴到位{}元,用时15天": "15天",
    "追缴到位{}元,连续3年": "3年",
    "追缴到位{}元,完成率九成以上": "九成",
    "追缴到位{}元,得分98": "98",
    "追缴到位{}元,3例": "3",
    "追缴到位{}元(口径:低保8户;余同)": "8户",
}
"""A sentence with one right number -> the number beside it that no book counts."""


@pytest.mark.parametrize("text", UNCOUNTED)
def test_no_sentence_is_right_that_holds_a_number_nobody_looked_at(book: tuple[Connection, int], text: str) -> None:
    (sentence,) = check(book, text.format((COLLECTED_FEN + KEPT_FEN) // 100)).sentences
    right, *others = sorted(sentence.claims, key=lambda one: one.start)
    assert right.verdict == "supported"
    assert [(one.number, one.verdict) for one in others] == [(UNCOUNTED[text], "not_derivable")]
    assert others[0].reason in {"unit", "unclear"}
    assert sentence.verdict == "partly"


@pytest.mark.parametrize(
    "text",
    [
        "2024年12月31日",
        "2022、2023年",
        "2024.12.31",
        "1-9月,1、2月,前3季度",
        "12月31日8:30",
        "第3批,第5-6行",
        "川民发〔2024〕15号",
        "民发（2024）5号",
        "15日8时30分",
    ],
)
def test_dates_and_ordinals_are_asked_of_no_book(book: tuple[Connection, int], text: str) -> None:
    assert check(book, text).sentences == ()


def test_what_is_written_in_characters_alone_is_told_as_well(book: tuple[Connection, int]) -> None:
    (one,) = claims(book, "保障率达百分之九十。")
    assert (one.verdict, one.reason) == ("not_derivable", "unit")
