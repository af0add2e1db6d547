"""Words that name one thing of the book by themselves: what is said with them, and what makes them say nothing."""

import pytest

from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_reading import Mention, mentions_of

YEAR = Span("2024-01", "2024-12")


def read(text: str) -> list[Mention]:
    return mentions_of(text, YEAR, YEAR)[0]


MEANT = {
    "火化遗体3具": ["cremations"],
    "3具遗体火化": ["cremations"],
    "积极推进殡葬改革,火化遗体3具": ["cremations"],
    "发放农村低保5万元,火化遗体3具": ["paid_fen", "cremations"],
    "火化遗体3具,减免低保和特困人员1人,合计1766元": ["cremations", "paid_persons", "paid_fen"],
    "火化遗体3具;低保和特困减免1人": ["cremations", "paid_persons"],
    "减免殡葬费用惠及1人": ["paid_persons"],
    "家庭适老化改造3户、长者餐厅1个": ["home_adaptations", "canteens"],
    "全县共有登记社会组织3家": ["npo_count"],
    "福彩销售额36.78万元": ["lottery_sales_fen"],
    "申报专项债100万元": ["special_bond_applied_fen"],
    "迎新春送温暖活动发放资金6500元": ["spring_grant_fen"],
    "开展迎新春送温暖活动,发放慰问资金6500元": ["spring_grant_fen"],
    "开展敬老月活动,发放慰问资金、物资折合9300元": ["elder_month_fen"],
    "慰问困境儿童,发放慰问金和物资3510元": ["child_condolence_fen"],
    "为62名困境、困难儿童购买意外险1984元,发放慰问金、物资3510元": ["paid_persons", "paid_fen", "child_condolence_fen"],
    "救助流浪乞讨人员4人次,其中站内3人次、返乡发放1人次": ["paid_person_times", "vagrant_in_station", "vagrant_return"],
}
"""Sentence -> the first figure that each of its numbers may be."""

NOT_MEANT = {
    "较上年,火化遗体2具": "unknown",
    "除低保外,火化遗体2具": "unknown",
    "不含外县,火化遗体2具": "unknown",
    "火化遗体2具(不含外县)": "unknown",
    "火化遗体多2具": "unknown",
    "低保家庭适老化改造3户": "unclear",
    "新增社会组织3家": "other_unit",
    "注销社会组织3家": "unknown",
    "拟申报专项债100万元": "plan",
    "专项债到位100万元": "unknown",
    "为儿童发放3万元": "other_unit",
    "困境儿童3085名": "other_unit",
    "发放慰问金、物资3510元": "unknown",
    "敬老月发放慰问金9300元": "unknown",
    "返乡农村低保对象发放3万元": "other_unit",
    "返乡农村低保对象3人次": "unclear",
    "火化3具,减免特困1人": "unclear",
    "减免低保和特困1人": "unclear",
    "发放农村低保5万元,火化遗体3具,支出1万元": "unclear",
    "敬老月慰问金、物资折合9300元,其中资金5000元": "unclear",
    "发放孤儿基本生活费3万元、低保5万元,慰问金、物资2000元": "unclear",
    "发放农村低保5万元,发放福彩公益金3万元": "other_unit",
}
"""Sentence -> why its last number is not compared."""


@pytest.mark.parametrize("text", MEANT)
def test_what_names_a_thing_by_itself_is_that(text: str) -> None:
    assert [one.asks[0].key if one.asks else one.reason for one in read(text)] == MEANT[text]


@pytest.mark.parametrize("text", NOT_MEANT)
def test_what_would_change_it_leaves_its_number_alone(text: str) -> None:
    last = read(text)[-1]
    assert (last.asks, last.reason) == ((), NOT_MEANT[text])
