"""What was found: values, not exceptions, each with a stable code, a place, and its sentence in two languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger_audit.verifier.formats.canonical import FaultError
from ledger_audit.verifier.sentences import SENTENCES

GONE: Final = "V_FILE_MISSING"

KEPT: Final = 200
"""How many findings are kept in full; a broken package may have as many as it has lines."""


def yuan(fen: object) -> object:
    """Fen as people write yuan: 1,234.50; anything but an integer as it is."""
    if not isinstance(fen, int) or isinstance(fen, bool):
        return fen
    whole, part = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{part:02d}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where: a voucher's number with its first position, or a line of a file. All count from 1."""

    number: int | None = None
    position: int | None = None
    file: str | None = None
    line: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Only what is known."""
        named = {"number": self.number, "position": self.position, "file": self.file, "line": self.line}
        return {name: value for name, value in named.items() if value is not None}

    def text(self, language: str) -> str:
        """The place in words, empty when there is none."""
        parts = []
        if self.number is not None:
            parts.append(f"第 {self.number} 号凭证" if language == "zh" else f"voucher {self.number}")
        if self.position is not None:
            parts.append(f"序号 {self.position}" if language == "zh" else f"position {self.position}")
        if self.file is not None:
            parts.append(self.file if self.line is None else f"{self.file}:{self.line}")
        return ", ".join(parts)


NOWHERE: Final = Place()


class _Gaps(dict[str, Any]):
    """Leaves a placeholder standing when nothing fills it: a report must never fail by itself."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold, or that is missing; `event` is the position of the very event when it is known."""

    code: str
    place: Place = NOWHERE
    params: Mapping[str, Any] = field(default_factory=dict)
    event: int | None = None

    def message(self, language: str) -> str:
        """The sentence in `zh` or `en`."""
        sentence = SENTENCES[self.code][language == "en"]
        shown = {name: yuan(value) if name.endswith("_fen") else value for name, value in self.params.items()}
        own = {} if self.event is None else {"event": self.event}
        return sentence.format_map(_Gaps({**self.place.to_json(), **own, **shown}))

    def to_json(self) -> dict[str, Any]:
        """Code, place, parameters and both sentences."""
        own = {} if self.event is None else {"event": self.event}
        said = {"message": self.message("zh"), "message_en": self.message("en")}
        return {"code": self.code, **self.place.to_json(), **own, "params": dict(self.params), **said}


@dataclass(slots=True)
class Findings:
    """All that was found; `total` counts also what is not kept, `worst` is the earliest place in the log."""

    kept: list[Finding] = field(default_factory=list)
    total: int = 0

    def add(self, code: str, place: Place = NOWHERE, event: int | None = None, **params: Any) -> None:
        """One more."""
        self.take(Finding(code, place, params, event))

    def fault(self, fault: FaultError, place: Place = NOWHERE, event: int | None = None) -> None:
        """A format that does not hold; the fault's own file and line win when the place has none."""
        file, line = fault.params.get("file"), fault.params.get("line")
        if place is NOWHERE and file is not None:
            place = Place(file=file, line=line)
        self.take(Finding(fault.code, place, fault.params, event))

    def take(self, finding: Finding) -> None:
        """One more, ready made. The kept ones are the earliest: a late finding drops out first. A file that is gone is
        told once, whoever misses it.
        """
        if finding.code == GONE and any((one.code, one.place) == (GONE, finding.place) for one in self.kept):
            return
        self.total += 1
        self.kept.append(finding)
        if len(self.kept) > 2 * KEPT:
            self.kept = sorted(self.kept, key=_earliness)[:KEPT]

    def sorted(self) -> list[Finding]:
        """The earliest first: files that are missing, vouchers by number, then files."""
        return sorted(self.kept, key=_earliness)[:KEPT]

    def first_bad(self) -> Place | None:
        """The first bad place: a file that is missing, the first position of its voucher, or file and line; None when
        all holds, and where what does not hold has no place (a key that is another log's).
        """
        return next((found.place for found in self.sorted() if found.place != NOWHERE), None)


def _earliness(finding: Finding) -> tuple[bool, bool, int, bool, str, int]:
    """What is not there at all comes first: whatever else is found may follow from it."""
    place = finding.place
    return (
        finding.code != GONE,
        place.number is None,
        place.number or 0,
        place.line is None,
        place.file or "",
        place.line or 0,
    )
