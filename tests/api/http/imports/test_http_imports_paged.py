"""Pages of an import's rows: none is left out because others were posted meanwhile, and a changed file has others."""

from typing import Any

import pytest

from ledger_api.client.imports import sign_all, upload
from tests.api.http.house import House
from tests.api.http.imports.test_http_imports_mended import cash
from tests.api.http.uploads import OTHER, choose
from tests.application.importing.offices import delimited
from tests.application.proposing.county import MONTH

ROWS, LIMIT = 12, 4
LATER = "2025-09-28"


def register(house: House) -> Any:
    """A register of cash gifts of two days: two vouchers."""
    grid = cash(ROWS)
    place = {title: at for at, title in enumerate(grid[0])}
    for number, row in enumerate(grid[1:], 1):
        row[place["捐赠金额(元)"]] = f"{number}.00"
        if number > ROWS // 2:
            row[place["到账日期"]] = LATER
    return upload(house.program(OTHER), "登记.csv", delimited(grid).encode(), {"month": MONTH})


def page(house: House, made: Any, asked: str) -> Any:
    return house.get(OTHER, f"/v1/imports/{made['id']}/rows?limit={LIMIT}{asked}")


def rows_of(answer: Any) -> list[int]:
    return [one["row"] for one in answer["rows"]]


def test_rows_posted_between_two_pages_hide_no_others(house: House) -> None:
    county, made = house.county, register(house)
    assert made["counts"]["new"] == ROWS, made
    first = page(house, made, "&state=new")
    assert rows_of(first) == [2, 3, 4, 5]
    client = house.program(OTHER)
    step = sign_all(
        client,
        made["id"],
        lambda: county.signer(OTHER),
        lambda: county.now,
        accept=lambda one: one.voucher_date != LATER,
    )
    assert "posted" in {one["state"] for one in step}
    told = house.get(OTHER, f"/v1/imports/{made['id']}/rows")
    new = [one["row"] for one in told["rows"] if one["state"] == "new"]
    assert 0 < len(new) < ROWS
    after: list[int] = []
    cursor = first["next"]
    while cursor is not None:
        answer = page(house, made, f"&state=new&cursor={cursor}")
        after += rows_of(answer)
        cursor = answer["next"]
    assert after == [row for row in new if row > 5]


@pytest.mark.parametrize("asked", ["", "&state=new", "&state=wrong"])
def test_pages_are_the_rows(house: House, asked: str) -> None:
    made = register(house)
    found: list[int] = []
    pages, cursor = 0, ""
    while True:
        answer = page(house, made, asked + cursor)
        found += rows_of(answer)
        pages += 1
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    wanted = [] if "wrong" in asked else list(range(2, ROWS + 2))
    assert (found, pages) == (wanted, ROWS // LIMIT if wanted else 1)


def test_a_cursor_ends_with_other_choices(house: House) -> None:
    made = register(house)
    first = page(house, made, "")
    assert choose(house, OTHER, made["id"], {"note": "另记"}).status_code == 200
    refused = house.call(OTHER, "GET", f"/v1/imports/{made['id']}/rows?limit={LIMIT}&cursor={first['next']}")
    assert (refused.status_code, refused.json()["code"]) == (422, "E_CURSOR")
