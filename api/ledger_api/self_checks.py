"""Self-checks (自查): what the book by itself shows of its own payments becomes doubts that somebody verifies.

Another department's list is not needed for two of the tests: who was paid twice over, and which account several
households share. A doubt that was raised once is not raised again by a later check, however it was answered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from ledger.application.importing.check_sheets import own_number
from ledger.application.proposing.context import Context
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.values.money import fen_to_yuan
from ledger_projections.public_money.overlaps import Overlap, overlaps
from ledger_projections.public_money.shared_accounts import SharedAccount, shared_accounts

TESTS: Final = {"T02": "T02重复领取", "T03": "T03互斥待遇", "T07": "T07一户多领"}
"""Number of a test -> its name, which every doubt of it bears."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One doubt that a self-check finds. `own` tells it from every other of its test; `fen` is what is at stake."""

    test: str
    entity: str
    own: tuple[str, ...]
    programme: str
    enrolment: str
    household: str | None
    person: str
    township: str
    village: str | None
    months: tuple[str, str] | None
    fen: int
    summary: str


def hits(connection: Connection, context: Context) -> list[Hit]:
    """Everything that the tests find now: double payments first, then shared accounts."""
    names = {one.programme: str(one.name) for one in context.facts("programme.opened")}
    twice = (_twice(one, names.get(one.other_programme, one.other_programme)) for one in overlaps(connection).rows)
    return [*twice, *map(_shared, shared_accounts(connection).rows)]


def note_of(events: Sequence[Event]) -> str:
    """What a voucher of raised doubts says of itself."""
    return f"自查疑点 {len(events)} 条"


def raised(context: Context, found: Sequence[Hit]) -> Iterator[tuple[Hit, Event]]:
    """Those that nobody raised before, each with the `clue.raised` to be signed, dated on the officer's day."""
    today = context.options.today
    wanted = {one.enrolment: Need(f"enrolment:{one.enrolment}", ("clue.raised",)) for one in found}
    known = context.find(wanted.values())
    for one in found:
        own = context.reference("clue", "self-check", one.test, *one.own)
        before = [item.event for item in known[wanted[one.enrolment]]]
        if any(str(getattr(event, "clue", "")).endswith(own_number(today, one.test, own)[-14:]) for event in before):
            continue
        first, last = one.months or (None, None)
        yield (
            one,
            context.event(
                "clue.raised",
                clue=own_number(today, one.test, own),
                found_by="self_check",
                test=TESTS[one.test],
                data_as_of=str(today),
                programme=one.programme,
                enrolment=one.enrolment,
                household=one.household,
                person=one.person,
                township=one.township,
                village=one.village,
                period_from=first,
                period_to=last,
                exposure_fen=one.fen,
                summary=one.summary,
                evidence=[],
                raised_on=str(today),
            ),
        )


def _twice(one: Overlap, other: str) -> Hit:
    beside = "同一项目另一户" if one.test == "T02" else other
    return Hit(
        one.test,
        one.entity,
        (one.person, one.enrolment, one.other_enrolment),
        one.programme,
        one.enrolment,
        one.household,
        one.person,
        one.township,
        one.village,
        (one.first, one.last),
        one.fen,
        f"与{beside}同月领取{one.months}个月,本户领取{fen_to_yuan(one.fen)}元",
    )


def _shared(one: SharedAccount) -> Hit:
    """Of an account one doubt, in the name of whose own account it is, or who had it first."""
    holder = next((row for row in one.rows if row.payee_kind == "self"), one.rows[0])
    fen = sum(row.monthly_fen for row in one.rows if row != holder)
    return Hit(
        "T07",
        one.entity,
        (one.payee,),
        holder.programme,
        holder.enrolment,
        holder.household,
        holder.person,
        holder.township,
        holder.village,
        None,
        fen,
        f"一个账户代领{one.homes}户待遇,其余各户每月{fen_to_yuan(fen)}元",
    )
