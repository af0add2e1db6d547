"""Q3 互助社、社区基金: how many, how many registered and above the line, what they raised from whom, gave, and hold."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger.accounts.roles import MONEY
from ledger_projections.books.balances import FundBalance, fund_balances
from ledger_projections.charity.societies import Society, SocietyList, societies
from ledger_projections.summaries.charity.days import legs
from ledger_projections.summaries.charity.moves import kinds_of
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
    """What societies hold beside what they raised less what they gave: interest, what was given back, an opening; and
    what not even that explains.
    """
    for one in found.rows:
        left = one.raised_fen - one.granted_fen
        if left == one.balance_fen:
            continue
        other = _other(connection, one, asked.until, found.position)
        if other:
            yield Said("table.note.society_other", {"society": one.name, "rest_fen": other})
        if left + other != one.balance_fen:
            held = {"left_fen": left + other, "held_fen": one.balance_fen}
            yield Said("check.society", {"society": one.name, **held})


def _other(connection: Connection, one: Society, until: date, position: int) -> int:
    """Fen that moved in a society's fund by events that are neither a contribution nor a grant of it."""
    found = [leg for leg in legs(connection, one.entity, _EVER, until, position, sorted(MONEY)) if leg.fund == one.fund]
    kinds = kinds_of(connection, {leg.position for leg in found})
    return sum(int(leg.amount_fen) for leg in found if kinds[leg.position] not in _OWN)


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
