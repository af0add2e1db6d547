"""What the numbers of written sentences mean: figures, programmes and months, or the reason why nobody can say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_projections.figures import FIGURES, LISTED, RELIEF, REPORTED, ROSTERED
from ledger_projections.summaries.sentences_asking import Ask
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_catalogue import TEMPLATES, report_data, template
from ledger_projections.summaries.sentences_measures import MEASURES
from ledger_projections.summaries.sentences_reading import Mention, mentions_of
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
    "退出1863人，其中因死亡退出574人": [
        [("out_persons", LISTED), ("out_persons", ROSTERED)],
        [("out_death_persons", LISTED), ("out_death_persons", ROSTERED)],
    ],
    "9月新增农村低保3人，在保9人": [
        [("in_persons", RURAL), ("start_persons", RURAL)],
        [("close_persons", RURAL), ("listed_persons", RURAL)],
    ],
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
        [("level_fen", RURAL), ("paid_average_fen", RURAL)],
    ],
    "农村低保人均补助311.75元、15万元": [[("level_fen", RURAL), ("paid_average_fen", RURAL)], [("paid_fen", RURAL)]],
    "共认捐1552.5万元,其中慈善认捐311万元,当年到账260万元,到位率83.6%": [
        [("pledge_total_fen", ())],
        [("pledge_charity_fen", ())],
        [("pledge_charity_received_fen", ())],
        [("pledge_rate", ())],
    ],
    "认捐311万元": [[("pledge_total_fen", ()), ("pledge_charity_fen", ())]],
    "下达福彩公益金74.25万元": [[("lottery_allocated_fen", ())]],
    "数据比对预警12条,核实停发5人": [[("warned_count", ())], [("warned_stopped_persons", ())]],
    "发放农村低保26户49人": [[("paid_households", RURAL)], [("paid_persons", RURAL)]],
    "纳入城镇低保1560人": [[("in_persons", URBAN), ("close_persons", URBAN)]],
    "惠及低保对象1560人": [[(f"{what}_persons", (*URBAN, *RURAL)) for what in ("paid", "close")]],
    "灾情募捐接收善款238余万元": [[("disaster_cash_fen", ())]],
    "资兴灾情募捐:善款40余万元、爱心物资3万元": [[("disaster_cash_fen", ())], [("disaster_in_kind_fen", ())]],
    "发放护理补贴0.1056万人次": [[("paid_person_times", ("disability_care",))]],
    "困残补贴0.2万人次、护理补贴0.1056万人次": [
        [("paid_person_times", ("disability_living",))],
        [("paid_person_times", ("disability_care",))],
    ],
    "减免低保和特困人员殡葬服务费用47人": [[("paid_persons", ("funeral",))]],
    "减免低保对象47人殡葬服务费用": [[("paid_persons", ("funeral",))]],
    "累计追缴8万余元": [[("recovery_collected_fen", ()), ("recovery_ordered_fen", ())]],
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


UNLIKE = {
    # A sum of unlike figures is of no figure of the book; only what adds up is checked.
    "灾情募捐:善款11923.56元、爱心物资400元,合计12323.56元": ((0, 1), "sum"),
    "灾情募捐:善款11923.56元、爱心物资400元,合计12333.56元": ((0, 1), "sum"),
    "互助社筹资60700元,救助1600元,合计62300元": ((0, 1), "sum"),
    "追缴到位3万元,发放低保5万元、特困4万元,合计9万元": ((1, 2), None),
    "追缴到位3万元,发放低保5万元、特困4万元,合计12万元": ((0, 1, 2), "sum"),
    "追缴到位3万元,发放低保5万元、特困4万元,合计13万元": ((1, 2), None),
    "追缴到位3万元,认捐5万元,下达福彩公益金4万元,合计9万元": ((1, 2), "sum"),
    "追缴到位3万元,认捐5万元,下达福彩公益金4万元,合计13万元": ((), "sum"),
    "发放低保5万元,人均补助480元,合计5万元": ((), None),
}


@pytest.mark.parametrize("text", UNLIKE)
def test_a_sum_of_unlike_figures_is_arithmetic_alone(text: str) -> None:
    last = read(text)[-1]
    assert (last.sum_of, last.reason) == UNLIKE[text]


def test_an_average_is_said_of_every_programme_of_its_list() -> None:
    average = [[(key, one) for key in ("level_fen", "paid_average_fen")] for one in (URBAN, RURAL, DESTITUTE)]
    assert meant("人均补助城镇低保480元、农村低保311.84元、特困900元") == average
    assert meant("人均补助城镇低保480元,农村低保311.84元") == [average[0], "unclear"]
    assert meant("城镇低保人均补助480元、农村低保3万元")[1] == [("paid_fen", RURAL)]
    assert meant("人均补助城镇低保480元,发放农村低保3万元")[1] == [("paid_fen", RURAL)]


NOT_MEANT = {
    "完成旧楼改造152户": ["unknown"],
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
    "到位率83.6%": ["unclear"],
    "到账260万元": ["unclear"],
    "全县死亡5120人": ["unclear"],
    "接收善款238余万元": ["unclear"],
    "停发35人": ["unclear"],
    "农村低保停发35人": ["unclear"],
    "减免低保对象47人，特困对象3人": ["unclear", "unclear"],
    "为47名低保、特困人员减免殡葬服务费用82999元": ["unclear", "unclear"],
    "为低保、特困对象47人减免费用82999元": ["unclear", "unclear"],
    "特困人员47人减免费用": ["unclear"],
    "为特困人员12人购买保险": ["unknown"],
    "2199年12月发放农村低保3万元": ["span"],
    "13月发放农村低保3万元": ["span"],
    "2月30日发放农村低保3万元": ["span"],
    "向孤儿、事实无人抚养儿童分别发放基本生活费3万元、21万元": ["unknown", "unknown"],
    "发放农村低保3-5万元": ["range"],
    "互助社筹资不足3万元的社区": ["unknown"],
    "巡查700余人次，其中站内160余人次": ["unknown", "unclear"],
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
    assert {ask.key for ask in arrears.asks} == {"late_fen", "arrears_fen", "reissued_fen"}
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
    assert (two.reason, two.words) == ("unknown", "不含价格")


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


def test_what_a_number_is_counted_by_is_no_number() -> None:
    (one,) = read("互助社筹资不少于3万元41家")
    assert one.condition is not None
    assert (one.condition.text, one.quantity.text) == ("不少于3万元", "41家")
    for text in ("互助社筹资不足3万元的19家", "互助社3万元以上的41家", "互助社筹资达3万元的41家"):
        (counted,) = read(text)
        assert counted.condition is not None
    assert [mention.condition for mention in read("发放3万元的孤儿生活费,新增2人")] == [None, None]


def test_list_marks_are_no_words() -> None:
    for mark in ("一是", "（三）", "(3)", "2.", "十二、"):
        assert meant(f"{mark}发放农村低保3万元") == [[("paid_fen", RURAL)]]


def test_the_catalogues_name_what_exists() -> None:
    data = report_data("vocabulary")
    keys = {key for one in data["meaning"] for many in one["units"].values() for key in many}
    assert keys - set(MEASURES) <= set(FIGURES)
    assert set(REPORTED) <= keys, "what an office states is known by its name"
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
