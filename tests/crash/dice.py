"""Dice for choosing when to kill and what to ask."""

from nacl.utils import randombytes_deterministic


class Dice:
    """Random numbers that are the same in every run, so that a failure names its round."""

    def __init__(self, seed: bytes) -> None:
        self._bytes = iter(randombytes_deterministic(1 << 20, seed))

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1; the slight bias of the remainder does not matter here."""
        return int.from_bytes(bytes(next(self._bytes) for _ in range(4)), "big") % limit
