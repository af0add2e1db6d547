"""Signed requests: HTTP Message Signatures with Ed25519. Source: RFC 9421; digests of bodies by RFC 9530.

A signature covers method, authority, path and query of the request, and with a body its digest and type, so that
nothing of it can be exchanged; `created` keeps it young, and the tag keeps a signature made for another purpose out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import http_sf

from ledger.errors import AuthorityError
from ledger.signing.digests import sha256
from ledger.signing.keys import PublicKey, SigningKey
from ledger_api.http.safeguards.signature_fields import bytes_of, described

LABEL: Final = "ledger"
TAG: Final = "charity-ledger"
ALGORITHM: Final = "ed25519"
"""What we sign by."""

ALGORITHMS: Final[dict[str, Callable[[PublicKey, bytes, bytes], bool]]] = {ALGORITHM: PublicKey.verify}
"""Name of RFC 9421 -> whether a signature of a key holds over bytes: another algorithm is one more entry here. One of
another kind of keys must also say which of them it takes, or the sender would choose how a key is understood.
"""

MAX_AGE_S: Final = 300
"""How old a signature may be, and how far ahead its clock may run."""

NONCE_MAX: Final = 128
"""Each is kept for minutes: a long one would be a way to fill the memory."""

ALWAYS: Final = ("@method", "@authority", "@path", "@query")
WITH_BODY: Final = ("content-digest", "content-type")
COVERED_IF_SENT: Final = ("idempotency-key", "if-match", "last-event-id")
"""Fields that change what a request does: whoever sends one has it covered."""


@dataclass(frozen=True, slots=True)
class Message:
    """What of a request is signed. Names of `headers` are in lower case; `query` is the raw query without `?`."""

    method: str
    authority: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""

    def component(self, name: str) -> str:
        """The value of a component (RFC 9421 section 2); E_REQUEST_SIGNATURE for one that is not there."""
        derived: dict[str, Callable[[], str]] = {
            "@method": lambda: self.method,
            "@authority": self.authority.lower,
            "@path": lambda: self.path or "/",
            "@query": lambda: "?" + self.query,
        }
        if name in derived:
            return derived[name]()
        value = self.headers.get(name)
        if value is None or name.startswith("@"):
            raise _refused(f"component {name}")
        return " ".join(value.strip().split("\n"))


@dataclass(frozen=True, slots=True)
class Verified:
    """Whose signature held, and the number that makes the request one of its kind."""

    keyid: str
    nonce: str
    created: int


def content_digest(body: bytes) -> str:
    """The value of Content-Digest: `sha-256=:…:` (RFC 9530)."""
    return http_sf.ser({"sha-256": (sha256(body), {})})


def sign_message(message: Message, key: SigningKey, created: int, nonce: str) -> dict[str, str]:
    """The headers to add to a request: its signature, and the digest of its body where it has one."""
    headers = dict(message.headers)
    added: dict[str, str] = {}
    if message.body:
        added["content-digest"] = headers["content-digest"] = content_digest(message.body)
    signed = Message(message.method, message.authority, message.path, message.query, headers, message.body)
    wanted = [*ALWAYS, *(name for name in (*WITH_BODY, *COVERED_IF_SENT) if name in headers)]
    parameters = {
        "created": created,
        "keyid": key.public.keyid,
        "alg": ALGORITHM,
        "nonce": nonce,
        "tag": TAG,
    }
    covered: Any = ([(name, {}) for name in wanted], parameters)
    signature = key.sign(_base(signed, wanted, http_sf.ser([covered])))
    added["signature-input"] = http_sf.ser({LABEL: covered})
    added["signature"] = http_sf.ser({LABEL: (signature, {})})
    return added


def verify_message(message: Message, key_of: Callable[[str], PublicKey | None], now: int) -> Verified:
    """Whose signature covers this request. `now` is Unix time in seconds.

    Raises AuthorityError E_REQUEST_SIGNATURE with what is wrong. A key that is unknown and a signature that does not
    hold are one answer, so that nobody learns which keys there are.
    """
    found = described(message.headers.get("signature-input", ""), TAG)
    if found is None or len(set(found.components)) < len(found.components):
        raise _refused("signature-input")
    components, parameters = found.components, found.parameters
    _require_covered(message, components)
    created, keyid, nonce = parameters.get("created"), parameters.get("keyid"), parameters.get("nonce")
    if type(created) is not int or not isinstance(keyid, str) or not isinstance(nonce, str):
        raise _refused("created, keyid, nonce")
    if not 0 < len(nonce) <= NONCE_MAX:
        raise _refused("nonce")
    holds = ALGORITHMS.get(str(parameters.get("alg", ALGORITHM)))
    if holds is None or parameters.get("tag") != TAG:
        raise _refused("alg, tag")
    if abs(now - created) > MAX_AGE_S or now > _expiry(parameters, created):
        raise _refused("created")
    signature = bytes_of(message.headers.get("signature", ""), found.label)
    if signature is None:
        raise _refused("signature")
    key = key_of(keyid)
    if key is None or not holds(key, signature, _base(message, components, found.said)):
        raise _refused("signature")
    if message.body and not _digest_holds(message):
        raise _refused("content-digest")
    return Verified(keyid, nonce, created)


def _require_covered(message: Message, components: Sequence[str]) -> None:
    sent = [name for name in COVERED_IF_SENT if name in message.headers]
    wanted = [*ALWAYS, *sent, *(WITH_BODY if message.body else ())]
    missing = [name for name in wanted if name not in components]
    if missing:
        raise _refused("not covered: " + ", ".join(missing))


def _expiry(parameters: Mapping[str, Any], created: int) -> int:
    expires = parameters.get("expires", created + MAX_AGE_S)
    if type(expires) is not int:
        raise _refused("expires")
    return expires


def _digest_holds(message: Message) -> bool:
    return bytes_of(message.headers.get("content-digest", ""), "sha-256") == sha256(message.body)


def _base(message: Message, components: Sequence[str], said: str) -> bytes:
    """The signature base (RFC 9421 section 2.5); `said` are components and parameters as they are serialised."""
    lines = [f'"{name}": {message.component(name)}' for name in components]
    lines.append('"@signature-params": ' + said)
    return "\n".join(lines).encode()


def _refused(reason: str) -> AuthorityError:
    return AuthorityError("E_REQUEST_SIGNATURE", reason=reason)
