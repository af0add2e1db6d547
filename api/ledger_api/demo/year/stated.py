"""One control total: what the files' maker counted, and what the book answers."""

from dataclasses import dataclass

from ledger.values.money import fen_to_yuan


@dataclass(frozen=True, slots=True)
class Control:
    """One figure of one programme: as the files' maker counted it, and as the book answers."""

    programme: str
    what: str
    stated: int
    found: int
    money: bool = False
    """Whether the figures are fen."""

    def shown(self) -> tuple[str, str]:
        """Both figures as people read them."""
        one, other = (fen_to_yuan(n, grouped=True) if self.money else f"{n:,}" for n in (self.stated, self.found))
        return one, other

    @property
    def holds(self) -> bool:
        """Whether both are the same."""
        return self.stated == self.found
