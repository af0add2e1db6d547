"""In which of the two languages a caller is answered."""

from typing import Annotated, Final

from fastapi import Depends, Request

from ledger.catalogue import ToPrograms

_LONGEST: Final = 200


def language_of(accepted: str | None) -> str:
    """`zh` unless Accept-Language prefers English to Chinese (RFC 9110 section 12.5.4), as spoken to programs."""
    best = {"zh": -1.0, "en": -1.0}
    for place, part in enumerate((accepted or "")[:_LONGEST].split(",")):
        tag, _, parameters = part.strip().partition(";")
        name = tag.split("-")[0].strip().lower()
        if name in best and best[name] < 0:
            best[name] = _quality(parameters) - place / 1000
    return ToPrograms("en" if best["en"] > best["zh"] and best["en"] > 0 else "zh")


async def _language(request: Request) -> str:
    return language_of(request.headers.get("accept-language"))


Language = Annotated[str, Depends(_language)]
"""`zh` or `en`, as the caller prefers."""


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
