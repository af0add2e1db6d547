"""Written reports held against a book whose sums are counted by hand: right, wrong by one, and beyond the book."""

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger.catalogue import say
from ledger.errors import InputError
from ledger_projections.summaries.sentences import paragraph, span_of
from ledger_projections.summaries.sentences_catalogue import TEMPLATES, template
from ledger_projections.summaries.sentences_checking import (
    CHARACTERS_MAX,
    SPANS_MAX,
)
from tests.projections.sentences.checked_reports import SPAN, check, claims
from tests.projections.small_county import CASES, COLLECTED_FEN, GIVEN_FEN, KEPT_FEN, ORDERED_FEN, county, fen, relief


@pytest.fixture(scope="module")
def book() -> Iterator[tuple[Connection, int]]:
    with county() as found:
        yield found


RURAL = [case for case in CASES if case.programme == "rural-dibao" and not case.until]
RIGHT = {
    "累计追缴到位{}元": (COLLECTED_FEN + KEPT_FEN) // 100,
    "应追缴{}元": ORDERED_FEN // 100,
    "追缴到位8万余元，其中抵扣{}元": KEPT_FEN // 100,
    "尚未追缴{}元": (ORDERED_FEN - COLLECTED_FEN - KEPT_FEN) // 100,
    "发放农村低保资金{}元": fen("rural_dibao") // 100,
    "发放特困供养资金{}元": fen("destitute") // 100,
    "9月发放农村低保{}元": sum(one.fen for one in relief("rural_dibao", months=("2025-09",))) // 100,
    "发放低保、特困、孤儿基本生活费共计{}元": fen() // 100,
    "发放各类困难群众救助补助资金{}元": fen() // 100,
    "新增低保、特困{}人": sum(case.persons for case in CASES if case.reason == "new"),
    "新增低保、特困3人，退出{}人": sum(case.persons for case in CASES if case.until),
    "退出5人（其中死亡{}人）": sum(case.persons for case in CASES if case.left_because == "death"),
    "清退不符合条件{}人": sum(case.persons for case in CASES if case.left_because == "income"),
    "截至9月底共有农村低保{}户": len(RURAL),
    "截至2025年9月30日，共有农村低保对象{}人": sum(case.persons for case in RURAL),
    "农村低保{}人次": 7,
    "农村低保{}户次": 3,
    "发放孤儿基本生活费惠及{}人": 1,
    "银行代发失败{}笔": 1,
    "共排查{}个问题": 1,
    "核查线索{}件": 1,
    "争取省级专项资金{}元": GIVEN_FEN // 100,
}
"""Sentence -> the number that was counted."""


@pytest.mark.parametrize("text", RIGHT)
def test_the_right_number_is_supported_and_its_neighbours_are_not(book: tuple[Connection, int], text: str) -> None:
    right = RIGHT[text]
    unit = 100 if text.endswith("{}元") else 1
    for off in (-1, 0, 1):
        one = [claim for claim in claims(book, text.format(right + off)) if claim.kind == "figure"][-1]
        assert one.verdict == ("contradicted" if off else "supported")
        best = min((found.off_by for found in one.figures if found.off_by is not None), key=abs)
        assert best == off * unit
        assert one.figures[0].fact.query


@pytest.mark.parametrize(
    ("text", "verdict", "off_by"),
    [
        ("发放各类困难群众救助补助资金290余万元", "supported", 0),
        ("发放各类困难群众救助补助资金275余万元", "supported", 0),
        ("发放各类困难群众救助补助资金291余万元", "contradicted", 841_200),
        ("发放各类困难群众救助补助资金289余万元", "contradicted", -158_800),
        ("发放各类困难群众救助补助资金200余万元", "supported", 0),
        ("发放各类困难群众救助补助资金２９０．１５８８万元", "supported", 0),
        ("发放各类困难群众救助补助资金290.16万元", "contradicted", 1_200),
        ("发放各类困难群众救助补助资金约290万元", "supported", 0),
        ("发放各类困难群众救助补助资金超过300万元", "contradicted", 9_841_200),
        ("发放各类困难群众救助补助资金不少于290万元", "supported", 0),
        ("发放各类困难群众救助补助资金2,901,588元", "supported", 0),
        ("累计追缴到位8万余元", "supported", 0),
        ("累计追缴到位9万余元", "contradicted", 654_000),
        ("追缴到位8万余元，到位率91.5%", "supported", 0),
        ("追缴到位8万余元，到位率91%", "supported", 0),
        ("追缴到位8万余元，到位率92.5%", "contradicted", 100),
        ("追缴到位8万余元，到位率91.4%", "contradicted", -10),
        ("追缴到位8万余元，到位率92%", "contradicted", 50),
        ("追缴到位8万余元，到位率91.48%", "contradicted", 1),
        ("追缴到位8万余元，到位率100%", "contradicted", 850),
        ("追缴到位8万余元，到位率超过92%", "contradicted", 53),
        ("农村低保人均补助367012.57元", "supported", 0),
        ("农村低保人均补助367013元", "supported", 0),
        ("农村低保人均补助367014元", "contradicted", 100),
    ],
)
def test_rounded_words_stand_for_their_interval(
    book: tuple[Connection, int], text: str, verdict: str, off_by: int
) -> None:
    one = claims(book, text)[-1]
    assert one.verdict == verdict
    assert min((found.off_by for found in one.figures if found.off_by is not None), key=abs) == off_by


def test_a_rounded_number_that_claims_to_be_exact_is_told_apart(book: tuple[Connection, int]) -> None:
    """2,901,588 yuan: 290.16 is it rounded, 290.15 is wrong, and 约290.16 holds."""
    said = {
        text: claims(book, f"发放各类困难群众救助补助资金{text}万元")[0] for text in ("290.16", "290.15", "约290.16")
    }
    assert [one.verdict for one in said.values()] == ["contradicted", "contradicted", "supported"]
    assert [one.figures[0].is_rounded for one in said.values()] == [True, False, False]


def test_it_says_which_reading_fits(book: tuple[Connection, int]) -> None:
    (narrow,) = claims(book, "发放各类困难群众救助补助资金275余万元")
    assert [found.fits for found in narrow.figures] == [False, True]
    assert "orphan" not in narrow.figures[1].fact.schemes
    (wide,) = claims(book, "发放各类困难群众救助补助资金200余万元")
    assert [found.is_wide for found in wide.figures] == [True, True]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("救助流浪乞讨人员210余人次", "no_programme"),
        ("灾情募捐善款238余万元", "no_record"),
        ("资兴灾情募捐:善款238余万元", "no_record"),
        ("除资兴外灾情募捐善款238余万元", "unknown"),
        ("资兴善款238余万元", "unknown"),
        ("水东镇,发放农村低保3万元", "unknown"),
        ("邻县的情况是,发放农村低保3万元", "unknown"),
        ("较上年,发放农村低保3万元", "unknown"),
        ("下一年度,发放农村低保3万元", "plan"),
        ("明年发放农村低保3万元", "plan"),
        ("发放农村低保-3万元", "odd"),
        ("发放农村低保各3万元", "unknown"),
        ("县级发放农村低保3万元", "unknown"),
        ("共认捐1552.5万元", "no_record"),
        ("互助社60家", "no_record"),
        ("共有城镇低保1560人", "no_record"),
        ("城镇低保人均补助480元", "no_base"),
        ("2024年发放农村低保3万元", "no_record"),
        ("完成旧楼改造152户", "unknown"),
        ("完成家庭适老化改造152户", "no_figure"),
        ("计划发放农村低保3000万元", "plan"),
        ("发放农村低保XX万元", "open"),
        ("互助社筹资不少于4万元1家", "condition"),
        ("发放农村低保" + "9" * 400 + "元", "long"),
    ],
)
def test_what_the_book_cannot_say_is_not_derivable(book: tuple[Connection, int], text: str, reason: str) -> None:
    report = check(book, text)
    (one,) = report.sentences[0].claims
    assert (one.verdict, one.reason) == ("not_derivable", reason)
    assert say(f"unread.{reason}") != f"unread.{reason}" or say(f"missing.{reason}") != f"missing.{reason}"
    assert report.counts == {"supported": 0, "contradicted": 0, "not_derivable": 1}


@pytest.mark.parametrize(
    ("text", "verdict", "off_by"),
    [
        ("结婚1063对、离婚574对、补结136对、补离40对，共计1813对", "supported", 0),
        ("结婚1063对、离婚574对、补结136对、补离40对，共计1814对", "contradicted", 1),
        ("结婚1063对、离婚574对、补结136对、补离40对，共计1812对", "contradicted", -1),
        ("站内160余人次、返乡50余人次，合计210余人次", "supported", 0),
        ("站内160余人次、返乡50余人次，合计240余人次", "contradicted", 12),
        ("站内160余人次、返乡50余人次，合计228人次", "supported", 0),
        ("站内160余人次、返乡50余人次，合计229人次", "contradicted", 1),
        ("站内160余人次、返乡50余人次，合计209人次", "contradicted", -1),
        ("城镇33.3%、农村33.3%、特困33.3%，合计100%", "supported", 0),
        ("结婚1813对,其中结婚1063对、离婚750对,共计1813对", "supported", 0),
        ("1063+574+136+40=1813", "supported", 0),
        ("23家+2家=26", "contradicted", 1),
        ("5000元+5000元=1万元", "supported", 0),
        ("5000元+5000元=2万元", "contradicted", 1_000_000),
        ("5000元+0.5万元=1万元", "supported", 0),
        ("５０００元+5000元=10000元", "supported", 0),
        ("33.3%+66.7%=100%", "supported", 0),
        ("3例+4例=8例", "contradicted", 1),
        ("结婚1813对,其中结婚1063对、离婚749对,共计1812对", "supported", 0),
        ("结婚1813对,其中结婚1063对、离婚749对,共计1813对", "contradicted", 1),
    ],
)
def test_parts_make_up_the_whole(book: tuple[Connection, int], text: str, verdict: str, off_by: int) -> None:
    (one,) = [claim for claim in claims(book, text) if claim.kind == "sum"]
    assert (one.verdict, one.off_by) == (verdict, off_by)


@pytest.mark.parametrize(
    "text",
    [
        "3万元+4户=7万元",
        "40余万元+5余万元=46余万元",
        "5000元+5000=1万元",
        "约3万元+4万元=8万元",
        "1063例+574例=0.16万例",
    ],
)
def test_what_cannot_be_added_up_is_not(book: tuple[Connection, int], text: str) -> None:
    assert {one.verdict for one in claims(book, text)} == {"not_derivable"}


def test_a_part_is_no_more_than_its_whole(book: tuple[Connection, int]) -> None:
    (good,) = [claim for claim in claims(book, "劝募1552.5万元，其中慈善311万元") if claim.kind == "part"]
    (bad,) = [claim for claim in claims(book, "劝募311万元，其中慈善1552.5万元") if claim.kind == "part"]
    assert (good.verdict, bad.verdict, bad.off_by) == ("supported", "contradicted", 124_150_000_000 // 100)


def test_a_sum_is_held_against_the_book_as_well(book: tuple[Connection, int]) -> None:
    found = claims(book, "共有农村低保5人、特困2人，合计7人")
    assert [(one.kind, one.verdict) for one in found] == [("figure", "supported")] * 3 + [("sum", "supported")]
    wrong = claims(book, "共有农村低保5人、特困2人，合计8人")
    assert [(one.kind, one.verdict) for one in wrong[2:]] == [("figure", "contradicted"), ("sum", "contradicted")]


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_the_book_writes_it_also_believes(book: tuple[Connection, int], name: str) -> None:
    """Every sentence that is filled from the book is held against it: each number that was filled is supported."""
    chosen = template(name)
    for first in (None,) if name == "month" else (None, SPAN.first):
        made = paragraph(book[0], chosen, span_of(chosen, first, "2025-09", None), book[1])
        report = check(book, "".join(sentence.zh for sentence in made.sentences))
        told = [claim for one in report.sentences for claim in one.claims if claim.reason != "open"]
        # 2025年 is the whole year to a reader, also where the sentence was asked for from August on.
        assert [claim for claim in told if claim.verdict != "supported" and claim.reason != "before"] == []
        filled = [slot for one in made.sentences for slot in one.slots if slot.reason is None]
        assert len([claim for claim in told if claim.kind == "figure"]) == len(filled)


def test_sentences_are_numbered_and_judged(book: tuple[Connection, int]) -> None:
    report = check(book, "工作总结", "没有数。追缴到位8万余元，改造152户。", "追缴到位7万余元！完成3场。")
    assert [(one.number, one.verdict) for one in report.sentences] == [
        (3, "partly"),
        (4, "contradicted"),
        (5, "not_derivable"),
    ]
    assert (report.position, report.begins) == (book[1], "2025-08")


def test_a_span_holds_for_its_paragraph(book: tuple[Connection, int]) -> None:
    report = check(book, "8月工作。发放孤儿基本生活费14.25万元。", "发放孤儿基本生活费14.25万元。")
    assert [one.verdict for one in report.sentences] == ["contradicted", "supported"]
    assert report.sentences[0].claims[0].figures[0].fact.last == "2025-08"


def test_a_report_of_many_spans_asks_the_book_a_few_times(book: tuple[Connection, int]) -> None:
    report = check(book, *(f"{1990 + year}年发放农村低保3万元" for year in range(40)))
    reasons = [one.claims[0].reason for one in report.sentences]
    assert reasons.count("spans") == 40 - SPANS_MAX


HOSTILE = {
    "many numbers": "1人。" * 30_000,
    "too much text": "字" * (CHARACTERS_MAX + 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_more_than_a_report_is_refused(book: tuple[Connection, int], name: str) -> None:
    with pytest.raises(InputError) as caught:
        check(book, HOSTILE[name])
    assert caught.value.code == "E_REPORT_LONG"


@pytest.mark.parametrize(
    "text",
    [
        "9" * 900_000,
        "9," * 400_000,
        "1+" * 400_000,
        "(" * 900_000 + "1人",
        "年月日截至12月" * 100_000,
        "其中共1人，" * 1_000,
    ],
)
def test_a_hostile_report_is_read_to_its_end(book: tuple[Connection, int], text: str) -> None:
    """A pattern that looked at every two characters of it would not get there in hours."""
    report = check(book, text)
    assert report.counts["contradicted"] == report.counts["supported"] == 0


PHRASES = st.sampled_from(
    [
        *(
            "发放",
            "新增",
            "退出",
            "共有",
            "追缴到位",
            "应追缴",
            "认捐",
            "到账",
            "到位率",
            "惠及",
            "人均补助",
            "补发",
            "失败",
            "线索",
        ),
        *(
            "农村低保",
            "低保、特困",
            "各类困难群众救助补助资金",
            "孤儿",
            "殡葬费用",
            "价格补贴",
            "互助社",
            "福彩公益金",
            "等",
            "的",
        ),
        *(
            "其中",
            "合计",
            "共",
            "计划",
            "不含",
            "，",
            "；",
            "、",
            "（",
            "）",
            "(口径:城镇低保)",
            "。",
            "分别",
            "XX万元",
        ),
        *(
            "8176余万元",
            "82999元",
            "1.5亿元",
            "210余人次",
            "0.5万人次",
            "7人",
            "3户",
            "12户次",
            "5笔",
            "0%",
            "100%",
            "91.5%",
            "近3元",
        ),
        *(
            "不少于3万元",
            "3万元以上",
            "625元/月",
            "1900年",
            "2199年12月",
            "1-9月",
            "截至9月15日",
            "去年",
            "本年",
            "13月",
            "三季度",
        ),
        *("1+2=3", "9" * 30 + "元"),
    ]
)


SILENT = re.compile(r"1900年|2199年12月|[0-9]*-?9月(?:15日)?|13月|不少于3万元|3万元以上")
"""The dates among these phrases, and what others are counted by; every other digit is of a number with a verdict."""


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(PHRASES, min_size=1, max_size=30))
def test_any_report_is_answered(book: tuple[Connection, int], parts: list[str]) -> None:
    """Whatever is written, each number gets a verdict, the verdicts are counted, and the answer goes out as JSON."""
    report = check(book, "".join(parts))
    found = [claim for sentence in report.sentences for claim in sentence.claims]
    assert sum(report.counts.values()) == len(found)
    for claim in found:
        assert (claim.verdict == "not_derivable") == (claim.reason is not None)
        if claim.kind == "figure" and claim.verdict == "supported":
            assert any(one.fits for one in claim.figures)
    for sentence in report.sentences:
        told = {at for one in sentence.claims for at in range(one.start, one.start + len(one.number))}
        silent = SILENT.sub(lambda found: "月" * len(found[0]), sentence.text)
        assert [at for at, one in enumerate(silent) if one.isdecimal() and at not in told] == []
    json.dumps(report.to_json())
