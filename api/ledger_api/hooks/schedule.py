"""When a message that did not arrive is sent again. Source: Standard Webhooks 1.0.0, "Deliverability"."""

from typing import Final

from nacl.utils import random

DELAYS_S: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""After the first, the second, … failure in a row; the last one goes on."""
JITTER: Final = 0.2
"""Up to a fifth longer, so that receivers which failed together are not asked together."""


def delay_s(failures: int, asked_s: int = 0) -> int:
    """Seconds from the `failures`-th failure in a row to the next attempt, and no fewer than the receiver asked for."""
    usual = DELAYS_S[min(failures, len(DELAYS_S)) - 1]
    return max(asked_s, usual + int(usual * JITTER * random(1)[0] / 255))
