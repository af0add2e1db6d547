"""Clients of a killed server: each gives, spends and reads, keeps what it was answered, asks again when it was not."""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson
from sqlalchemy import text

from ledger.application.drafting import Signer, approve, draft, draft_event
from ledger.decisions.prepared import Submission
from ledger.log.store import LogStore
from ledger.signing import base64_text
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.leaves import Leaf
from ledger.signing.merkle import leaf_hash, root_of
from ledger.signing.statements import Statement
from ledger_api.client import SignedRequests
from tests.api.http.house import body_of, donation
from tests.api.http.running.live import now
from tests.application.proposing.county import ORIGIN, TODAY
from tests.crash.dice import Dice
from tests.crash.history import History, Log, Operation, Recorded

MAKER, CHECKER = "acct-charity", "check-charity"
FUND, TARGET = "general", "aixin-zhuxue"
ACT = "http-op-"


@dataclass
class Visitor:
    """One client; `urls` are the processes it may ask, and it takes another one when the first does not answer."""

    name: int
    urls: Sequence[str]
    keys: Mapping[str, SigningKey]
    history: History
    stop: threading.Event
    broken: int = 0

    def __post_init__(self) -> None:
        self.dice = Dice(f"client {self.name:025d}".encode()[:32].ljust(32, b"."))

    def run(self, kinds: Sequence[Any], most: int) -> None:
        """Operations of these kinds, as often as they are in the list, until told to stop."""
        with contextlib.ExitStack() as stack:
            auth = SignedRequests(self.keys[MAKER])
            clients = [
                stack.enter_context(httpx2.Client(base_url=url, auth=auth, timeout=120, trust_env=False))
                for url in self.urls
            ]
            for _ in range(most):
                if self.stop.is_set():
                    return
                kind = kinds[self.dice.below(len(kinds))]
                if kind == "read":
                    self.read(clients)
                else:
                    self.act(clients, kind)

    def act(self, clients: Sequence[httpx2.Client], kind: Any) -> None:
        """Give or spend; a broken request is sent again, but for one in eight, which is left open."""
        fen = 1 + self.dice.below(3_000_000 if kind == "give" else 30_000_000)
        one = self.history.begin(self.name, kind, fen)
        body = body_of(self.submission(one))
        while True:
            answer = self._asked(clients, "POST", "/v1/vouchers", body)
            if answer is not None and answer.status_code != 503:
                break
            if self.dice.below(8) == 0 or self.stop.is_set():
                return
        one.ended = time.monotonic()
        if answer.status_code == 409:
            one.outcome = "fail"
            return
        assert answer.status_code in {200, 201}, answer.text
        told = answer.json()
        leaf = base64_text.decode(told["leaf"])
        one.position, one.number, one.leaf_hash = told["positions"][0], told["number"], leaf_hash(leaf)
        point = open_checkpoint(told["checkpoint"], None)
        one.seen, one.outcome = (point.size, point.root), "ok"

    def read(self, clients: Sequence[httpx2.Client]) -> None:
        """The fund's balance, once."""
        one = self.history.begin(self.name, "read")
        answer = self._asked(clients, "GET", "/v1/balances", None)
        if answer is None or answer.status_code == 503:
            return
        assert answer.status_code == 200, answer.text
        one.ended = time.monotonic()
        one.fen = next(row["balance_fen"] for row in answer.json()["rows"] if row["fund"] == FUND)
        one.position = int(answer.headers["ledger-position"])
        size, _, root = answer.headers["ledger-checkpoint"].partition(" ")
        one.seen, one.outcome = (int(size), base64_text.decode(root)), "ok"

    def submission(self, one: Operation) -> Submission:
        """The signed voucher of an act."""
        name = one.name.removeprefix("op-")
        if one.kind == "give":
            fact = donation(0, one.fen, FUND)
            fact[1]["donation"] = ACT + name
        else:
            fact = spending(ACT + name, one.fen)
        signer = Signer(MAKER, self.keys[MAKER], ORIGIN)
        made = draft(signer, "charity", TODAY, [draft_event(*fact)], now())
        if one.kind == "give":
            return made
        checked = approve(Signer(CHECKER, self.keys[CHECKER], ORIGIN), made, "checker", now())
        return Submission(made.envelope, made.events, (checked,))

    def _asked(self, clients: Sequence[httpx2.Client], method: str, path: str, body: Any) -> Any:
        """The answer; None when the connection broke, after a moment."""
        client = clients[self.dice.below(len(clients))]
        try:
            return client.request(method, path, json=body)
        except httpx2.TransportError:
            self.broken += 1
            time.sleep(0.02)
            return None


def spending(movement: str, fen: int) -> tuple[str, dict[str, Any]]:
    """Money that leaves the fund for another one of the charity."""
    return "fund.allocated", {
        "movement": movement,
        "source": FUND,
        "target": TARGET,
        "amount_fen": fen,
        "purpose": "助学",
        "approval": "慈总〔2025〕1号",
        "means": "bank",
        "account": "icbc-9991",
        "on": TODAY.isoformat(),
        "origin": "decision",
    }


def log_of(store: LogStore, opening_fen: int) -> Log:
    """The acts of clients as the database has them, read without the service."""
    with store.read() as connection:
        leaves = [bytes(row.leaf) for row in connection.execute(text("select leaf from vouchers order by number"))]
        ours = "kind in ('donation.received', 'fund.allocated')"
        rows = connection.execute(text(f"select position, data from events where {ours} order by position")).all()
    hashes = [leaf_hash(leaf) for leaf in leaves]
    acts = list(_acts(leaves, hashes, {row.position: orjson.loads(bytes(row.data)) for row in rows}))
    return Log(acts, opening_fen, lambda size: root_of(hashes[:size]))


def _acts(leaves: list[bytes], hashes: list[bytes], events: dict[int, dict[str, Any]]) -> Iterator[Recorded]:
    for data, digest in zip(leaves, hashes, strict=True):
        leaf = Leaf.from_bytes(data)
        event = events.get(leaf.first_position)
        name = (event or {}).get("donation", (event or {}).get("movement", ""))
        if event is None or not name.startswith(ACT):
            continue
        statement = Statement.from_bytes(leaf.envelope.payload)
        signers = tuple(orjson.loads(one.payload)["person"] for one in leaf.approvals)
        kind: Any = "give" if "donation" in event else "spend"
        yield Recorded(
            "op-" + name.removeprefix(ACT),
            kind,
            event["amount_fen"],
            leaf.first_position,
            leaf.number,
            digest,
            statement.maker,
            signers,
        )
