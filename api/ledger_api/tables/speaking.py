"""In which language something is said, for what speaks at a desk and over the network alike."""

from dataclasses import dataclass
from typing import Protocol


class Speaker(Protocol):
    """Whoever says something in one of two languages."""

    @property
    def language(self) -> str:
        """`zh` or `en`."""

    def text(self, zh: str, en: str) -> str:
        """The one of two wordings that is read."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A speaker without a desk."""

    language: str

    def text(self, zh: str, en: str) -> str:
        """The one of two wordings that is read."""
        return en if self.language == "en" else zh
