"""Which months the numbers of written sentences are of."""

from datetime import date

import pytest

from ledger_projections.summaries.sentences_asking import Ask
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_reading import Mention, mentions_of
from ledger_projections.summaries.sentences_spans import spans, title_span

YEAR = Span("2024-01", "2024-12")
RURAL = ("rural_dibao",)


def read(text: str) -> list[Mention]:
    return mentions_of(text, YEAR, YEAR)[0]


SPANS = {
    "1-9月": ("2024-01", "2024-09"),
    "2023年1—9月": ("2023-01", "2023-09"),
    "2023年11月至2024年2月": ("2023-11", "2024-02"),
    "截至9月": ("2024-01", "2024-09"),
    "截至2024年9月30日": ("2024-01", "2024-09"),
    "9月": ("2024-09", "2024-09"),
    "9月底": ("2024-01", "2024-09"),
    "当月": ("2024-12", "2024-12"),
    "上半年": ("2024-01", "2024-06"),
    "下半年": ("2024-07", "2024-12"),
    "前三季度": ("2024-01", "2024-09"),
    "2023年": ("2023-01", "2023-12"),
    "二季度": ("2024-04", "2024-06"),
    "截至三季度末": ("2024-01", "2024-09"),
    "自2024年3月以来": ("2024-03", "2024-12"),
    "今年以来": ("2024-01", "2024-12"),
    "去年": ("2023-01", "2023-12"),
    "去年8月": ("2023-08", "2023-08"),
    "去年的1-9月": ("2023-01", "2023-09"),
    "上年前三季度": ("2023-01", "2023-09"),
    "去年上半年": ("2023-01", "2023-06"),
    "今年8月": ("2024-08", "2024-08"),
    "2024年1月和2月": ("2024-01", "2024-02"),
    "2024年1月、2月及3月": ("2024-01", "2024-03"),
    "1月,2月": ("2024-01", "2024-02"),
    "1-3月和4月": ("2024-01", "2024-04"),
    "2024年,1-9月": ("2024-01", "2024-09"),
    "一季度和二季度": ("2024-01", "2024-06"),
    "一、二季度": ("2024-01", "2024-06"),
    "第一、二、三季度": ("2024-01", "2024-09"),
    "2024年一至三季度": ("2024-01", "2024-09"),
    "2023年、2024年": ("2023-01", "2024-12"),
    "去年和今年": ("2023-01", "2024-12"),
    "2023年12月以及2024年1月": ("2023-12", "2024-01"),
}
APART = (
    "1月和3月",
    "3月和1月",
    "1月、2月、4月",
    "一季度和三季度",
    "一、三季度",
    "2022年、2024年",
    "1月,3月",
    "6月30日和7月31日",
    "6月30日",
    "2024年6月30日",
    "1月和13月",
)


@pytest.mark.parametrize("text", SPANS)
def test_months_are_read_as_they_are_written(text: str) -> None:
    (one,) = read(f"{text}发放农村低保3万元")
    assert (one.span.first, one.span.last, one.span.as_of) == (*SPANS[text], None)


@pytest.mark.parametrize("text", APART)
def test_months_apart_and_a_day_alone_are_no_span(text: str) -> None:
    """And nothing that follows in the paragraph is of months that somebody could tell."""
    (one,) = read(f"{text}发放农村低保3万元")
    assert (one.asks, one.reason) == ((), "span")
    _, after = mentions_of(f"{text}发放农村低保3万元", YEAR, YEAR)
    assert [one.reason for one in mentions_of("发放特困3万元", after, YEAR)[0]] == ["span"]


def test_what_stands_on_a_day_may_be_said_of_it() -> None:
    (one,) = read("2024年9月30日在保农村低保3人")
    assert (one.asks, one.span.last, one.reason) == ((Ask("close_persons", RURAL),), "2024-09", None)


TITLES = {
    "某县民政局2024年1-9月工作总结": ("2024-01", "2024-09"),
    "２０２３年工作总结及2024年工作计划": ("2023-01", "2023-12"),
    "2024年上半年社会救助工作情况": ("2024-01", "2024-06"),
    "2024年度工作总结": ("2024-01", "2024-12"),
    "工作总结": None,
    "2023年,我局开展了工作。": None,
    "2023年" + "总" * 60: None,
}


@pytest.mark.parametrize("title", TITLES)
def test_a_title_may_name_the_months(title: str) -> None:
    span = title_span(title, YEAR)
    assert (None if span is None else (span.first, span.last)) == TITLES[title]


def test_a_day_within_a_month_ends_what_is_counted() -> None:
    (one,) = read("截至2024年9月15日发放农村低保3万元")
    assert (one.span.first, one.span.last, one.span.as_of) == ("2024-01", "2024-09", date(2024, 9, 15))


def test_a_span_holds_until_the_next_and_an_aside_for_itself() -> None:
    months = [
        one.span.last for one in read("截至6月发放农村低保3万元(去年4万元),追缴到位5万元;截至9月发放农村低保6万元")
    ]
    assert months == ["2024-06", "2023-12", "2024-06", "2024-09"]
    assert mentions_of("1-9月发放农村低保3万元(去年4万元)", YEAR, YEAR)[1] == Span("2024-01", "2024-09")
    assert list(spans("上年结转3万元", YEAR)) == []


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("本年累计", "2024-01", "2024-05"),
        ("当月", "2024-05", "2024-05"),
        ("3月", "2024-03", "2024-03"),
        ("全年", "2024-01", "2024-12"),
        ("2024年", "2024-01", "2024-12"),
        ("2023年", "2023-01", "2023-12"),
    ],
)
def test_what_is_spoken_of_is_not_what_the_report_is_of(text: str, first: str, last: str) -> None:
    """In a paragraph on May 本年 ends with May, the whole year does not; a day that was named binds no later month."""
    may = Span("2024-05", "2024-05", date(2024, 5, 15))
    (one,) = mentions_of(f"{text}发放农村低保3万元", may, YEAR)[0]
    assert (one.span.first, one.span.last) == (first, last)
    assert one.span.as_of == (may.as_of if text in {"本年累计", "当月"} else None)
