"""Handing in over the network: posted, repeated, waiting, approved, refused, looked at first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from ledger.application.drafting import approve, draft, draft_event
from ledger.decisions.prepared import Submission
from ledger.log.tables import postings
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.dsse import APPROVAL_TYPE, sign
from ledger.signing.leaves import Leaf
from ledger.signing.merkle import leaf_hash, verify_inclusion
from ledger.signing.statements import Approval, Statement
from ledger.values.dates import timestamp_text
from tests.api.http.house import House, body_of, donation, fee, minutes, on_both, unpacked
from tests.application.proposing.county import TODAY

MAKER, CHECKER = "acct-charity", "check-charity"


@on_both
def test_a_gift_is_posted_and_its_receipt_proves_it(house: House) -> None:
    submission = house.voucher(MAKER, "charity", donation())
    answer = house.call(MAKER, "POST", "/v1/vouchers", body_of(submission))
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    note = open_checkpoint(receipt["checkpoint"], house.service.operator.verifier)
    leaf = unpacked(receipt["leaf"])
    path = [unpacked(node) for node in receipt["path"]]
    assert verify_inclusion(leaf_hash(leaf), receipt["number"] - 1, note.size, tuple(path), note.root)
    assert Leaf.from_bytes(leaf).envelope.payload == submission.envelope.payload
    again = house.post(MAKER, "/v1/vouchers", body_of(submission), 200)
    assert again["repeated"]
    assert again["positions"] == receipt["positions"]
    assert house.get(MAKER, f"/v1/vouchers/{receipt['voucher']}")["number"] == receipt["number"]


@on_both
def test_every_answer_to_what_is_handed_in_says_where_the_log_stands(house: House) -> None:
    """Previewed, posted, answered again, waiting, signed: each by the newest checkpoint, and never behind its own."""

    def stands(officer: str, path: str, body: Any) -> tuple[int, str | None, str | None]:
        answer = house.call(officer, "POST", path, body)
        told = house.call(officer, "GET", "/v1/vouchers?limit=1").headers
        said = [answer.headers.get(name) for name in ("ledger-position", "ledger-checkpoint")]
        assert said == [told["ledger-position"], told["ledger-checkpoint"]]
        if answer.status_code == 201:
            assert int(str(said[0])) == answer.json()["positions"][1]
        return answer.status_code, *said

    gift, other = (body_of(house.voucher(MAKER, "charity", donation(one))) for one in (1, 2))
    before = stands(MAKER, "/v1/vouchers?dry_run=true", gift)
    posted = stands(MAKER, "/v1/vouchers", gift)
    assert stands(MAKER, "/v1/vouchers", other)[0] == 201
    again = stands(MAKER, "/v1/vouchers", gift)
    assert (before[0], posted[0], again[0]) == (200, 201, 200)
    assert int(str(before[1])) < int(str(posted[1])) < int(str(again[1]))
    submission = house.voucher(MAKER, "charity", reclassified())
    assert stands(MAKER, "/v1/vouchers", body_of(submission))[0] == 202
    address = f"/v1/vouchers/{Statement.from_bytes(submission.envelope.payload).voucher}/approvals"
    assert stands(CHECKER, address, house.approval(CHECKER, submission))[0] == 201
    assert stands(CHECKER, address, house.approval(CHECKER, submission))[0] == 200


@on_both
def test_a_voucher_waits_for_its_checker_who_sees_every_byte(house: House) -> None:
    submission = house.voucher(MAKER, "charity", reclassified())
    waits = house.post(MAKER, "/v1/vouchers", body_of(submission), 202)
    assert waits["missing"] == ["checker"]
    (listed,) = house.get(CHECKER, "/v1/pending")["pending"]
    assert (listed["voucher"], listed["maker"]) == (waits["voucher"], MAKER)
    shown = house.get(CHECKER, f"/v1/pending/{waits['voucher']}")
    assert shown["voucher"] == body_of(submission)
    assert shown["statement"] == waits["statement"]
    address = f"/v1/vouchers/{waits['voucher']}/approvals"
    own = house.call(MAKER, "POST", address, house.approval(MAKER, submission))
    assert (own.status_code, own.json()["errors"][0]["code"]) == (409, "E_CAPACITY")
    receipt = house.post(CHECKER, address, house.approval(CHECKER, submission))
    assert receipt["state"] == "posted"
    again = house.post(CHECKER, address, house.approval(CHECKER, submission), 200)
    assert again["repeated"]
    assert house.get(CHECKER, "/v1/pending")["pending"] == []


def test_another_entitys_voucher_is_told_of_as_one_that_never_was(house: House) -> None:
    """Not even that it waited, or what became of it."""
    submission = house.voucher(MAKER, "charity", reclassified())
    voucher = house.post(MAKER, "/v1/vouchers", body_of(submission), 202)["voucher"]
    answers = []
    for ended in (False, True):
        for method, address in (("GET", f"/v1/pending/{voucher}"), ("POST", f"/v1/vouchers/{voucher}/approvals")):
            body = house.approval("check-bureau", submission) if method == "POST" else None
            answer = house.call("check-bureau", method, address, body)
            answers.append((answer.status_code, answer.json()["code"], answer.json()["params"]["state"]))
        if not ended:
            signer = house.county.signer(CHECKER)
            said = Approval.from_bytes(approve(signer, submission, "checker", house.county.now).payload)
            rejection = sign(APPROVAL_TYPE, replace(said, rejects=True, reason="不批").to_bytes(), signer.key)
            no = {"envelope": rejection.to_json_value()}
            assert (
                house.post(CHECKER, f"/v1/vouchers/{voucher}/approvals", no, 409)["errors"][0]["code"] == "E_REJECTED"
            )
    assert answers == [(404, "E_NOT_PENDING", None)] * 4
    own = house.get(CHECKER, f"/v1/pending/{voucher}", 404)
    assert own["params"]["state"] == "refused"


@on_both
def test_looking_first_writes_nothing(house: House) -> None:
    before = house.county.size()
    body = body_of(house.voucher(MAKER, "charity", donation()))
    seen = house.post(MAKER, "/v1/vouchers?dry_run=true", body, 200)
    assert (seen["state"], seen["checkpoint"]) == ("posted", "")
    assert house.county.size() == before
    assert house.post(MAKER, "/v1/vouchers", body)["positions"] == seen["positions"]


def postings_at(house: House, first: int, last: int) -> list[tuple[Any, ...]]:
    """What the book holds of an event, as a preview tells it."""
    with house.county.store.read() as connection:
        rows = connection.execute(select(postings).where(postings.c.position.between(first, last))).mappings()
        return sorted(tuple(row["position"] - first if n == "event" else str(row[n]) for n in LEG) for row in rows)


LEG = (
    "event",
    "line",
    "entity",
    "fund",
    "chart",
    "code",
    "role",
    "party",
    "book",
    "amount_fen",
    "occurred_on",
    "balance_after_fen",
)


def told_of(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    return sorted(tuple(one[n] if n == "event" else str(one[n]) for n in LEG) for one in answer["entries"])


@on_both
def test_a_preview_tells_the_number_and_what_the_books_then_hold(house: House) -> None:
    body = body_of(house.voucher(MAKER, "charity", donation(1, 4_000), donation(2, 60)))
    seen = house.post(MAKER, "/v1/vouchers?dry_run=true", body, 200)
    real = house.post(MAKER, "/v1/vouchers", body)
    assert (seen["voucher_no"], seen["positions"]) == (real["voucher_no"], real["positions"])
    assert told_of(seen) == postings_at(house, *real["positions"]) != []
    assert {one["name"] for one in seen["entries"] if one["amount_fen"] > 0} == {"银行存款"}
    assert real["entries"] is None


@on_both
def test_a_preview_of_what_will_wait_tells_what_it_would_book(house: House) -> None:
    waits = house.voucher(MAKER, "charity", fee("w-1"))
    seen = house.post(MAKER, "/v1/vouchers?dry_run=true", body_of(waits), 202)
    kept = house.post(MAKER, "/v1/vouchers", body_of(waits), 202)
    assert kept["entries"] is None
    real = house.post(CHECKER, f"/v1/vouchers/{seen['voucher']}/approvals", house.approval(CHECKER, waits))
    assert told_of(seen) == postings_at(house, *real["positions"]) != []


@on_both
def test_a_refusal_names_every_event_at_fault(house: House) -> None:
    before = house.county.size()
    body = body_of(house.voucher(MAKER, "charity", donation(1), donation(2, fund="no-such-fund"), donation(1)))
    answer = house.call(MAKER, "POST", "/v1/vouchers", body, accept_language="en")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["type"]) == ("E_REFUSED", "/v1/errors/E_REFUSED")
    assert {"/events/1", "/events/2"} <= {place["pointer"] for place in problem["errors"]}
    assert house.county.size() == before


SPOILT: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "unknown field": (lambda body: body | {"more": 1}, "E_REQUEST_FIELD"),
    "no envelope": (lambda body: {"events": body["events"]}, "E_REQUEST_FIELD"),
    "no events": (lambda body: body | {"events": []}, "E_REQUEST_FIELD"),
    "another byte": (lambda body: body | {"events": [body["events"][0] + " "]}, "E_ROOT"),
    "an event more": (lambda body: body | {"events": body["events"] * 2}, "E_COUNT"),
    "not base64": (lambda body: body | {"envelope": body["envelope"] | {"payload": "?"}}, "E_REQUEST_FIELD"),
    "empty statement": (lambda body: body | {"envelope": body["envelope"] | {"payload": "e30="}}, "E_FIELD_MISSING"),
    "a list": (lambda body: [body], "E_REQUEST_FIELD"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_body_is_refused_and_nothing_kept(house: House, how: str) -> None:
    before, (change, code) = house.county.size(), SPOILT[how]
    answer = house.call(MAKER, "POST", "/v1/vouchers", change(body_of(house.voucher(MAKER, "charity", donation()))))
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert house.county.size() == before


@on_both
def test_another_statement_under_the_same_id_is_refused(house: House) -> None:
    first = house.voucher(MAKER, "charity", donation())
    house.post(MAKER, "/v1/vouchers", body_of(first))
    used = Statement.from_bytes(first.envelope.payload).voucher
    events = [draft_event(*donation(2))]
    other = draft(house.county.signer(MAKER), "charity", TODAY, events, house.county.now, voucher=used)
    answer = house.call(MAKER, "POST", "/v1/vouchers", body_of(other))
    assert (answer.status_code, answer.json()["code"]) == (422, "E_VOUCHER_ID_REUSED")


@on_both
def test_vouchers_are_listed_in_pages_that_are_one_list(house: House) -> None:
    for number in range(3):
        house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(number))))
    whole = house.get(MAKER, "/v1/vouchers")["vouchers"]
    assert {one["entity"] for one in whole} == {"charity"}, "the caller has no role elsewhere"
    page = house.get(MAKER, "/v1/vouchers?limit=2")
    read = page["vouchers"]
    while page["next"]:
        house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(100 + len(read)))))
        page = house.get(MAKER, f"/v1/vouchers?limit=2&cursor={page['next']}")
        read += page["vouchers"]
    assert read == whole, "what was posted while the list was read is not in it"
    cursor = house.get(MAKER, "/v1/vouchers?limit=2")["next"]
    for wrong in ("A" * 40, f"{cursor}~", f"~{cursor}", f"{cursor[:5]}!{cursor[5:]}", f"{cursor}=", f"{cursor}A", "A"):
        spoilt = house.call(MAKER, "GET", f"/v1/vouchers?limit=2&cursor={quote(wrong)}")
        assert (spoilt.status_code, spoilt.json()["code"]) == (422, "E_CURSOR"), wrong


def reclassified() -> tuple[str, dict[str, Any]]:
    """An allocation between funds of the charity: it wants a checker."""
    return "fund.allocated", {
        "movement": "http-a1",
        "source": "general",
        "target": "aixin-zhuxue",
        "amount_fen": 100,
        "purpose": "助学",
        "approval": "慈总〔2025〕1号",
        "means": "bank",
        "account": "icbc-9991",
        "on": TODAY.isoformat(),
        "origin": "decision",
    }


def test_an_approval_of_a_paper_tells_what_became_of_the_vouchers_that_waited_for_it(house: House) -> None:
    """One is posted and proven by the same answer, one no longer fits under the minutes, one has lapsed."""
    line = {"kinds": ["bank.fee"], "above_fen": 0, "capacities": ["approver"], "paper": True}
    policy = {"entity": "charity", "policies": [line], "duty_profile": None, "free_control_accounts": False}
    house.county.post("guan-1", "book", [("policy.set", {**policy, "document": None})], "guan-2", day=TODAY)
    waiting = [house.voucher(MAKER, "charity", fee(f"h-{number}")) for number in range(2)]
    soon = timestamp_text(house.county.now + timedelta(minutes=1))
    event = draft_event(*fee("h-2"))
    waiting.append(draft(house.county.signer(MAKER), "charity", TODAY, [event], house.county.now, valid_until=soon))
    names = []
    for one in waiting:
        names.append(house.post(MAKER, "/v1/vouchers", body_of(one), 202)["voucher"])
        house.post(CHECKER, f"/v1/vouchers/{names[-1]}/approvals", house.approval(CHECKER, one), 202)
    house.county.now += timedelta(minutes=2)
    paper = house.voucher(MAKER, "charity", minutes(*names))
    held = house.post(MAKER, "/v1/vouchers", body_of(paper), 202)
    receipt = house.post(CHECKER, f"/v1/vouchers/{held['voucher']}/approvals", house.approval(CHECKER, paper))
    told = {one["voucher"]: one for one in receipt["released"]}
    posted, short, lapsed = (told[name] for name in names)
    assert posted["state"] == "posted"
    assert [one["code"] for one in posted["warnings"]] == ["W_ON_PAPER"]
    note = open_checkpoint(posted["checkpoint"], house.service.operator.verifier)
    path = tuple(unpacked(node) for node in posted["path"])
    assert verify_inclusion(leaf_hash(unpacked(posted["leaf"])), posted["number"] - 1, note.size, path, note.root)
    assert (short["state"], short["missing"]) == ("pending", ["approver"])
    assert "W_PAPER_SHORT" in {one["code"] for one in short["warnings"]}
    assert (lapsed["state"], lapsed["code"]) == ("refused", "E_REFUSED")
    assert "E_EXPIRED" in {one["code"] for one in lapsed["params"]["findings"]}
    assert house.get(MAKER, f"/v1/vouchers/{names[0]}")["released"] == []


def ending(house: House, reason: str) -> Submission:
    """A voucher that rejects one that waits, as another program may sign it."""
    waits = house.voucher(MAKER, "charity", reclassified())
    voucher = house.post(MAKER, "/v1/vouchers", body_of(waits), 202)
    statement = Statement.from_bytes(waits.envelope.payload)
    said = {"voucher": statement.voucher, "statement": statement.digest, "maker": MAKER}
    fields = {**said, "amount_fen": voucher["amount_fen"], "reason": reason}
    return house.voucher(CHECKER, "charity", ("voucher.rejected", fields))


@on_both
@pytest.mark.parametrize("address", ["/v1/vouchers", "/v1/vouchers?dry_run=true"])
@pytest.mark.parametrize("reason", ["", " \u3000"])
def test_a_voucher_that_undoes_something_without_a_word_is_not_taken_in(
    house: House, reason: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.application.drafting.require_reasons", lambda _events: None)
    submission = ending(house, reason)
    waits = house.get(CHECKER, "/v1/pending")
    refused = house.post(CHECKER, address, body_of(submission), 422)
    assert refused["code"] == "E_REASON_BLANK"
    assert house.get(CHECKER, "/v1/pending") == waits
    # One that an earlier release took in is answered as before.
    house.service.writer.submit(submission)
    assert house.post(CHECKER, "/v1/vouchers", body_of(submission), 200)["repeated"]


@on_both
@pytest.mark.parametrize("kind", ["identity.erased", "identity.restricted", "identity.released"])
def test_a_voucher_that_does_something_to_a_person_without_a_word_is_not_taken_in(
    house: House, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.application.drafting.require_reasons", lambda _events: None)
    fields = {"identity": "p1", "reason": " \u3000"} | ({"basis": "request"} if kind == "identity.erased" else {})
    submission = house.voucher(MAKER, "charity", (kind, fields))
    assert house.post(MAKER, "/v1/vouchers", body_of(submission), 422)["code"] == "E_REASON_BLANK"


@on_both
def test_a_voucher_that_says_why_it_undoes_something_is_posted(house: House) -> None:
    assert house.post(CHECKER, "/v1/vouchers", body_of(ending(house, "用途不符")))["state"] == "posted"
