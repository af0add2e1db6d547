"""The close list over the network: what the command line says, in words, for who may see the books; as it is now."""

import pytest

from ledger.application.closing import MATTERS
from ledger.application.outcomes import Receipt
from tests.api.http.house import House, body_of, donation, fee, on_both
from tests.api.http.september import asked
from tests.application.proposing.county import TODAY

MAKER, CHECKER, AUDITOR = "acct-charity", "check-charity", "auditor-1"
PATH = "/v1/close-list?entity={}&period={}"


@pytest.mark.parametrize("entity", ["charity", "bureau", "agent"])
@pytest.mark.parametrize("month", ["2025-08", "2025-09"])
def test_it_says_what_the_command_line_says(september: House, entity: str, month: str) -> None:
    told = september.get(AUDITOR, PATH.format(entity, month))
    same = asked(september, ["period", "check", entity, month])
    rows = [{name: row[name] for name in ("what", "count", "names")} for row in told["open"]]
    assert {**told, "open": rows} == same
    for row in told["open"]:
        assert row["code"] == MATTERS[row["what"]]
        assert str(row["count"]) in row["detail"]
    english = september.call(AUDITOR, "GET", PATH.format(entity, month), accept_language="en").json()
    assert [row["what"] for row in english["open"]] == [row["what"] for row in told["open"]]
    assert all(row["detail"].isascii() or row["names"] for row in english["open"])


@on_both
def test_what_waits_is_told_at_once_though_the_log_does_not_grow(house: House) -> None:
    before = house.get(MAKER, PATH.format("charity", "2025-09"))
    assert "waiting" not in {row["what"] for row in before["open"]}
    house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation())), 201)
    submission = house.voucher(MAKER, "charity", fee("http-fee"))
    house.post(MAKER, "/v1/vouchers", body_of(submission), 202)
    (waits,) = [row for row in house.get(MAKER, PATH.format("charity", "2025-09"))["open"] if row["what"] == "waiting"]
    assert waits["count"] == 1
    house.post(CHECKER, f"/v1/vouchers/{waits['names'][0]}/approvals", house.approval(CHECKER, submission))
    after = house.get(MAKER, PATH.format("charity", "2025-09"))
    assert "waiting" not in {row["what"] for row in after["open"]}


def test_the_balances_are_those_of_a_position_where_one_is_named(house: House) -> None:
    before = house.get(MAKER, PATH.format("charity", "2025-09"))
    where = {"suspense": "S1", "fund": "general", "account": "icbc-9991", "means": "bank"}
    fact = ("suspense.received", {**where, "amount_fen": 100, "occurred_on": str(TODAY)})
    made = house.county.post(MAKER, "charity", [fact], CHECKER, day=TODAY)
    assert isinstance(made, Receipt), made
    now = house.get(MAKER, PATH.format("charity", "2025-09"))
    assert "suspense" in {row["what"] for row in now["open"]} - {row["what"] for row in before["open"]}
    earlier = house.call(MAKER, "GET", PATH.format("charity", "2025-09") + f"&at={before['position']}")
    assert "suspense" not in {row["what"] for row in earlier.json()["open"]}
    assert earlier.headers["ledger-position"] == str(before["position"]) == str(earlier.json()["position"])


BAD = {
    "?entity=charity&period=2025-13": (422, "E_PERIOD"),
    "?entity=charity": (422, "E_REQUEST_FIELD"),
    "?period=2025-09": (422, "E_REQUEST_FIELD"),
    "?entity=nobody&period=2025-09": (403, "E_NOT_ALLOWED"),
    "?entity=bureau&period=2025-09": (403, "E_NOT_ALLOWED"),
    "?entity=charity&period=2025-09&as_of=2025-09-30": (422, "E_QUERY_UNKNOWN"),
}


@pytest.mark.parametrize("query", BAD)
def test_what_is_asked_wrongly_is_refused(house: House, query: str) -> None:
    answer = house.call(MAKER, "GET", f"/v1/close-list{query}")
    assert (answer.status_code, answer.json()["code"]) == BAD[query], answer.text
