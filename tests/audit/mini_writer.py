"""A second, tiny writer of packages, made of PyNaCl and the published formats alone, so that the verifier is not tested
against the very code whose work it is to doubt. It signs whatever it is told to, right or wrong.
"""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nacl.bindings import crypto_hash_sha256, crypto_sign, crypto_sign_seed_keypair

ORIGIN = "ledger.example.org/mini"
VOUCHER = "application/vnd.charity-ledger.voucher+json"
WITNESS = b"\x04"
APPROVAL = "application/vnd.charity-ledger.approval+json"
PACKAGE_NAMES = (
    "data/leaves.jsonl",
    "data/events.jsonl",
    "data/postings.jsonl",
    "data/balances.jsonl",
    "data/checkpoints.jsonl",
    "data/keys.json",
)
Files = dict[str, bytes]
sha256 = crypto_hash_sha256


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data)


def tree_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it stands there."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else sha256(b"")
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + tree_root(hashes[:k]) + tree_root(hashes[k:]))


def path_of(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1, as it stands there."""
    if len(hashes) == 1:
        return []
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if index < k:
        return [*path_of(index, hashes[:k]), tree_root(hashes[k:])]
    return [*path_of(index - k, hashes[k:]), tree_root(hashes[:k])]


@dataclass(frozen=True)
class Pen:
    """A key pair made of one repeated byte."""

    seed: int

    @property
    def public(self) -> bytes:
        return crypto_sign_seed_keypair(bytes([self.seed]) * 32)[0]

    @property
    def text(self) -> str:
        return "ed25519:" + b64(self.public)

    @property
    def keyid(self) -> str:
        return sha256(self.public).hex()[:16]

    def sign(self, message: bytes) -> bytes:
        return crypto_sign(message, crypto_sign_seed_keypair(bytes([self.seed]) * 32)[1])[:64]

    def possession(self, officer: str, origin: str = ORIGIN) -> str:
        return b64(self.sign(f"charity-ledger key possession\n{origin}\n{officer}\n{self.text}\n".encode()))

    def vkey(self, name: str = ORIGIN) -> str:
        return f"{name}+{self.key_id(name).hex()}+{b64(bytes([1]) + self.public)}"

    def key_id(self, name: str, algorithm: bytes = b"\x01") -> bytes:
        return sha256(name.encode() + b"\n" + algorithm + self.public)[:4]

    def witness_vkey(self, name: str) -> str:
        return f"{name}+{self.key_id(name, WITNESS).hex()}+{b64(WITNESS + self.public)}"

    def cosigned(self, note: str, name: str, time: int) -> str:
        """The note with this key's line as a witness's under it."""
        signed = self.sign(cosigned_text(note, time).encode())
        line = b64(self.key_id(name, WITNESS) + time.to_bytes(8, "big") + signed)
        return f"{note}\u2014 {name} {line}\n"

    def note(self, text: str, name: str = ORIGIN) -> str:
        return f"{text}\n\u2014 {name} {b64(self.key_id(name) + self.sign(text.encode()))}\n"


def cosigned_text(note: str, time: int) -> str:
    """What a witness signs."""
    text = note.partition("\n\n")[0]
    return f"cosignature/v1\ntime {time}\n{text}\n"


def envelope(kind: str, value: Any, pen: Pen) -> dict[str, Any]:
    body = value if isinstance(value, bytes) else canonical(value)
    message = b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(body), body)
    signature = {"keyid": pen.keyid, "sig": b64(pen.sign(message))}
    return {"payload": b64(body), "payloadType": kind, "signatures": [signature]}


@dataclass
class MiniBook:
    """A book in memory. Every record is kept as parts, so that a test may change one and sign the rest anew."""

    operator: Pen = field(default_factory=lambda: Pen(100))
    pens: dict[str, Pen] = field(default_factory=dict)
    leaves: list[bytes] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)
    postings: list[dict[str, Any]] = field(default_factory=list)
    checkpoints: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    pins: dict[str, int] = field(default_factory=dict)
    serial: int = 0
    clock: str = "2025-09-01T08:00:00+08:00"

    def uuid(self) -> str:
        self.serial += 1
        return f"01990000-0000-7000-8000-{self.serial:012x}"

    def event(self, kind: str, **values: Any) -> dict[str, Any]:
        return {"kind": kind, "version": 1, "id": self.uuid(), **values}

    def root(self, size: int | None = None) -> bytes:
        return tree_root([leaf_hash(leaf) for leaf in self.leaves[:size]])

    def seen(self, size: int) -> dict[str, Any]:
        return {"size": size, "root": b64(self.root(size))}

    def last_seen(self, person: str, changes: dict[str, Any]) -> dict[str, Any] | None:
        """What the person had seen before, unless the changes say more; it is remembered for the next act."""
        told = changes.get("seen")
        if told is not None:
            self.pins[person] = max(told["size"], self.pins.get(person, 0))
        return self.seen(self.pins[person]) if person in self.pins else None

    def statement(self, maker: str, entity: str, events: list[bytes], /, **changes: Any) -> dict[str, Any]:
        root = tree_root([leaf_hash(event) for event in events])
        return {
            "ledger": ORIGIN,
            "voucher": self.uuid(),
            "entity": entity,
            "voucher_date": self.clock[:10],
            "attachments": 0,
            "made_at": self.clock,
            "valid_until": "2025-12-31T23:59:59+08:00",
            "maker": maker,
            "events": {"count": len(events), "root": "sha256:" + root.hex()},
            "note": "",
            "seen": self.last_seen(maker, changes),
            **changes,
        }

    def approval(self, person: str, statement: bytes, capacity: str, /, **changes: Any) -> dict[str, Any]:
        return {
            "ledger": ORIGIN,
            "person": person,
            "statement": "sha256:" + sha256(statement).hex(),
            "capacity": capacity,
            "made_at": self.clock,
            "valid_until": "2025-12-31T23:59:59+08:00",
            "seen": self.last_seen(person, changes),
            "rejects": False,
            "reason": None,
            **changes,
        }

    def voucher(
        self,
        maker: str,
        entity: str,
        events: list[dict[str, Any]],
        approvals: tuple[tuple[str, str], ...] = (),
        *,
        pen: Pen | None = None,
        approval_pen: Pen | None = None,
        numbered: bool = True,
        statement: dict[str, Any] | None = None,
        approval: dict[str, Any] | None = None,
        leaf: dict[str, Any] | None = None,
    ) -> None:
        """Posts a voucher; the last three change fields of what is signed and of the leaf."""
        data = [canonical(event) for event in events]
        body = canonical(self.statement(maker, entity, data, **(statement or {})))
        signed = [
            envelope(
                APPROVAL,
                self.approval(person, body, capacity, **(approval or {})),
                approval_pen or self.pens[person],
            )
            for person, capacity in approvals
        ]
        made: dict[str, Any] = {
            "number": len(self.leaves) + 1,
            "first_position": len(self.events) + 1,
            "posted_at": self.clock,
            "voucher_no": self._number(entity) if numbered else None,
            "envelope": envelope(VOUCHER, body, pen or self.pens[maker]),
            "approvals": signed,
            **(leaf or {}),
        }
        self.leaves.append(canonical(made))
        self.events += data

    def _number(self, entity: str) -> dict[str, Any]:
        series = (entity, self.clock[:7])
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return {"entity": entity, "period": series[1], "word": "记", "no": self.numbers[series]}

    def post(self, position: int, entity: str, fund: str, fen: int, *codes: str) -> None:
        """Two postings of an event: debit the first code, credit the second."""
        for line, (code, sign) in enumerate(zip(codes, (1, -1), strict=True)):
            self.postings.append(
                {
                    "amount_fen": sign * fen,
                    "book": "main",
                    "chart": "npo-2004",
                    "code": code,
                    "entity": entity,
                    "fund": fund,
                    "line": line,
                    "occurred_on": self.clock[:10],
                    "party": "",
                    "position": position,
                    "role": code,
                }
            )

    def checkpoint(self, size: int | None = None, pen: Pen | None = None) -> str:
        size = len(self.leaves) if size is None else size
        return (pen or self.operator).note(f"{ORIGIN}\n{size}\n{b64(self.root(size))}\n")

    def anchor(self) -> None:
        """Signs a checkpoint of the log as it is, as the writer does after each batch."""
        self.checkpoints.append({"note": self.checkpoint(), "size": len(self.leaves)})

    def balances(self) -> list[dict[str, Any]]:
        names = ("book", "chart", "code", "entity", "fund", "party", "role")
        sums: dict[tuple[str, ...], int] = {}
        for posting in self.postings:
            key = tuple(posting[name] for name in names)
            sums[key] = sums.get(key, 0) + posting["amount_fen"]
        return [{**dict(zip(names, key, strict=True)), "amount_fen": fen} for key, fen in sorted(sums.items()) if fen]

    def files(self) -> Files:
        """The package's files before they are sealed."""
        return {
            "data/leaves.jsonl": lines(self.leaves),
            "data/events.jsonl": lines(self.events),
            "data/postings.jsonl": lines([canonical(posting) for posting in self.postings]),
            "data/balances.jsonl": lines([canonical(balance) for balance in self.balances()]),
            "data/checkpoints.jsonl": lines([canonical(entry) for entry in self.checkpoints]),
            "data/keys.json": b"{}\n",
            "checkpoint": self.checkpoint().encode(),
            "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "bag-info.txt": b"Source-Organization: mini\n",
        }

    def sealed(self, files: Files | None = None, **changes: Any) -> Files:
        """The package with manifests and the operator's note, over whatever files are given."""
        return seal(self.files() if files is None else files, self, **changes)


def lines(items: list[bytes]) -> bytes:
    return b"".join(item + b"\n" for item in items)


def manifest(files: Files) -> bytes:
    return lines([f"{sha256(data).hex()}  {name}".encode() for name, data in sorted(files.items())])


def seal(files: Files, book: MiniBook, pen: Pen | None = None) -> Files:
    data = {name: content for name, content in files.items() if name.startswith("data/")}
    derived = {"manifest-sha256.txt", "tagmanifest-sha256.txt", "signature.note"}
    tags = {name: content for name, content in files.items() if name not in data and name not in derived}
    tags["manifest-sha256.txt"] = manifest(data)
    tag_manifest = manifest(tags)
    size = len(book.leaves)
    digest = sha256(tag_manifest).hex()
    text = f"charity-ledger/package@v1\n{ORIGIN}\n{digest}\n{size}\n{b64(book.root())}\n"
    note = (pen or book.operator).note(text).encode()
    return {**data, **tags, "tagmanifest-sha256.txt": tag_manifest, "signature.note": note}


def write(files: Files, folder: Path) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
