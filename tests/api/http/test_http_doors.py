"""Who may come in: signed requests and what spoils them, roles at each door, and what nobody needs to sign for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

from ledger.application.outcomes import Receipt
from ledger.errors import AuthorityError
from ledger.signing.keys import SigningKey
from ledger_api.http.callers import ROLES, Permission
from ledger_api.http.message_signatures import MAX_AGE_S, TAG, Message, sign_message, verify_message
from tests.api.http.house import HOST, House, body_of, donation
from tests.application.proposing.county import TODAY

MAKER = "acct-charity"
OPEN = {
    "read_health",
    "read_readiness",
    "explain_code",
    "read_checkpoint",
    "read_checkpoint_of_size",
    "prove_consistency",
}
"""What anybody may ask: none of it says anything of a person, a sum or an entity."""

PATHS = {"voucher": "0", "position": "1", "tag": "fund:general", "size": "1", "code": "E_SIGN_IN", "import_id": "0"}
QUERIES = {
    "read_trial_balance": "?entity=charity",
    "prove_consistency": "?old=1&new=1",
    "create_import": "?name=a.csv",
}
HOLDERS = {
    "accountant": "acct-charity",
    "checker": "check-charity",
    "auditor": "auditor-1",
    "supervisor": "supervisor-1",
    "witness": "witness-1",
    "machine": "machine-1",
    "administrator": "guan-1",
}


def routes(house: House) -> list[tuple[str, str, str, str | None]]:
    """(operation, method, path, permission) of every route of the document, with its parameters filled in."""
    document = house.get(None, "/v1/openapi.json")
    found = []
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            name = route["operationId"]
            found.append(
                (name, method.upper(), path.format(**PATHS) + QUERIES.get(name, ""), route.get("x-permission"))
            )
    return found


def test_every_route_says_its_door_and_nobody_comes_in_unsigned(house: House) -> None:
    for name, method, path, permission in routes(house):
        answer = house.call(None, method, path, {} if method == "POST" else None)
        if name in OPEN:
            assert permission is None
            assert answer.status_code in {200, 404}, (name, answer.text)
        else:
            assert permission in set(Permission), name
            assert (answer.status_code, answer.json()["code"]) == (401, "E_SIGN_IN"), name
            assert answer.headers["www-authenticate"].startswith("Signature")


@pytest.mark.parametrize("role", HOLDERS)
def test_a_role_opens_the_doors_of_its_permissions_and_no_other(house: House, role: str) -> None:
    for name, method, path, permission in routes(house):
        if permission is None:
            continue
        answer = house.call(HOLDERS[role], method, path, {} if method == "POST" else None)
        opened = role in ROLES[Permission(permission)]
        refused = (answer.status_code, answer.json().get("code")) == (403, "E_NOT_ALLOWED")
        if name == "read_trail" and role not in {"auditor", "supervisor", "administrator"}:
            assert refused, "a trail leads through several entities"
        else:
            assert refused != opened, (name, answer.text)


def test_another_entitys_books_stay_shut(house: House) -> None:
    other = house.call(MAKER, "GET", "/v1/balances?entity=bureau")
    assert (other.status_code, other.json()["code"]) == (403, "E_NOT_ALLOWED")
    own = house.get(MAKER, "/v1/balances")
    assert {row["entity"] for row in own["rows"]} == {"charity"}
    everything = house.get("supervisor-1", "/v1/balances")
    assert {row["entity"] for row in everything["rows"]} > {"charity"}
    body = body_of(house.voucher("acct-bureau", "bureau", donation()))
    answer = house.call(MAKER, "POST", "/v1/vouchers", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "E_NOT_ALLOWED")
    visible = {one["number"] for one in house.get(MAKER, "/v1/events?limit=1000")["events"]}
    assert visible == {one["number"] for one in house.get(MAKER, "/v1/vouchers?limit=1000")["vouchers"]}


def test_a_role_that_is_withdrawn_counts_no_more_at_once(house: House) -> None:
    assert house.get("supervisor-1", "/v1/balances")
    fields = {"officer": "supervisor-1", "role": "supervisor", "entity": None}
    assert isinstance(house.county.post("guan-1", "book", [("role.withdrawn", fields)], "guan-2", day=TODAY), Receipt)
    answer = house.call("supervisor-1", "GET", "/v1/balances")
    assert (answer.status_code, answer.json()["code"]) == (403, "E_NOT_ALLOWED")


def test_a_revoked_key_signs_nothing_more(house: House) -> None:
    key = house.county.keys["auditor-1"].public
    fields = {"officer": "auditor-1", "keyid": key.keyid, "reason": "lost", "note": "遗失"}
    assert isinstance(house.county.post("guan-1", "book", [("key.revoked", fields)], "guan-2", day=TODAY), Receipt)
    answer = house.call("auditor-1", "GET", "/v1/balances")
    assert (answer.status_code, answer.json()["code"]) == (403, "E_REQUEST_SIGNATURE")


Change = Callable[[dict[str, str]], dict[str, str]]
SPOILT: dict[str, Change] = {
    "another signature": lambda sent: sent | {"signature": sent["signature"].replace("ledger=:", "ledger=:A")},
    "query not covered": lambda sent: sent | {"signature-input": sent["signature-input"].replace(' "@query"', "")},
    "another purpose": lambda sent: sent | {"signature-input": sent["signature-input"].replace("charity-ledger", "x")},
    "another time": lambda sent: sent | {"signature-input": sent["signature-input"].replace("created=", "created=1")},
    "nonsense": lambda sent: sent | {"signature-input": "nonsense("},
    "a field added": lambda sent: sent | {"idempotency-key": "added afterwards"},
    "no signature": lambda sent: {name: value for name, value in sent.items() if name != "signature"},
    "another host": lambda sent: sent | {"host": "elsewhere.test"},
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_signature_is_refused(house: House, how: str) -> None:
    path = "/v1/balances"
    sent = house.signed(MAKER, "GET", path, b"", {})
    answer = house.client.get(path, headers=SPOILT[how](sent))
    assert (answer.status_code, answer.json()["code"]) == (403, "E_REQUEST_SIGNATURE"), answer.text


def test_a_signature_is_of_one_request_once_and_young(house: House) -> None:
    sent = house.signed(MAKER, "GET", "/v1/balances", b"", {})
    assert house.client.get("/v1/balances?entity=charity", headers=sent).json()["code"] == "E_REQUEST_SIGNATURE"
    assert house.client.get("/v1/accounts", headers=sent).json()["code"] == "E_REQUEST_SIGNATURE"
    assert house.client.get("/v1/balances", headers=sent).status_code == 200
    assert house.client.get("/v1/balances", headers=sent).json()["code"] == "E_REQUEST_REPLAYED"
    late = house.signed(MAKER, "GET", "/v1/balances", b"", {})
    house.county.now += timedelta(seconds=MAX_AGE_S + 1)
    assert house.client.get("/v1/balances", headers=late).json()["code"] == "E_REQUEST_SIGNATURE"


def test_a_changed_body_is_not_what_was_signed(house: House) -> None:
    content = b'{"envelope": {}}'
    sent = {"content-type": "application/json"} | house.signed(
        MAKER, "POST", "/v1/vouchers", content, {"content-type": "application/json"}
    )
    answer = house.client.post("/v1/vouchers", content=content + b" ", headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (403, "E_REQUEST_SIGNATURE")


def test_an_independent_implementation_signs_what_we_take_and_takes_what_we_sign() -> None:
    """RFC 9421 as `http-message-signatures` has it."""
    key, now = SigningKey.generate(), int(datetime.now(UTC).timestamp())
    body = '{"说明": 1}'.encode()
    headers = {"content-type": "application/json", "idempotency-key": "k-1"}
    message = Message("POST", HOST, "/v1/vouchers", "dry_run=true&x=%20", headers, body)
    found = peer_takes(message, headers | sign_message(message, key, now, "n-1"), key)
    assert found == {"@method", "@authority", "@path", "@query", "content-digest", "content-type", "idempotency-key"}
    with pytest.raises(InvalidSignature):
        peer_takes(message, headers | sign_message(message, SigningKey.generate(), now, "n-1"), key)
    theirs = Message("POST", HOST, "/v1/vouchers", message.query, peer_signs(message, headers, key), body)
    assert verify_message(theirs, lambda _keyid: key.public, now).keyid == key.public.keyid
    with pytest.raises(AuthorityError):
        verify_message(theirs, lambda _keyid: SigningKey.generate().public, now)


class Resolver(HTTPSignatureKeyResolver):
    """The one key, as the other implementation wants it."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> Any:
        return Ed25519PublicKey.from_public_bytes(self._key.public.raw)

    def resolve_private_key(self, key_id: str) -> Any:
        return Ed25519PrivateKey.from_private_bytes(self._key.seed)


def peer_request(message: Message, headers: dict[str, str]) -> Any:
    url = f"https://{HOST}{message.path}?{message.query}"
    return SimpleNamespace(method=message.method, url=url, headers=dict(headers))


def peer_takes(message: Message, headers: dict[str, str], key: SigningKey) -> set[str]:
    """The components that the other implementation says are covered."""
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Resolver(key))
    (found,) = verifier.verify(peer_request(message, headers), body=message.body, expect_tag=TAG)
    return {name.strip('"') for name in found.covered_components if not name.startswith('"@signature')}


def peer_signs(message: Message, headers: dict[str, str], key: SigningKey) -> dict[str, str]:
    """The headers of the request once the other implementation has signed it."""
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=Resolver(key))
    request = peer_request(message, headers)
    covered = ("@method", "@authority", "@path", "@query", "content-digest", "content-type", "idempotency-key")
    signer.sign(
        request,
        key_id=key.public.keyid,
        nonce="n-2",
        label="peer",
        tag=TAG,
        body=message.body,
        covered_component_ids=covered,
    )
    return {name.lower(): value for name, value in request.headers.items()}
