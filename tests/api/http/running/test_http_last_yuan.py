"""Everybody spends the last of a fund at once: one succeeds, the others are refused, and nothing is overdrawn."""

import threading
from typing import Any

from ledger.decisions.prepared import Submission
from tests.api.http.house import House, body_of, on_both
from tests.crash.clients import CHECKER, FUND, MAKER, spending

WAYS = 64


def held(house: House) -> int:
    """What the fund holds."""
    return next(int(row["balance_fen"]) for row in house.get(MAKER, "/v1/balances")["rows"] if row["fund"] == FUND)


def spend(house: House, name: int, fen: int) -> dict[str, Any]:
    """The body of a voucher that spends, with its checker's signature."""
    made = house.voucher(MAKER, "charity", spending(f"last-{name}", fen))
    checked = house.approval(CHECKER, made)["envelope"]
    return body_of(Submission(made.envelope, made.events)) | {"approvals": [checked]}


@on_both
def test_of_64_who_spend_the_last_yuan_one_succeeds(house: House) -> None:
    account_fen = 100_000_000  # what the account has that is named; the fund's other account keeps the rest
    assert house.post(MAKER, "/v1/vouchers", spend(house, 0, account_fen - 100))
    before = held(house)
    bodies = [spend(house, name, 100) for name in range(1, WAYS + 1)]
    answers: list[Any] = []
    together = threading.Barrier(WAYS)

    def work(body: dict[str, Any]) -> None:
        together.wait()
        answers.append(house.call(MAKER, "POST", "/v1/vouchers", body))

    threads = [threading.Thread(target=work, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (WAYS - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"E_REFUSED"}
    assert held(house) == before - 100
