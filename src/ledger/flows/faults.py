"""Which field of an event is at fault, where what refused it saw only a number or a text."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.flows.fields import MAX_INTEGER
from ledger.flows.forms import form
from ledger.signing.canonical import canonical

_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_SHOWN_CHARS: Final = 120


def of_number(value: Mapping[str, Any], refused: InputError) -> InputError:
    """E_EVENT_FIELD for a number that no event can hold; any other refusal as it is."""
    reason = refused.params.get("reason")
    if refused.code != "E_NOT_CANONICAL" or reason not in {"float", "integer"}:
        return refused
    steps = [name or int(at) for name, at in _STEP.findall(str(refused.params["path"]))]
    found: Any = value
    for step in steps:
        found = found[step]
    field = ".".join(map(str, steps))
    why = form("number_range", most=MAX_INTEGER) if reason == "integer" else form("whole_number")
    if reason == "float" and field.endswith("fen"):
        why = form("whole_fen")
    told = {"kind": value.get("kind"), "field": field, "value": str(found)[:_SHOWN_CHARS], "reason": why}
    return InputError("E_EVENT_FIELD", **told, others="")


def of_text(cls: type[Event], value: Mapping[str, Any], refused: InputError) -> InputError:
    """The refusal of a text with the event's field in place of «text». Fields are read in order, and the first text
    that is refused ends the reading: so it is the one with which the fields before it are refused as well.
    """
    if refused.params.get("field") != "text":
        return refused
    shown: dict[str, Any] = {}
    for name in cls.model_fields:
        if name not in value:
            continue
        shown[name] = value[name]
        try:
            cls.__pydantic_validator__.validate_json(canonical(shown))
        except ValidationError:
            continue
        except InputError as again:
            return InputError(again.code, **{**again.params, "field": name})
    return refused
