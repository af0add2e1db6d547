"""A fault of a whole file is told of the file, and the rows that it keeps back are wrong in nothing."""

import pytest

from ledger_api.http.imports import answers
from tests.api.http.house import House
from tests.api.http.uploads import MAKER, roster, signed_off
from tests.application.proposing.relief.october import HEAD, SEPTEMBER, household


def test_a_fault_of_the_whole_file_is_none_of_its_rows(house: House) -> None:
    made = roster(house, SEPTEMBER)
    told = house.get(MAKER, f"/v1/imports/{made['id']}?judged=true")
    assert [(one["code"], one["row"]) for one in told["faults"]] == [("E_QUOTA_SHORT", None)]
    assert (told["counts"]["new"], told["counts"]["wrong"]) == (12, 0), "who is enrolled can be recorded"
    assert {one["state"] for one in signed_off(house, made["id"])} == {"posted"}
    again = roster(house, SEPTEMBER)
    told = house.get(MAKER, f"/v1/imports/{again['id']}?judged=true")
    assert (told["state"], told["counts"]["held"], told["counts"]["new"]) == ("done", 12, 0)
    assert house.get(MAKER, f"/v1/imports/{again['id']}/rows?state=held")["rows"][0]["faults"] == []


def test_what_is_told_of_the_whole_stands_before_the_rows(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve rows change and the money is short: the reader sees why nothing is paid, and what is not shown."""
    signed_off(house, roster(house, SEPTEMBER)["id"])
    house.county.sign_off()
    october = [HEAD, *(household(number, **{"家庭月人均收入(元)": "90"}) for number in range(1, 13))]
    import_id = roster(house, october, month="2025-10")["id"]
    everything = house.get(MAKER, f"/v1/imports/{import_id}?judged=true")
    codes = [one["code"] for one in everything["notes"]]
    assert (codes.count("W_ROSTER_CHANGED"), everything["notes_cut"]) == (12, {})
    whole = {"W_ROSTER_CONTROL", "W_ROSTER_KINDS", "W_ROWS_HELD"}
    assert whole <= set(codes)
    monkeypatch.setattr(answers, "_NOTES_MOST", 5)
    told = house.get(MAKER, f"/v1/imports/{import_id}?judged=true")
    assert whole <= {one["code"] for one in told["notes"]}
    assert (len(told["notes"]), told["notes_cut"]) == (5, {"W_ROSTER_CHANGED": len(codes) - 5})
