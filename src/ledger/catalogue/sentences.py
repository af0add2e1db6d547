"""Loading the catalogues and filling their sentences.

A catalogue is a TOML file of tables `[CODE]` with the keys `zh` and `en`; placeholders are `{name}`. A code stands in
one file only, so that no sentence silently replaces another. What an import remarks has a third key, `remark`: see
`remark_class`.
"""

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Self

_ALSO = {"zh": ",", "en": ", and "}
_JOINED = {"zh": "、", "en": ", "}
_HOLDS = {"zh": ("否", "是"), "en": ("no", "yes")}
_ABSENT = {"zh": "未填", "en": "not given"}
_EMPTY = {"zh": "无", "en": "none"}
_NONE = {
    ("state", "-"): {"zh": "尚未制表", "en": "not prepared"},
    ("document", "-"): {"zh": "（没有可用的文号）", "en": "(none with money left)"},
    ("entity", "*"): {"zh": "全账", "en": "the whole book"},
    ("within", "*"): {"zh": "全部主体", "en": "every entity"},
    ("field", ""): {"zh": "正文", "en": "the body"},
    ("within", "-"): _EMPTY,
    ("reissue", None): {"zh": "另一笔", "en": "another one"},
}
"""How a parameter is read that names nothing."""
_KINDS = frozenset({"kind", "state", "step", "document"})
"""Parameters that may name a kind of event, or none."""
_WORDED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("capacity", "duty", "held", "missing", "role", "roles"), ("role_name", "word_place", "word_post")),
    **{name: (name,) for name in ("became", "period_state", "valuation")},
    **{
        name: (f"word_{name}",)
        for name in (
            *("book_kind", "chart_family", "component", "donor_kind", "entity_kind", "holding", "list", "nature"),
            *("post", "publicity", "relation", "seal", "subject"),
        )
    },
    "mode": ("mode", "word_formula", "word_road"),
    "before": ("word_subject", "word_unit"),
    "unit": ("word_unit",),
    "programme_unit": ("word_unit",),
    "family": ("word_chart_family",),
    "means": ("word_holding",),
    "net_assets": ("word_net",),
    "what": ("word_due",),
    "allowed": ("table_purpose",),
    "purpose": ("table_purpose",),
    "destination": ("table_destination",),
    "fund_kind": ("table_fund",),
    "money_with": ("table_money_with",),
    "pledge_kind": ("table_pledge",),
    "reason": ("table_clue",),
    "status": ("table_registration",),
}
"""Parameters that hold a code -> what its word may begin with; a code is shown by the first that there is."""
_HAD = ("left_fen", "available_fen", "held_fen")


class Words(str):
    """A parameter that is a sentence itself: in zh to whoever takes it for a string, and `en`."""

    __slots__ = ("en",)

    en: str

    def __new__(cls, zh: str, en: str = "") -> Self:
        """The words in both languages."""
        made = super().__new__(cls, zh)
        made.en = en
        return made


class Called(str):
    """An id: to programs as it is, to people by what it is `called`, where that is known."""

    __slots__ = ("called",)

    called: str

    def __new__(cls, value: str, called: str | None = None) -> Self:
        """The id, and its name."""
        made = super().__new__(cls, value)
        made.called = called or value
        return made


class ToPrograms(str):
    """A language in which whoever speaks to the ledger through a program is answered: a sentence that names an option,
    `{--as-of}`, calls it as the interface does, `as_of`.
    """

    __slots__ = ()


class _Gaps(dict[str, Any]):
    """Leaves a placeholder standing when its parameter is missing: a message must never raise. An option is named as
    on the command line, or `to_programs`.
    """

    to_programs = False

    def __missing__(self, key: str) -> str:
        if key.startswith("--"):
            return key[2:].replace("-", "_") if self.to_programs else key
        return "{" + key + "}"


@functools.cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """All sentences: code -> {"zh": …, "en": …}. Raises ValueError when a code stands in two files."""
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(resources.files("ledger.catalogue").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        for code, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code in found:
                raise ValueError(f"{code} stands in two catalogues, the second is {file.name}")
            found[code] = entry
    return found


def codes() -> frozenset[str]:
    """Every code that has a sentence."""
    return frozenset(sentences())


def remark_class(code: str) -> str:
    """For whom an import's remark is: `act` somebody must look at it, `change` it tells a row that is new or changed,
    `routine` it says what the reader did as it always does. What has no class is to be looked at.
    """
    return sentences().get(code, {}).get("remark", "act")


def say(code: str, language: str = "zh", /, **params: Any) -> str:
    """The sentence of a code in `zh` or `en`, filled with the parameters; the bare code when it has none.

    Sentences say `{amount_fen} 元` and `{amount_fen} yuan`: fen are counted, yuan are read. `{short_fen}` is what
    `amount_fen` asks for beyond what is there. A kind of event is read by its title. `{unsettled}` tells what of
    `left_fen`, `cases_fen` and `accepted` keeps a matter open, and nothing of what does not; `{outstanding}` what is
    left of a recovery, or by how much more came in than is due where `left_fen` is below nothing.
    """
    entry = sentences().get(code)
    if entry is None:
        return f"{code} {params}" if params else code
    whole = _with_outstanding(_with_causes(_with_shortage(params), language), language)
    gaps = _Gaps((name, _shown(name, value, language)) for name, value in whole.items())
    gaps.to_programs = isinstance(language, ToPrograms)
    return entry.get(language, entry["zh"]).format_map(gaps)


def _with_shortage(params: Mapping[str, Any]) -> Mapping[str, Any]:
    wanted, had = params.get("amount_fen"), next((params[name] for name in _HAD if name in params), None)
    if type(wanted) is not int or type(had) is not int:
        return params
    return {"short_fen": wanted - had, **params}


def _with_causes(params: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    if not {"left_fen", "accepted"} <= params.keys():
        return params
    left, of_cases = params["left_fen"], params.get("cases_fen", 0)
    causes = [
        ("unsettled.money", left > 0),
        ("unsettled.over", left < 0),
        ("unsettled.cases", of_cases > 0),
        ("unsettled.cases_over", of_cases < 0),
        ("unsettled.acceptance", not params["accepted"]),
    ]
    said = {"left_fen": left, "over_fen": -left, "cases_over_fen": -of_cases}
    said |= {name: params[name] for name in ("case", "cases", "cases_fen") if name in params}
    told = [say(code, language, **said) for code, is_so in causes if is_so]
    return {"unsettled": _ALSO.get(language, _ALSO["zh"]).join(told), **params}


def _with_outstanding(params: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    left = params.get("left_fen")
    if type(left) is not int or "recovery" not in params:
        return params
    code = "outstanding.over" if left < 0 else "outstanding.left"
    told = [say(code, language, left_fen=left, over_fen=-left)]
    if "given_up_fen" in params:
        said = {name: params[name] for name in ("given_up_fen", "position")}
        told.append(say("outstanding.given_up", language, **said))
    return {"outstanding": _ALSO.get(language, _ALSO["zh"]).join(told), **params}


def _word(name: str, value: str | None) -> Mapping[str, str] | None:
    """The word for what a text parameter says, where there is one: of a kind of event its title."""
    if said := _NONE.get((name, value)):
        return said
    if value is None:
        return _ABSENT
    prefixes = _WORDED.get(name, ())
    coded = next((one for prefix in prefixes if (one := sentences().get(f"{prefix}.{value}"))), None)
    return coded or (sentences().get(value) if name in _KINDS and "." in value else None)


def _shown(name: str, value: Any, language: str) -> Any:
    """Amounts (`…_fen`) are shown in yuan with two decimals, `28,650.00`; truth as 是 or 否; kinds of events by their
    titles; codes as the words of the catalogue, those of `…_words` by their own keys; what is not there as 未填; lists
    one after the other; the rest as it is.
    """
    if isinstance(value, Words):
        return value.en if language == "en" else str(value)
    if isinstance(value, Called):
        return value.called
    if name.endswith("_words") and isinstance(value, tuple):
        return _JOINED.get(language, "、").join(say(one, language) for one in value)
    if isinstance(value, bool):
        return _HOLDS.get(language, _HOLDS["zh"])[value]
    if isinstance(value, list | tuple):
        parts = [str(_shown(name, one, language)) for one in value]
        return _JOINED.get(language, "、").join(parts) or _EMPTY.get(language, _EMPTY["zh"])
    if value is None or isinstance(value, str):
        said = _word(name, value)
        return value if said is None else said.get(language, said["zh"])
    if not name.endswith("_fen") or type(value) is not int:
        return value
    whole, rest = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{whole:,}.{rest:02d}"
