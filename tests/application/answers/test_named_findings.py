"""Things are called by what was stated of them, and codes and gaps have words; a program reads the ids beside that."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger.catalogue import say
from ledger.decisions.authority import Authority, EntityState
from ledger.decisions.policies import wrong_maker
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.naming import words
from tests.flows.charity_world import VALID
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money import samples_relief as relief
from tests.plain_sentences import not_plain
from tests.projections.opened_book import BUREAU, CHARITY, event, fund
from tests.projections.opened_book import opened as opened_book

REF: Final = "hqdeob4cxq" + "a" * 16
"""As the vault makes them."""
UUID: Final = "0199a000-0000-7004-8000-000000000004"
HERE: Final = {"township": "石岭镇", "village": "何家村"}


def ask(*events: Event) -> Callable[[Need], Sequence[Event]]:
    return lambda need: [one for one in events if one.kind in need.kinds and need.tag in one.tags()]


TOLD: Final[list[tuple[Event, str, str, str]]] = [
    (relief.confirmed(enrolment=REF, **HERE), "enrolment", "石岭镇何家村的一户", "a household of 石岭镇何家村"),
    (relief.confirmed(person=REF, **HERE), "person", "石岭镇何家村的一名对象", "a person of 石岭镇何家村"),
    (relief.confirmed(enrolment=REF, **HERE), "other", "石岭镇何家村的一户", "a household of 石岭镇何家村"),
    (
        relief.authorised(payment=REF, amount_fen=69_000),
        "payment",
        "批次 B1 的一笔 690.00 元",
        "a payment of 690.00 yuan in batch B1",
    ),
    (relief.programme_opened(programme="rural-dibao", name="农村低保"), "programme", "农村低保", "农村低保"),
    (relief.programme_opened(programme="rural-dibao", name="农村低保"), "other", "农村低保", "农村低保"),
    (
        redress.finding(finding=REF, document="甲〔2025〕9号", summary="滞留"),
        "finding",
        "甲〔2025〕9号“滞留”",
        "甲〔2025〕9号 “滞留”",
    ),
]


@pytest.mark.parametrize(("event", "name", "zh", "en"), TOLD, ids=lambda one: str(one)[:16])
def test_a_thing_is_called_by_what_was_stated_of_it(event: Event, name: str, zh: str, en: str) -> None:
    value = REF if REF in str(event) else "rural-dibao"
    found = words({name: value, "count": 3, "voucher": UUID}, ask(event))
    assert (list(found), found[name], found[name].en) == ([name], zh, en)


def test_quantities_of_a_lot_are_told_in_its_unit() -> None:
    lot = VALID["in_kind.received"](lot="WZ-02", unit="袋", scale=3)
    said = {"lot": "WZ-02", "quantity": 1_000, "held": -1_250, "persons": 1}
    assert words(said, ask(lot)) == {"quantity": "1 袋", "held": "-1.250 袋"}
    assert words({"quantity": 1_000, "held": 2}, ask(lot)) == {}
    assert words({"lot": "WZ-03", "quantity": 1_000}, ask(lot)) == {}


NOUNS: Final = {
    "person": "该人员",
    "enrolment": "该对象",
    "payment": "该笔发放",
    "society": "该互助社",
    "other": "本笔",
}


@pytest.mark.parametrize(("name", "noun"), NOUNS.items())
def test_a_reference_of_which_nothing_is_stated_is_a_noun_and_an_own_number_stays(name: str, noun: str) -> None:
    assert words({name: REF}, ask()) == {name: noun}
    assert words({name: f"society-{REF}"}, ask()) == {name: noun}
    assert words({name: "示2025-01"}, ask()) == {}


GAPS: Final = [
    ("W_MAS_MEETING", {"society": "上坪互助社", "met_on": None}, "会议日期 未填"),
    ("W_MAS_UNREGISTERED", {"society": "上坪互助社", "status": "filed"}, "未登记（备案）"),
    ("W_LOTTERY_NOTICE", {"allocation": "甲", "used_on": "2025-09-01", "published_on": None}, "公示日期是 未填"),
    (
        "W_COST_ON_RESTRICTED",
        {"fund": "甲", "fund_kind": "restricted", "nature": "management"},
        "甲(限定)不得列支 管理 费用",
    ),
    ("E_CONTROL_ACCOUNT", {"role": "other_cost"}, "记入 其他费用 类"),
    ("E_CHANNEL_DAYS", {"channel": "微信", "days": ["2025-09-10", "2025-09-11"]}, "2025-09-10、2025-09-11"),
]


@pytest.mark.parametrize(("code", "params", "part"), GAPS, ids=lambda one: str(one)[:20])
def test_codes_and_gaps_have_words(code: str, params: dict[str, Any], part: str) -> None:
    told = say(code, **params)
    assert part in told
    assert not_plain(code, told) == []


def test_what_the_check_looks_for_is_found() -> None:
    shown = f"{REF} 的月保障金,society-{REF},会议日期 None,[],other_cost"
    assert not_plain("W_X", shown) == [REF, f"society-{REF}", "None", "[]", "other_cost"]
    assert not_plain("W_X", "批次 rural-dibao-2025-09-01 的 3 户") == []


OPENED: Final = {"programme": "dibao", "scheme": "rural_dibao", "unit": "household", "fund": "relief", "categories": []}


def opened(name: str) -> Event:
    return event("programme.opened", **OPENED, name=name, function_code=None, on="2025-09-01", origin="decision")


def test_a_refusal_names_what_the_log_states_and_what_the_voucher_does(tmp_path: Path) -> None:
    book = opened_book(tmp_path)
    book.post(BUREAU, fund("relief", "fiscal"))
    with pytest.raises(VoucherRefusedError) as own:
        book.post(BUREAU, opened("农村低保"), opened("农村低保"))
    assert [(one.code, "农村低保" in one.message()) for one in own.value.findings] == [("E_PROGRAMME_TWICE", True)]
    receipt = book.post(BUREAU, opened("农村低保"))
    assert isinstance(receipt, Receipt)
    with pytest.raises(VoucherRefusedError) as again:
        book.post(BUREAU, opened("另一名称"))
    (finding,) = again.value.findings
    assert dict(finding.params) == {"programme": "dibao"}, "a program reads the id"
    assert "另一名称" in finding.message() or "农村低保" in finding.message()
    assert "dibao" not in finding.message()
    book.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_has_no_role_is_told_by_name_and_programs_by_id(language: str) -> None:
    state = Authority(
        officers={"auditor": "王审计"}, entities={CHARITY: EntityState("statutory", "npo", "charity", "示例县慈善总会")}
    )
    (finding,) = wrong_maker(state, "auditor", CHARITY, [relief.standard_set()], machine=False)
    assert dict(finding.params) == {"kind": "standard.set", "officer": "auditor", "entity": CHARITY}
    said = finding.message(language)
    assert ("王审计" in said, "示例县慈善总会" in said) == (True, True)
    assert not {"auditor", CHARITY} & set(said.split())
    (unknown,) = wrong_maker(Authority(), "auditor", CHARITY, [relief.standard_set()], machine=False)
    assert "auditor" in unknown.message(language), "who was never named has an id only"
    assert deepcopy(finding).message(language) == said, "between processes too"


def test_a_channel_is_called_by_its_name_and_whoever_opens_it_twice_is_told_the_id() -> None:
    opened = VALID["channel.opened"](channel="wechat", name="县慈善总会微信商户")
    assert words({"account": "wechat"}, ask(opened), "W_CHANNEL_SHORT") == {"account": "县慈善总会微信商户"}
    assert words({"channel": "wechat"}, ask(opened), "W_PLATFORM_FEE") == {"channel": "县慈善总会微信商户"}
    assert words({"channel": "wechat"}, ask(opened), "E_CHANNEL_TWICE") == {}
    assert words({"account": "wechat"}, ask(opened), "W_ACCOUNT_SHORT") == {}, "a bank account of that id is none"
