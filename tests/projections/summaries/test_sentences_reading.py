"""What the numbers of written sentences mean: figures, programmes and months, or the reason why nobody can say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_projections.figures import LISTED, RELIEF
from ledger_projections.summaries.sentences_asking import Ask
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_catalogue import TEMPLATES, report_data, template
from ledger_projections.summaries.sentences_measures import MEASURES
from ledger_projections.summaries.sentences_reading import Mention, mentions_of
from ledger_projections.summaries.sentences_spans import spans, title_span
from ledger_projections.summaries.sentences_vocabulary import NARROW, words_of

YEAR = Span("2024-01", "2024-12")
SIX = (
    *("urban_dibao", "rural_dibao", "destitute", "temporary_aid", "orphan", "street_aid"),
    *("disability_living", "disability_care"),
)


def read(text: str) -> list[Mention]:
    return mentions_of(text, YEAR, YEAR)[0]


def meant(text: str) -> list[list[tuple[str, tuple[str, ...]]] | str | None]:
    """What each number of a sentence may mean, or why not."""
    return [[(ask.key, ask.schemes) for ask in one.asks] or one.reason for one in read(text)]


TOTAL = [("paid_fen", RELIEF), ("paid_fen", NARROW)]
URBAN, RURAL, DESTITUTE = ("urban_dibao",), ("rural_dibao",), ("destitute",)
MEANT: dict[str, list[list[tuple[str, tuple[str, ...]]] | str | None]] = {
    "累计追缴成功8万余元": [[("recovery_collected_fen", ())]],
    "应追缴91240元,已追缴83460元,到位率91.5%(其中抵扣3460元)": [
        [("recovery_ordered_fen", ())],
        [("recovery_collected_fen", ())],
        [("recovery_rate", ())],
        [("recovery_offset_fen", ())],
    ],
    "新增低保、特困供养人员1786人，退出1863人（其中转类12人、死亡574人）": [
        [("in_persons", LISTED)],
        [("out_persons", LISTED)],
        [("out_transfer_persons", LISTED)],
        [("out_death_persons", LISTED)],
    ],
    "退出1863人，其中因死亡退出574人": [[("out_persons", LISTED)], [("out_death_persons", LISTED)]],
    "截至12月31日共有城镇低保900户1560人、农村低保9717人、特困人员1778人": [
        [("close_households", URBAN)],
        [("close_persons", URBAN)],
        [("close_persons", RURAL)],
        [("close_persons", DESTITUTE)],
    ],
    "困难残疾人生活补贴4.37万人次，重度残疾人护理补贴5.25万人次": [
        [("paid_person_times", ("disability_living",))],
        [("paid_person_times", ("disability_care",))],
    ],
    "及时、足额、精准发放各类困难群众救助补助资金8176余万元": [TOTAL],
    "1-9月发放城乡低保、特困供养、临时救助、孤儿保障、流浪乞讨救助、残疾人“两项”补贴共计1200万元": [
        [("paid_fen", SIX)]
    ],
    "发放5.7万元孤儿基本生活费": [[("paid_fen", ("orphan",))]],
    "为47名城乡居民减免四项殡葬基本公共服务费用共计82999元": [
        [("paid_persons", ("funeral",))],
        [("paid_fen", ("funeral",))],
    ],
    "农村低保307户486人、15万元，人均补助311.75元": [
        [("paid_households", RURAL), ("close_households", RURAL)],
        [("paid_persons", RURAL), ("close_persons", RURAL)],
        [("paid_fen", RURAL)],
        [("paid_average_fen", RURAL)],
    ],
    "农村低保人均补助311.75元、15万元": [[("paid_average_fen", RURAL)], [("paid_fen", RURAL)]],
    "共认捐1552.5万元,其中慈善认捐311万元,当年到账260万元,到位率83.6%": [
        [("pledge_total_fen", ())],
        [("pledge_charity_fen", ())],
        [("pledge_charity_received_fen", ())],
        [("pledge_rate", ())],
    ],
    "累计追缴8万余元": [[("recovery_collected_fen", ()), ("recovery_ordered_fen", ())]],
    "到位率83.6%": [[("recovery_rate", ()), ("pledge_rate", ())]],
    "全县互助社60家,已登记58家,筹资不少于3万元41家": [
        [("society_count", ())],
        [("society_registered", ())],
        [("society_reaching", ())],
    ],
    "安排福彩公益金74.25万元,支出45.5万元,执行率61.3%": [
        [("lottery_allocated_fen", ())],
        [("lottery_used_fen", ())],
        [("lottery_rate", ())],
    ],
    "银行代发失败3笔960元,已补发2笔,待补发1笔": [
        [("failed_count", ())],
        [("failed_fen", ())],
        [("failed_paid_count", ())],
        [("failed_open_count", ())],
    ],
    "核查线索31件,属实27件,办结率100%": [[("clue_count", ())], [("clue_founded", ())], [("clue_rate", ())]],
    "共排查5类18个问题,已整改17个,整改率94.4%": [
        [("matter_categories", ())],
        [("matter_count", ())],
        [("matter_done", ())],
        [("matter_rate", ())],
    ],
}


@pytest.mark.parametrize("text", MEANT)
def test_numbers_mean_what_their_words_say(text: str) -> None:
    assert meant(text) == MEANT[text]


NOT_MEANT = {
    "完成家庭适老化改造152户": ["unknown"],
    "发放孤儿价格补贴3万元": ["unknown"],
    "发放低保边缘家庭补贴3万元": ["unknown"],
    "城关镇农村低保78人": ["unknown"],
    "发放低保资金同比增长5%": ["unknown"],
    "每月为564名低保对象发放补贴": ["unknown"],
    "计划发放农村低保3000万元": ["plan"],
    "发放3万元": ["unclear"],
    "追缴到位农村低保资金8万余元": ["unclear"],
    "发放农村低保近3000万元": ["near"],
    "农村低保标准提高到650元/月": ["rate"],
    "发放农村低保3000万": ["unit"],
    "发放农村低保82，999元": ["grouped"],
    "发放农村低保8 176万元": ["grouped"],
    "发放农村低保ＸＸ万元": ["open"],
    "退出1785余人": ["odd"],
    "发放农村低保XX万元": ["open"],
    "认捐26笔": ["other_unit"],
    "2199年12月发放农村低保3万元": ["span"],
    "13月发放农村低保3万元": ["span"],
    "2月30日发放农村低保3万元": ["span"],
    "向孤儿、事实无人抚养儿童分别发放基本生活费3万元、21万元": ["unknown", "unknown"],
    "发放农村低保3-5万元": ["range"],
    "互助社筹资不足3万元的社区": ["unknown"],
    "巡查700余人次，其中站内160余人次": ["unknown", "unknown"],
    "发放农村低保" + "9" * 30 + "元": ["long"],
}


@pytest.mark.parametrize("text", NOT_MEANT)
def test_nothing_is_guessed(text: str) -> None:
    assert [one.reason for one in read(text) if not one.asks] == NOT_MEANT[text]
    assert all(not one.asks for one in read(text))


def test_the_unknown_words_are_named() -> None:
    assert [one.words for one in read("发放孤儿价格补贴3万元,资助大学新生5人")] == ["价格", "资助大学新生"]


def test_a_plan_reaches_no_further_than_its_part() -> None:
    first, second = read("计划发放农村低保3000万元；追缴到位8万余元")
    assert (first.reason, second.asks) == ("plan", (Ask("recovery_collected_fen", ()),))


def test_a_bracket_is_an_aside() -> None:
    text = "发放各类困难群众救助补助资金8176余万元(其中:不含儿童和流浪乞讨救助为7700余万元;含补发3万元),惠及13人次"
    total, narrow, arrears, times = read(text)
    assert [(ask.key, ask.schemes) for ask in total.asks] == TOTAL
    assert [(ask.key, ask.schemes) for ask in narrow.asks] == [("paid_fen", NARROW)]
    assert {ask.key for ask in arrears.asks} == {"arrears_fen", "reissued_fen"}
    assert [(ask.key, ask.schemes) for ask in times.asks] == [
        ("paid_person_times", RELIEF),
        ("paid_person_times", NARROW),
    ]


def test_a_note_that_declares_the_programmes_leaves_no_other_reading() -> None:
    text = "发放各类困难群众救助补助资金8176余万元(口径:城镇低保、特困供养,账内无流浪乞讨救助;含补发3万元)"
    assert [ask.schemes for ask in read(text)[0].asks] == [("urban_dibao", "destitute")]
    unknown = text.replace("特困供养", "春荒口粮")
    assert [(ask.key, ask.schemes) for ask in read(unknown)[0].asks] == TOTAL


def test_a_bracket_without_numbers_says_something_of_the_number_before_it() -> None:
    (one,) = read("发放各类困难群众救助补助资金8176余万元（不含价格补贴），比计划好")
    assert (one.asks, one.reason) == ((), "plan")
    (two,) = read("发放各类困难群众救助补助资金8176余万元（不含价格补贴）")
    assert (two.reason, two.words) == ("unknown", "不 价格")


def test_quotation_marks_and_blanks_part_no_words() -> None:
    for text in ("残疾人“两项”补贴", "残疾人「两项」补贴", '残疾人"两项补贴"', "残疾人 两项 补贴"):
        assert meant(f"发放{text}48万元") == [[("paid_fen", ("disability_living", "disability_care"))]]
    assert meant("“福彩圆梦·孤儿助学工程”发放14.25万元") == [[("paid_fen", ("scholarship",))]]


def test_a_list_that_ends_in_and_so_on_may_stand_for_more() -> None:
    (one,) = read("发放城乡低保、特困供养等救助资金3万元")
    assert [ask.schemes for ask in one.asks] == [RELIEF, NARROW, LISTED]
    (one,) = read("发放城乡低保、特困供养救助资金3万元")
    assert [ask.schemes for ask in one.asks] == [LISTED]


def test_what_is_listed_beside_the_total_is_a_reading_too() -> None:
    (one,) = read("发放城乡低保、特困供养等困难群众救助补助资金3万元")
    assert [ask.schemes for ask in one.asks] == [RELIEF, NARROW, LISTED]


def test_parts_and_wholes_are_tied() -> None:
    found = read("共有城镇低保1560人、农村低保9717人、特困1778人,合计13055人")
    assert (found[3].sum_of, found[3].asks) == ((0, 1, 2), (Ask("close_persons", LISTED),))
    assert [one.part_of for one in read("退出1863人(其中死亡574人),新增3人")] == [None, 0, None]
    assert [one.sum_of for one in read("新增低保1786人，退出1863人；共有低保13055人，特困3人，合计13058人")][-1] == (
        2,
        3,
    )
    assert [one.sum_of for one in read("发放低保3万元、特困4万元，共追缴到位5万元")][-1] == ()
    households = read("城镇低保47户78人、农村低保307户486人，共计354户564人")
    assert [one.sum_of for one in households] == [(), (), (), (), (0, 2), (1, 3)]


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


def test_what_a_number_is_counted_by_is_no_number() -> None:
    (one,) = read("互助社筹资不少于3万元41家")
    assert one.condition is not None
    assert (one.condition.text, one.quantity.text) == ("不少于3万元", "41家")
    for text in ("互助社筹资不足3万元的19家", "互助社3万元以上的41家", "互助社筹资达3万元的41家"):
        (counted,) = read(text)
        assert counted.condition is not None
    assert [mention.condition for mention in read("发放3万元的孤儿生活费,新增2人")] == [None, None]


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


def test_list_marks_are_no_words() -> None:
    for mark in ("一是", "（三）", "(3)", "2.", "十二、"):
        assert meant(f"{mark}发放农村低保3万元") == [[("paid_fen", RURAL)]]


def test_the_catalogues_name_what_exists() -> None:
    data = report_data("vocabulary")
    keys = {key for one in data["meaning"] for many in one["units"].values() for key in many}
    known = {*MEASURES, "recovery_collected_fen", "recovery_ordered_fen", "pledge_total_fen", "pledge_charity_fen"}
    appeal = {f"disaster_{what}_fen" for what in ("cash", "in_kind", "transferred", "left")}
    assert keys - known == {"pledge_charity_received_fen", *appeal}
    schemes = {scheme for one in data["subject"] for scheme in one.get("schemes", ())}
    assert schemes <= {*RELIEF, "elder_allowance", "scholarship", "insurance", "funeral"}
    for name in TEMPLATES:
        for sentence in template(name).sentences:
            for slot in sentence.slots.values():
                assert slot.scope_of is None or slot.scope_of in sentence.slots


@given(st.text("低保特困发放新增退出追缴到位1234567890余万元人次户共其中，。、；（）()%XX年月日截至-", max_size=120))
def test_any_jumble_is_read_without_an_error(text: str) -> None:
    found, span = mentions_of(text, YEAR, YEAR)
    assert all(bool(one.asks) != (one.reason is not None) for one in found)
    assert span is None or span.first <= span.last


@given(st.text(max_size=60))
def test_words_cover_a_text_in_order(text: str) -> None:
    at = 0
    for word in words_of(text, []):
        assert at <= word.start < word.end
        assert text[word.start] == word.text[0]
        assert text[word.end - 1] == word.text[-1]
        assert not any(character.isalnum() for character in text[at : word.start])
        at = word.end
    assert not any(character.isalnum() for character in text[at:])
