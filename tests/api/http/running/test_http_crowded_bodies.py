"""A large body is long because of what it says: one of millions of small parts never reaches the parser."""

from dataclasses import replace

import orjson
import pytest
from fastapi.testclient import TestClient

from ledger.decisions.prepared import EVENT_BYTES_MAX, prepare
from ledger.errors import InputError
from ledger.flows.giving.donations import DonationCollective, GiftLine
from ledger.flows.registry import write_event
from ledger_api.http.app import create_app
from ledger_api.http.problems import TooLargeError
from ledger_api.http.running.bodies import BODY_BYTES_MAX, CHOICES_BYTES_MAX, require_readable
from ledger_api.http.running.guard import Limits
from tests.api.http.house import HOST, House, body_of, donation
from tests.flows.event_samples import make

MAKER = "acct-charity"
LONG = 4 * CHOICES_BYTES_MAX
HEAD, END = b'{"envelope":{"payload":"","payloadType":"","signatures":[]},"events":[', b"]}"


def filled(part: bytes) -> bytes:
    """A body of one part over and over."""
    return HEAD + part * (LONG // len(part)) + part.rstrip(b", ") + END


CROWDED = {
    "empty objects": filled(b"{},"),
    "empty lists": filled(b"[],"),
    "numbers": filled(b"1,"),
    "empty texts": filled(b'"",'),
    "texts of one sign": filled(b'"\\\\",'),
    "spread out": filled(b"{} , "),
    "unknown fields": b'{"a":{' + b",".join(b'"%07d":0' % number for number in range(LONG // 8)) + b"}}",
    "one in another": b"[" * LONG,
}


@pytest.mark.parametrize("body", CROWDED.values(), ids=CROWDED)
def test_a_body_of_millions_of_parts_is_refused_unread(house: House, body: bytes) -> None:
    client = TestClient(create_app(house.service, limits=Limits()), base_url=f"http://{HOST}")
    headers = {"content-type": "application/json", "signature-input": "a=()", "signature": "a=:AA==:"}
    answer = client.post("/v1/vouchers", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "E_BODY_PARTS")
    for media in ("application/problem+json", "APPLICATION/JSON; charset=utf-8"):
        answer = client.post("/v1/vouchers", content=body, headers={**headers, "content-type": media})
        assert answer.json()["code"] == "E_BODY_PARTS"


def test_what_offices_hand_in_is_read(house: House) -> None:
    """The largest voucher, and the event with the shortest parts that there is."""
    submission = house.voucher(MAKER, "charity", *(donation(number) for number in range(4_000)))
    require_readable(body := orjson.dumps(body_of(submission)))
    assert len(body) > CHOICES_BYTES_MAX
    lines = tuple(GiftLine(no=number, donor=None, fen=1) for number in range(1, 10_001))
    crowded = write_event(make(DonationCollective, lines=lines, persons=len(lines), amount_fen=len(lines)))
    body = orjson.dumps({"envelope": {}, "events": [crowded.decode()] * 20})
    assert CHOICES_BYTES_MAX < len(body) < BODY_BYTES_MAX
    assert len(crowded) < EVENT_BYTES_MAX // 4
    require_readable(body)


def test_choices_may_be_as_many_as_a_sheet_has_rows() -> None:
    body = orjson.dumps({"rows": list(range(150_000))})
    assert len(body) <= CHOICES_BYTES_MAX
    require_readable(body)
    with pytest.raises(TooLargeError):
        require_readable(orjson.dumps({"rows": [1] * LONG}))


def test_one_event_has_its_own_limit(house: House) -> None:
    submission = house.voucher(MAKER, "charity", donation())
    long = submission.events[0] + b" " * EVENT_BYTES_MAX
    with pytest.raises(InputError) as refused:
        prepare(replace(submission, events=(long,)), {})
    assert (refused.value.code, refused.value.params["event"]) == ("E_EVENT_BYTES", 0)
