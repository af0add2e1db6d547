"""An office's file through the network, signed here: uploaded, looked at, signed round by round, handed in.

The server proposes and this side signs, so this side looks first: the events that it signs are read as events of this
program, their root is computed here, and `accept` may refuse a voucher before the key is used.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx2
from nacl.utils import random

from ledger.application.drafting import Signer, draft
from ledger.decisions.prepared import Submission
from ledger.errors import EvidenceError, LedgerError
from ledger.flows.registry import read_event
from ledger.signing import base64_text
from ledger.signing.statements import Statement
from ledger.values.dates import parse_day

BASE: Final = "/v1/imports"
_ROUNDS_MOST: Final = 10_000


class ImportRefusedError(LedgerError):
    """The server's refusal: the code, the sentence in the reader's language, and the whole problem."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = problem
        super().__init__(str(problem["code"]), **problem.get("params", {}))


@dataclass(frozen=True, slots=True)
class Proposed:
    """A voucher that the server asks to be signed."""

    entity: str
    voucher_date: str
    note: str
    attachments: int
    events: tuple[bytes, ...]
    root: bytes
    rows: tuple[int, ...]
    explains: tuple[str, ...]
    warnings: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Imported:
    """What became of a file. `described` is the import as the server tells it at the end; `results` are the answers for
    each voucher, receipts with their proofs among them.
    """

    described: Mapping[str, Any]
    results: list[Mapping[str, Any]] = field(default_factory=list)


Accept = Callable[[Proposed], bool]
Believe = Callable[[Mapping[str, Any], Submission], None]
"""Is given each answer with the voucher that it is of; raises what it does not believe."""


def import_file(
    client: httpx2.Client,
    path: Path,
    signer: Callable[[], Signer],
    now: Callable[[], datetime],
    *,
    chosen: Mapping[str, Any] | None = None,
    accept: Accept = lambda _proposed: True,
    rehearsed: bool = True,
    believe: Believe = lambda _answer, _submission: None,
) -> Imported:
    """Upload a file and hand in all that is new of it. `client` signs its requests (`SignedRequests`); `chosen` are the
    upload's query fields (`kind`, `month`, `mode`, …). The upload is kept until it is deleted: its wrong rows can be
    read from it. Raises ImportRefusedError; EvidenceError E_ROOT for events that are not those of the stated root, and
    E_ANSWER_OTHER for answers that are not those of what was handed in. Receipts are for `believe` to prove, as
    `Client.import_file` does.
    """
    made = upload(client, path.name, path.read_bytes(), chosen or {})
    results = list(sign_all(client, made["id"], signer, now, accept=accept, rehearsed=rehearsed, believe=believe))
    return Imported(_told(client.get(f"{BASE}/{made['id']}")), results)


def upload(client: httpx2.Client, name: str, data: bytes, chosen: Mapping[str, Any]) -> Mapping[str, Any]:
    """Upload a file; the import as the server tells it. The same request is sent again where no answer came."""
    headers = {"content-type": "application/octet-stream", "idempotency-key": random(16).hex()}
    query = {"name": name, **{key: str(value) for key, value in chosen.items() if value is not None}}
    return _told(client.post(BASE, params=query, content=data, headers=headers))


def sign_all(
    client: httpx2.Client,
    import_id: str,
    signer: Callable[[], Signer],
    now: Callable[[], datetime],
    *,
    accept: Accept = lambda _proposed: True,
    rehearsed: bool = True,
    believe: Believe = lambda _answer, _submission: None,
) -> Iterator[Mapping[str, Any]]:
    """Sign and hand in round after round until nothing is left; yields the answer for each voucher, once `believe` has
    seen it. Who signs looks at the log once a round.

    Ends early where `accept` refuses every voucher of a round: the import can be taken up again later.
    """
    for _ in range(_ROUNDS_MOST):
        query = {"rehearsed": str(rehearsed).lower()}
        asked = _told(client.post(f"{BASE}/{import_id}/proposals", params=query))
        if asked["done"]:
            return
        wanted = [one for one in map(proposed_of, asked["vouchers"]) if accept(one)]
        if not wanted:
            return
        maker = signer()
        signed = [_signed(maker, one, now()) for one in wanted]
        body = {"vouchers": [{"envelope": one.envelope.to_json_value()} for one in signed]}
        path = f"{BASE}/{import_id}/vouchers"
        answers = _told(client.post(path, json=body))["results"]
        yield from _believed(path, answers, signed, believe)
        if len(wanted) < len(asked["vouchers"]):
            return


def proposed_of(value: Mapping[str, Any]) -> Proposed:
    """A voucher of a round; each event is read as this program knows it, so that nothing unknown is ever signed."""
    events = tuple(text.encode() for text in value["events"])
    for data in events:
        read_event(data)
    return Proposed(
        value["entity"],
        value["voucher_date"],
        value["note"],
        value["attachments"],
        events,
        base64_text.decode(value["root"]),
        tuple(value["rows"]),
        tuple(value["explains"]),
        tuple(value["warnings"] or ()),
    )


def _believed(
    path: str, answers: Sequence[Mapping[str, Any]], signed: Sequence[Submission], believe: Believe
) -> Iterator[Mapping[str, Any]]:
    """The answers, each of the voucher that stands in its place."""
    handed = [Statement.from_bytes(one.envelope.payload).voucher for one in signed]
    if (found := [one.get("voucher") for one in answers]) != handed:
        other = next((str(one) for one in found if one not in handed), f"{len(found)}/{len(handed)}")
        raise EvidenceError("E_ANSWER_OTHER", path=path, found=other)
    for answer, submission in zip(answers, signed, strict=True):
        believe(answer, submission)
        yield answer


def _signed(signer: Signer, one: Proposed, now: datetime) -> Submission:
    events = [read_event(data) for data in one.events]
    day = parse_day(one.voucher_date)
    drafted = draft(signer, one.entity, day, events, now, note=one.note, attachments=one.attachments)
    if Statement.from_bytes(drafted.envelope.payload).events.root != one.root:
        raise EvidenceError("E_ROOT", voucher="")
    return drafted


def _told(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    if answer.is_error:
        raise ImportRefusedError(found)
    return found
