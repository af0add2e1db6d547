"""A report's file in parts (RFC 9110 section 14): what is sent of it, and what cannot be."""

import pytest

from ledger.signing import base64_text
from tests.api.http.house import House
from tests.api.http.test_http_reports import WHO, made


def test_a_part_of_a_file_does_not_claim_the_digest_of_the_whole(house: House) -> None:
    told, whole = made(house, {"kind": "fund", "format": "json", "span": {"month": "2025-09"}}, "part")
    part = house.call(WHO, "GET", f"/v1/reports/{told['id']}/file", range="bytes=0-9")
    assert (part.status_code, part.content) == (206, whole[:10])
    digest = base64_text.encode(bytes.fromhex(told["file"]["digest"]))
    assert part.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert "content-digest" not in part.headers, "of what is sent (RFC 9530 section 2)"


OUTSIDE = {"behind the end": "bytes=100000000-", "nothing of it": "bytes=-0"}
NONE = {"other units": "lines=1-2", "no number": "bytes=a-b", "backwards": "bytes=9-2", "no list": "bytes"}


@pytest.mark.parametrize("what", [*OUTSIDE, *NONE])
def test_a_part_that_cannot_be_given_is_refused_as_everything_is(house: House, what: str) -> None:
    told, whole = made(house, {"kind": "fund", "format": "json", "span": {"month": "2025-09"}}, "none")
    part = house.call(WHO, "GET", f"/v1/reports/{told['id']}/file", range=(OUTSIDE | NONE)[what])
    status, code = (416, "E_RANGE") if what in OUTSIDE else (400, "E_REQUEST")
    assert (part.status_code, part.json()["code"], part.json()["status"]) == (status, code, status)
    assert part.headers["content-type"] == "application/problem+json"
    assert part.headers.get("content-range") == (f"bytes */{len(whole)}" if what in OUTSIDE else None)
    assert "repr-digest" not in part.headers


def test_the_headers_of_a_file_are_those_of_the_whole(house: House) -> None:
    told, whole = made(house, {"kind": "fund", "format": "json", "span": {"month": "2025-09"}}, "head")
    got = house.call(WHO, "GET", f"/v1/reports/{told['id']}/file")
    for sent in ({}, {"range": "bytes=0-9"}, {"range": "bytes=100000000-"}):
        answer = house.call(WHO, "HEAD", f"/v1/reports/{told['id']}/file", **sent)
        assert (answer.status_code, answer.content) == (200, b""), "only a GET has parts (RFC 9110 section 14.2)"
        assert answer.headers["content-length"] == str(len(whole))
        assert answer.headers["content-digest"] == got.headers["content-digest"]
