"""What a preview says of rows, notes and people is what will become of them."""

import json

import pytest

from ledger_api.client.imports import upload
from tests.api.http.house import House
from tests.api.http.uploads import MAKER, choose, put, roster
from tests.application.importing.offices import delimited, sample
from tests.application.proposing.county import MONTH

OVERRIDE = "\u202e"


def test_rows_of_a_file_that_is_refused_are_held_and_no_evidence(house: House) -> None:
    data = delimited(sample("dibao_roster")).encode()
    made = upload(house.program(MAKER), "花名册.csv", data, {})
    assert (made["state"], made["error"]["code"]) == ("refused", "E_MONTH_NEEDED")
    assert (made["counts"]["held"], made["counts"]["noted"]) == (3, 0)
    rows = house.get(MAKER, f"/v1/imports/{made['id']}/rows")["rows"]
    assert {one["state"] for one in rows} == {"held"}
    assert choose(house, MAKER, made["id"], {"month": MONTH}).json()["counts"]["new"] == 3


def test_each_person_is_told_at_the_row_that_names_them(house: House) -> None:
    made = roster(house)
    vouchers = house.post(MAKER, f"/v1/imports/{made['id']}/proposals", None, 200)["vouchers"]
    rows = [
        row
        for one in vouchers
        for row, event in zip(one["rows"], one["events"], strict=True)
        if json.loads(event)["kind"] == "identity.registered"
    ]
    assert set(rows) == {2, 3, 4}


@pytest.mark.parametrize("note", [f"九月{OVERRIDE}", "九月\u200b", "卡号 6222020000000000000"])
def test_a_note_that_nobody_may_sign_is_refused_before_anything_is_handed_out(house: House, note: str) -> None:
    made = roster(house)
    answer = choose(house, MAKER, made["id"], {"note": note})
    assert (answer.status_code, answer.json()["code"][:7]) == (422, "E_TEXT_")
    assert house.get(MAKER, f"/v1/imports/{made['id']}")["chosen"]["note"] == ""
    sent = put(house, delimited(sample("deaths")).encode(), officer=MAKER, key="k-9", note=note)
    assert (sent.status_code, sent.json()["code"][:7]) == (422, "E_TEXT_")


UNREAD = {
    "of no kind that is known": ("甲,乙\n1,2\n", {}, "E_KIND_UNKNOWN"),
    "with a column that means nothing": ("户名,账号,数目\n甲,1,2\n", {"columns": {"数目": "无此列"}}, "E_COLUMN_NAME"),
}


@pytest.mark.parametrize("how", UNREAD)
def test_an_unread_file_has_no_workbook_of_wrong_rows(house: House, how: str) -> None:
    """It has the reason instead: an empty file of a workbook's type would open nowhere."""
    text, chosen, code = UNREAD[how]
    made = upload(house.program(MAKER), "不明.csv", text.encode(), {})
    if chosen:
        choose(house, MAKER, made["id"], chosen)
    told = house.get(MAKER, f"/v1/imports/{made['id']}")
    assert (told["state"], told["error"]["code"]) == ("unread", code)
    answer = house.call(MAKER, "GET", f"/v1/imports/{made['id']}/errors.xlsx")
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["detail"] == told["error"]["detail"]


NAMES = {
    "of two lines": ("a%0d%0aX: 1.csv", "E_TEXT_CONTROL"),
    "with a sign that draws nothing": ("a%7f.csv", "E_TEXT_CONTROL"),
    "turned round": (f"名册{OVERRIDE}vsc.exe", "E_TEXT_BIDI"),
    "of blanks": ("%20%20", "E_FIELD_EMPTY"),
}


@pytest.mark.parametrize(("name", "code"), NAMES.values(), ids=NAMES)
def test_a_files_name_is_one_line_that_reads_as_it_is_written(house: House, name: str, code: str) -> None:
    answer = put(house, delimited(sample("deaths")).encode(), officer=MAKER, key="k-9", name=name)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["pointer"] == "?name"
    assert house.get(MAKER, "/v1/imports")["imports"] == []


def test_a_name_that_a_mac_wrote_is_the_same_name(house: House) -> None:
    answer = put(house, delimited(sample("deaths")).encode(), officer=MAKER, key="k-9", name="cafe\u0301.csv")
    assert (answer.status_code, answer.json()["name"]) == (201, "caf\u00e9.csv")
