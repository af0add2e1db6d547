"""Persons of the vault: who sees them, what of them, and that every reading is written down or refused."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from ledger.application.drafting import draft, draft_event
from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger.log.side_tables import access_log
from ledger.signing.keys import SigningKey
from ledger.vault import trail
from ledger.vault.access_root import access_root
from ledger.vault.people import Subject
from ledger_api.http.access.masks import HIDDEN, masked
from ledger_audit.derivation import verify_book
from tests.api.http.browsers import signed_in, wait
from tests.api.http.house import HOST, House, body_of
from tests.application.proposing.county import TODAY, enrolment_of
from tests.application.proposing.county_facts import CHARITY

ID_NUMBER = "11010519491231002X"
NAME = "测试人甲"
AUDITOR, READER = "auditor-1", "acct-charity"


@pytest.fixture
def person(house: House) -> str:
    """Somebody whom the charity registered."""
    county = house.county
    vault = house.service.book.vault
    reference = vault.reference("person", ID_NUMBER)
    fields = (("id_number", ID_NUMBER), ("name", NAME))
    with county.store.write() as connection:
        new = vault.register(connection, [Subject("person", reference, fields)])[reference]
    committed = [{"name": name, "commitment": value} for name, value in sorted(new.items())]
    fact = ("identity.registered", {"identity": reference, "subject": "person", "fields": committed})
    assert isinstance(county.post(READER, CHARITY, [fact], day=TODAY), Receipt)
    return reference


def rows(house: House) -> list[Any]:
    with house.service.store.read() as connection:
        return list(connection.execute(select(access_log).order_by(access_log.c.id)))


def test_with_a_purpose_the_fields_are_shown_and_the_reading_is_written_down(house: House, person: str) -> None:
    told = house.get(READER, f"/v1/people/{person}?purpose=%E5%A4%8D%E6%A0%B8")
    assert {one["name"]: one["value"] for one in told["fields"]} == {"id_number": ID_NUMBER, "name": NAME}
    (row,) = rows(house)
    assert (row.actor, row.action, row.subject, row.detail) == (READER, "identity.show", person, "复核")
    assert row.at == house.service.now()


def test_without_a_purpose_it_is_masked_and_written_down_too(house: House, person: str) -> None:
    for path in (f"/v1/people/{person}", f"/v1/people/{person}?purpose=%20"):
        answer = signed_in(house, READER).call("GET", path)
        assert answer.json()["masked"], answer.text
        assert ID_NUMBER not in answer.text
        assert NAME not in answer.text
    assert [row.action for row in rows(house)] == ["identity.masked", "identity.masked"]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("name", "王", "王" + HIDDEN),
        ("holder_name", "欧阳某某", "欧" + HIDDEN),
        ("id_number", ID_NUMBER, HIDDEN + "002X"),
        ("phone", "13800138000", HIDDEN + "8000"),
        ("number", "123", HIDDEN),
        ("illness", "说明很长的一段病情", HIDDEN),
        ("address", "某镇某村", HIDDEN),
        ("phone", "", ""),
    ],
)
def test_a_mask_shows_too_little_to_find_somebody(name: str, value: str, shown: str) -> None:
    assert masked(name, value) == shown


def test_another_entitys_people_and_nobodys_are_one_answer_and_no_reading(house: House, person: str) -> None:
    answers = [
        house.call("acct-bureau", "GET", f"/v1/people/{person}?purpose=x"),
        house.call("acct-bureau", "GET", f"/v1/people/{'a' * 26}?purpose=x"),
        house.call(AUDITOR, "GET", f"/v1/people/{'a' * 26}?purpose=x"),
    ]
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(404, "E_IDENTITY_UNKNOWN")}
    assert rows(house) == []
    assert house.get(AUDITOR, f"/v1/people/{person}?purpose=x")["masked"] is False


@pytest.mark.parametrize("fault", ["RAISE(ABORT, 'disk full')", "RAISE(IGNORE)"])
def test_what_cannot_be_written_down_is_not_shown(house: House, person: str, fault: str) -> None:
    with house.county.store.write() as connection:
        refuse = f"CREATE TRIGGER full BEFORE INSERT ON access_log BEGIN SELECT {fault}; END"
        connection.execute(text(refuse))
    as_served = TestClient(house.client.app, base_url=f"http://{HOST}", raise_server_exceptions=False)
    for path in (f"/v1/people/{person}?purpose=x", f"/v1/people/{person}"):
        answer = as_served.get(path, headers=house.signed(READER, "GET", path, b"", {}))
        assert answer.status_code >= 500
        assert NAME not in answer.text
        assert ID_NUMBER[-4:] not in answer.text


@pytest.mark.parametrize("purpose", ["431099194803120017", "13807350001", "6222 0200 0000 0000", "1234567890123456"])
def test_a_purpose_puts_nobodys_number_into_the_access_log(house: House, person: str, purpose: str) -> None:
    answer = house.call(READER, "GET", f"/v1/people/{person}?purpose=" + quote(f"复核{purpose}"))
    assert (answer.status_code, answer.json()["code"]) == (422, "E_TEXT_PERSONAL")
    assert purpose not in answer.text
    assert rows(house) == []


def test_a_purpose_forges_no_second_row(house: House, person: str) -> None:
    for purpose in ("a%0d%0ab", "a%E2%80%AEb"):
        answer = house.call(READER, "GET", f"/v1/people/{person}?purpose={purpose}")
        assert answer.status_code == 422
        assert answer.json()["code"].startswith("E_TEXT_")
    nul = house.call(READER, "GET", f"/v1/people/{person}?purpose=a%00b")
    assert (nul.status_code, nul.json()["code"]) == (400, "E_REQUEST")
    assert rows(house) == []


def test_the_watcher_reads_who_read_whom_in_pages(house: House, person: str) -> None:
    for number in range(5):
        house.get(READER if number % 2 else "check-charity", f"/v1/people/{person}?purpose=p{number}")
    whole = house.get(AUDITOR, "/v1/access-log")["rows"]
    assert [one["detail"] for one in whole] == [f"p{number}" for number in range(5)]
    page = house.get(AUDITOR, "/v1/access-log?limit=2")
    read = page["rows"]
    while page["next"]:
        house.get(READER, f"/v1/people/{person}?purpose=later")
        page = house.get(AUDITOR, f"/v1/access-log?limit=2&cursor={page['next']}")
        read += page["rows"]
    assert read == whole
    own = house.get(AUDITOR, f"/v1/access-log?actor={READER}")["rows"]
    assert {one["actor"] for one in own} == {READER}
    assert house.get(AUDITOR, f"/v1/access-log?subject={'a' * 26}")["rows"] == []
    assert house.call(READER, "GET", "/v1/access-log").status_code == 403


def rooting(house: House, day: date) -> Any:
    """The root of a day, signed by the machine that may."""
    county = house.county
    if "recorder-1" not in county.keys:
        county.keys = {**county.keys, "recorder-1": SigningKey.generate()}
        named = {"officer": "recorder-1", "name": "recorder-1", "entity": CHARITY, "post": "system", "title": "测试"}
        enrolled = {**enrolment_of(county, "recorder-1"), "machine_kinds": ["book.access_rooted"]}
        facts: list[tuple[str, dict[str, Any]]] = [
            ("officer.named", {**named, "valid_from": "2025-01-01"}),
            ("key.enrolled", {**enrolled, "valid_from": "2025-01-01"}),
            ("role.granted", {"officer": "recorder-1", "role": "machine", "entity": None}),
        ]
        assert isinstance(county.post("guan-1", "book", facts, "guan-2", day=TODAY), Receipt)
    with county.store.read() as connection:
        found = access_root(connection, day)
    event = draft_event("book.access_rooted", {"day": day.isoformat(), "count": found.rows, "root": found.root})
    return county.writer.submit(draft(county.signer("recorder-1"), "book", house.service.today(), [event], county.now))


def codes(house: House) -> list[str]:
    with house.service.store.read() as connection:
        return [issue.code for issue in verify_book(connection, house.service.today()).integrity]


TAMPERED = {
    "changed": "UPDATE access_log SET actor = 'nobody' WHERE id = 2",
    "taken out": "DELETE FROM access_log WHERE id = 2",
    "put in": "INSERT INTO access_log SELECT 99, at, actor, action, subject, 'x' FROM access_log WHERE id = 1",
    "moved to another day": "UPDATE access_log SET at = '2000-01-01T00:00:00+08:00' WHERE id = 2",
    "in another order": "UPDATE access_log SET id = 77 WHERE id = 1",
}


@pytest.mark.parametrize("how", TAMPERED)
def test_whoever_touches_the_access_log_of_a_bound_day_is_seen(house: House, person: str, how: str) -> None:
    for number in range(3):
        house.get(READER, f"/v1/people/{person}?purpose=p{number}")
    day = house.service.today()
    with pytest.raises(VoucherRefusedError, match="E_REFUSED"):
        rooting(house, day)
    wait(house, 86_400)
    assert isinstance(rooting(house, day), Receipt)
    assert codes(house) == []
    with pytest.raises(VoucherRefusedError):
        rooting(house, day)
    with house.county.store.write() as connection:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type='trigger'")).all():
            if name.startswith("access_log"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(TAMPERED[how]))
    assert codes(house) == ["E_DERIVE_ACCESS"]


def unbound(house: House) -> list[dict[str, Any]]:
    """What a verification says of days that no root binds."""
    with house.service.store.read() as connection:
        found = verify_book(connection, house.service.today())
    assert not [one for one in found.integrity if one.code.startswith("W_ACCESS")]
    return [dict(one.params) for one in found.completeness if one.code == "W_ACCESS_UNBOUND"]


def test_a_day_that_should_have_been_bound_is_missing(house: House, person: str) -> None:
    """It makes no book wrong; but until it is bound, whoever owns the database may change what was read."""
    days = [house.service.today() + timedelta(days=number) for number in range(5)]
    house.get(READER, f"/v1/people/{person}?purpose=a")
    house.get(READER, f"/v1/people/{person}?purpose=b")
    assert unbound(house) == []
    wait(house, 86_400)
    assert unbound(house) == [], "it is bound in the course of the day after"
    wait(house, 86_400)
    assert unbound(house) == [{"days": 1, "rows": 2, "shown": f"{days[0]}"}]
    assert isinstance(rooting(house, days[0]), Receipt)
    assert unbound(house) == []
    wait(house, 2 * 86_400)
    assert unbound(house) == [{"days": 2, "rows": 0, "shown": f"{days[1]}, {days[2]}"}], "an empty day is bound too"
    assert isinstance(rooting(house, days[1]), Receipt)
    assert isinstance(rooting(house, days[2]), Receipt)
    assert unbound(house) == []


def test_a_row_that_was_put_into_days_to_come_is_bound_by_none(house: House, person: str) -> None:
    house.get(READER, f"/v1/people/{person}?purpose=a")
    with house.county.store.write() as connection:
        trail.note(connection, "9999-01-01T00:00:00+08:00", "nobody", "identity.show", person)
        trail.note(connection, "", "nobody", "identity.show", person)
    assert unbound(house) == [{"days": 2, "rows": 2, "shown": ", 9999-01-01"}]


def test_only_a_machine_binds_a_day(house: House) -> None:
    day = date(2025, 1, 1)
    fact = ("book.access_rooted", {"day": day.isoformat(), "count": 0, "root": "sha256:" + "0" * 64})
    with pytest.raises(VoucherRefusedError):
        house.county.post("guan-1", "book", [fact], "guan-2", day=TODAY)


def test_officers_keys_entities_and_policies_are_those_of_the_log(house: House) -> None:
    own = house.get(READER, "/v1/officers")["officers"]
    assert READER in {one["officer"] for one in own}
    assert "acct-bureau" not in {one["officer"] for one in own}
    everybody = house.get(AUDITOR, "/v1/officers")["officers"]
    assert {one["officer"] for one in everybody} == set(house.service.authority().officers)
    assert [one["entity"] for one in house.get(READER, "/v1/entities")["entities"]] == [CHARITY]
    keys = {one["keyid"]: one for one in house.get(AUDITOR, "/v1/keys")["keys"]}
    assert set(keys) == set(house.service.authority().keys)
    mine = house.county.keys[READER].public
    assert (keys[mine.keyid]["key"], keys[mine.keyid]["officer"]) == (mine.text, READER)
    assert house.county.keys["acct-bureau"].public.keyid not in {
        one["keyid"] for one in house.get(READER, "/v1/keys")["keys"]
    }
    policy: dict[str, Any] = {
        "entity": CHARITY,
        "policies": [],
        "duty_profile": None,
        "free_control_accounts": False,
        "document": None,
    }
    assert isinstance(house.county.post("guan-1", "book", [("policy.set", policy)], "guan-2", day=TODAY), Receipt)
    (found,) = house.get(READER, "/v1/policies")["policies"]
    assert (found["entity"], found["policy"]["policies"]) == (CHARITY, [])
    assert house.get("acct-bureau", "/v1/policies")["policies"] == []


@pytest.mark.parametrize("whole", [True, False], ids=["signed by both at once", "approved later"])
def test_an_erasure_that_is_posted_over_the_network_is_done(house: House, person: str, *, whole: bool) -> None:
    gone = {"identity": person, "basis": "request", "retained_until": None, "reason": "本人要求"}
    submission = house.voucher(READER, CHARITY, ("identity.erased", gone))
    approval = house.approval("check-charity", submission)
    if whole:
        house.post(READER, "/v1/vouchers", {**body_of(submission), "approvals": [approval["envelope"]]})
    else:
        voucher = house.post(READER, "/v1/vouchers", body_of(submission), 202)["voucher"]
        house.get(READER, f"/v1/people/{person}")
        house.post("check-charity", f"/v1/vouchers/{voucher}/approvals", approval)
    assert house.get(READER, f"/v1/people/{person}", 404)["code"] == "E_IDENTITY_UNKNOWN"
    with house.service.store.read() as connection:
        assert house.service.book.vault.commitments(connection, [person])[person] == {}
    assert [row.action for row in rows(house)][-1] == "identity.erase"
    if whole:  # cut short and handed in again: nothing is done or written down twice
        house.post(READER, "/v1/vouchers", {**body_of(submission), "approvals": [approval["envelope"]]}, 200)
        assert [row.action for row in rows(house)].count("identity.erase") == 1


def test_a_person_whose_use_is_restricted_is_read_by_auditors_only(house: House, person: str) -> None:
    fact = ("identity.restricted", {"identity": person, "reason": "本人要求停止使用"})
    assert isinstance(house.county.post(READER, CHARITY, [fact], day=TODAY), Receipt)
    for path in (f"/v1/people/{person}", f"/v1/people/{person}?purpose=x"):
        assert house.get(READER, path, 403)["code"] == "E_IDENTITY_RESTRICTED"
        assert house.get(AUDITOR, path)["fields"]
