"""Q5 整改与追缴 and Y9 with the look back: problems by where they came from, how far they are put right, and the money.

What is open must be what the book's account of recoverable money holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, get_args

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.public_money.redress.clues import FoundBy
from ledger.flows.public_money.redress.rectification import LookBackPerformed
from ledger_projections.books.balances import amounts, role_of
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.standing import standing
from ledger_projections.public_money.doubts import acted_on
from ledger_projections.public_money.recoveries import Recovery, RecoveryReport, RecoverySum, recoveries
from ledger_projections.summaries.handling.problems import Problem, problems, taken_over, ungrouped
from ledger_projections.summaries.table import (
    Asked,
    Column,
    Row,
    Said,
    Table,
    Value,
    columns,
    rate_of,
    row_of,
    table_of,
    total_of,
    word,
)

Q5: Final = columns(
    ("found_by", "text"),
    ("findings", "count"),
    ("cases", "count"),
    ("rectified", "count"),
    ("rectifying", "count"),
    ("unplanned", "count"),
    ("overdue", "count"),
    ("ordered_fen", "fen"),
    ("collected_fen", "fen"),
    ("transfer_fen", "fen"),
    ("cash_fen", "fen"),
    ("offset_recovered_fen", "fen"),
    ("paid_to_treasury_fen", "fen"),
    ("before_book_fen", "fen"),
    ("refunded_fen", "fen"),
    ("written_off_fen", "fen"),
    ("open_fen", "fen"),
    ("rate", "per_mille"),
    ("treasury_fen", "fen"),
)
_LOOKED: Final = columns(
    ("looked_back", "count"),
    ("sampled", "count"),
    ("relapsed", "count"),
    ("relapsed_findings", "count"),
    ("referred", "count"),
)
Y9: Final = (*Q5, *_LOOKED)
ORIGINS: Final[tuple[str, ...]] = get_args(FoundBy)
"""The rows of the form: every way in which something may be found."""
RECTIFIED: Final = frozenset({"accepted", "closed"})
_UNPLANNED: Final = frozenset({"confirmed", "noticed"})
"""States of a finding for which nobody has planned or reported anything."""


def redress_quarter(connection: Connection, asked: Asked) -> Table:
    """Q5: a row an origin, as everything stands on the last day."""
    found = _found(connection, asked)
    rows = [row_of(Q5, values, tags) for values, tags in _by_origin(found)]
    return _told("Q5", asked, connection, found, rows)


def redress_year(connection: Connection, asked: Asked) -> Table:
    """Y9: the same with referrals, and with the look backs performed in the months."""
    found = _found(connection, asked)
    looked = _looked_back(connection, asked, found.position)
    rows = []
    for (values, tags), mine in zip(_by_origin(found), _origins(found).values(), strict=True):
        backs = [one for problem in mine[0] for name in problem.findings for one in looked[name]]
        names, again = {one.finding for one in backs}, {one.finding for one in backs if one.relapsed}
        more: dict[str, Value] = {
            "looked_back": sum(problem.is_among(names) for problem in mine[0]),
            "sampled": sum(one.sample for one in backs),
            "relapsed": sum(one.relapsed for one in backs),
            "relapsed_findings": sum(problem.is_among(again) for problem in mine[0]),
            "referred": sum(problem.is_referred for problem in mine[0]),
        }
        rows.append(row_of(Y9, {**values, **more}, tags))
    return _told("Y9", asked, connection, found, rows)


def _found(connection: Connection, asked: Asked) -> RecoveryReport:
    return recoveries(connection, asked.open_on, as_of=asked.until, at=asked.at, entity=asked.entity)


def _told(code: str, asked: Asked, connection: Connection, found: RecoveryReport, rows: Sequence[Row]) -> Table:
    heads = Q5 if code == "Q5" else Y9
    rate = {"rate": rate_of(found.total.collected_fen, found.total.ordered_fen)}
    scopes = (Said("table.scope.redress", {"until": asked.until}), Said("table.scope.on", {"on": asked.open_on}))
    total = total_of(heads, rows, word("word", "total"), rate)
    checks = [*_checks(connection, asked, found), *_missing(heads, total, found)]
    notes = [*checks, *ungrouped(problems(found)), *_reasons(found.recoveries), *_ages(found.total)]
    anything = bool(found.matters or found.recoveries)
    return table_of(code, asked, found.position, heads, [*rows, total] if anything else [], scopes, notes)


def _missing(heads: Sequence[Column], total: Row, found: RecoveryReport) -> Iterable[Said]:
    """Whether the rows hold all recoveries, each once."""
    told = dict(zip((one.key for one in heads), total.cells, strict=True))
    for key in ("ordered_fen", "collected_fen", "open_fen"):
        whole = getattr(found.total, key)
        if told[key] != whole:
            yield Said("check.redress_rows", {"columns": (key,), "rows_fen": told[key], "whole_fen": whole})


def _origins(found: RecoveryReport) -> dict[str, tuple[list[Problem], list[Recovery]]]:
    """Origin -> its problems and recoveries, in the order of the form, none left out; what was taken over with the book
    has no origin and stands last. Money is of the problem that its case stands under.
    """
    mine: dict[str, tuple[list[Problem], list[Recovery]]] = {one: ([], []) for one in ORIGINS}
    for problem in problems(found):
        own = mine.setdefault(problem.matter.found_by or "", ([], []))
        own[0].append(problem)
        own[1].extend(problem.recoveries)
    if before := taken_over(found):
        mine.setdefault("", ([], []))[1].extend(before)
    return mine


def _by_origin(found: RecoveryReport) -> Iterable[tuple[dict[str, Value], list[str]]]:
    for origin, (shown, mine) in _origins(found).items():
        said: dict[str, Value] = {
            "found_by": word("found_by", origin) if origin else word("word", "taken_over"),
            **progress_of(shown),
        }
        names = [name for one in shown for name in one.findings]
        tags = [*(f"finding:{name}" for name in names), *(f"recovery:{one.recovery}" for one in mine)]
        yield {**said, **money_of([one.sums for one in mine])}, tags


def progress_of(shown: Sequence[Problem]) -> dict[str, Value]:
    """How far some problems are put right: each is rectified, being rectified, or without a plan or report."""
    matters = [one.matter for one in shown]
    done = sum(one.state in RECTIFIED for one in matters)
    without = sum(one.state in _UNPLANNED for one in matters)
    return {
        "findings": len(matters),
        "cases": sum(len(one.cases) + one.matter.is_case for one in shown),
        "rectified": done,
        "rectifying": len(matters) - done - without,
        "unplanned": without,
        "overdue": sum(one.overdue_days > 0 for one in matters),
    }


def money_of(sums: Sequence[RecoverySum]) -> dict[str, Value]:
    """The money of some recoveries, as the columns name it."""
    names = ("ordered_fen", "collected_fen", "transfer_fen", "cash_fen", "paid_to_treasury_fen", "before_book_fen")
    more = ("refunded_fen", "written_off_fen", "open_fen", "treasury_fen")
    added = {name: sum(getattr(one, name) for one in sums) for name in (*names, *more)}
    deducted = sum(one.offset_fen for one in sums)
    rate = rate_of(added["collected_fen"], added["ordered_fen"])
    return {**added, "offset_recovered_fen": deducted, "rate": rate}


def _reasons(found: Iterable[Recovery]) -> Iterable[Said]:
    """Why what is open is open."""
    fen: defaultdict[str, int] = defaultdict(int)
    for one in found:
        if one.sums.open_fen:
            fen[one.reason or "unsaid"] += one.sums.open_fen
    for reason, open_fen in sorted(fen.items()):
        yield Said("table.note.open_reason", {"reason": (reason,), "open_fen": open_fen})


def _ages(total: RecoverySum) -> Iterable[Said]:
    """How long what is open has been due, and what came in beyond the orders."""
    if total.open_fen:
        yield Said("table.note.open_ages", total.ages.to_json())
    if total.over_fen:
        yield Said("table.note.over_collected", {"over_fen": total.over_fen})


def _checks(connection: Connection, asked: Asked, found: RecoveryReport) -> Iterable[Said]:
    """Whether the ledger's account of recoverable money holds what is open."""
    now = Moment(found.position, asked.until)
    held = sum(
        fen
        for key, fen in amounts(connection, now)
        if asked.wants(key.entity) and key.book == "main" and role_of(key.chart, key.code) == Role.RECOVERABLE
    )
    open_fen = found.total.open_fen - found.total.over_fen
    if held != open_fen:
        yield Said("check.recoverable", {"open_fen": open_fen, "held_fen": held})


def _looked_back(connection: Connection, asked: Asked, position: int) -> defaultdict[str, list[LookBackPerformed]]:
    """Finding -> the look backs performed in the months."""
    performed: defaultdict[str, list[LookBackPerformed]] = defaultdict(list)
    for item in standing(connection, ("look_back.performed",), position, asked.until, acted_on):
        if isinstance(item.event, LookBackPerformed) and asked.begin <= item.event.on <= asked.until:
            performed[item.event.finding].append(item.event)
    return performed
