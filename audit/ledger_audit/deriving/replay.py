"""Walking the log from its first voucher: each is read from its bytes, judged as it stood, and everything that the
writer stored for it is derived again by this module's own arithmetic.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple, cast

import orjson
from sqlalchemy import Connection

from ledger.decisions.authority import Authority
from ledger.decisions.balances import Balances
from ledger.decisions.general_papers import GeneralPapers
from ledger.decisions.histories import Histories, Standing
from ledger.decisions.judging import Judgement, business_day, judge, needs_of
from ledger.decisions.model import World
from ledger.decisions.prepared import Prepared, Submission, prepare
from ledger.flows.knowledge import Recorded
from ledger.flows.rules import EDITION
from ledger.signing.keys import PublicKey
from ledger.signing.leaves import Leaf
from ledger.signing.merkle import Frontier, empty_root, leaf_hash
from ledger.signing.statements import Seen, Statement
from ledger_audit.deriving.issues import Issues
from ledger_audit.deriving.memory import Memory

WORD: Final = "记"

Row = dict[str, Any]
Account = tuple[str, str, str, str, str, str]
"""(entity, fund, chart, code, party, book)."""


@dataclass(slots=True)
class Derived:
    """What the tables must hold for one voucher: rows by table, in key order."""

    voucher: Row
    events: list[Row]
    postings: list[Row]
    findings: list[Row]
    items: list[Recorded]


class Kept(NamedTuple):
    """What the log keeps of a voucher by which one sees the edition of the rules that let it in."""

    findings: frozenset[tuple[int, str, int, str, str]]
    """(position, code, ordinal, stage, detail)"""
    days: frozenset[tuple[int, date]]
    """(position, the business day of its postings)"""


@dataclass(slots=True)
class Totals:
    """What follows from all vouchers so far."""

    balances: dict[tuple[Account, str], list[int]] = field(default_factory=dict)
    """(account, role) -> fen and the position of the last posting that moved it."""
    days: defaultdict[tuple[Account, str, str], int] = field(default_factory=lambda: defaultdict(int))
    numbers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    running: defaultdict[Account, int] = field(default_factory=lambda: defaultdict(int))
    levels: list[list[bytes]] = field(default_factory=list)
    roots: list[bytes] = field(default_factory=lambda: [empty_root()])
    """The root after each voucher; the one at index n is over the first n."""
    operators: list[tuple[int, str]] = field(default_factory=list)
    """(n, key): from the checkpoint after size n on, this operator's key signs."""
    pins: defaultdict[str, dict[tuple[str, int], int]] = field(default_factory=lambda: defaultdict(dict))
    """Person -> (made_at, size seen) -> the first position of the voucher that says so."""
    postings: int = 0
    findings: int = 0


class Replay:
    """The state after the vouchers walked so far."""

    def __init__(self, connection: Connection, issues: Issues) -> None:
        self.memory = Memory(connection)
        self.world = World(connection, Standing(), Authority(), Balances())
        # The rules ask the same questions; only the answers come from another road.
        self.world.histories = cast("Histories", self.memory)
        # Balances and papers begin with nothing and are never read from the tables that are to be checked.
        self.world.balances.load = lambda _: ()
        self.world.papers = GeneralPapers(None)
        self.issues = issues
        self.totals = Totals()
        self.number = 0
        self.position = 0
        self.posted_at = ""
        self.earlier: list[int] = []
        """The first positions of vouchers that hold by an earlier edition of the rules only."""
        self._keys: dict[str, PublicKey] = {}
        self._frontier = Frontier()

    @property
    def origin(self) -> str:
        """The log's origin, '' before voucher 1."""
        return self.world.authority.origin or ""

    def walk(self, leaf_bytes: bytes, leaf: Leaf, data: Sequence[bytes], kept: Kept) -> Derived:
        """Judge and derive the next voucher. Raises LedgerError when its bytes or signatures do not hold."""
        first = self.position + 1
        voucher = prepare(Submission(leaf.envelope, tuple(data), leaf.approvals), self._keys)
        self._places(leaf, first)
        self.memory.load(needs_of(voucher))
        judgement = self._judge(voucher, first, leaf.posted_at, kept)
        self._judged(judgement, voucher.statement, first)
        derived = self._derive(leaf_bytes, leaf, voucher, judgement)
        self._pin(voucher, first)
        self._grow(leaf_bytes, derived)
        return derived

    def _judge(self, voucher: Prepared, first: int, posted_at: str, kept: Kept) -> Judgement:
        """The judgement by today's rules, or by those of an earlier edition where only they say what the log says."""
        found = judge(self.world, voucher, self.number + 1, first, posted_at)
        if _agree(found, first, voucher.voucher_date, kept):
            return found
        for edition in range(EDITION - 1, 0, -1):
            self._again(voucher, first)
            earlier = judge(self.world, voucher, self.number + 1, first, posted_at, edition)
            if _agree(earlier, first, voucher.voucher_date, kept):
                self.earlier.append(first)
                return earlier
        self._again(voucher, first)
        return judge(self.world, voucher, self.number + 1, first, posted_at)

    def _again(self, voucher: Prepared, first: int) -> None:
        self.world.forget(first)
        self.memory.load(needs_of(voucher))

    def _places(self, leaf: Leaf, first: int) -> None:
        for column, stored, expected in (
            ("number", leaf.number, self.number + 1),
            ("first_position", leaf.first_position, first),
            ("posted_at", leaf.posted_at, max(leaf.posted_at, self.posted_at)),
        ):
            if stored != expected:
                self.issues.add("E_DERIVE_LEAF", first, number=self.number + 1, column=column, stored=stored)

    def _judged(self, judgement: Judgement, statement: Statement, first: int) -> None:
        refusing = sorted({finding.code for finding in judgement.findings if finding.refuses})
        if refusing:
            place = min(max(finding.event, 0) for finding in judgement.findings if finding.refuses)
            self.issues.add("E_DERIVE_RULE", first + place, number=self.number + 1, codes=", ".join(refusing))
        if judgement.missing:
            missing = ", ".join(judgement.missing)
            self.issues.add("E_DERIVE_UNSIGNED", first, number=self.number + 1, missing=missing, maker=statement.maker)

    def _derive(self, leaf_bytes: bytes, leaf: Leaf, voucher: Prepared, judgement: Judgement) -> Derived:
        statement, first = voucher.statement, self.position + 1
        postings = self._postings(voucher, judgement, first)
        no = self._voucher_no(statement, any(row["book"] == "main" for row in postings))
        row: Row = {
            "number": self.number + 1,
            "voucher_id": statement.voucher,
            "first_position": first,
            "count": len(voucher.events),
            "entity": statement.entity,
            "voucher_date": voucher.voucher_date,
            "period": None if no is None else statement.voucher_date[:7],
            "word": None if no is None else WORD,
            "no": no,
            "posted_at": leaf.posted_at,
            "statement_digest": statement.digest,
            "maker": statement.maker,
            "amount_fen": judgement.amount_fen,
            "leaf": leaf_bytes,
        }
        stated = leaf.voucher_no
        told = None if stated is None else (stated.entity, stated.period, stated.word, stated.no)
        if told != (None if no is None else (statement.entity, row["period"], WORD, no)):
            self.issues.add("E_DERIVE_LEAF", first, number=self.number + 1, column="voucher_no", stored=str(told))
        items, events = [], []
        for place, (event, data, tags) in enumerate(
            zip(voucher.events, voucher.data, voucher.tags, strict=True), first
        ):
            tags_text = orjson.dumps(tags).decode()
            events.append({"position": place, "kind": event.kind, "data": data, "tags": tags_text})
            items.append(Recorded(place, event, statement.entity, voucher.voucher_date, self.number + 1))
        return Derived(row, events, postings, _findings(judgement, first), items)

    def _postings(self, voucher: Prepared, judgement: Judgement, first: int) -> list[Row]:
        rows: list[Row] = []
        totals = self.totals
        for place, (event, legs) in enumerate(zip(voucher.events, judgement.posted, strict=True), first):
            day = business_day(event, voucher.voucher_date, judgement.edition)
            for line, (leg, key, _) in enumerate(legs, 1):
                account: Account = (key.entity, key.fund, key.chart, key.code, key.party, key.book)
                totals.running[account] += leg.amount_fen
                change = totals.balances.setdefault((account, key.role), [0, 0])
                change[0] += leg.amount_fen
                change[1] = place
                totals.days[account, key.role, day.isoformat()] += leg.amount_fen
                names = dict(zip(("entity", "fund", "chart", "code", "party", "book"), account, strict=True))
                own = {"position": place, "line": line, "voucher": self.number + 1, "role": key.role}
                sums = {"amount_fen": leg.amount_fen, "balance_after_fen": totals.running[account]}
                rows.append({**own, **names, **sums, "occurred_on": day})
        return rows

    def _voucher_no(self, statement: Statement, counted: bool) -> int | None:  # noqa: FBT001 - one fact, one call
        if not counted:
            return None
        key = (statement.entity, statement.voucher_date[:7], WORD)
        self.totals.numbers[key] = self.totals.numbers.get(key, 0) + 1
        return self.totals.numbers[key]

    def _pin(self, voucher: Prepared, first: int) -> None:
        """What each signer had seen must be a prefix of this log."""
        acts: list[tuple[str, str, Seen | None]] = [
            (voucher.statement.maker, voucher.statement.made_at, voucher.statement.seen),
            *((item.approval.person, item.approval.made_at, item.approval.seen) for item in voucher.approvals),
        ]
        for person, made_at, seen in acts:
            size = 0 if seen is None else seen.size
            self.totals.pins[person].setdefault((made_at, size), first)
            if seen is not None and (size > self.number or self.totals.roots[size] != seen.root):
                self.issues.add("E_DERIVE_FORK", first, number=self.number + 1, officer=person, size=size)

    def _grow(self, leaf_bytes: bytes, derived: Derived) -> None:
        """The voucher stands in the log: everything later is judged with it."""
        totals = self.totals
        self.world.accept()
        self.world.written()
        before = self.world.authority.operator_key
        self.world.authority.learn(derived.items)
        if self.world.authority.operator_key != before:
            totals.operators.append((self.number if before is None else self.number + 1, self._operator()))
        if len(self._keys) != len(self.world.authority.keys):
            keys = self.world.authority.keys
            self._keys = {keyid: PublicKey.parse(key.public) for keyid, key in keys.items()}
        for level, _, node in self._frontier.append([leaf_hash(leaf_bytes)]):
            if level == len(totals.levels):
                totals.levels.append([])
            totals.levels[level].append(node)
        totals.roots.append(self._frontier.root())
        totals.postings += len(derived.postings)
        totals.findings += len(derived.findings)
        self.number += 1
        self.position += len(derived.events)
        self.posted_at = derived.voucher["posted_at"]

    def _operator(self) -> str:
        return self.world.authority.operator_key or ""


def _agree(judgement: Judgement, first: int, voucher_date: date, kept: Kept) -> bool:
    """Whether the log could hold the voucher by this judgement, with these findings and business days."""
    if judgement.refused or judgement.missing:
        return False
    rows = _findings(judgement, first)
    found = frozenset((r["position"], r["code"], r["ordinal"], r["stage"], r["detail"]) for r in rows)
    days = frozenset(
        (item.position, business_day(item.event, voucher_date, judgement.edition))
        for item, legs in zip(judgement.items, judgement.posted, strict=True)
        if legs
    )
    return (found, days) == kept


def _findings(judgement: Judgement, first: int) -> list[Row]:
    """The W_ findings as rows, each with its ordinal among equals of its position and code."""
    rows: list[Row] = []
    seen: defaultdict[tuple[int, str], int] = defaultdict(int)
    for finding in judgement.findings:
        if finding.refuses:
            continue
        place = first + max(finding.event, 0)
        detail = orjson.dumps(dict(finding.params), option=orjson.OPT_SORT_KEYS).decode()
        stage = "fact" if finding.demands else "note"
        ordinal = seen[place, finding.code]
        rows.append({"position": place, "code": finding.code, "ordinal": ordinal, "stage": stage, "detail": detail})
        seen[place, finding.code] += 1
    return rows
