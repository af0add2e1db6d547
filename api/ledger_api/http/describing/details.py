"""Security schemes, examples and links of the OpenAPI document.

`examples.json` holds, by operation, what was sent to a running service and what it answered: all of an invented county.
`links.toml` says which answer names what another operation takes.
"""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from ledger_api.http.access.cross_site import FORM_TOKEN
from ledger_api.http.access.ways import COOKIE
from ledger_api.http.doors import ASKING
from ledger_api.http.problems import MEDIA_TYPE
from ledger_api.http.reading.negotiating import JSON

_HERE: Final = Path(__file__).parent
EXAMPLES: Final = _HERE / "examples.json"
LINKS: Final = _HERE / "links.toml"

SCHEMES: Final[dict[str, dict[str, Any]]] = {
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "HTTP message signature (RFC 9421) with an enrolled Ed25519 key, beside `Signature-Input` and, "
        "with a body, `Content-Digest` (RFC 9530)",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": f"A person's session, from `POST /v1/session`; what changes something sends `{FORM_TOKEN}` too",
    },
    "read_key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "clk_<id>_<secret>",
        "description": "A supervisor's read-only key: reads, and starts reports",
    },
}
_BODY: Final = "$response.body#/"
_KEYS_OPEN: Final = {"books", "export", "mirror"}
"""The permissions that a read-only key may have."""


def detailed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with them."""
    document.setdefault("components", {})["securitySchemes"] = SCHEMES
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    links = tomllib.loads(LINKS.read_text(encoding="utf-8"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            operation["security"] = _security((method.upper(), path), operation.get("x-permission"))
            name = operation["operationId"]
            _exemplified(operation, examples.get(name, {}))
            for code, example in examples.get(name, {}).get("answers", {}).items():
                if led := _links(links.get(name, {}), example):
                    operation["responses"][code]["links"] = led
    return document


def _security(route: tuple[str, str], permission: str | None) -> list[dict[str, list[str]]]:
    """Any one of the ways; none for what anybody may ask."""
    if permission is None:
        return []
    keyed = permission in _KEYS_OPEN and (route[0] == "GET" or route in ASKING or permission == "export")
    return [{name: []} for name in SCHEMES if keyed or name != "read_key"]


def _exemplified(operation: dict[str, Any], example: dict[str, Any]) -> None:
    if "request" in example:
        operation["requestBody"]["content"][JSON]["example"] = example["request"]
    for code, body in example.get("answers", {}).items():
        media_type = JSON if code.startswith("2") else MEDIA_TYPE
        operation["responses"][code]["content"][media_type]["example"] = body


def _links(told: dict[str, dict[str, str]], answer: Any) -> dict[str, Any]:
    """Those of which the answer names all: a voucher that waits has no positions yet."""
    return {
        name: {"operationId": name, "parameters": parameters}
        for name, parameters in told.items()
        if all(_names(answer, expression) for expression in parameters.values())
    }


def _names(answer: Any, expression: str) -> bool:
    """Whether an answer has what an expression points at."""
    for step in expression.removeprefix(_BODY).split("/"):
        try:
            answer = answer[int(step) if isinstance(answer, list) else step]
        except (KeyError, IndexError):
            return False
    return answer is not None
