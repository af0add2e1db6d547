"""The client against the served county: post, look, approve, reject, withdraw, read with proofs, try again."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from ledger.application.drafting import draft_event
from ledger.application.outcomes import Receipt, VoucherRefusedError, Waiting
from ledger.decisions.prepared import Submission
from ledger.errors import AuthorityError, BusyError, InputError, LedgerError, NotFoundError, RefusedError
from ledger.flows.knowledge import Finding
from ledger.signing import base64_text
from ledger.signing.merkle import leaf_hash
from ledger.signing.proofs import parse_log_proof, verify_log_proof
from ledger_api.client import Client, Manners, Reader, ReadKey
from ledger_api.client.wire import checked_url
from ledger_api.http.app import create_app
from ledger_api.http.callers import Caller, Permission
from ledger_api.http.service import Known, Service
from ledger_projections.keeping.clocks import head_position
from tests.api.client.network import URL, Network, client_of
from tests.api.http.house import House, donation, fee, minutes
from tests.application.proposing.county import TODAY

MAKER, CHECKER = "acct-charity", "check-charity"


def gift(number: int = 1, **more: Any) -> Any:
    return draft_event(*donation(number, **more))


def position(house: House) -> int:
    """Where the log ends."""
    with house.service.store.read() as connection:
        return head_position(connection)


def allocation() -> Any:
    fields = {"movement": "c-1", "source": "general", "target": "aixin-zhuxue", "amount_fen": 100, "purpose": "助学"}
    more = {"approval": "慈总〔2025〕1号", "means": "bank", "account": "icbc-9991", "origin": "decision"}
    return draft_event("fund.allocated", {**fields, **more, "on": TODAY.isoformat()})


def test_a_gift_is_posted_believed_and_read_with_its_proof(house: House, tmp_path: Path) -> None:
    with client_of(house, MAKER, tmp_path) as client:
        receipt = client.post("charity", TODAY, [gift()], note="现场募集")
        assert isinstance(receipt, Receipt)
        assert not receipt.repeated
        assert client.known() is not None
        (kept,) = (tmp_path / "receipts").rglob(f"{receipt.voucher}.json")
        told = json.loads(kept.read_bytes())
        proof, leaf = parse_log_proof(told["log_proof"]), base64_text.decode(told["leaf"])
        assert leaf == receipt.leaf
        assert verify_log_proof(leaf_hash(leaf), proof, house.service.operator.verifier).size >= receipt.number
        assert client.wait(receipt.first_position) >= receipt.first_position
        (found,) = client.events("donation:http-1", verified=True)
        assert found.position == receipt.first_position
        assert client.event(found.position, verified=True) == found
        assert client.receipt(receipt.voucher).leaf == receipt.leaf
        balances = client.get("/v1/balances", entity="charity")
        typed = client.balances("charity", as_of=TODAY)
        assert [row.balance_fen for row in typed.rows] == [row["balance_fen"] for row in balances["rows"]]
        told = client.close_list("charity", "2025-09")
        assert told.model_dump() == client.get("/v1/close-list", entity="charity", period="2025-09")
        general = sum(row.balance_fen for row in client.accounts("charity").rows if row.fund == "general")
        assert general == {row.fund: row.balance_fen for row in typed.rows}["general"] > 0


def test_every_event_that_a_caller_may_see_comes_once_and_proven(house: House, tmp_path: Path) -> None:
    with client_of(house, "auditor-1", tmp_path) as client:
        places = [one.position for one in client.events()]
        assert places == list(range(1, position(house) + 1))
        for one in list(client.events())[::25]:
            assert client.prove(one).size > 0
        assert {row.kind for row in client.trail("fund:general").rows} >= {"fund.opened"}
        assert client.trail("fund:general", as_of=date(2000, 1, 1)).rows == ()
        with pytest.raises(NotFoundError, match=r"E_TAG_UNKNOWN.*fund:general"):
            client.trail("fund:genral")
        client.checkpoint()
        assert [one.position for one in client.events(at=5)] == [1, 2, 3, 4, 5]
        assert list(client.events(as_of=date(2000, 1, 1))) == []


def test_a_second_person_sees_the_bytes_and_signs_them(house: House, tmp_path: Path) -> None:
    with client_of(house, MAKER, tmp_path) as maker, client_of(house, CHECKER, tmp_path) as checker:
        submission = maker.draft("charity", TODAY, [allocation()])
        waits = maker.submit(submission)
        assert isinstance(waits, Waiting)
        assert waits.missing == ("checker",)
        assert [one.voucher for one in checker.pending("charity")] == [waits.voucher]
        with pytest.raises(RefusedError, match="E_NOT_APPROVED"):
            checker.approve(waits.voucher, lambda _shown: False)
        shown: list[Submission] = []

        def look(one: Submission) -> bool:
            shown.append(one)
            return True

        posted = checker.approve(waits.voucher, look)
        assert isinstance(posted, Receipt)
        assert shown[0].events == submission.events
        assert checker.pending() == []


def test_vouchers_are_rejected_and_withdrawn_as_on_the_command_line(house: House, tmp_path: Path) -> None:
    with client_of(house, MAKER, tmp_path) as maker, client_of(house, CHECKER, tmp_path) as checker:
        first = maker.draft("charity", TODAY, [allocation()])
        rejected = maker.submit(first)
        assert isinstance(checker.reject(rejected.voucher, "用途不符"), Receipt)
        with pytest.raises(VoucherRefusedError) as refused:
            maker.submit(first)
        assert "E_REJECTED" in {one.code for one in refused.value.findings}
        second = maker.post("charity", TODAY, [allocation()])
        for undo in (checker.reject, maker.withdraw):
            with pytest.raises(InputError, match="E_REASON_BLANK"):
                undo(second.voucher, " ")
        with pytest.raises(InputError, match="E_REASON_BLANK"):
            maker.draft("charity", TODAY, [draft_event("identity.restricted", {"identity": "p1", "reason": " "})])
        house.county.now += timedelta(seconds=1)
        assert isinstance(maker.withdraw(second.voucher, "填错"), Receipt)
        with pytest.raises(NotFoundError, match="E_NOT_PENDING"):
            checker.waiting(second.voucher)


def test_looking_first_and_a_refusal_with_every_finding(house: House, tmp_path: Path) -> None:
    before = position(house)
    with client_of(house, MAKER, tmp_path) as client:
        submission = client.draft("charity", TODAY, [gift()])
        seen = client.preview(submission)
        assert isinstance(seen, Receipt)
        assert (seen.checkpoint, position(house)) == ("", before)
        assert seen.entries is not None
        assert sum(one.amount_fen for one in seen.entries) == 0 < len(seen.entries)
        with pytest.raises(VoucherRefusedError) as refused:
            client.post("charity", TODAY, [gift(2), gift(3, fund="no-such-fund"), gift(2)])
        assert {one.event for one in refused.value.findings} >= {1, 2}
        assert refused.value.params["position"] == before
        with pytest.raises(AuthorityError, match="E_NOT_ALLOWED"):
            client.post("bureau", TODAY, [gift()])


UNAVAILABLE = (503, {"content-type": "text/html", "retry-after": "3"}, b"<h1>busy</h1>")
TOO_MANY = (429, {"content-type": "text/plain", "retry-after": "7"}, b"")
TROUBLES: dict[str, list[Any]] = {
    "no connection": [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("slow")],
    "busy": [UNAVAILABLE, TOO_MANY],
    "a proxy between": [(502, {}, b"bad gateway"), (504, {}, b"")],
    "cut off": [httpx2.RemoteProtocolError("cut"), httpx2.ReadError("reset"), httpx2.ReadTimeout("slow")],
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_is_tried_again_with_the_same_bytes(house: House, tmp_path: Path, trouble: str) -> None:
    network = Network(house)
    with client_of(house, MAKER, tmp_path, network) as client:
        submission = client.draft("charity", TODAY, [gift()])
        network.sent.clear()
        network.broken = list(TROUBLES[trouble])
        assert isinstance(client.submit(submission), Receipt)
        posts = [content for method, _, content in network.sent if method == "POST"]
        assert len(posts) == len(TROUBLES[trouble]) + 1
        assert len(set(posts)) == 1


def test_an_answer_that_was_lost_is_found_again(house: House, tmp_path: Path) -> None:
    lost: list[Any] = []

    def lose(request: httpx2.Request, said: Any) -> Any:
        if request.method == "POST" and not lost:
            lost.append(said)
            raise httpx2.ReadError("reset after the server had posted")
        return said

    with client_of(house, MAKER, tmp_path, Network(house, lose)) as client:
        before = position(house)
        receipt = client.post("charity", TODAY, [gift()])
        assert isinstance(receipt, Receipt)
        assert receipt.repeated
        assert lost[0][0] == 201
        assert position(house) == before + 1


def test_trying_ends_and_says_that_the_voucher_may_be_posted(house: House, tmp_path: Path) -> None:
    network = Network(house)
    with client_of(house, MAKER, tmp_path, network) as client:
        submission = client.draft("charity", TODAY, [gift()])
        network.broken = [httpx2.ConnectError("refused")] * 100
        with pytest.raises(BusyError, match="E_SERVER_UNREACHED"):
            client.submit(submission)
        assert 3 < 100 - len(network.broken) < 20
        network.broken = []
        assert isinstance(client.submit(submission), Receipt)


def test_a_refusal_is_not_tried_again(house: House, tmp_path: Path) -> None:
    network = Network(house)
    with client_of(house, MAKER, tmp_path, network) as client:
        submission = client.draft("charity", TODAY, [gift(1, fund="no-such-fund")])
        network.sent.clear()
        with pytest.raises(VoucherRefusedError):
            client.submit(submission)
        assert len(network.sent) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://ledger.example.org",
        "ftp://127.0.0.1",
        "https://",
        "https://a:b@host",
        "https://host/?x=1",
        "https://[",
        "x",
    ],
)
def test_an_address_that_leaves_this_machine_in_plain_text_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="E_SERVER_URL"):
        checked_url(url)


def test_a_refusal_says_every_reason_where_it_is_printed(house: House, tmp_path: Path) -> None:
    kind, said = donation()
    places = {"http-1": "icbc-9991", "http-2": "nowhere", "http-3": "elsewhere"}
    events = [draft_event(kind, {**said, "donation": name, "account": place}) for name, place in places.items()]
    with client_of(house, MAKER, tmp_path) as client, pytest.raises(VoucherRefusedError) as refused:
        client.post("charity", TODAY, events)
    first, *reasons = str(refused.value).splitlines()
    assert first.startswith("E_REFUSED")
    assert len(reasons) == len([one for one in refused.value.findings if one.refuses]) > 1
    assert reasons[0].strip().startswith("[2] E_ACCOUNT_UNKNOWN: ")
    assert ("nowhere" in reasons[0], "elsewhere" in reasons[-1]) == (True, True)


def test_a_refusal_of_many_reasons_is_told_short() -> None:
    many = [Finding("E_FUND_SHORT", event, (("fund", "f"),)) for event in range(30)]
    told = str(VoucherRefusedError("v", [*many, Finding("W_LATE", 1)], 7)).splitlines()
    assert (len(told), told[-1].strip()) == (22, "+ 10")


@pytest.mark.parametrize("url", ["https://h", "http://127.0.0.1:8443/", "http://localhost", "http://[::1]:1"])
def test_an_address_is_taken(url: str) -> None:
    assert checked_url(url) == url.rstrip("/")


def test_plain_text_can_be_allowed() -> None:
    assert checked_url("http://ledger.intranet", plain=True)
    assert not Manners().plain


def test_a_read_only_key_is_shown_and_reads_what_it_was_given_out_for(house: House, tmp_path: Path) -> None:
    def way(request: Request, _body: bytes, _service: Service, known: Known) -> Caller | None:
        shown = request.headers.get("authorization")
        if shown != "Bearer clk_0123_secret":
            return None
        return Caller("clk_0123", "key", None, known.authority, granted=frozenset({Permission.MIRROR}))

    app = TestClient(create_app(house.service, ways=(way,)), base_url="http://ledger.test")
    network = Network(replace(house, client=app))
    auth, manners = ReadKey("clk_0123_secret"), Manners(unix=house.seconds)
    with Reader(URL, "clk_0123", auth, folder=tmp_path, manners=manners, transport=network) as reader:
        assert reader.checkpoint().size == len(reader.log.leaves(0, 1000))
        with pytest.raises(AuthorityError, match="E_NOT_ALLOWED"):
            reader.balances()


def test_an_unknown_key_is_told_in_the_ledgers_words(house: House, tmp_path: Path) -> None:
    key = type(house.county.keys[MAKER]).generate()
    manners = Manners(unix=house.seconds)
    with Client(
        "https://ledger.test", MAKER, key, folder=tmp_path, manners=manners, transport=Network(house)
    ) as client:
        with pytest.raises(LedgerError) as refused:
            client.pending()
        assert refused.value.code == "E_REQUEST_SIGNATURE"


def test_what_a_paper_releases_is_proven_too(house: House, tmp_path: Path) -> None:
    """The answer to the paper holds the receipt of the voucher that waited for it, kept like the paper's own."""
    line = {"kinds": ["bank.fee"], "above_fen": 0, "capacities": ["approver"], "paper": True}
    policy = {"entity": "charity", "policies": [line], "duty_profile": None, "free_control_accounts": False}
    house.county.post("guan-1", "book", [("policy.set", policy)], "guan-2", day=TODAY)
    with client_of(house, MAKER, tmp_path) as maker, client_of(house, CHECKER, tmp_path) as checker:
        waits = maker.post("charity", TODAY, [draft_event(*fee("c-1"))])
        checker.approve(waits.voucher, lambda _shown: True)
        paper = maker.post("charity", TODAY, [draft_event(*minutes(waits.voucher))])
        posted = checker.approve(paper.voucher, lambda _shown: True)
        assert isinstance(posted, Receipt)
        (released,) = posted.released
        assert isinstance(released, Receipt)
        assert released.voucher == waits.voucher
        (kept,) = (tmp_path / "receipts").rglob(f"{waits.voucher}.json")
        assert base64_text.decode(json.loads(kept.read_bytes())["leaf"]) == released.leaf
