"""The second factor: time-based codes of six digits, each taken once. Source: RFC 6238."""

from typing import Final

import pyotp
from nacl.secret import Aead
from pyotp.utils import strings_equal

STEP_S: Final = 30
DRIFT_STEPS: Final = 1
"""How many steps a telephone's clock may be off."""


def new_seed() -> str:
    """A seed of 160 bits in base32."""
    return pyotp.random_base32()


def address_of(seed: str, officer: str, origin: str) -> str:
    """The `otpauth:` address that a telephone reads from a picture."""
    return pyotp.TOTP(seed).provisioning_uri(name=officer, issuer_name=origin)


def step_of(seed: str, code: str, now: int) -> int | None:
    """The step that a code is of, or None; every step that may count is compared, whichever fits."""
    totp, present = pyotp.TOTP(seed), now // STEP_S
    found = None
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if strings_equal(totp.generate_otp(step), code):
            found = step
    return found


def seal_seed(secret: bytes, officer: str, seed: str) -> bytes:
    """A seed as it is kept: sealed under the book's secret, for this person only."""
    return bytes(Aead(secret).encrypt(seed.encode(), officer.encode()))


def open_seed(secret: bytes, officer: str, sealed: bytes) -> str:
    """The seed of a person."""
    return Aead(secret).decrypt(sealed, officer.encode()).decode()
