"""A fault of a whole file is told of the file, and the rows that it keeps back are wrong in nothing."""

from tests.api.http.house import House
from tests.api.http.uploads import MAKER, roster, signed_off
from tests.application.proposing.relief.october import SEPTEMBER


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
