"""A role for one township reads what lies in that township, and is refused or told that the rest is left out."""

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from ledger.application.drafting import draft, draft_event
from ledger.application.outcomes import Receipt
from ledger.decisions.prepared import Submission
from ledger.signing.keys import SigningKey
from ledger_api.http.callers import ROLES, UNPARTED, Permission
from tests.api.http.house import House, body_of, served
from tests.api.http.test_http_doors import PATHS, QUERIES, WRITING
from tests.api.http.uploads import put
from tests.application.importing.offices import Grid, delimited, sample
from tests.application.proposing.county import TODAY, County, copied, enrolment_of
from tests.application.proposing.county_facts import BUREAU, CHARITY, Fields

OWN, OTHER = "石岭镇", "大塘乡"
WHOLE = "acct-bureau"
KEYS = count()
ONCE = ("id", "kind", "version", "reason", "from_month", "township")
"""What only a confirmation says, or what another decision says anew."""
NARROW = {
    "zhen-acct": ("accountant", BUREAU),
    "zhen-check": ("checker", BUREAU),
    "zhen-audit": ("auditor", None),
    "zhen-look": ("supervisor", None),
    "zhen-guan": ("administrator", None),
}
PARTED = {
    "read_rosters",
    "list_batches",
    "list_failures",
    "list_doubts",
    "list_clues",
    "read_person",
    "list_pending",
    "read_pending",
    "read_voucher",
    "list_check_sheets",
    "take_check_sheet",
    "list_templates",
    "take_template",
}


def staffed(house: House) -> House:
    """The county with people of one township."""
    county, facts = house.county, list[tuple[str, Fields]]()
    county.keys = {**county.keys, **{officer: SigningKey.generate() for officer in NARROW}}
    for officer, (role, entity) in NARROW.items():
        named = {"officer": officer, "name": officer, "entity": entity or CHARITY, "post": "other", "title": "乡镇"}
        facts.append(("officer.named", {**named, "valid_from": "2025-01-01"}))
        facts.append(("key.enrolled", {**enrolment_of(county, officer), "valid_from": "2025-01-01"}))
        facts.append(("role.granted", {"officer": officer, "role": role, "entity": entity, "scope": OWN}))
    assert isinstance(county.post("guan-1", "book", facts, "guan-2", day=TODAY), Receipt)
    return house


def moved(county: County) -> None:
    """The household whose payment failed moves to another township, and is raised a doubt of."""
    failed = county.of_kinds("subsidy.returned")[0].enrolment
    was = next(one for one in county.of_kinds("enrolment.confirmed") if one.enrolment == failed)
    stays = {name: value for name, value in was.model_dump(mode="json").items() if name not in ONCE}
    terms = {**stays, "township": OTHER, "from_month": "2025-10", "removed": [], "reasons": ["township"]}
    clue = {"clue": "moved", "found_by": "self_check", "exposure_fen": 100, "summary": "核对", "evidence": []}
    facts = [("enrolment.changed", terms), ("clue.raised", {**clue, "raised_on": str(TODAY), "enrolment": failed})]
    outcome = county.post(WHOLE, BUREAU, facts, "check-bureau", day=TODAY)
    assert isinstance(outcome, Receipt), outcome


@pytest.fixture(scope="module")
def towns(
    first_county: tuple[Path, Mapping[str, SigningKey], SigningKey], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The county after its seventeen files, with people of one township; for looking only."""
    county = copied(tmp_path_factory.mktemp("towns"), *first_county)
    county.standard()
    moved(county)
    found = staffed(served(county))
    with found.client:
        yield found
    county.close()


def places(house: House) -> dict[str, str]:
    """Enrolment -> township, as it was stated last."""
    stated = [*house.county.of_kinds("enrolment.confirmed"), *house.county.of_kinds("enrolment.changed")]
    return {one.enrolment: one.township for one in stated}


def rows(house: House, officer: str, path: str) -> list[dict[str, Any]]:
    answer = house.call(officer, "GET", path)
    assert answer.status_code == 200, answer.text
    told = answer.headers.get("ledger-townships")
    assert (None if told is None else unquote(told)) == (OWN if officer in NARROW else None)
    found: list[dict[str, Any]] = answer.json()["pending" if "pending" in path else "rows"]
    return found


def routes(house: House) -> list[tuple[str, str, str, dict[str, Any]]]:
    found = []
    for path, methods in house.get(None, "/v1/openapi.json")["paths"].items():
        for method, route in methods.items():
            name = route["operationId"]
            found.append((name, method.upper(), path.format(**PATHS) + QUERIES.get(name, ""), route))
    return found


def test_the_document_says_what_is_parted(towns: House) -> None:
    assert {name for name, _, _, route in routes(towns) if route.get("x-townships")} == PARTED


@pytest.mark.parametrize("officer", NARROW)
def test_a_role_for_a_township_opens_what_is_parted_and_nothing_else(towns: House, officer: str) -> None:
    role, _ = NARROW[officer]
    for name, method, path, route in routes(towns):
        if "x-permission" not in route:
            continue
        permission = Permission(route["x-permission"])
        answer = towns.call(officer, method, path, {} if method in WRITING else None)
        code = answer.json()["code"] if answer.status_code == 403 else ""
        if role not in ROLES[permission]:
            assert code == "E_NOT_ALLOWED", (name, answer.text)
        elif permission in UNPARTED or name in PARTED:
            also = {"E_SHEET_GIVER"} if name in {"list_check_sheets", "take_check_sheet"} else set()
            assert code in {"", "E_TOWNSHIP_PERSON", "E_SESSION_ONLY", *also}, (name, answer.text)
        else:
            assert code == "E_TOWNSHIP_ROLE", (name, answer.text)


@pytest.mark.parametrize("officer", ["zhen-acct", "zhen-check", "zhen-audit", "zhen-look"])
def test_lists_hold_the_own_township_only(towns: House, officer: str) -> None:
    lies = places(towns)
    assert set(lies.values()) > {OWN}
    for path in ("/v1/doubts?entity=bureau", "/v1/clues?entity=bureau", "/v1/failures?entity=bureau"):
        whole, own = rows(towns, WHOLE, path), rows(towns, officer, path)
        assert [row for row in whole if row in own] == own
        assert len(own) < len(whole), path
        for row in own:
            assert row.get("township") in {None, OWN}
            assert lies.get(row.get("enrolment") or "", OWN) == OWN
    assert rows(towns, officer, "/v1/clues?entity=bureau")
    assert rows(towns, officer, "/v1/batches?entity=bureau") == [], "a batch of the whole county lies in no township"


def test_what_is_counted_is_counted_of_the_own_township_only(towns: House) -> None:
    failed = towns.get("zhen-acct", "/v1/failures")
    assert failed["open_fen"] <= sum(row["fen"] for row in failed["rows"])
    for path in ("/v1/doubts", "/v1/clues"):
        told = towns.get("zhen-acct", path)
        assert sum(told["counts"].values()) <= len(told["rows"])
    own, whole = (
        [row["closing_households"] for row in rows(towns, officer, "/v1/rosters?month=2025-10&entity=bureau")]
        for officer in ("zhen-acct", WHOLE)
    )
    assert sum(whole) == sum(own) + 1
    assert sum(own) == list(places(towns).values()).count(OWN)


def test_memory_keeps_the_township_apart(towns: House) -> None:
    """What was answered to one is not what another gets, with the same question."""
    for officer in ("zhen-acct", WHOLE, "zhen-acct"):
        first = towns.call(officer, "GET", "/v1/doubts?entity=bureau&code=W_PAYEE_DEAD")
        again = towns.call(officer, "GET", "/v1/doubts?entity=bureau&code=W_PAYEE_DEAD")
        assert (again.json(), again.headers["etag"]) == (first.json(), first.headers["etag"])
    etag = towns.call(WHOLE, "GET", "/v1/doubts?entity=bureau").headers["etag"]
    other = towns.call("zhen-acct", "GET", "/v1/doubts?entity=bureau", if_none_match=etag)
    assert other.status_code == 200


@pytest.mark.parametrize("purpose", ["", "?purpose=%E6%A0%B8"])
@pytest.mark.parametrize("officer", ["zhen-acct", "zhen-check", "zhen-audit"])
def test_people_are_read_in_their_own_township_only(towns: House, officer: str, purpose: str) -> None:
    lies = places(towns)
    for one in towns.county.of_kinds("enrolment.confirmed"):
        answer = towns.call(officer, "GET", f"/v1/people/{one.person}{purpose}")
        if lies[one.enrolment] == OWN:
            assert answer.status_code == 200, answer.text
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "E_TOWNSHIP_PERSON")
            assert "fields" not in answer.json()
    donor = next(e.identity for e in towns.county.of_kinds("identity.registered") if e.subject == "donor")
    for reference in (donor, "a" * 26):
        assert towns.get(officer, f"/v1/people/{reference}{purpose}", 403)["code"] == "E_TOWNSHIP_PERSON"


def test_vouchers_that_wait_are_seen_by_their_township(house: House) -> None:
    staffed(house)
    stuff = {"found_by": "self_check", "exposure_fen": 100, "summary": "核对", "evidence": [], "raised_on": str(TODAY)}
    made: dict[str, Submission] = {}
    for name, township in (("own", OWN), ("other", OTHER)):
        event = draft_event("clue.raised", {"clue": f"c-{name}", "township": township, **stuff})
        made[name] = draft(house.county.signer(WHOLE), BUREAU, TODAY, [event], house.county.now, note="测试")
    waits = {name: house.call(WHOLE, "POST", "/v1/vouchers", body_of(one)) for name, one in made.items()}
    assert {one.status_code for one in waits.values()} <= {201, 202}, [one.text for one in waits.values()]
    ids = {name: one.json()["voucher"] for name, one in waits.items()}
    seen = [towns_pending(house, officer) for officer in (WHOLE, "zhen-acct")]
    if waits["own"].status_code == 202:
        assert seen == [set(ids.values()), {ids["own"]}]
    path = "vouchers" if waits["own"].status_code == 201 else "pending"
    assert house.get("zhen-acct", f"/v1/{path}/{ids['own']}")
    assert house.call("zhen-acct", "GET", f"/v1/{path}/{ids['other']}").status_code in {404, 409}


def towns_pending(house: House, officer: str) -> set[str]:
    return {one["voucher"] for one in rows(house, officer, "/v1/pending?entity=bureau")}


def uploaded(house: House, officer: str, grid: Grid, **chosen: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What is told of a file, and of each of its rows, judged or not."""
    chosen = {"name": quote("名册.csv"), "key": str(next(KEYS)), **chosen}
    answer = put(house, delimited(grid).encode(), officer=officer, **chosen)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    path = f"/v1/imports/{told['id']}"
    listed, judged = (house.get(officer, f"{path}/rows{asked}")["rows"] for asked in ("", "?judged=true"))
    if officer in NARROW:
        assert [row["state"] for row in listed] == [row["state"] for row in judged], "E_SCOPE is told at once"
    return told, listed


def edited(grid: Grid, row: int, **cells: str) -> Grid:
    """The header and one row with other cells."""
    return [grid[0], [cells.get(title, cell) for title, cell in zip(grid[0], grid[row], strict=True)]]


def codes_of(row: dict[str, Any]) -> list[str]:
    return [fault["code"] for fault in row["faults"]]


def test_a_roster_is_compared_with_the_own_township_only(towns: House) -> None:
    grid, ask = sample("dibao_roster"), {"month": "2025-09", "absences_known": "true"}
    whole, _ = uploaded(towns, WHOLE, grid[:2], **ask)
    absent = [note["detail"] for note in whole["notes"] if note["code"] == "W_ROSTER_ABSENT"]
    assert sum(OTHER in one for one in absent) == 1, "the county is told of every household"
    own, rows_ = uploaded(towns, "zhen-acct", grid[:2], **ask)
    assert OTHER not in str(own["notes"])
    assert [note["detail"] for note in own["notes"] if note["code"] == "W_ROSTER_ABSENT"] == [
        one for one in absent if OTHER not in one
    ]
    assert [row["state"] for row in rows_] == ["duplicate"]


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"乡镇": OTHER},
        {"户主身份证号": "431099194803120016", "领款人身份证号": "431099194803120016"},
        {"本月实发(元)": "761", "月人均补差(元)": "381", "基本保障金(元)": "381"},
        {"家庭编号": "", "低保证号": ""},
    ],
)
def test_a_household_of_elsewhere_is_out_of_scope_and_nothing_more(towns: House, cells: dict[str, str]) -> None:
    """Whatever a row says of the household that moved away, nothing tells what the book knows of it."""
    grid = edited(sample("dibao_roster"), 2, **cells)
    told, (row,) = uploaded(towns, "zhen-acct", grid, month="2025-09", absences_known="true")
    assert (codes_of(row), row["repeats"]) == (["E_SCOPE"], None)
    assert "380" not in str([told["notes"], row["faults"]])
    assert (OTHER in str(row["faults"])) == (cells.get("乡镇") == OTHER), "where it lies is told where the row says it"


@pytest.mark.parametrize("name", ["payresult", "payfile", "deaths", "recoveries", "rectification"])
def test_what_only_the_county_records_is_compared_with_nothing(towns: House, name: str) -> None:
    told, rows_ = uploaded(towns, "zhen-acct", sample(name))
    assert (told["state"], told["error"]["code"], told["notes"]) == ("refused", "E_SCOPE", [])
    assert {row["state"] for row in rows_} == {"held"}
    assert all(row["repeats"] is None and not row["faults"] for row in rows_)
    whole, known = uploaded(towns, WHOLE, sample(name))
    assert whole["error"] is None
    assert "duplicate" in {row["state"] for row in known}


def test_doubts_and_exits_of_the_own_township_are_a_township_s_to_record(towns: House) -> None:
    _, rows_ = uploaded(towns, "zhen-acct", sample("doubts"))
    assert [(row["state"], codes_of(row)) for row in rows_] == [
        ("duplicate", []),
        ("wrong", ["E_SCOPE"]),
        ("wrong", ["E_SCOPE"]),
    ]
    head = ["家庭编号", "姓名", "身份证号", "保障类别", "停发月份", "退出原因"]
    roster = sample("dibao_roster")
    at = {title: index for index, title in enumerate(roster[0])}
    who = ("家庭编号", "户主姓名", "户主身份证号", "保障类别")
    leaving = [[*(row[at[title]] for title in who), "2025-11", "死亡"] for row in roster[1:]]
    _, rows_ = uploaded(towns, "zhen-acct", [head, *leaving], kind="exits")
    assert [(row["state"], codes_of(row)) for row in rows_] == [("new", []), ("wrong", ["E_SCOPE"]), ("new", [])]
