"""`pending`: what waits, for whom or why it is refused; what has changed is judged again, what is late lapses."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from ledger.application import waiting
from ledger.application.drafting import draft
from ledger.application.rehearsal import Rehearsal
from ledger.application.waiting import WaitingVoucher
from ledger.decisions.policies import makers_of
from ledger.decisions.prepared import Submission
from ledger.values.dates import timestamp_text
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import capacity_name, post
from ledger_api.cli.output import finding_line, line, write_json
from ledger_api.cli.readers.answers import titled
from ledger_api.cli.waiting.rows import all_rows, complete, contents, ending
from ledger_api.clients import moment
from ledger_api.pending import still_wanting, summary_of, told_to_lapse

commands = typer.Typer()


@command(commands, "pending")
def pending(
    desk: Desk,
    again: Annotated[
        bool, typer.Option("--again", help="逐张重新审核,签齐的即入账。 Judge them again and post what is complete.")
    ] = False,
    lapse: Annotated[
        bool, typer.Option("--lapse", help="过了有效期的登记失效。 Record that those lapsed whose time has passed.")
    ] = False,
) -> None:
    """列出待审核的凭证。 Vouchers that wait for a signature."""
    if again or lapse:
        _go_on(desk, again=again, lapse=lapse)
        return
    with desk.book() as book, book.store.read() as connection:
        rehearsal = Rehearsal(connection, moment(book.clock))
        rows = waiting.all_waiting(connection)
        found = [summary_of(one) | still_wanting(rehearsal, one, desk.language) for one in rows]
    if desk.as_json:
        write_json({"pending": found})
        return
    titles = (
        ("凭证", "voucher"),
        ("主体", "entity"),
        ("日期", "date"),
        ("制单人", "maker"),
        ("金额", "amount"),
        ("内容", "content"),
        ("已签", "signed"),
        ("还需", "missing"),
        ("说明", "note"),
    )
    titled(desk, titles, [_row(desk, one) for one in found], (4,))
    for one in found:
        if one["reasons"]:
            line(one["voucher"] + "  " + desk.text("不能入账:", "refused:"))
        for reason in one["reasons"]:
            line("  " + finding_line(desk, reason["code"], reason["event"], reason["message"]))
    line(desk.text(f"共 {len(found)} 张待审核", f"{len(found)} waiting"))


def _go_on(desk: Desk, *, again: bool, lapse: bool) -> None:
    """Record what lapsed, then judge again whatever has changed since (a policy, a paper, an open month): each waiting
    voucher is handed in as it stands. What can never be complete any more is not judged again where it lapses.
    """
    with desk.session() as session:
        made, late = _lapses(desk, session) if lapse else ([], frozenset())
        if again:
            kept = [one.submission for one in all_rows(session) if one.voucher not in late]
            made += [Submission(one.envelope, one.events) for one in kept]
            if not kept:
                line(desk.text("没有待审核的凭证", "nothing waits"), err=True)
        post(desk, session, made, many=True)


def _lapses(desk: Desk, session: Session) -> tuple[list[Submission], frozenset[str]]:
    """A voucher of each entity that says what lapsed there, and which those are; not again what such a voucher that
    waits and can still be approved says already.
    """
    now, makers = timestamp_text(session.now()), makers_of("voucher.lapsed")
    found = all_rows(session, waiting.PENDING, waiting.REFUSED)
    told = told_to_lapse(found, now)
    late: dict[str, list[WaitingVoucher]] = {}
    for one in found:
        may = any(session.authority.holds(session.officer, role, one.entity) for role in makers)
        if one.valid_until < now and may and one.voucher not in told:
            late.setdefault(one.entity, []).append(one)
    if not late:
        zh, en = "没有需要登记失效的凭证", "nothing to record as lapsed"
        more = (
            (f",{len(told)} 张的失效登记正待审核", f"; of {len(told)} it is recorded and waits") if told else ("", "")
        )
        line(desk.text(zh + more[0], en + more[1]), err=True)
    signer, made = session.signer(), []
    for entity, those in late.items():
        events = [ending(one, "voucher.lapsed", "有效期已过") for one in those]
        made.append(draft(signer, entity, session.today(), events, session.now()))
    return made, frozenset({*told, *(one.voucher for those in late.values() for one in those)})


def _wanting(desk: Desk, one: Mapping[str, Any]) -> str:
    """Who must still sign, or that it cannot be posted as things are: why stands under the table."""
    if one["refused"]:
        return desk.text("不能入账,见下", "refused, see below")
    return desk.text("、", ", ").join(capacity_name(desk, role) for role in one["missing"]) or complete(desk)


def _row(desk: Desk, one: Mapping[str, Any]) -> Sequence[object]:
    content = desk.text("、", ", ").join(contents(desk, one["events"]))
    signed = ", ".join(f"{item['person']} ({capacity_name(desk, item['capacity'])})" for item in one["approvals"])
    return (
        one["voucher"],
        one["entity"],
        one["voucher_date"],
        one["maker"],
        one["once_fen"],
        content,
        signed,
        _wanting(desk, one),
        one["note"],
    )
