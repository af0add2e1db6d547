"""A copy that is closed says so on the network, and not where the server keeps its books."""

import pytest

from ledger.log.keeping.life import ARRIVING, MOVED, RESTORED, enter
from tests.api.http.house import House, body_of, donation

WHEN = "2025-09-30T12:00:00+08:00"
CLOSED = {MOVED: "E_MOVED", RESTORED: "E_RESTORED", ARRIVING: "E_MOVE_UNFINISHED"}


@pytest.mark.parametrize("state", CLOSED)
@pytest.mark.parametrize(("language", "word"), [("zh", "运维人员"), ("en", "operator")])
def test_nobody_on_the_network_is_told_where_a_server_keeps_its_books(
    house: House, state: str, language: str, word: str
) -> None:
    with house.service.store.write(beside=True) as connection:
        enter(connection, state, WHEN, where="postgresql://ledger@db.internal/book")
    body = body_of(house.voucher("acct-charity", "charity", donation()))
    answer = house.call("acct-charity", "POST", "/v1/vouchers", body, accept_language=language)
    assert (answer.status_code, answer.json()["code"]) == (409, CLOSED[state])
    assert "db.internal" not in answer.text
    assert WHEN in answer.json()["detail"]
    assert word in answer.json()["detail"]


def test_what_stands_in_a_copy_that_the_book_has_left_says_so(house: House) -> None:
    """Also to whoever had the answer before, and has it in memory or by its ETag: the log has not grown since."""
    before = house.call("acct-charity", "GET", "/v1/balances")
    assert (before.json()["moved"], before.headers.get("Ledger-Moved")) == (False, None)
    with house.service.store.write(beside=True) as connection:
        enter(connection, MOVED, WHEN, where="postgresql://ledger@db.internal/book")
    assert house.get("acct-charity", "/v1/checkpoint")["moved"] is True
    after = house.call("acct-charity", "GET", "/v1/balances", if_none_match=before.headers["ETag"])
    assert (after.status_code, after.json()) == (200, before.json() | {"moved": True})
    assert "db.internal" not in after.text
    for path in ("/v1/balances", "/v1/accounts", "/v1/events"):
        assert house.call("acct-charity", "GET", path).headers["Ledger-Moved"] == "true", path
    for how in ("HEAD", "GET"):
        assert house.call("auditor-1", how, "/v1/export/events.jsonl").headers["Ledger-Moved"] == "true", how
