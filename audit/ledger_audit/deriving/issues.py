"""What a verification finds: values with a code, the position they speak of, and their parameters."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.catalogue import say

MAX_KEPT: Final = 1000
"""How many findings are kept with their parameters; all are counted."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding. `position` is the event it speaks of, 0 when it speaks of no event in particular."""

    code: str
    position: int
    params: tuple[tuple[str, Any], ...]

    def to_json(self, language: str) -> dict[str, Any]:
        """Code, position, sentence and parameters."""
        params = dict(self.params)
        message = say(self.code, language, **params)
        return {"code": self.code, "position": self.position or None, "message": message, "params": params}


@dataclass(slots=True)
class Issues:
    """All findings of one kind of verdict."""

    found: list[Issue] = field(default_factory=list)
    count: int = 0
    first: int | None = None
    """The smallest position that any finding speaks of."""

    def add(self, code: str, position: int, **params: Any) -> None:
        """Note a finding."""
        self.count += 1
        if position > 0 and (self.first is None or position < self.first):
            self.first = position
        if len(self.found) < MAX_KEPT:
            self.found.append(Issue(code, position, tuple(params.items())))

    def __iter__(self) -> Iterator[Issue]:
        return iter(sorted(self.found, key=lambda issue: (issue.position == 0, issue.position)))

    def __bool__(self) -> bool:
        return self.count > 0
