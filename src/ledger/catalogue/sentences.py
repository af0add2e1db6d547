"""Loading the catalogues and filling their sentences.

A catalogue is a TOML file of tables `[CODE]` with the keys `zh` and `en`; placeholders are `{name}`. A code stands in
one file only, so that no sentence silently replaces another.
"""

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

_JOINED = {"zh": "、", "en": ", "}
_HOLDS = {"zh": ("否", "是"), "en": ("no", "yes")}


class _Gaps(dict[str, Any]):
    """Leaves a placeholder standing when its parameter is missing: a message must never raise."""

    def __missing__(self, key: str) -> str:
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


def say(code: str, language: str = "zh", /, **params: Any) -> str:
    """The sentence of a code in `zh` or `en`, filled with the parameters; the bare code when it has none.

    Sentences say `{amount_fen} 元` and `{amount_fen} yuan`: fen are counted, yuan are read.
    """
    entry = sentences().get(code)
    if entry is None:
        return f"{code} {params}" if params else code
    return entry.get(language, entry["zh"]).format_map(
        _Gaps((name, _shown(name, value, language)) for name, value in params.items())
    )


def _shown(name: str, value: Any, language: str) -> Any:
    """Amounts (`…_fen`) are shown in yuan with two decimals, `28,650.00`; truth as 是 or 否; codes (`…_words`) as the
    words of the catalogue; the rest as it is.
    """
    if name.endswith("_words") and isinstance(value, tuple):
        return _JOINED.get(language, "、").join(say(one, language) for one in value)
    if isinstance(value, bool):
        return _HOLDS.get(language, _HOLDS["zh"])[value]
    if not name.endswith("_fen") or type(value) is not int:
        return value
    whole, rest = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{whole:,}.{rest:02d}"
