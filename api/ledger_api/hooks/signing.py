"""How a message is signed, so that its receiver knows who sent it, when, and that it is whole.

Source: Standard Webhooks 1.0.0, "Signature scheme": `v1a`, Ed25519 over `id.timestamp.body`; keys show as `whpk_…`.
"""

from collections.abc import Sequence
from typing import Final

from ledger.signing import base64_text
from ledger.signing.keys import PublicKey, SigningKey

SCHEME: Final = "v1a"
PUBLIC: Final = "whpk_"


def public_text(key: PublicKey) -> str:
    """A public key as receivers configure it."""
    return PUBLIC + base64_text.encode(key.raw)


def signed_headers(message: str, at: int, body: bytes, keys: Sequence[SigningKey]) -> dict[str, str]:
    """The headers of one attempt at Unix time `at`, signed with every key that counts, the newest first."""
    content = f"{message}.{at}.".encode() + body
    signatures = " ".join(f"{SCHEME},{base64_text.encode(key.sign(content))}" for key in keys)
    return {"webhook-id": message, "webhook-timestamp": str(at), "webhook-signature": signatures}
