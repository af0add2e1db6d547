"""A success and a return of one payment wait in one voucher that can no longer be posted: each is told at its row."""

from typing import Any

import orjson

from ledger.application.drafting import draft, draft_event
from ledger.application.outcomes import Receipt
from tests.application.proposing.county import County, asks_for_signatures, codes
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import OCTOBER_BATCH
from tests.application.proposing.relief.paying.bank import RESULT_HEAD, at, at_the_bank, base_of, result
from tests.application.proposing.relief.sent_back.ending import ended


def test_a_fault_is_told_at_the_row_that_has_it(enrolled: County) -> None:
    """The success is recorded by hand while both wait."""
    at_the_bank(enrolled)
    asks_for_signatures(enrolled, kinds=("subsidy.paid", "subsidy.returned_late"))
    at(enrolled, 10, 28)
    lines = [("成功", "20251009"), ("失败", "20251020")]
    rows = [result(12, base_of(12), outcome, day, OCTOBER_BATCH) for outcome, day in lines]
    path = enrolled.write("回盘.csv", [RESULT_HEAD, *rows])
    assert enrolled.one(path, today=enrolled.now.date()).wrong == []
    told = [(one["kind"], _fields(one)) for one in _waiting(enrolled)]
    assert [kind for kind, _ in told] == ["subsidy.paid", "subsidy.returned_late"]
    assert [ended(enrolled, kind=kind) for kind, _ in told] == [1, 1]
    events = [draft_event(kind, fields) for kind, fields in told]
    made = draft(enrolled.signer(f"acct-{BUREAU}"), BUREAU, enrolled.now.date(), events, enrolled.now)
    assert not isinstance(enrolled.writer.submit(made), Receipt), "it waits"
    paid = told[0][1]
    assert isinstance(enrolled.decide(BUREAU, ("subsidy.paid", paid), day=enrolled.now.date()), Receipt)
    again = enrolled.one(path, today=enrolled.now.date())
    assert [one.code for one in again.notes if one.code == "W_WAITS_IN_VAIN"] == ["W_WAITS_IN_VAIN"]
    assert codes(again) == [(2, "E_PAID_TWICE")]


def _waiting(county: County) -> list[dict[str, Any]]:
    found = [orjson.loads(data) for one in county.waiting() for data in one.submission.events]
    return sorted(found, key=lambda one: str(one["kind"]))


def _fields(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in ("id", "kind", "version")}
