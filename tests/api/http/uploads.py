"""Files sent to the interface by the accountants of the test county, and signed by them."""

from typing import Any

from ledger.application.drafting import draft
from ledger.flows.registry import read_event
from ledger.values.dates import parse_day
from ledger_api.client.imports import sign_all, upload
from tests.api.http.house import House, body_of
from tests.application.importing.offices import delimited, sample
from tests.application.proposing.county import MONTH

MAKER, OTHER = "acct-bureau", "acct-charity"


def put(house: House, data: bytes, name: str = "a.csv", officer: str = OTHER, key: str = "k-1", **chosen: Any) -> Any:
    """The answer to an upload."""
    query = "".join(f"&{key}={value}" for key, value in chosen.items())
    headers = {"content-type": "application/octet-stream", "idempotency-key": key}
    return house.program(officer).post(f"/v1/imports?name={name}{query}", content=data, headers=headers)


def roster(house: House, grid: list[list[str]] | None = None, **chosen: Any) -> Any:
    """A roster uploaded by the bureau's accountant."""
    data = delimited(grid or sample("dibao_roster")).encode()
    return upload(house.program(MAKER), "花名册.csv", data, {"month": MONTH, **chosen})


def choose(house: House, officer: str, import_id: str, body: Any) -> Any:
    """The answer to other choices, made on what is there."""
    path = f"/v1/imports/{import_id}"
    seen = house.call(officer, "GET", path).headers["etag"]
    return house.call(officer, "PATCH", path, body, if_match=seen)


def signed_off(house: House, import_id: str, officer: str = MAKER, **more: Any) -> list[Any]:
    """All rounds of an import, signed."""
    county = house.county
    step = sign_all(house.program(officer), import_id, lambda: county.signer(officer), lambda: county.now, **more)
    return list(step)


def plain_body(house: House, one: Any) -> dict[str, Any]:
    """A proposed voucher as `/v1/vouchers` takes it."""
    events = [read_event(data) for data in one.events]
    signer = house.county.signer(MAKER)
    return body_of(draft(signer, one.entity, parse_day(one.voucher_date), events, house.county.now, note=one.note))
