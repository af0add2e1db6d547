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
