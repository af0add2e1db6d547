"""Whose a number is: of the county or of others, of which months, of a part or of the whole; true and false ones."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_checking import check_report
from ledger_projections.summaries.sentences_facts import fact
from tests.projections.sentences.checked_reports import check, claims
from tests.projections.small_county import county


@pytest.fixture(scope="module")
def book() -> Iterator[tuple[Connection, int]]:
    with county() as found:
        yield found


RIGHT_LOW = "发放农村低保256.9088万元"
"""What the county paid for rural allowance, and no other place did."""
ELSEWHERE = (
    *(
        "水东镇,{}",
        "水东镇。{}",
        "二、水东镇工作情况;{}",
        "水东镇情况。新增3人;{}",
        "太和县发放5万元。{}",
        "阳光社区,{}",
        "全省,{}",
        "该县,{}",
        "(水东镇){}",
    ),
    *(
        "邻县的情况是,{}",
        "邻县的情况是:支出很多。{}",
        "石泉县民政局通报。{}",
        "东风村,{}",
        "马集镇通报。{}",
        "双城镇通报。{}",
        "中和镇。{}",
        "某市通报。{}",
    ),
    *(
        "据了解,{}",
        "较上年,{}",
        "同比,{}",
        "下一年度,{}",
        "我们的打算是,{}",
        "上年,{}",
        "与去年相比,{}",
        "(同比){}",
        "如果,{}",
    ),
    *("{},此数有误", "{},系误报", "{}的说法不实", "{}。此数有误。", "{},尚未到位", "{},应予更正"),
    # An exclusion or a condition that names a programme, and one behind the number.
    *(
        "除特困供养外,{}",
        "除特困供养、孤儿以外,全县{}",
        "不含特困供养,{}",
        "剔除特困,{}",
        "扣除特困供养后,{}",
        "假如发放特困,{}",
        "假如新增,{}",
        "除已经发放的低保外,{}",
        "{},如果特困供养到账",
        "{},不包括特困供养和孤儿",
        "{}、惠及7人次,不含特困供养",
        "{},除特困供养外",
        "{},特困除外",
        "{},不含特困19万元",
        "{}(剔除特困)",
        "{}。不含特困供养。",
        "{},均未到账",
        "{},特困供养未到账",
        "{},均未支付",
        "{},全部退票",
    ),
    *("有问题{}", "全市总结;全县发放5户。{}"),
)
READABLE = (
    *(
        "{}",
        "全县{}",
        "我县{}",
        "全县,{}",
        "全市{}",
        "我局{}",
        "首先,{}",
        "社区工作,{}",
        "城镇工作。{}",
        "城镇低保工作,{}",
        "乡镇。{}",
        "各乡镇、社区,{}",
        "返乡50人次。{}",
    ),
    *(
        "水东镇;{}|新段",
        "{},同比增长5%",
        "不含特困供养;{}",
        "特困供养发放19万元,除孤儿外;{}",
        "{};不含特困供养19万元",
        "{},有力保障了特困供养人员",
        "{},此外特困供养19万元",
        "{},较上年增加5万元",
        "{};较上年增加5万元",
        "据了解;{}",
        "据了解。{}",
        "县民政局。{}",
        "对县。{}",
    ),
)


@pytest.mark.parametrize("form", ELSEWHERE)
def test_what_is_said_of_others_is_never_held_against_the_book(book: tuple[Connection, int], form: str) -> None:
    for number in ("256.9088", "256.9089"):
        text = form.format(RIGHT_LOW.replace("256.9088", number))
        assert {one.verdict for one in claims(book, text) if number in one.number} == {"not_derivable"}, text


@pytest.mark.parametrize("form", READABLE)
def test_what_is_said_of_the_county_is_held_against_the_book(book: tuple[Connection, int], form: str) -> None:
    for number, verdict in (("256.9088", "supported"), ("256.9089", "contradicted")):
        paragraphs = form.partition("|")[0].format(RIGHT_LOW.replace("256.9088", number))
        before, _, after = paragraphs.partition(";") if "|" in form else ("", "", paragraphs)
        found = [one for sentence in check(book, before or "工作总结", after).sentences for one in sentence.claims]
        assert [one.verdict for one in found if number in one.number] == [verdict]


SCOPES = {
    # Months that are joined; a day alone.
    "2025年8月和9月发放农村低保256.9088万元": "√",
    "8月、9月发放农村低保133.4521万元": "×",
    "2024年、2025年发放农村低保256.9088万元": "?",
    "7月和9月发放农村低保133.4521万元": "?",
    "2025年9月30日发放特困9.5万元": "?",
    "2025年9月30日发放特困19万元": "?",
    "2025年9月30日在保农村低保5人": "√",
    "2025年9月30日在保农村低保6人": "×",
    # What is said behind 其中 ends with the part.
    "8-9月发放农村低保256.9088万元,其中9月发放133.4521万元,退出农村低保5人": "√√√",
    "8-9月发放农村低保256.9088万元,其中9月133.4521万元;发放农村低保256.9088万元": "√√√",
    "8-9月发放农村低保256.9088万元(其中9月133.4521万元),惠及7人次": "√√√",
    "8-9月发放农村低保256.9088万元(9月133.4521万元),惠及7人次": "√√√",
    "8-9月发放农村低保256.9088万元,其中9月133.4521万元,发放特困19万元": "√√√",
    "8-9月发放农村低保256.9088万元,其中9月发放133.4521万元,9月发放特困9.5万元": "√√√",
    "8-9月发放特困19万元,其中9月9.5万元,追缴到位8.346万元": "√√?",
    "8-9月发放农村低保256.9088万元,其中9月133.4521万元,特困19万元": "√√?",
    "8-9月发放农村低保256.9088万元,其中9月133.4521万元,特困9.5万元": "√√?",
    # 共 with a verb is a sum, or of nobody knows which, and never of the last alone.
    "发放农村低保256.9088万元、特困19万元,共发放275.9088万元": "√√√",
    "发放农村低保256.9088万元、特困19万元,共发放19万元": "√√×",
    "发放农村低保256.9088万元、特困19万元,共惠及2人次": "√√?",
    "发放农村低保256.9088万元、特困19万元,共2人次": "√√?",
    "发放农村低保256.9088万元、特困19万元,惠及2人次": "√√?",
    "新增农村低保3人、特困1人,共新增4人": "√√√",
    "农村低保发放256.9088万元、7人次,特困发放19万元、2人次,合计275.9088万元、9人次": "√√√√√√",
    "农村低保发放256.9088万元、7人次,特困发放19万元、2人次,合计275.9088万元和2人次": "√√√√√×",
    "农村低保发放256.9088万元,特困发放19万元,2人次": "√√?",
    "新增农村低保3人、特困1人,共新增1人": "√√×",
    "发放农村低保256.9088万元、特困19万元,累计支出19万元": "√√?",
    "发放农村低保256.9088万元、特困19万元,累计共19万元": "√√?",
    "发放农村低保256.9088万元、特困19万元,追缴到位8.346万元": "√√?",
    "发放农村低保256.9088万元,惠及7人次": "√√",
    "发放农村低保256.9088万元,惠及7人次、特困19万元,惠及2人次": "√√√?",
    "8-9月发放农村低保256.9088万元,比上年增加5万元,惠及7人次": "√?√",
    "去年8月发放农村低保123.4567万元": "?",
    "今年8月发放农村低保123.4567万元": "√",
    # A running total after a month is of nobody knows which months; since a month is up to the end.
    "9月发放农村低保133.4521万元,累计发放256.9088万元": "√?",
    "9月累计发放农村低保133.4521万元": "?",
    "8-9月累计发放农村低保256.9088万元": "√",
    "累计发放农村低保256.9088万元": "√",
    "9月追缴到位83460元,累计追缴到位83460元": "√√",
    "新增农村低保3人,累计5人": "√?",
    "自8月起发放农村低保256.9088万元": "√",
    "2025年8月以来发放农村低保256.9088万元": "√",
    "2024年以来发放农村低保256.9088万元": "?",
    "追缴到位83460元,其中特困100元": "√?",
    # Parts of different months are added up, and held against no month.
    "8月发放特困9.5万元、9月发放孤儿14.25万元,共23.75万元": "√√?",
    "8月发放特困9.5万元、9月发放特困9.5万元,共19万元": "√√?",
    # Lists of programmes, then lists of numbers.
    "发放农村低保、特困256.9088万元、19万元": "??",
    "发放农村低保以及特困256.9088万元和19万元": "??",
    "农村低保、特困9人次、2人次": "??",
    "农村低保、特困9人次": "√",
    # A number is read as it is written, or told as one that cannot be.
    "发放农村低保256万9088元": "√",
    "发放农村低保256万9089元": "×",
    "发放特困十九万元": "√",
    "发放特困贰拾万元整": "×",
    "发放特困近二十万元": "?",
    "发放特困.19万元": "?",
    "发放特困2万元至19万元": "??",
    "农村低保七人次": "√",
    "农村低保八人次": "×",
    "发放14.25万元孤儿基本生活费、19万元特困": "??",
    "发放14.25万元孤儿基本生活费,19万元特困": "√√",
}
MARKS = {"supported": "√", "contradicted": "×", "not_derivable": "?"}


@pytest.mark.parametrize("text", SCOPES)
def test_a_number_is_held_against_what_it_is_said_of(book: tuple[Connection, int], text: str) -> None:
    found = claims(book, text)
    assert "".join(MARKS[one.verdict] for one in found if one.kind == "figure") == SCOPES[text]
    assert {one.verdict for one in found if one.kind == "part"} <= {"supported"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *(
            (f"1-9月{text}", "before")
            for text in ("发放农村低保256.9088万元", "农村低保7人次", "新增低保4人", "退出5人")
        ),
        *((f"截至9月底{text}", "before") for text in ("发放农村低保1元", "银行代发失败1笔", "农村低保人均补助5元")),
        *((f"2025年7月{text}", "no_record") for text in ("发放农村低保0元", "农村低保0人次")),
        ("2025年7月新增低保0人", "before"),
        ("1-9月追缴到位83460元", None),
        ("截至9月底在保农村低保5人", None),
        ("8-9月发放农村低保256.9088万元", None),
    ],
)
def test_no_sum_is_held_against_a_book_that_begins_later(
    book: tuple[Connection, int], text: str, reason: str | None
) -> None:
    (one,) = claims(book, text)
    assert (one.verdict, one.reason) == ("supported" if reason is None else "not_derivable", reason)
    assert one.words == ("2025-08" if reason == "before" else "")
    usual = check_report(book[0], ["发放农村低保256.9088万元"], Span("2025-01", "2025-09"), book[1])
    assert usual.sentences[0].claims[0].reason == "before"


AFTER = {
    # What was paid is of the months of batches; a decision of September is on October's roster.
    "截至2030年12月31日,共有农村低保5人": "2025-09",
    "11月在保农村低保5人": "2025-09",
    "2026年3月农村低保2户5人": "2025-09",
    "8-12月新增低保、特困1人": "2025-09",
    "8-12月退出0人": "2025-09",
    "8-10月发放农村低保256.9088万元": "2025-09",
    "8-10月农村低保7人次": "2025-09",
    "8-10月银行代发失败1笔": "2025-09",
    # The rest is of the newest voucher's month.
    "截至2025年12月31日追缴到位83460元": "2025-09",
    "截至2030年12月31日核查线索1件": "2025-09",
    "截至10月15日追缴到位83460元": "2025-09",
    "2026年争取省级专项资金0元": "",
}


@pytest.mark.parametrize("text", AFTER)
def test_no_number_is_held_against_a_book_that_ends_earlier(book: tuple[Connection, int], text: str) -> None:
    found = claims(book, text)
    assert {one.verdict for one in found} == {"not_derivable"}
    assert {one.reason for one in found} == {"after" if AFTER[text] else "no_record"}
    assert {one.words for one in found} == {AFTER[text]}


def test_a_report_beyond_the_book_says_where_it_ends(book: tuple[Connection, int]) -> None:
    report = check_report(book[0], ["发放农村低保256.9088万元"], Span("2025-08", "2030-12"), book[1])
    assert (report.begins, report.ends, report.sentences[0].claims[0].reason) == ("2025-08", "2025-09", "after")


@pytest.mark.parametrize(
    ("before", "verdict"),
    [
        (("工作总结", "二、水东镇工作情况"), "not_derivable"),
        (("工作总结", "二、水东镇工作情况", "总的情况很好。"), "not_derivable"),
        (("工作总结", "二、水东镇工作情况", "三、全县工作情况"), "supported"),
        (("水东镇工作总结",), "not_derivable"),
        (("太和县民政局工作总结",), "supported"),
        (("工作总结", "太和县工作情况"), "not_derivable"),
        (("工作总结", "二、乡镇工作情况"), "supported"),
    ],
)
def test_a_heading_says_whose_its_paragraphs_are(
    book: tuple[Connection, int], before: tuple[str, ...], verdict: str
) -> None:
    report = check(book, *before, f"{RIGHT_LOW}。")
    assert [one.verdict for one in report.sentences] == [verdict]


AUGUST, BOTH = "发放农村低保123.4567万元。", "发放农村低保256.9088万元。"


@pytest.mark.parametrize(
    ("before", "text", "verdict"),
    [
        (("工作总结", "一、8月份发放情况"), AUGUST, "supported"),
        (("工作总结", "一、8月份发放情况"), BOTH, "contradicted"),
        (("一、8月份发放情况",), BOTH, "contradicted"),
        (("工作总结", "一、8月份发放情况", "总的情况很好。"), BOTH, "contradicted"),
        (("工作总结", "一、8月份发放情况", "9月情况很好。"), BOTH, "contradicted"),
        (("工作总结", "一、8月份发放情况", "(一)农村低保"), BOTH, "contradicted"),
        (("工作总结", "一、8月份发放情况", "(一)农村低保", "1.基本情况"), BOTH, "contradicted"),
        (("工作总结", "一、8月份发放情况", "(一)9月情况", "(二)农村低保"), AUGUST, "supported"),
        (("工作总结", "一、8月份发放情况", "二、农村低保"), BOTH, "supported"),
        (("工作总结", "(一)8月份发放情况", "二、农村低保"), BOTH, "supported"),
        (("工作总结", "8月份发放情况", "农村低保"), BOTH, "supported"),
        (("工作总结", "8月份发放情况:"), AUGUST, "supported"),
        (("工作总结", "一、2023年工作"), BOTH, "not_derivable"),
        (("工作总结", "一、2023年工作", "(一)下半年"), BOTH, "not_derivable"),
        (("工作总结", "(二)上半年发放情况"), BOTH, "not_derivable"),
        (("工作总结", "(二)下半年发放情况"), BOTH, "not_derivable"),
        (("工作总结", "一、去年工作"), BOTH, "not_derivable"),
        (("工作总结", "一、9月30日情况"), BOTH, "not_derivable"),
        (("工作总结", "一、8月和9月情况"), BOTH, "supported"),
        (("工作总结", "一、8月情况及9月安排"), BOTH, "not_derivable"),
        # An item of a list with a number is no heading: its months are its own.
        (("工作总结", "1.8月发放农村低保123.4567万元"), BOTH, "supported"),
        (("工作总结", "一、8月份", "1.9月发放农村低保133.4521万元"), AUGUST, "supported"),
        # The months of the first line are those that the whole was asked for.
        (("2025年8月工作总结",), BOTH, "supported"),
        # A line that says when the report was written is no heading either.
        (("工作总结", "2025年10月8日"), BOTH, "supported"),
        (("工作总结", "民政局 2025年10月8日"), BOTH, "supported"),
        (("工作总结", "(2025年10月)"), BOTH, "supported"),
        (("工作总结",), "上半年情况很好。" + BOTH, "not_derivable"),
    ],
)
def test_a_heading_says_of_which_months_its_paragraphs_are(
    book: tuple[Connection, int], before: tuple[str, ...], text: str, verdict: str
) -> None:
    assert check(book, *before, text).sentences[-1].verdict == verdict


def test_the_place_is_named(book: tuple[Connection, int]) -> None:
    (first,), (second,) = (one.claims for one in check(book, "水东镇发放农村低保3万元。新增3人。").sentences)
    assert (first.words, second.words) == ("水东镇", "水东镇")


def test_a_report_of_two_bodies_is_not_told_apart(book: tuple[Connection, int]) -> None:
    """全市 and 全县 in one report: neither paragraph is the book's for sure; one without such a word still is."""
    report = check(book, f"全市{RIGHT_LOW}", f"我县{RIGHT_LOW}。{RIGHT_LOW}", RIGHT_LOW)
    assert [one.verdict for one in report.sentences] == [*["not_derivable"] * 3, "supported"]


def test_the_query_of_a_clue_is_of_its_months(book: tuple[Connection, int]) -> None:
    found = fact(Books(book[0], Span("2025-08", "2025-09"), book[1]), "clue_count")
    assert found.query == f"summary C2 --from 2025-08 --to 2025-09 --at {book[1]}"
