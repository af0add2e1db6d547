"""Where in a request something is wrong: `/…` points into its body ("" is the whole, RFC 6901), `?name` is of the
query, `{name}` of the path, and a header is called as it is.

What refuses a value deep inside knows what it calls it and not where it stood. It is looked for by its name, and by the
value where the name says nothing.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from fastapi import Request
from fastapi.routing import APIRoute

from ledger.errors import InputError, LedgerError
from ledger_api.asking import NAMELESS, is_value

SEARCHED_BYTES: Final = 64 * 1024
"""A longer body is not read once more to find a place in it."""

_STEP: Final = re.compile(r"[^.\[\]]+")
_MARKS: Final = ("/", "?", "{")
_KEY: Final = "[key]"
"""What pydantic calls the name of a member, of which the member stands for the place."""
_SIGNED: Final = frozenset({"statement", "approval"})
"""What is signed has fields of its own, inside the payload of its envelope."""


def pointer(parts: Iterable[str | int]) -> str:
    """The JSON pointer of names and numbers (RFC 6901 section 3)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def is_json(media_type: bytes) -> bool:
    """Whether the framework reads a body as JSON: `application/json` or any `+json` (RFC 6839 section 3.1)."""
    media = media_type.partition(b";")[0].strip().lower()
    return media.startswith(b"application/") and media.endswith((b"/json", b"+json"))


def of_form(loc: Sequence[str | int]) -> str:
    """The place of a fault of form, as the framework names it: the part of the request, and the way within."""
    part, *path = loc
    if part == "body":
        return pointer(one for one in path if one != _KEY)
    name = str(path[0]) if path else ""
    return {"path": f"{{{name}}}", "header": name}.get(str(part), f"?{name}")


def say_place(request: Request, error: LedgerError) -> str | None:
    """The place that an error of a value speaks of, which it then says itself; None where that is no single one."""
    field, event = error.params.get("field"), error.params.get("event")
    if not isinstance(error, InputError):
        return None
    if isinstance(event, int):
        return pointer(("events", event)) if "events" in _members(request) else None
    if not isinstance(field, str) or field.startswith(_MARKS):
        return field or None
    first, *rest = _STEP.findall(field) or [field]
    if rest:
        return _of_path(_members(request), first, rest)
    found = _looked_for(request, field, error.params)
    if found is not None:
        error.params["field"] = found
    return found


def _of_path(members: Iterable[str], first: str, rest: Sequence[str]) -> str | None:
    """The place of `envelope.payload`, or of what stands inside a payload: `statement.made_at`."""
    if first in members:
        return pointer((first, *rest))
    if first == "approval" and "approvals" in members:
        return pointer(("approvals",))
    return pointer(("envelope", "payload")) if first in _SIGNED and "envelope" in members else None


def _looked_for(request: Request, field: str, params: Mapping[str, Any]) -> str | None:
    """Where a value of that name stood, or any such value where the name says nothing."""
    given = [*_given(request)]
    named = (
        place for place, name, value in given if name == field and ("value" not in params or is_value(params, value))
    )
    if (found := next(named, None)) is not None or field not in NAMELESS:
        return found
    return next((place for place, _, value in given if is_value(params, value)), None)


def _given(request: Request) -> Iterator[tuple[str, str, object]]:
    """Place, name and value of all that was sent, what stands outermost first."""
    yield from ((f"?{name}", name, value) for name, value in request.query_params.multi_items())
    yield from ((f"{{{name}}}", name, value) for name, value in request.path_params.items())
    data = request.scope.get("body", b"")
    if not data or len(data) > SEARCHED_BYTES:
        return
    try:
        waiting = deque[tuple[tuple[str | int, ...], Any]]([((), orjson.loads(data))])
    except orjson.JSONDecodeError:
        return
    while waiting:
        path, value = waiting.popleft()
        if path:
            yield pointer(path), str(path[-1]), value
        if isinstance(value, dict):
            waiting.extend(((*path, name), inner) for name, inner in value.items())
        elif isinstance(value, list):
            waiting.extend(((*path, at), inner) for at, inner in enumerate(value))


def _members(request: Request) -> Iterable[str]:
    """What the body of the request's route is made of, by its names."""
    route = request.scope.get("route")
    body = route.body_field if isinstance(route, APIRoute) else None
    return () if body is None else getattr(body.field_info.annotation, "model_fields", ())
