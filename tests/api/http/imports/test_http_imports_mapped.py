"""What somebody said that columns mean is remembered for the entity's next file with the same header."""

from typing import Any

import pytest
from sqlalchemy import select

from ledger.log.access_tables import mappings
from ledger_api.client.imports import upload
from ledger_api.http.imports import mappings as kept_mappings
from tests.api.http.house import House, on_both
from tests.api.http.test_http_imports_files import restarted
from tests.api.http.uploads import MAKER, OTHER, choose, signed_off
from tests.application.importing.offices import delimited, sample, workbook
from tests.application.proposing.county import MONTH

COLUMNS = {"爱心人士": "捐赠人", "善款(元)": "捐赠金额"}


def register(rows: slice = slice(None)) -> list[list[str]]:
    """The register of gifts with headers that nobody knows."""
    head, *body = sample("donation_register")
    donor = next(at for at, title in enumerate(head) if title.startswith("捐赠人"))
    money = next(at for at, title in enumerate(head) if "金额" in title)
    head[donor], head[money] = COLUMNS
    return [head, *body[rows]]


def sent(house: House, grid: list[list[str]], officer: str = OTHER, name: str = "登记.csv", **chosen: Any) -> Any:
    return upload(house.program(officer), name, delimited(grid).encode(), {"month": MONTH, **chosen})


def mapped(house: House, made: Any, columns: dict[str, str], officer: str = OTHER) -> Any:
    body = {"kind": "donation-register", "columns": columns}
    answer = choose(house, officer, made["id"], body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@on_both
def test_the_next_file_with_the_same_header_is_read_like_the_last_one(house: House) -> None:
    first = sent(house, register(slice(0, 2)))
    assert (first["state"], first["mapped_by"]) == ("unread", None)
    by_hand = mapped(house, first, COLUMNS)
    assert (by_hand["state"], by_hand["mapped_by"], by_hand["counts"]["wrong"]) == ("ready", None, 0)
    signed_off(house, first["id"], OTHER)
    next_ = sent(restarted(house), register())
    assert (next_["state"], next_["mapped_by"], next_["chosen"]["columns"]) == ("ready", OTHER, COLUMNS)
    assert (next_["kind"], next_["counts"]["duplicate"], next_["counts"]["wrong"]) == ("donation-register", 2, 0)
    assert {one["state"] for one in signed_off(house, next_["id"], OTHER)} <= {"posted", "pending"}
    counts = house.get(OTHER, f"/v1/imports/{next_['id']}")["counts"]
    assert counts["new"] == 0


def test_it_is_one_header_in_whichever_form_the_file_comes(house: House) -> None:
    mapped(house, sent(house, register()), COLUMNS)
    above: list[list[object]] = [["九月捐赠登记", *[""] * 3]]
    above += [[*row] for row in register()]
    book = workbook({"登记": above})
    made = upload(house.program(OTHER), "登记.xlsx", book, {"month": MONTH})
    assert (made["state"], made["mapped_by"]) == ("ready", OTHER)


def test_another_header_another_entity_and_a_choice_of_ones_own_are_left_alone(house: House) -> None:
    mapped(house, sent(house, register()), COLUMNS)
    other = register()
    other[0] = [*other[0], "备用"]
    assert sent(house, other)["state"] == "unread"
    assert sent(house, register(), MAKER)["state"] == "unread", "the bureau's accountant said nothing yet"
    own = sent(house, register(), name="b.csv", kind="death-list")
    assert own["chosen"]["kind"] == "death-list"
    known = sent(house, sample("donation_register"))
    assert (known["state"], known["mapped_by"]) == ("ready", None)


def test_what_did_not_make_the_file_readable_is_not_remembered(house: House) -> None:
    made = sent(house, register())
    assert mapped(house, made, {"善款(元)": "no_such_field"})["state"] == "unread"
    assert sent(house, register())["chosen"]["columns"] == {}


def test_what_was_said_is_taken_back_and_said_anew(house: House) -> None:
    mapped(house, sent(house, register()), COLUMNS)
    known = sent(house, register())
    assert known["mapped_by"] == OTHER
    assert choose(house, OTHER, known["id"], {"columns": {}}).json()["mapped_by"] is None
    assert sent(house, register())["state"] == "unread"
    mapped(house, sent(house, register()), COLUMNS)
    assert sent(house, register())["mapped_by"] == OTHER


def test_headers_are_kept_sealed_and_so_many_only(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_mappings, "MOST", 2)
    for more in ("备用一", "备用二", "备用三"):
        grid = register()
        grid[0] = [*grid[0], more]
        house.county.now = house.county.now.replace(second=house.county.now.second + 1)
        mapped(house, sent(house, grid), COLUMNS)
    with house.service.store.read() as connection:
        rows = connection.execute(select(mappings)).all()
    assert len(rows) == 2
    for row in rows:
        assert "善款".encode() not in bytes(row.sealed)
        assert "善款" not in row.header
    assert (rows[0].entity, rows[0].made_by) == ("charity", OTHER)
