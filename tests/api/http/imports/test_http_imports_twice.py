"""The same file uploaded twice and signed at once: what the other recorded first is a duplicate, and no fault."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.application.drafting import draft
from ledger.flows.registry import read_event
from ledger.values.dates import parse_day
from ledger_api.client.imports import proposed_of, upload
from ledger_api.http.service import Service
from tests.api.http.house import House
from tests.api.http.imports.test_http_imports_mended import cash
from tests.api.http.uploads import MAKER, OTHER, roster, signed_off
from tests.application.importing.offices import delimited
from tests.application.proposing.county import MONTH

GIFTS = 5


def gifts(house: House, name: str = "登记.csv") -> Any:
    """A register of transfers without any number of their own."""
    grid = cash(GIFTS)
    place = {title: at for at, title in enumerate(grid[0])}
    for number, row in enumerate(grid[1:], 1):
        row[place["捐赠方式"]], row[place["收款账户"]] = "银行转账", "工行9991"
        row[place["捐赠金额(元)"]] = f"{number}.00"
    return upload(house.program(OTHER), name, delimited(grid).encode(), {"month": MONTH})


FILES: dict[str, tuple[Callable[[House], Any], str, int]] = {
    "gifts": (gifts, OTHER, GIFTS),
    "a roster": (roster, MAKER, 3),
}


def envelopes(house: House, officer: str, asked: Any) -> dict[str, Any]:
    """The vouchers of a round, signed."""
    county, made = house.county, []
    for one in map(proposed_of, asked["vouchers"]):
        events = [read_event(data) for data in one.events]
        day = parse_day(one.voucher_date)
        submission = draft(
            county.signer(officer), one.entity, day, events, county.now, note=one.note, attachments=one.attachments
        )
        made.append({"envelope": submission.envelope.to_json_value()})
    return {"vouchers": made}


def told(house: House, officer: str, import_id: str) -> list[Any]:
    return list(house.get(officer, f"/v1/imports/{import_id}/rows")["rows"])


@pytest.mark.parametrize("what", FILES)
def test_the_loser_of_two_equal_imports_has_duplicates(house: House, what: str) -> None:
    """Before a restart as after it."""
    made, officer, rows = FILES[what]
    ids = [made(house)["id"] for _ in range(2)]
    rounds = [house.post(officer, f"/v1/imports/{one}/proposals", None, 200) for one in ids]
    signed = [envelopes(house, officer, one) for one in rounds]
    for one, body in zip(ids, signed, strict=True):
        house.post(officer, f"/v1/imports/{one}/vouchers", body, 200)
    before = house.county.size()
    assert [one["state"] for one in told(house, officer, ids[1])] == ["duplicate"] * rows
    for one in ids:
        signed_off(house, one, officer)
    winner, loser = ids
    seen = told(house, officer, loser)
    assert [(one["state"], one["faults"]) for one in seen] == [("duplicate", [])] * rows
    counts = house.get(officer, f"/v1/imports/{loser}")
    assert (counts["faults"], counts["state"]) == ([], "done")
    assert house.county.size() == before
    own = [one["position"] for one in told(house, officer, winner)]
    assert all(first <= one["repeats"] for first, one in zip(own, seen, strict=True))
    again = House(house.county, house.client, Service(house.service.book, house.service.operator))
    house.client.app.state.service = again.service  # type: ignore[attr-defined]  # the service as it starts again
    assert told(house, officer, loser) == seen


def test_rows_that_others_recorded_before_the_judging_are_duplicates(house: House) -> None:
    first, second = gifts(house), gifts(house, "又一份.csv")
    signed_off(house, first["id"], OTHER)
    judged = house.get(OTHER, f"/v1/imports/{second['id']}?judged=true")
    assert (judged["counts"]["duplicate"], judged["counts"]["wrong"]) == (GIFTS, 0)
    assert house.post(OTHER, f"/v1/imports/{second['id']}/proposals", None, 200)["done"]
