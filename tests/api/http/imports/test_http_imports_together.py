"""Rows that are one event together: each of them becomes what becomes of it."""

from ledger_api.client.imports import upload
from tests.api.http.house import House
from tests.api.http.uploads import OTHER, signed_off
from tests.application.importing.offices import delimited
from tests.application.proposing.test_cashier_registers import PLEDGES

ROWS = len(PLEDGES) - 1


def states(house: House, name: str) -> list[str]:
    return [one["state"] for one in house.get(OTHER, f"/v1/imports/{name}/rows")["rows"]]


def test_every_instalment_becomes_what_its_pledge_becomes(house: House) -> None:
    data = delimited(PLEDGES).encode()
    made = upload(house.program(OTHER), "认捐.csv", data, {})
    assert states(house, made["id"]) == ["new"] * ROWS
    signed_off(house, made["id"], OTHER)
    done = house.get(OTHER, f"/v1/imports/{made['id']}/rows")["rows"]
    assert {one["state"] for one in done} <= {"posted", "pending"}
    by_pledge: dict[str, set[str]] = {}
    for row, one in zip(PLEDGES[1:], done, strict=True):
        by_pledge.setdefault(row[0], set()).add(str((one["state"], one["voucher"], one["position"])))
    assert {name: len(fates) for name, fates in by_pledge.items()} == dict.fromkeys(by_pledge, 1)
    again = upload(house.program(OTHER), "认捐-再次.csv", data, {})
    assert states(house, again["id"]) == ["duplicate"] * ROWS


def test_the_other_rows_of_a_pledge_that_cannot_stand_are_held(house: House) -> None:
    grid = [[*row] for row in PLEDGES]
    grid[1][PLEDGES[0].index("应付金额")] = "1"  # the instalments come to less than the pledge
    made = upload(house.program(OTHER), "认捐.csv", delimited(grid).encode(), {})
    house.post(OTHER, f"/v1/imports/{made['id']}/proposals", None, 200)  # where the rules are asked
    assert sorted(states(house, made["id"])) == ["held", *["new"] * (ROWS - 2), "wrong"]
