"""All or none, where vouchers of the lot need another person's signature: none, or all with their signatures."""

from typing import Any

import pytest

from ledger.application.drafting import approve as sign_approval
from ledger.application.drafting import draft
from ledger.flows.registry import read_event
from ledger.values.dates import parse_day
from ledger_api.client.imports import ImportRefusedError, proposed_of, upload
from tests.api.http.house import House
from tests.api.http.uploads import OTHER, signed_off
from tests.application.importing.offices import delimited, sample
from tests.application.proposing.county import MONTH

CHECKER = "check-charity"


def register(house: House, *, cash: bool, transfers: bool) -> Any:
    """Gifts by transfer, which post at once, and one in cash, which a second person confirms."""
    head, *body = sample("donation_register")
    row = body[0]
    for title in ("票据号码", "开票日期", "指定项目或受益人", "证件号码"):
        row[head.index(title)] = ""
    for title, text in {"是否开票": "否", "捐赠意向": "非限定", "捐赠人类型": "个人", "捐赠金额(元)": "101.00"}.items():
        row[head.index(title)] = text
    way, serial = head.index("捐赠方式"), head.index("银行流水号或支付单号")
    rows = []
    for number in range(2 if transfers else 0):
        rows.append([*row])
        rows[-1][serial] = f"2025090500{number}88"
    if cash:
        rows.append([*row])
        rows[-1][way], rows[-1][serial], rows[-1][head.index("收款账户")] = "现金", "", ""
        rows[-1][head.index("到账日期")] = rows[-1][head.index("登记日期")] = "2025-09-08"
    data = delimited([head, *rows]).encode()
    return upload(house.program(OTHER), "登记.csv", data, {"month": MONTH, "mode": "atomic"})


def round_of(house: House, made: Any) -> list[Any]:
    answer: list[Any] = house.post(OTHER, f"/v1/imports/{made['id']}/proposals", None, 200)["vouchers"]
    return answer


def test_a_lot_of_which_one_voucher_waits_is_not_taken(house: House) -> None:
    made = register(house, cash=True, transfers=True)
    waits = [one["waits"] for one in round_of(house, made)]
    assert set(waits) == {True, False}, "the client is told which ones"
    before = house.county.size()
    with pytest.raises(ImportRefusedError) as raised:
        signed_off(house, made["id"], OTHER)
    assert raised.value.code == "E_TOGETHER_WAITS"
    assert house.county.size() == before
    assert house.get(OTHER, "/v1/pending")["pending"] == []
    counts = house.get(OTHER, f"/v1/imports/{made['id']}")["counts"]
    assert (counts["posted"], counts["pending"], counts["new"]) == (0, 0, 3)


def test_with_the_signatures_it_is_posted_whole(house: House) -> None:
    made = register(house, cash=True, transfers=True)
    maker, checker, county = house.county.signer(OTHER), house.county.signer(CHECKER), house.county
    vouchers = []
    for given in round_of(house, made):
        one = proposed_of(given)
        events = [read_event(data) for data in one.events]
        drafted = draft(maker, one.entity, parse_day(one.voucher_date), events, county.now, note=one.note)
        approvals = [sign_approval(checker, drafted, "checker", county.now).to_json_value()] if given["waits"] else []
        vouchers.append({"envelope": drafted.envelope.to_json_value(), "approvals": approvals})
    told = house.post(OTHER, f"/v1/imports/{made['id']}/vouchers", {"vouchers": vouchers}, 200)
    assert {one["state"] for one in told["results"]} == {"posted"}
    assert len({one["checkpoint"].splitlines()[1] for one in told["results"]}) == 1


def test_a_lot_of_one_voucher_may_wait(house: House) -> None:
    made = register(house, cash=True, transfers=False)
    results = signed_off(house, made["id"], OTHER)
    assert sorted({one["state"] for one in results}) == ["pending", "posted"], "posted are those that name somebody"
    assert house.get(OTHER, f"/v1/imports/{made['id']}")["counts"]["pending"] == 1
