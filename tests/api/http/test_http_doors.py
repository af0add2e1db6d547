"""Who may come in: signed requests and what spoils them, roles at each door, and what nobody needs to sign for."""

from collections.abc import Callable
from dataclasses import replace
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

from ledger.application.drafting import approve
from ledger.application.outcomes import Receipt
from ledger.decisions.prepared import Submission
from ledger.errors import AuthorityError
from ledger.signing import base64_text
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.keys import SigningKey
from ledger_api.http.callers import ROLES, Permission
from ledger_api.http.message_signatures import MAX_AGE_S, TAG, Message, Verified, sign_message, verify_message
from ledger_api.http.nonces import Nonces
from tests.api.http.browsers import read_key, signed_in, with_key
from tests.api.http.house import HOST, House, body_of, donation, on_both
from tests.application.proposing.county import TODAY

MAKER = "acct-charity"
OPEN = {
    "read_health",
    "read_readiness",
    "explain_code",
    "read_checkpoint",
    "read_checkpoint_of_size",
    "prove_consistency",
    "read_tile",
}
"""What anybody may ask: none of it says anything of a person, a sum or an entity."""

PATHS = {
    "voucher": "0",
    "position": "1",
    "tag": "fund:general",
    "size": "1",
    "code": "E_SIGN_IN",
    "read_key": "0" * 16,
    "reference": "x",
    "officer": "nobody",
    "account": "icbc-9991",
    "year": "2025",
    "level": "0",
    "tile": "000.p/1",
    "name": "M7",
    "report": "0" * 32,
    "import_id": "0",
    "hook": "0" * 16,
    "township": "桥头镇",
    "kind": "matching",
}
QUERIES = {
    "read_trial_balance": "?entity=charity",
    "read_close_list": "?entity=charity&period=2025-09",
    "list_reconciliations": "?entity=charity",
    "read_reconciliation": "?entity=charity",
    "prove_consistency": "?old=1&new=1",
    "create_import": "?name=a.csv",
    "take_check_sheet": "?purpose=x",
}
SEVERAL = {"read_trail"}
"""What leads through several entities, and is for those who may see all of them."""
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


WRITING = {"POST", "PUT"}
FRONT_DOOR = "sign_in"


def test_every_route_says_its_door_and_nobody_comes_in_unsigned(house: House) -> None:
    for name, method, path, permission in routes(house):
        answer = house.call(None, method, path, {} if method in WRITING else None)
        if name == FRONT_DOOR:
            assert (permission, answer.status_code) == (None, 422)
        elif name in OPEN:
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
        for way in (signature, session):
            answer = way(house, HOLDERS[role], method, path)
            opened = role in ROLES[Permission(permission)]
            if name in SEVERAL and role not in {"auditor", "supervisor", "administrator"}:
                opened = False
            assert refused(answer) != opened, (name, way.__name__, answer.text)


def signature(house: House, officer: str, method: str, path: str) -> Any:
    """A program that signs the request."""
    return house.call(officer, method, path, {} if method in WRITING else None)


def session(house: House, officer: str, method: str, path: str) -> Any:
    """A person's browser; a fresh session, for a route may have ended the one before."""
    return signed_in(house, officer).call(method, path, {} if method in WRITING else None)


def refused(answer: Any) -> bool:
    """Whether the door stayed shut."""
    return answer.status_code == 403 and str(answer.json()["code"]) == "E_NOT_ALLOWED"


@pytest.mark.parametrize("permission", ["books", "export", "mirror"])
def test_a_read_only_key_opens_its_own_doors_and_never_writes(house: House, permission: str) -> None:
    key, before = read_key(house, permission), house.county.size()
    for name, method, path, wanted in routes(house):
        if wanted is None:
            continue
        answer = with_key(house, key, method, path, {} if method in WRITING else None)
        reads = method == "GET" or (method == "POST" and wanted == "export") or name == "check_report"
        assert refused(answer) != (wanted == permission and reads), (name, answer.text)
    assert house.county.size() == before


@pytest.mark.parametrize("entity", ["charity", "bureau"])
@pytest.mark.parametrize("way", ["signature", "session", "key"])
def test_whichever_way_one_comes_in_one_sees_ones_own_entity_only(house: House, way: str, entity: str) -> None:
    officer, key = f"acct-{entity}", read_key(house, "books", entities=(entity,))
    ways: dict[str, Callable[[str], Any]] = {
        "signature": lambda path: house.call(officer, "GET", path),
        "session": lambda path: signed_in(house, officer).call("GET", path),
        "key": lambda path: with_key(house, key, "GET", path),
    }
    other = {"charity": "bureau", "bureau": "charity"}[entity]
    own = ways[way]("/v1/balances").json()
    assert {row["entity"] for row in own["rows"]} <= {entity}
    assert ways[way](f"/v1/balances?entity={entity}").json() == own
    for path in (f"/v1/balances?entity={other}", f"/v1/accounts?entity={other}", f"/v1/trial-balance?entity={other}"):
        assert refused(ways[way](path)), path
    assert refused(ways[way]("/v1/trails/fund:general"))
    events = ways[way]("/v1/events?limit=1000").json()["events"]
    numbers = {one["number"] for one in ways[way](f"/v1/vouchers?limit=1000&entity={entity}").json()["vouchers"]}
    assert {one["number"] for one in events} <= numbers


@on_both
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


@on_both
def test_a_role_that_is_withdrawn_counts_no_more_at_once(house: House) -> None:
    assert house.get("supervisor-1", "/v1/balances")
    fields = {"officer": "supervisor-1", "role": "supervisor", "entity": None}
    assert isinstance(house.county.post("guan-1", "book", [("role.withdrawn", fields)], "guan-2", day=TODAY), Receipt)
    answer = house.call("supervisor-1", "GET", "/v1/balances")
    assert (answer.status_code, answer.json()["code"]) == (403, "E_NOT_ALLOWED")


def test_what_this_service_posts_counts_with_the_next_request(house: House) -> None:
    """Its own writer tells it; the log is not folded once more."""
    assert house.get("supervisor-1", "/v1/balances")
    fields = {"officer": "supervisor-1", "role": "supervisor", "entity": None}
    drafted = house.voucher("guan-1", "book", ("role.withdrawn", fields))
    signed = approve(house.county.signer("guan-2"), drafted, "administrator", house.county.now)
    outcome = house.service.writer.submit(Submission(drafted.envelope, drafted.events, (signed,)))
    assert isinstance(outcome, Receipt)
    answer = house.call("supervisor-1", "GET", "/v1/balances")
    assert (answer.status_code, answer.json()["code"]) == (403, "E_NOT_ALLOWED")
    told = house.call("auditor-1", "GET", "/v1/balances").headers
    note = open_checkpoint(outcome.checkpoint, None)
    assert told["ledger-checkpoint"] == f"{note.size} {base64_text.encode(note.root)}"
    assert told["ledger-position"] == str(outcome.first_position)


@on_both
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


@pytest.mark.parametrize("nonce", ["", "n" * 129, "n" * 4_000])
def test_a_number_that_would_fill_the_memory_is_none(nonce: str) -> None:
    key = SigningKey.generate()
    message = Message("GET", "ledger.test", "/v1/events", "", {}, b"")
    headers = {**message.headers, **sign_message(message, key, 1_000, nonce)}
    with pytest.raises(AuthorityError) as raised:
        verify_message(replace(message, headers=headers), lambda _: key.public, 1_000)
    assert raised.value.code == "E_REQUEST_SIGNATURE"


def test_numbers_are_forgotten_also_after_the_clock_was_put_back() -> None:
    """Else they would be kept for years, and then every request would be refused."""
    nonces, years = Nonces(), 4 * 365 * 86_400
    nonces.take(Verified("k", "ahead", years), years)
    nonces.take(Verified("k", "now", 1_000), 1_000)
    nonces.take(Verified("k", "later", 3_000), 3_000)
    nonces.take(Verified("k", "now", 3_000), 3_000)  # two thousand seconds later it is young again
    with pytest.raises(AuthorityError):
        nonces.take(Verified("k", "later", 3_000), 3_000)
