"""Why a value has not the form that a field wants, in the reader's language and never in a library's words."""

import re
from collections.abc import Mapping
from typing import Any, Final

from ledger.catalogue import Words, say
from ledger.flows.fields import IDENTIFIER, INSTANT, MONTH

_TOLD: Final = frozenset(
    (
        *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "missing", "extra_forbidden"),
        *("none_required", "int_type", "string_type", "bool_type", "date_type", "object", "list", "literal_error"),
        *("string_too_short", "string_too_long", "too_short", "too_long", "identifier", "month", "instant"),
        *("string_pattern_mismatch", "json_invalid"),
    )
)
"""Types of faults that have a sentence of their own."""
_PATTERNS: Final = {IDENTIFIER: "identifier", MONTH: "month", INSTANT: "instant"}
_SAME: Final = {
    "int_parsing": "int_type",
    "int_from_float": "int_type",
    "int_parsing_size": "int_type",
    "string_unicode": "string_type",
    "bool_parsing": "bool_type",
    "date_parsing": "date_type",
    "date_from_datetime_parsing": "date_type",
    "date_from_datetime_inexact": "date_type",
    "model_type": "object",
    "model_attributes_type": "object",
    "dict_type": "object",
    "tuple_type": "list",
    "list_type": "list",
    "frozen_set_type": "list",
    "enum": "literal_error",
}
"""Faults that read alike."""
_CHOICE: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s,]+""")


def form_fault(fault: Mapping[str, Any]) -> Words:
    """The reason of one fault that pydantic found, as `ValidationError.errors()` gives it."""
    params = dict(fault.get("ctx") or {})
    name = _PATTERNS.get(str(params.get("pattern")), str(fault["type"]))
    told = _SAME.get(name, name)
    if told == "literal_error":
        expected = str(params["expected"])
        params["expected"] = Words("、".join(one for one in _CHOICE.findall(expected) if one != "or"), expected)
    return form(told, **params) if told in _TOLD else Words(form("other"), str(fault["msg"]))


def form(told: str, **params: Any) -> Words:
    """A reason by its name in both languages."""
    code = f"form.{told}"
    return Words(say(code, "zh", **params), say(code, "en", **params))
