"""A log behind a server, as its clients see it, and the pins that say which log an address stands for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import orjson
from pydantic import ValidationError

from ledger.application.following import PostedVoucher
from ledger.errors import AuthorityError, EvidenceError, InputError
from ledger.signing import base64_text
from ledger.signing.digests import DIGEST_BYTES, sha256
from ledger.signing.proofs import MAX_PATH
from ledger_api.client.wire import Wire
from ledger_api.http.following import JSON_LINES, LeafLine, LeafTrailer, RotationList
from ledger_api.http.models import CheckpointModel, ConsistencyModel
from ledger_api.knowing import Rotation, state_folder, write_whole


class RemoteLog:
    """The log that a server shows; every word of it is still to be proven."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.heard: Callable[[str, bool], None] = lambda _note, _newest: None
        """Is told each note before it is judged: True for the newest, False for one under a change of the key."""

    def newest(self) -> CheckpointModel:
        """The newest note, and the key that the server names for it."""
        found = self._wire.read(CheckpointModel, "/v1/checkpoint")
        self.heard(found.note, True)
        return found

    def checkpoint(self, size: int) -> CheckpointModel:
        """The note over so many vouchers; NotFoundError E_CHECKPOINT_UNKNOWN where none was signed."""
        return self._wire.read(CheckpointModel, f"/v1/checkpoints/{size}")

    def consistency(self, old: int, new: int) -> Sequence[bytes]:
        """The path that the server answers."""
        return nodes(self._wire.read(ConsistencyModel, "/v1/consistency", {"old": old, "new": new}).path)

    def rotations(self) -> Iterator[Rotation]:
        """Every change of the operator's key that the server tells of."""
        for one in self._told().rotations:
            self.heard(one.note, False)
            yield Rotation(
                one.number,
                one.previous,
                one.operator_key,
                one.note,
                unpacked(one.leaf),
                nodes(one.path),
                [text.encode() for text in one.events],
            )

    def _told(self) -> RotationList:
        """Through the door that the caller may use: that of readers, or that of mirrors."""
        try:
            return self._wire.read(RotationList, "/v1/log/rotations")
        except AuthorityError:
            return self._wire.read(RotationList, "/v1/log/leaves/rotations")

    def leaves(self, after: int, limit: int = 256) -> list[PostedVoucher]:
        """The vouchers after number `after`, about `limit` of them; EvidenceError E_MIRROR_PAGE for others."""
        path = "/v1/log/leaves"
        *found, last = self._wire.lines(path, {"after": after, "limit": limit}, JSON_LINES)
        try:
            lines = [LeafLine.model_validate_json(one, extra="ignore") for one in found]
            trailer = LeafTrailer.model_validate_json(last, extra="ignore")
        except ValidationError:
            raise EvidenceError("E_ANSWER_FORM", path=path, reason="JSON Lines") from None
        told = (len(lines), after + len(lines), list(range(after + 1, after + len(lines) + 1)))
        if told != (trailer.count, trailer.last, [one.number for one in lines]):
            raise EvidenceError("E_MIRROR_PAGE", path=path, reason="numbers")
        return [_posted(one) for one in lines]


def _posted(line: LeafLine) -> PostedVoucher:
    events = tuple(event.encode() for event in line.events)
    remarks = None if line.remarks is None else tuple(line.remarks)
    return PostedVoucher(line.number, line.leaf.encode(), events, line.checkpoint, remarks)


def nodes(path: Sequence[str]) -> list[bytes]:
    """The digests of a proof; EvidenceError E_ANSWER_FORM for more or other than a tree can have."""
    found = [unpacked(text) for text in path]
    if len(found) > 2 * MAX_PATH or any(len(node) != DIGEST_BYTES for node in found):
        raise EvidenceError("E_ANSWER_FORM", path="", reason="proof")
    return found


def unpacked(text: str) -> bytes:
    """Bytes from base64; EvidenceError E_ANSWER_FORM."""
    try:
        return base64_text.decode(text)
    except InputError:
        raise EvidenceError("E_ANSWER_FORM", path="", reason="base64") from None


@dataclass(frozen=True, slots=True)
class Pin:
    """Which log an address stood for when it was first met, under which of the operator's keys."""

    origin: str
    vkey: str


class PinFile:
    """The pin of one address and caller. An address that shows another log later is not believed."""

    def __init__(self, url: str, officer: str, folder: Path | None = None) -> None:
        name = sha256(f"url\n{url}\n{officer}".encode()).hex()[:32]
        self.path: Final = (folder or state_folder()) / f"{name}.pin.json"

    def read(self) -> Pin | None:
        """The pin, or None for an address that was never met."""
        return Pin(**orjson.loads(self.path.read_bytes())) if self.path.exists() else None

    def keep(self, pin: Pin) -> None:
        """Write the pin."""
        write_whole(self.path, asdict(pin))
