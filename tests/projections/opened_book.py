"""A small book, opened as a user would open it: three administrators, a charity and a bureau, makers and checkers.

The tests of read models record into it through the real writer, so that what they read was judged and posted.
"""

import base64
import datetime as dt
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.application.drafting import Signer, approve, draft, draft_event
from ledger.application.outcomes import Receipt
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.errors import LedgerError
from ledger.flows.authority.keys import possession_text
from ledger.flows.event import Event
from ledger.log.store import LogStore
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger.values.dates import TZ
from ledger_projections.keeping.clocks import head_position
from tests.empty_book import empty_book

ORIGIN = "ledger.example.org/shili"
TODAY = dt.date(2025, 9, 30)
ADMINISTRATORS = ("chen", "zhou", "tang")
CHARITY, BUREAU = "charity", "bureau"
PEOPLE = {CHARITY: ("zhang", "li"), BUREAU: ("wang", "zhao")}
"""Entity -> its accountant and its checker, who is approver too."""


def event(kind: str, **values: Any) -> Event:
    """An event with a fresh id; fields that may be null and were not given are null."""
    return draft_event(kind, values)


@dataclass
class OpenedBook:
    """A book with its keys. `post` records events of one entity in one voucher, signed by its two people."""

    url: str
    store: LogStore
    operator: SigningKey = field(default_factory=SigningKey.generate)
    keys: dict[str, SigningKey] = field(default_factory=dict)
    now: dt.datetime = field(default_factory=lambda: dt.datetime(2025, 9, 30, 10, 0, 0, tzinfo=TZ))

    def __post_init__(self) -> None:
        self.writer = Writer(self.store, NoteSigner(ORIGIN, self.operator), lambda: self.now, "test")

    @classmethod
    def create(cls, url: str) -> "OpenedBook":
        """A new book at a database address, with its authority set up."""
        book = cls(url, empty_book(url))
        book._open()
        return book

    def copy(self, to: Path) -> "OpenedBook":
        """The same book (SQLite) as another file, to go on from here more than once."""
        source = self.store.engine.url.database or ""
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(to)) as there:
            here.backup(there)
        url = f"sqlite:///{to}"
        return OpenedBook(url, LogStore.open(url), self.operator, self.keys, self.now)

    def signer(self, officer: str) -> Signer:
        """A person who signs for this book."""
        return Signer(officer, self.keys[officer], ORIGIN)

    def draft(
        self,
        entity: str,
        events: Sequence[Event],
        *,
        on: dt.date = TODAY,
        note: str = "测试",
        capacities: Sequence[str] = ("checker",),
    ) -> Submission:
        """A voucher of an entity, stated by its first person and approved by its second in these capacities."""
        maker, checker = PEOPLE.get(entity, ADMINISTRATORS[:2])
        submission = draft(self.signer(maker), entity, on, events, self.now, note=note)
        signed = tuple(approve(self.signer(checker), submission, one, self.now) for one in capacities[:1])
        return Submission(submission.envelope, submission.events, signed)

    def post(self, entity: str, *events: Event, on: dt.date = TODAY, note: str = "测试") -> Receipt:
        """Record events in one voucher; the receipt. Raises when the voucher is refused or must wait."""
        capacity = "checker" if entity in PEOPLE else "administrator"
        answer = self.writer.submit(self.draft(entity, events, on=on, note=note, capacities=(capacity,)))
        assert isinstance(answer, Receipt), answer.to_json()
        return answer

    def try_post(self, entity: str, *events: Event, on: dt.date = TODAY, note: str = "测试") -> Receipt | None:
        """Record events in one voucher, or None when they are refused."""
        try:
            return self.post(entity, *events, on=on, note=note)
        except LedgerError:
            return None

    def reverse(self, entity: str, target: Event, position: int, on: dt.date = TODAY) -> Receipt:
        """Take an event back."""
        return self.post(entity, taken_back(target, position, on), on=on)

    def try_reverse(self, entity: str, target: Event, position: int, on: dt.date = TODAY) -> Receipt | None:
        """Take an event back, or None when that is refused."""
        return self.try_post(entity, taken_back(target, position, on), on=on)

    @property
    def head(self) -> int:
        """The position of the newest event."""
        with self.store.read() as connection:
            return head_position(connection)

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def _open(self) -> None:
        everybody = [*ADMINISTRATORS, *(officer for pair in PEOPLE.values() for officer in pair)]
        self.keys.update((officer, SigningKey.generate()) for officer in everybody)
        self.post("book", event("book.opened", **self._opening()), on=dt.date(2025, 1, 1))
        self.post("book", *self._authority(), on=dt.date(2025, 1, 1))

    def _opening(self) -> dict[str, Any]:
        named = [{"officer": one, "name": one, **self._key(one)} for one in ADMINISTRATORS]
        return {"origin": ORIGIN, "operator_key": self.operator.public.text, "administrators": named}

    def _key(self, officer: str) -> dict[str, str]:
        key = self.keys[officer]
        proof = key.sign(possession_text(ORIGIN, officer, key.public.text))
        return {"key": key.public.text, "keyid": key.public.keyid, "possession": base64.b64encode(proof).decode()}

    def _authority(self) -> list[Event]:
        statutory = {"book_kind": "statutory", "chart_family": "npo"}
        control = {"book_kind": "control", "chart_family": "control"}
        kinds = {
            CHARITY: {"name": "示例县慈善总会", "entity_kind": "charity", **statutory},
            BUREAU: {"name": "示例县民政局", "entity_kind": "bureau", **control},
        }
        events = []
        for entity, values in kinds.items():
            events.append(event("entity.registered", entity=entity, **values, public_fundraising=entity == CHARITY))
            for officer, roles in zip(PEOPLE[entity], (("accountant",), ("checker", "approver")), strict=True):
                named = {"officer": officer, "name": officer, "entity": entity, "post": "other", "title": "干部"}
                events.append(event("officer.named", **named, valid_from="2025-01-01"))
                events.append(event("key.enrolled", officer=officer, **self._key(officer), valid_from="2025-01-01"))
                events += [event("role.granted", officer=officer, role=role, entity=entity) for role in roles]
        return events


def opened(folder: Path) -> OpenedBook:
    """A fresh book in a folder."""
    return OpenedBook.create(f"sqlite:///{folder / 'book.db'}")


def fund(name: str, kind: str = "unrestricted", **more: Any) -> Event:
    """A fund, opened at the beginning of the year."""
    given = {"name": name, "fund_kind": kind, "purpose": "", "purposes": [], "programmes": [], "no_cost": False}
    return event("fund.opened", fund=name, **{**given, "on": "2025-01-02", "origin": "decision", **more})


def taken_back(target: Event, position: int, on: dt.date = TODAY) -> Event:
    """The reversal of the event at a position."""
    said = {"target": target.id, "target_position": position, "target_tags": list(target.tags())}
    return event("event.reversed", **said, reason="录入错误", on=on.isoformat())
