"""Two thousand requests made from the OpenAPI document, signed: none is answered with 5xx or outside the document.

The requests are what the document allows and what it does not, for every route, by an officer whom its door lets in.
"""

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.python import asgi

from ledger.signing.keys import SigningKey
from ledger_api.http.message_signatures import Message, sign_message
from tests.api.http.house import HOST, House, on_both
from tests.soaking import rounds

CASES = rounds(2_000, 50_000)
"""On both kinds of database together."""

OFFICERS = {None: "auditor-1", "books": "auditor-1", "post": "acct-charity", "system": "guan-1"}
"""Who signs, by the permission of the route; other doors are opened for nobody here and answer 403."""

UNASKED = {
    "positive_data_acceptance": "what the document allows may still be refused by the rules of the book",
    "negative_data_rejection": "a body may break the document and still be refused for its signature or its host first",
    "ignored_auth": "the checks of the doors are in their own tests; open routes take a signature and ignore it",
}


class Signing(AuthBase):
    """Signs a request as it is about to be sent."""

    def __init__(self, house: House, key: SigningKey) -> None:
        self._house, self._key = house, key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self._house.calls += 1
        request.headers["Host"] = HOST
        body: Any = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        headers = {_text(name).lower(): _text(value) for name, value in request.headers.items()}
        if content:
            headers.setdefault("content-type", "application/json")
            request.headers.setdefault("Content-Type", "application/json")
        target = urlsplit(str(request.url))
        message = Message(str(request.method), HOST, target.path, target.query, headers, content)
        added = sign_message(message, self._key, int(self._house.seconds()), f"s{self._house.calls}")
        request.headers.update(added)
        return request


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


@on_both
def test_no_request_is_answered_outside_the_document(house: House) -> None:
    schema: Any = schemathesis.openapi.from_asgi("/v1/openapi.json", house.client.app, headers={"host": HOST})
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 15
    checks = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in UNASKED]
    made: Counter[str] = Counter()
    states: Counter[int] = Counter()
    before = house.county.size()
    application: Any = house.client.app
    with asgi.get_client(application) as session:
        while made.total() < CASES // 2:
            each = max(10, (CASES // 2 - made.total()) // len(operations))
            for operation in operations:
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                    tried(house, operation, mode, each, checks, session, made, states)
    assert set(made) == {operation.label for operation in operations}
    assert states[200] > 0
    assert not [status for status in states if status >= 500]
    assert house.county.size() == before, "no request of these was a voucher"


def test_an_answer_outside_the_document_is_found(house: House) -> None:
    app: Any = house.client.app
    app.openapi()["components"]["schemas"]["Health"]["properties"]["status"] = {"type": "integer"}
    schema: Any = schemathesis.openapi.from_asgi("/v1/openapi.json", app, headers={"host": HOST})
    (operation,) = [one for one in (found.ok() for found in schema.get_all_operations()) if one.path == "/v1/health"]
    checks = [CHECKS.get_one("response_schema_conformance")]
    with asgi.get_client(app) as session, pytest.raises(FailureGroup):
        tried(house, operation, GenerationMode.POSITIVE, 1, checks, session, Counter(), Counter())


def tried(
    house: House,
    operation: Any,
    mode: GenerationMode,
    each: int,
    checks: list[Any],
    session: Any,
    made: Counter[str],
    states: Counter[int],
) -> None:
    """So many requests to one route."""
    permission = operation.definition.raw.get("x-permission")
    signing = Signing(house, house.county.keys[OFFICERS.get(permission, "auditor-1")])

    @settings(max_examples=each, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        answer = case.call(session=session, auth=signing)
        made[operation.label] += 1
        states[answer.status_code] += 1
        case.validate_response(answer, checks=checks)

    try:
        one()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "a route without parameters has none that could be wrong"
