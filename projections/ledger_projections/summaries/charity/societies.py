"""Q3 互助社、社区基金: how many, how many registered and above the line, what they raised from whom, gave, and hold."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger.accounts.roles import MONEY
from ledger_projections.books.balances import FundBalance, fund_balances
from ledger_projections.charity.societies import Society, SocietyList, societies
from ledger_projections.summaries.charity.days import legs
from ledger_projections.summaries.charity.moves import HEADS, TAKEN_OVER, kinds_of
from ledger_projections.summaries.table import Asked, Said, Table, Value, columns, row_of, table_of, total_of, word

Q3: Final = columns(
    ("township", "text"),
    ("society", "text"),
    ("society_kind", "text"),
    ("registration", "text"),
    ("raised_fen", "fen"),
    ("county_fen", "fen"),
    ("village_fen", "fen"),
    ("donor_fen", "fen"),
    ("member_fen", "fen"),
    ("year_times", "times"),
    ("year_granted_fen", "fen"),
    ("balance_fen", "fen"),
    ("reaches_line", "text"),
    ("short_fen", "fen"),
)
_OWN: Final = frozenset({"mutual_aid.contributed", "mutual_aid.granted"})
_EVER: Final = date(1900, 1, 1)
_COMMUNITY: Final = frozenset({"community", "village"})


def society_report(connection: Connection, asked: Asked) -> Table:
    """Q3: a row a society, then a row a community or village fund, of which the book knows what it holds."""
    found = societies(connection, asked.open_on, as_of=asked.until, at=asked.at, entity=asked.entity)
    rows = [row_of(Q3, _values(one), (f"society:{one.society}",)) for one in found.rows]
    funds = fund_balances(connection, as_of=asked.until, at=found.position).rows
    mine = [one for one in funds if one.kind in _COMMUNITY and asked.wants(one.entity)]
    rows += [row_of(Q3, _fund(one), (f"fund:{one.fund}",)) for one in mine]
    scopes = (
        Said("table.scope.on_day", {"on": asked.open_on, "year": asked.open_on.year}),
        Said("table.scope.line")
        if found.line_fen is None
        else Said("table.scope.line_is", {"line_fen": found.line_fen}),
    )
    total = [total_of(Q3, rows, word("word", "total"))] if rows else []
    return table_of(
        "Q3", asked, found.position, Q3, [*rows, *total], scopes, [*_checks(connection, asked, found), *_told(found)]
    )


def _values(one: Society) -> dict[str, Value]:
    reaches = None if one.reaches_line is None else word("truth", "yes" if one.reaches_line else "no")
    names = ("county_fen", "village_fen", "donor_fen", "member_fen", "raised_fen", "balance_fen", "short_fen")
    return {
        "township": one.township,
        "society": one.name,
        "society_kind": word("fund", "mutual_aid"),
        "registration": word("registration", one.status),
        **{name: getattr(one, name) for name in names},
        "year_times": one.year_helped_households,
        "year_granted_fen": one.year_granted_fen,
        "reaches_line": reaches,
    }


def _fund(fund: FundBalance) -> dict[str, Value]:
    texts = dict.fromkeys(("township", "registration", "reaches_line", "short_fen"), "")
    return {**texts, "society": fund.name, "society_kind": word("fund", fund.kind), "balance_fen": fund.balance_fen}


def _checks(connection: Connection, asked: Asked, found: SocietyList) -> Iterable[Said]:
    """What societies hold beside what they raised less what they gave: an opening, and interest or what was given back;
    and what not even that explains.
    """
    unlike = [one for one in found.rows if one.raised_fen - one.granted_fen != one.balance_fen]
    entities = {one.entity for one in unlike}
    moved = {entity: _moved(connection, entity, asked.until, found.position) for entity in sorted(entities)}
    for one in unlike:
        opened_fen, other_fen = (by_fund.get(one.fund, 0) for by_fund in moved[one.entity])
        if opened_fen:
            yield Said("table.note.society_opened", {"society": one.name, "opened_fen": opened_fen})
        if other_fen:
            yield Said("table.note.society_other", {"society": one.name, "rest_fen": other_fen})
        left_fen = one.raised_fen - one.granted_fen + opened_fen + other_fen
        if left_fen != one.balance_fen:
            held = {"left_fen": left_fen, "held_fen": one.balance_fen}
            yield Said("check.society", {"society": one.name, **held})


def _moved(connection: Connection, entity: str, until: date, position: int) -> tuple[Mapping[str, int], ...]:
    """Fund -> fen that the books were opened with, and those that moved by what is neither a contribution nor a grant:
    of all funds of an entity, whose legs are many, in one reading.
    """
    found = legs(connection, entity, _EVER, until, position, sorted(MONEY))
    kinds = kinds_of(connection, {leg.position for leg in found})
    opened: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for leg in found:
        kind = kinds[leg.position]
        if kind not in _OWN:
            (opened if HEADS.get(kind) == TAKEN_OVER else other)[leg.fund] += int(leg.amount_fen)
    return opened, other


def _told(found: SocietyList) -> Iterable[Said]:
    """The sentence of the quarter, and who is below the line."""
    totals = found.totals
    if not totals.societies:
        return
    counts = {"societies": totals.societies, "registered": totals.registered, "reaching": totals.reaching}
    yield Said("table.note.societies", {**counts, "raised_fen": totals.raised_fen})
    short = tuple(f"{one.township or ''}{one.name}" for one in found.rows if one.reaches_line is False)
    if short:
        yield Said("table.note.short", {"names": short})
