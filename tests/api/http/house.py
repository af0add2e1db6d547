"""The test county's book behind the interface, and callers who sign their requests.

It is served in this process, without a socket; what needs one starts the real server.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.application.drafting import approve, draft, draft_event
from ledger.application.outcomes import Receipt
from ledger.decisions.prepared import Submission
from ledger.signing import base64_text
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger_api.books import Book, Settings
from ledger_api.client import SignedRequests
from ledger_api.http.app import create_app
from ledger_api.http.message_signatures import Message, sign_message
from ledger_api.http.running.guard import Limits
from ledger_api.http.service import Service
from ledger_api.http.streaming.limits import StreamLimits
from tests.application.proposing.county import ORIGIN, TODAY, County, enrolment_of
from tests.application.proposing.county_facts import CHARITY, Fields

HOST = "ledger.test"
on_both = pytest.mark.parametrize("county", ["sqlite", "postgresql"], indirect=True)
"""A test on both kinds of database."""

SHORT = StreamLimits(seconds=0.05)
"""Streams that soon end: here an answer is read whole."""

LOOKERS = {"auditor-1": "auditor", "supervisor-1": "supervisor", "witness-1": "witness", "machine-1": "machine"}
"""People and machines beside the county's own: each has one role, for every entity."""


@dataclass
class House:
    """A served book; `client` speaks to it as nobody, `call` as an officer."""

    county: County
    client: TestClient
    service: Service
    calls: int = 0

    def call(self, officer: str | None, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """A request, signed with the officer's key; answers the response."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent.setdefault("content-type", "application/json")
        if officer is None:
            return self.client.request(method, path, content=content or None, headers=sent)
        auth = SignedRequests(self.county.keys[officer], self.seconds)
        return self.client.request(method, path, content=content or None, headers=sent, auth=auth)

    def signed(self, officer: str, method: str, path: str, content: bytes, sent: Mapping[str, str]) -> dict[str, str]:
        """The headers that an officer's program adds to a request, for tests that spoil them."""
        self.calls += 1
        bare, _, query = path.partition("?")
        message = Message(method, HOST, bare, query, dict(sent), content)
        return sign_message(message, self.county.keys[officer], int(self.seconds()), f"n{self.calls}")

    def seconds(self) -> float:
        """The county's clock, as clients count."""
        return self.county.now.timestamp()

    def program(self, officer: str) -> TestClient:
        """A client that signs every request with the officer's key."""
        made = TestClient(self.client.app, base_url=f"http://{HOST}")
        made.auth = SignedRequests(self.county.keys[officer], self.seconds)
        return made

    def get(self, officer: str | None, path: str, status: int = 200) -> Any:
        """The JSON of a GET that must end with this status."""
        answer = self.call(officer, "GET", path)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, officer: str | None, path: str, body: Any, status: int = 201) -> Any:
        """The JSON of a POST that must end with this status."""
        answer = self.call(officer, "POST", path, body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def voucher(self, maker: str, entity: str, *facts: tuple[str, Fields], day: date = TODAY) -> Submission:
        """A drafted, signed voucher."""
        events = [draft_event(kind, fields) for kind, fields in facts]
        return draft(self.county.signer(maker), entity, day, events, self.county.now)

    def approval(self, officer: str, submission: Submission, capacity: str = "checker") -> dict[str, Any]:
        """The body of an approval."""
        envelope = approve(self.county.signer(officer), submission, capacity, self.county.now)
        return {"envelope": envelope.to_json_value()}


def body_of(submission: Submission) -> dict[str, Any]:
    """A submission as the interface takes it."""
    return {
        "envelope": submission.envelope.to_json_value(),
        "events": [data.decode() for data in submission.events],
        "approvals": [one.to_json_value() for one in submission.approvals],
    }


def donation(number: int = 1, fen: int = 5_000, fund: str = "general") -> tuple[str, Fields]:
    """A gift that reached the charity's bank account."""
    return "donation.received", {
        "donation": f"http-{number}",
        "fund": fund,
        "donor_kind": "anonymous",
        "publicity": "anonymous",
        "amount_fen": fen,
        "means": "bank",
        "account": "icbc-9991",
        "pledge_parts": [],
        "wants_receipt": False,
        "occurred_on": TODAY.isoformat(),
    }


def fee(number: str) -> tuple[str, Fields]:
    """Money that leaves the bank account."""
    where = {"account": "icbc-9991", "fund": "general", "on": TODAY.isoformat()}
    return "bank.fee", {"movement": number, "amount_fen": 100, **where}


def minutes(*vouchers: str, **scope: Any) -> tuple[str, Fields]:
    """Minutes of the council that stand for the leader's signature on these vouchers."""
    said = {"document": "会纪1号", "form": "minutes", "decided_on": TODAY.isoformat(), "subject": "手续费"}
    deciders = [{"name": "示例陈", "post": "会长", "officer": None}]
    limits = {"kinds": ["bank.fee"], "max_fen": 100, "scan": "sha256:" + "0" * 64, **scope}
    return "approval.recorded", {**said, "deciders": deciders, "vouchers": list(vouchers), **limits}


def served(county: County) -> House:
    """The county's book behind the interface, with the people who look at it."""
    people: list[tuple[str, Fields]] = []
    county.keys = {**county.keys, **{officer: SigningKey.generate() for officer in LOOKERS}}
    for officer, role in LOOKERS.items():
        named = {"officer": officer, "name": officer, "entity": CHARITY, "post": "other", "title": "测试"}
        machine = {"machine_kinds": ["bank.fee"]} if role == "machine" else {}
        people.append(("officer.named", {**named, "valid_from": "2025-01-01"}))
        people.append(("key.enrolled", {**enrolment_of(county, officer), "valid_from": "2025-01-01", **machine}))
        people.append(("role.granted", {"officer": officer, "role": role, "entity": None}))
    assert isinstance(county.post("guan-1", "book", people, "guan-2", day=TODAY), Receipt)
    url = county.store.engine.url.render_as_string(hide_password=False)
    settings = Settings(county.folder, ORIGIN, url, Path("operator.clkey"), None)
    service = Service(Book(settings, lambda: county.now), NoteSigner(ORIGIN, county.operator))
    client = TestClient(create_app(service, streams=SHORT), base_url=f"http://{HOST}")
    return House(county, client, service)


def unpacked(text: str) -> bytes:
    """The bytes of base64."""
    return base64_text.decode(text)


def guarded(house: House, limits: Limits, **peer: Any) -> TestClient:
    """A client of the same book behind other limits."""
    return TestClient(create_app(house.service, limits=limits), base_url=f"http://{HOST}", **peer)
