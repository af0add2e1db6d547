"""One thing that was looked at: what was found, what is wanted, and the sentence that says how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ledger.catalogue import codes, say
from ledger.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class Check:
    """`code` is the sentence of the failure, `name` what was looked at; `found` and `wanted` are texts for people."""

    code: str
    name: str
    found: str
    wanted: str
    holds: bool

    def message(self, language: str = "zh") -> str:
        """What is wrong, where, and how to mend it."""
        name, value, wanted = self.shown(language)
        return say(self.code, language, name=name, value=value, wanted=wanted)

    def shown(self, language: str = "zh") -> tuple[str, str, str]:
        """What was looked at, found and wanted, in words where they are codes of the program."""
        return _worded(self.name, language), _worded(self.found, language), _worded(self.wanted, language)

    def what(self, language: str = "zh") -> str:
        """What was looked at, in words where several things are looked at of one name, such as a role."""
        title = f"checked.{self.code}"
        return say(title, language, name=self.name) if title in codes() else _worded(self.name, language)

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """As a program reads it; `message` is null where nothing is wrong."""
        told = None if self.holds else self.message(language)
        return {
            "code": self.code,
            "name": self.name,
            "what": self.what(language),
            "found": self.found,
            "wanted": self.wanted,
            "ok": self.holds,
            "message": told,
        }


def _worded(text: str, language: str) -> str:
    code = f"word_check.{text}"
    return say(code, language) if code in codes() else text


def require_safe(checks: Iterable[Check]) -> None:
    """Raises one EvidenceError E_UNSAFE_BOOK that names everything that does not hold; `checks` holds each."""
    failed = [one for one in checks if not one.holds]
    if failed:
        names = ", ".join(f"{one.code}: {one.name} = {one.found} ({one.wanted})" for one in failed)
        raise EvidenceError("E_UNSAFE_BOOK", count=len(failed), names=names, checks=[one.to_json() for one in failed])
