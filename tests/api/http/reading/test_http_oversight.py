"""What an overseer does at the command line is done through the network as well: red flags, self-checks, sheets."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ledger.application.importing.check_sheets import WITHHELD
from ledger.application.importing.kinds.registry import KINDS
from ledger.application.importing.parse import parse_file
from ledger.application.outcomes import Receipt
from ledger.errors import EvidenceError, LedgerError, RefusedError
from ledger_api.client import Client
from ledger_api.http.answers import CHECKPOINT, POSITION
from tests.api.client.network import Network, client_of, lying
from tests.api.http.house import House
from tests.application.proposing.county import TODAY
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.redress.test_self_checks import HEAD, ROSTER, roster

MAKER, AUDITOR = "acct-bureau", "auditor-1"
TOWNSHIP = "石岭镇"
WHY = "下发核查"
SUPERVISOR = "supervisor-1"
ANSWERED = {
    "核查结果": "不属实",
    "原因分类": "同名同号",
    "佐证材料": "户口簿",
    "核查人一": "示例申",
    "核查人二": "示例酉",
}
ANSWERED |= {"核查日期": "2025-09-30", "乡镇负责人": "示例戌"}


@pytest.fixture
def shared(house: House) -> House:
    """A county in which several households are paid into one account."""
    county = house.county
    assert county.one(county.write("花名册.csv", roster()), month="2025-09").wrong == []
    county.sign_off()
    return house


@pytest.fixture
def clerk(shared: House, tmp_path: Path) -> Iterator[Client]:
    with client_of(shared, MAKER, tmp_path / "state") as client:
        yield client


def test_red_flags_are_those_of_the_command(shared: House) -> None:
    answer = shared.call(AUDITOR, "GET", "/v1/red-flags")
    told = answer.json()
    (account,) = told["shared_accounts"]
    assert (account["homes"], account["rows"][0]["township"]) == (3, TOWNSHIP)
    names = {
        "overlaps",
        "shared_accounts",
        "accounts_shared_by_right",
        "receipt_gaps",
        "receipts_ahead",
        "late_entries",
    }
    assert set(told) == {"position", "as_of", *names}
    assert answer.headers[POSITION] == str(told["position"])
    again = shared.call(AUDITOR, "GET", "/v1/red-flags", if_none_match=answer.headers["etag"])
    assert again.status_code == 304
    assert shared.get(AUDITOR, "/v1/red-flags?at=1")["shared_accounts"] == []
    early, late = (shared.get(AUDITOR, f"/v1/red-flags?as_of={day}") for day in ("2000-01-01", "2099-12-31"))
    assert (early["as_of"], early["shared_accounts"]) == ("2000-01-01", [])
    assert late == {**told, "as_of": "2099-12-31"}
    assert shared.get("acct-charity", "/v1/red-flags")["shared_accounts"] == []
    assert shared.get("acct-charity", "/v1/red-flags?entity=bureau", 403)["code"] == "E_NOT_ALLOWED"


def test_a_self_check_is_looked_at_signed_and_not_found_new_again(shared: House, clerk: Client) -> None:
    before = shared.county.size()
    seen = shared.get(MAKER, "/v1/self-check")
    (row,) = seen["rows"]
    assert (seen["found"], row["test"], row["township"]) == (1, "T07一户多领", TOWNSHIP)
    assert [json.loads(text)["kind"] for one in seen["vouchers"] for text in one["events"]] == ["clue.raised"]
    assert clerk.self_check(accept=lambda _entity, _events: False) == []
    assert shared.county.size() == before, "looking writes nothing"
    assert [type(one) for one in clerk.self_check("bureau")] == [Receipt]
    after = shared.get(MAKER, "/v1/self-check")
    assert (after["found"], after["rows"], after["vouchers"]) == (1, [], [])
    assert shared.get(AUDITOR, "/v1/clues")["rows"][0]["clue"] == row["clue"]
    assert shared.get("acct-charity", "/v1/self-check")["found"] == 0


def test_a_self_check_says_what_usually_excludes_what_and_is_not_set(shared: House) -> None:
    """Of persons who draw both nothing is found, and nobody would know."""
    seen = shared.get(MAKER, "/v1/self-check")["exclusions_unset"]
    assert "城镇低保与农村低保" in seen
    assert shared.get("acct-charity", "/v1/self-check")["exclusions_unset"] == [], "another office's programmes"
    rule = {"programme": "rural-dibao", "other": "urban-dibao", "effective_from": "2025-01", "decided_on": "2025-01-01"}
    shared.county.decide(BUREAU, ("exclusion.set", {**rule, "effect": "forbidden", "origin": "history"}))
    after = shared.get(MAKER, "/v1/self-check")["exclusions_unset"]
    assert set(after) == set(seen) - {"城镇低保与农村低保"}


def test_a_program_signs_nothing_else_than_what_it_asked_for(shared: House, tmp_path: Path) -> None:
    """A server could slip any event among the doubts."""
    other = shared.get(MAKER, "/v1/self-check")["vouchers"][0]["events"][0]

    def slip(found: Any) -> Any:
        return {**found, "vouchers": [{"entity": "bureau", "note": "", "events": [other]}]}

    network = Network(shared, lying("/v1/check-sheets", slip))
    with client_of(shared, MAKER, tmp_path, network) as client:
        client.self_check()
        size = shared.county.size()
        with pytest.raises(EvidenceError, match="E_ANSWER_OTHER"):
            client.give_out()
    assert shared.county.size() == size


def test_doubts_are_given_out_and_each_name_is_written_down(shared: House, clerk: Client) -> None:
    clerk.self_check()
    listed = shared.call(MAKER, "GET", "/v1/check-sheets")
    (sheet,) = listed.json()["sheets"]
    assert (sheet["township"], sheet["doubts"], sheet["unassigned"]) == (TOWNSHIP, 1, 1)
    assert {POSITION.lower(), CHECKPOINT.lower()} <= set(listed.headers)
    path = f"/v1/check-sheets/{TOWNSHIP}?purpose={WHY}"
    with pytest.raises(RefusedError, match="E_SHEET_UNASSIGNED"):
        clerk.check_sheet(TOWNSHIP, WHY)
    read = [row for row in shared.get(AUDITOR, "/v1/access-log")["rows"] if row["action"] == "identity.show"]
    assert [type(one) for one in clerk.give_out()] == [Receipt]
    assert shared.get(MAKER, "/v1/check-sheets")["vouchers"] == []
    assert shared.call(MAKER, "HEAD", path).status_code == 200
    assert shared.get(AUDITOR, "/v1/access-log")["rows"][len(read) :] == [], "headers name nobody"
    data = clerk.check_sheet(TOWNSHIP, WHY)
    (row,) = parse_file(data, name="核查表.xlsx").rows
    assert row.values["name"] == dict(zip(HEAD, ROSTER[1], strict=True))["户主姓名"]
    (noted,) = shared.get(AUDITOR, "/v1/access-log")["rows"][len(read) :]
    assert (noted["actor"], noted["detail"]) == (MAKER, f"{WHY}(核查表 {sheet['issue']})")


@pytest.mark.parametrize(
    ("officer", "query", "code"),
    [
        (MAKER, "", "E_REQUEST_FIELD"),
        (MAKER, "?purpose=%20", "E_PURPOSE_EMPTY"),
        (MAKER, "?purpose=x&due=2025-09-30", "E_DUE_PASSED"),
        ("check-bureau", "?purpose=x", "E_NOT_ALLOWED"),
        ("supervisor-1", "", "E_REQUEST_FIELD"),
        ("acct-charity", "?purpose=x", "E_SCOPE"),
        (None, "?purpose=x", "E_SIGN_IN"),
    ],
)
def test_who_takes_no_sheet_and_how(shared: House, clerk: Client, officer: str | None, query: str, code: str) -> None:
    clerk.self_check()
    clerk.give_out()
    told = shared.call(officer, "GET", f"/v1/check-sheets/{TOWNSHIP}{query}")
    assert told.json()["code"] == code
    nowhere = shared.call(MAKER, "GET", "/v1/check-sheets/无此镇?purpose=x")
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "E_NO_DOUBTS")


def test_whoever_inspects_names_a_restricted_person_and_nobody_else(
    shared: House, clerk: Client, tmp_path: Path
) -> None:
    """One rule for a person read by reference and on a sheet: while use is restricted, an auditor reads."""
    clerk.self_check()
    clerk.give_out()
    (raised,) = shared.county.of_kind("clue.raised")
    fact = ("identity.restricted", {"identity": raised.person, "reason": "本人要求停止使用"})
    assert isinstance(shared.county.post(MAKER, BUREAU, [fact], day=TODAY), Receipt)
    person = f"/v1/people/{raised.person}?purpose={WHY}"
    named = dict(zip(HEAD, ROSTER[1], strict=True))
    for officer, status, name, number in (
        (MAKER, 403, WITHHELD, None),
        (SUPERVISOR, 404, WITHHELD, None),
        (AUDITOR, 200, named["户主姓名"], named["户主身份证号"]),
    ):
        before = len(shared.get(AUDITOR, "/v1/access-log?limit=1000")["rows"])
        data = shared.call(officer, "GET", f"/v1/check-sheets/{TOWNSHIP}?purpose={WHY}").content
        read = [one["subject"] for one in shared.get(AUDITOR, "/v1/access-log?limit=1000")["rows"][before:]]
        assert read == ([raised.person] if officer == AUDITOR else [])
        (row,) = parse_file(data, name="核查表.xlsx").rows
        assert (row.values["name"], row.values["id_number"]) == (name, number)
        page = load_workbook(io.BytesIO(data)).worksheets[0]
        notes = [cell.comment.text for line in page.iter_rows() for cell in line if cell.comment is not None]
        assert len(notes) == 1
        assert "已限制使用" in notes[0]
        assert "有1人的资料已限制使用" in str(page["C1"].value)
        if officer != SUPERVISOR:
            assert shared.call(officer, "GET", person).status_code == status
    with client_of(shared, SUPERVISOR, tmp_path / "answers") as supervisor:
        sheet = answered(supervisor.check_sheet(TOWNSHIP, WHY), tmp_path / "核查表.xlsx")
        assert supervisor.import_file(sheet, chosen={"entity": BUREAU}).described["counts"]["wrong"] == 0
    shared.county.sign_off()
    assert [one.clue for one in shared.county.of_kind("clue.refuted")] == [raised.clue]


def answered(data: bytes, path: Path) -> Path:
    """A sheet as its township sends it back."""
    book = load_workbook(io.BytesIO(data))
    page = book.worksheets[0]
    heads = {page.cell(4, n).value: n for n in range(1, page.max_column + 1)}
    for column, value in ANSWERED.items():
        page.cell(5, heads[column]).value = value
    book.save(path)
    return path


def test_a_supervisor_gives_doubts_out_and_takes_the_answers_in(shared: House, clerk: Client, tmp_path: Path) -> None:
    clerk.self_check()
    with client_of(shared, SUPERVISOR, tmp_path / "supervisor") as supervisor:
        assert [type(one) for one in supervisor.give_out()] == [Receipt]
        sheet = answered(supervisor.check_sheet(TOWNSHIP, WHY), tmp_path / "核查表.xlsx")
        (assigned,) = shared.county.of_kind("clue.assigned")
        told = supervisor.import_file(sheet, chosen={"entity": BUREAU})
        assert told.described["counts"]["wrong"] == 0, told.described
        roster_again = shared.county.write("花名册.csv", roster())
        with pytest.raises(LedgerError, match=r"E_"):
            supervisor.import_file(roster_again, chosen={"entity": BUREAU, "month": "2025-09"})
    refused = shared.call(SUPERVISOR, "POST", "/v1/imports?name=a.csv&kind=dibao_roster&entity=bureau", None)
    assert refused.json()["code"] == "E_IMPORT_OVERSEER", refused.text
    shared.county.sign_off()
    (refuted,) = shared.county.of_kind("clue.refuted")
    assert refuted.clue == assigned.clue


def test_every_template_is_taken_and_read_back(shared: House, clerk: Client) -> None:
    kinds = [one["kind"] for one in shared.get(MAKER, "/v1/templates")["templates"]]
    assert kinds == list(KINDS)
    assert load_workbook(io.BytesIO(clerk.template("matching"))).worksheets
    assert shared.get(MAKER, "/v1/templates/none", 422)["code"] == "E_KIND_NAME"
