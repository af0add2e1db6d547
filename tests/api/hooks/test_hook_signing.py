"""Signatures of web hooks: the specification's own example, and verified by another implementation."""

import base64

from ledger.signing.keys import SigningKey
from ledger_api.hooks.signing import public_text, signed_headers
from tests.api.hooks.receiver import Got

KNOWN_SEED = "VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
KNOWN = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="


def test_the_known_answer_of_the_reference_implementation() -> None:
    """Source: standard-webhooks, libraries/go/webhook_asymmetric_test.go (Apache-2.0)."""
    key = SigningKey(base64.b64decode(KNOWN_SEED))
    made = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [key])
    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": KNOWN,
    }


def test_another_implementation_verifies_each_key_and_no_changed_byte() -> None:
    keys = [SigningKey.generate(), SigningKey.generate()]
    body, headers = b'{"type":"x"}', signed_headers("msg_1", 1_700_000_000, b'{"type":"x"}', keys)
    whole = Got("/", headers, body)
    assert all(whole.signed_by(public_text(key.public)) for key in keys)
    assert not whole.signed_by(public_text(SigningKey.generate().public))
    for spoilt in (
        Got("/", headers, body + b" "),
        Got("/", headers | {"webhook-id": "msg_2"}, body),
        Got("/", headers | {"webhook-timestamp": "1700000001"}, body),
    ):
        assert not any(spoilt.signed_by(public_text(key.public)) for key in keys)
