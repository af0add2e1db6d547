"""A county for the tests of importing: a charity, a bureau and a bookkeeping agent in one book, with keys in memory.

The book is made once a session and copied for every test. `take_in` imports files through the real writer with the
person whose files they are; `sign_off` lets every checker sign what waits.
"""

import base64
import csv
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ledger.application import waiting
from ledger.application.drafting import Signer, approve, draft, draft_event
from ledger.application.importing.parse import parse_file
from ledger.application.importing.rows import Note, WrongCell
from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError
from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.importer import FileReport, Importer, ImportReport
from ledger.application.writer import Writer
from ledger.decisions.prepared import Submission
from ledger.flows.authority.keys import possession_text
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger.log.store import LogStore
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger.vault.keystore import KeyStore
from ledger.vault.people import Vault
from tests.application.importing.offices import SAMPLES, Grid, delimited
from tests.application.proposing.county_facts import (
    BEFORE,
    BUREAU,
    CHARITY,
    ENTITIES,
    PEOPLE,
    RELIEF_QUOTA,
    Fields,
    agent_facts,
    bureau_facts,
    charity_facts,
)
from tests.plain_sentences import require_plain

ORIGIN = "ledger.example.org/test-county"
ADMINISTRATORS = ("guan-1", "guan-2", "guan-3")
MONTH = "2025-09"
TODAY = date(2025, 9, 30)
BATCH = "rural-dibao-2025-09-01"
FILES = tuple(sorted(path.name for path in SAMPLES.glob("*.csv")))
STANDARD = (
    "dibao_roster.csv",
    "road",
    "payfile.csv",
    "payresult.csv",
    "bank_rcc.csv",
    "deaths.csv",
    "lottery.csv",
    "recoveries.csv",
    "rectification.csv",
    "doubts.csv",
    "mutual_aid.csv",
    "donation_register.csv",
    "wechat_trade.csv",
    "wechat_fund.csv",
    "alipay_trade.csv",
    "bank_icbc.csv",
    "bank_ccb.csv",
    "bank_abc.csv",
)
"""The order in which a tidy office would import; `road` is the batch's way between roster and pay file."""
_OFFICE = {
    **dict.fromkeys(("roster", "exits", "pay-file", "pay-result", "deaths", "lottery", "recoveries"), BUREAU),
    **dict.fromkeys(
        ("rectification", "matching", "doubts", "aid-list", "statistics", "provincial-counts", "members"), BUREAU
    ),
    "mutual-aid": "agent",
}


@dataclass(repr=False)
class County:
    """An open copy of the county's book in a directory of its own."""

    folder: Path
    keys: Mapping[str, SigningKey]
    operator: SigningKey
    now: datetime = datetime(2025, 9, 30, 4, 0, tzinfo=UTC)
    reports: list[ImportReport] = field(default_factory=list)
    url: str | None = None
    """Where the book is when it is not the SQLite file of the folder."""

    def __post_init__(self) -> None:
        self.store = LogStore.open(self.url or f"sqlite:///{self.folder / 'book.db'}")
        self.vault = Vault(KeyStore.create(self.folder / "vault.keys"))
        self.writer = Writer(self.store, NoteSigner(ORIGIN, self.operator), lambda: self.now, "test")

    def close(self) -> None:
        self.store.close()

    # ---- writing

    def post(self, maker: str, entity: str, facts: Iterable[tuple[str, Fields]], *signers: str, day: date) -> Outcome:
        """Draft, have checkers sign, submit."""
        events = [draft_event(kind, fields) for kind, fields in facts]
        submission = draft(self.signer(maker), entity, day, events, self.now)
        capacity = "administrator" if entity == "book" else "checker"
        envelopes = tuple(approve(self.signer(one), submission, capacity, self.now) for one in signers)
        return self.writer.submit(Submission(submission.envelope, submission.events, envelopes))

    def decide(self, entity: str, *facts: tuple[str, Fields], day: date = TODAY) -> Outcome:
        """A decision of an entity, made and checked."""
        return self.post(f"acct-{entity}", entity, facts, f"check-{entity}", day=day)

    def signer(self, officer: str) -> Signer:
        return Signer(officer, self.keys[officer], ORIGIN)

    def options(self, officer: str, **more: Any) -> Options:
        return Options(officer, more.pop("today", TODAY), month=more.pop("month", MONTH), **more)

    def take_in(
        self, *files: str | Path, dry_run: bool = False, office: str | None = None, **more: Any
    ) -> ImportReport:
        """Import files of one office; a bare name is a sample. The office is that of the first file's kind, for which
        the file is read once more; whoever knows it says so.
        """
        paths = [one if isinstance(one, Path) else SAMPLES / one for one in files]
        officer = f"acct-{office or self.office_of(paths[0])}"
        context = Context(self.store, self.vault, self.options(officer, **more))
        importer = Importer(self.writer, context, lambda: self.signer(officer), dry_run=dry_run)
        report = importer.add_all(paths)
        self.reports.append(report)
        for one in report.files:
            said: list[WrongCell | Note] = [*one.wrong, *one.notes, *one.findings]
            for told in said:
                require_plain(told.code, told.message())
        return report

    def one(self, file: str | Path, **more: Any) -> FileReport:
        """Import one file; its report."""
        return self.take_in(file, **more).files[0]

    @staticmethod
    def office_of(file: Path) -> str:
        if "bank_rcc" in file.name:
            return BUREAU
        return _OFFICE.get(_kind_of(file), CHARITY)

    def sign_off(self) -> int:
        """Every waiting voucher is signed by its entity's checker, oldest first; answers how many were posted.

        A voucher that rests on another one waits for the next round, as it would on a desk.
        """
        posted = 0
        while True:
            with self.store.read() as connection:
                waits = waiting.all_waiting(connection)
            done = [one for one in waits if self._signed(one)]
            posted += len(done)
            if not done:
                return posted

    def _signed(self, one: waiting.WaitingVoucher) -> bool:
        envelope = approve(self.signer(f"check-{one.entity}"), one.submission, "checker", self.now)
        try:
            return isinstance(self.writer.approve(one.voucher, envelope), Receipt)
        except VoucherRefusedError:
            return False

    def waiting(self) -> list[waiting.WaitingVoucher]:
        with self.store.read() as connection:
            return waiting.all_waiting(connection)

    def road(self, batch: str = BATCH) -> None:
        """签批, 送财政, 支付令 of a prepared batch; nothing when it is not prepared, or went that way already."""
        steps = [one.kind for one in self.events(f"batch:{batch}", "batch.prepared", "batch.approved")]
        if steps != ["batch.prepared"]:
            return
        lines: list[Any] = self.events(f"batch:{batch}", "subsidy.authorised", "subsidy.offset")
        fen = sum(one.amount_fen * (-1 if one.kind == "subsidy.offset" else 1) for one in lines)
        count = len({one.enrolment for one in lines})
        day, origin = date(2025, 9, 5), {"on": "2025-09-05", "origin": "decision"}
        approved = ("batch.approved", {"batch": batch, "count": count, "total_fen": fen, **origin})
        sent = ("batch.sent", {"batch": batch, "organisation": "财政局", "total_fen": fen, **origin})
        assert isinstance(self.decide(BUREAU, approved, sent, day=day), Receipt)
        order = {"movement": f"order-{batch}", "batch": batch, "fund": "relief", "amount_fen": fen, "order_no": "0908"}
        where = {"sources": [{"document": RELIEF_QUOTA, "fen": fen}], "account": "rcc-transit"}
        funded = ("batch.funded", {**order, **where, "occurred_on": "2025-09-08"})
        assert isinstance(self.decide(BUREAU, funded, day=date(2025, 9, 8)), Receipt)

    def standard(self) -> None:
        """The seventeen samples in the tidy order, and every signature."""
        for name in STANDARD:
            self.road() if name == "road" else self.take_in(name)
        self.sign_off()

    def reverse(self, event: Event, entity: str, day: date = TODAY) -> None:
        """红字冲销 of a recorded event."""
        with self.store.read() as connection:
            position = reading.positions_of_ids(connection, [event.id])[event.id]
        fields = {"target": event.id, "target_position": position, "target_tags": list(event.tags())}
        red = ("event.reversed", {**fields, "reason": "测试冲销", "on": day.isoformat()})
        assert isinstance(self.decide(entity, red, day=day), Receipt)

    # ---- reading

    def events(self, tag: str, *kinds: str) -> list[Any]:
        """Recorded events of a tag."""
        context = Context(self.store, self.vault, self.options("nobody"))
        return [item.event for item in context.find([Need(tag, kinds)])[Need(tag, kinds)] if item.position]

    def all_events(self) -> list[Event]:
        """Every event of the log."""
        with self.store.read() as connection:
            last = connection.execute(text("select count(*) from events")).scalar_one()
            return [trusted_event(row.kind, row.data) for row in reading.events_between(connection, 1, last)]

    def of_kind(self, kind: str) -> list[Any]:
        """Every recorded event of a kind."""
        return [one for one in self.all_events() if one.kind == kind]

    def balances(self) -> dict[tuple[str, ...], int]:
        """Every balance that is not zero, by all that it is kept for."""
        columns = "entity, fund, chart, code, role, party, book"
        with self.store.read() as connection:
            rows = connection.execute(text(f"select {columns}, amount_fen from balances where amount_fen <> 0"))
            return {tuple(row[:-1]): row[-1] for row in rows}

    def fen(self, entity: str, fund: str, role: str, party: str | None = None) -> int:
        """What a fund's accounts of a role hold, signed."""
        return sum(
            amount
            for key, amount in self.balances().items()
            if (key[0], key[1], key[4]) == (entity, fund, role) and party in (None, key[5])
        )

    def of_kinds(self, prefix: str) -> list[Any]:
        """Every recorded event whose kind begins so."""
        return [one for one in self.all_events() if one.kind.startswith(prefix)]

    def findings(self) -> list[str]:
        """The codes of every finding in the book, sorted."""
        with self.store.read() as connection:
            return sorted(row[0] for row in connection.execute(text("select code from findings")))

    def doubts(self) -> list[str]:
        """The codes of facts that break a rule, sorted."""
        with self.store.read() as connection:
            return sorted(row[0] for row in connection.execute(text("select code from findings where stage = 'fact'")))

    def size(self) -> tuple[int, int, int]:
        """How many events are recorded, how many vouchers wait, how many fields the vault keeps."""
        with self.store.read() as connection:
            counts = [
                connection.execute(text(f"select count(*) from {name}")).scalar_one()
                for name in ("events", "pending", "identities")
            ]
        return counts[0], counts[1], counts[2]

    # ---- files

    def write(self, name: str, grid: Grid) -> Path:
        """A grid as a CSV file of this county's desk."""
        path = self.folder / name
        path.write_text(delimited(grid), encoding="utf-8")
        return path


_KINDS: dict[tuple[str, bytes], str] = {}
"""(Name, content) -> the kind of a file. The samples, and files that come again, are not read a second time for it."""


def _kind_of(file: Path) -> str:
    key = file.name, file.read_bytes()
    if key not in _KINDS:
        _KINDS[key] = parse_file(file, month=MONTH).kind
    return _KINDS[key]


def rows_of(name: str) -> Grid:
    """A sample as a grid: header and rows."""
    with (SAMPLES / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def made(folder: Path, url: str | None = None) -> tuple[Mapping[str, SigningKey], SigningKey]:
    """Make the county's book in a folder: opened, registered, with its opening balances and its quota."""
    people = (*ADMINISTRATORS, *PEOPLE)
    keys, operator = {name: SigningKey.generate() for name in people}, SigningKey.generate()
    LogStore.create(url or f"sqlite:///{folder / 'book.db'}").close()
    county = County(folder, keys, operator, url=url)
    administrators = [{**enrolment_of(county, name), "name": name} for name in ADMINISTRATORS]
    opening = {"origin": ORIGIN, "operator_key": operator.public.text, "administrators": administrators}
    start = date(2025, 9, 1)
    county.post("guan-1", "book", [("book.opened", opening)], "guan-2", day=start)
    county.post("guan-1", "book", _authority(county), "guan-3", day=start)
    county.decide(CHARITY, *charity_facts(county.vault.reference), day=start)
    county.decide(BUREAU, *bureau_facts(), day=start)
    county.decide("agent", *agent_facts(), day=start)
    for entity, facts in BEFORE:
        county.decide(entity, facts, day=start)
    county.close()
    return keys, operator


def copied(folder: Path, source: Path, keys: Mapping[str, SigningKey], operator: SigningKey) -> County:
    """A county of its own from the one that was made."""
    for name in ("book.db", "vault.keys"):
        shutil.copy(source / name, folder / name)
    return County(folder, keys, operator)


def enrolment_of(county: County, officer: str) -> Fields:
    """A key with the proof that its officer holds it."""
    key = county.keys[officer]
    proof = key.sign(possession_text(ORIGIN, officer, key.public.text))
    possession = base64.b64encode(proof).decode()
    return {"officer": officer, "key": key.public.text, "keyid": key.public.keyid, "possession": possession}


def _authority(county: County) -> Iterator[tuple[str, Fields]]:
    for entity, fields in ENTITIES.items():
        yield "entity.registered", {"entity": entity, **fields}
    for officer, (entity, role) in PEOPLE.items():
        named = {"officer": officer, "name": officer, "entity": entity, "post": "other", "title": "测试"}
        yield "officer.named", {**named, "valid_from": "2025-01-01"}
        yield "key.enrolled", {**enrolment_of(county, officer), "valid_from": "2025-01-01"}
        yield "role.granted", {"officer": officer, "role": role, "entity": entity}


def codes(report: FileReport) -> list[tuple[int, str]]:
    """(row, code) of every wrong cell of a file."""
    return [(cell.place.row, cell.code) for cell in report.wrong]


def parts_of(grid: Grid, cuts: Sequence[int]) -> list[Grid]:
    """A grid as several with the same header; `cuts` gives each row the number of its part."""
    numbers = sorted(set(cuts))
    return [[grid[0], *(row for row, cut in zip(grid[1:], cuts, strict=True) if cut == number)] for number in numbers]


def asks_for_signatures(county: County, above_fen: int = 0, kinds: Sequence[str] = ("subsidy.authorised",)) -> None:
    """The bureau's vouchers with events of some kinds want a checker, where they move more than so much."""
    line = {"kinds": list(kinds), "above_fen": above_fen, "capacities": ["checker"], "paper": False}
    stated = {"entity": BUREAU, "policies": [line], "duty_profile": None, "free_control_accounts": False}
    policy: tuple[str, Fields] = ("policy.set", {**stated, "document": None})
    assert isinstance(county.post("guan-1", "book", [policy], "guan-2", day=TODAY), Receipt)
