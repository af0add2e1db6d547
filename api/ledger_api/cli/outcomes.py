"""Posting drafted vouchers and saying what became of each: posted, waiting for whom, or refused and why."""

from collections.abc import Sequence
from typing import Any, Final

import typer

from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError, Waiting
from ledger.catalogue import codes, say
from ledger.decisions.prepared import Submission
from ledger.errors import LedgerError
from ledger.log.rows import NewPosting
from ledger_api.accounts import account_name
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.output import DOES_NOT_HOLD, error_json, fail, finding_text, line, write_json, yuan
from ledger_api.erasing import finish_erasures

CAPACITIES: Final = ("checker", "approver", "administrator", "auditor", "supervisor", "cashier", "accountant")
"""In which capacities people approve, the usual first."""
SELDOM: Final = frozenset({"cashier", "accountant"})
"""Capacities that only a policy asks for."""


def capacity_name(desk: Desk, capacity: str) -> str:
    """A capacity in the reader's language."""
    name = f"role_name.{capacity}"
    return say(name, desk.language) if name in codes() else capacity


def post(
    desk: Desk,
    session: Session,
    submissions: Sequence[Submission],
    *,
    many: bool = False,
    left: Sequence[LedgerError] = (),
) -> None:
    """Submit vouchers and show each outcome; a single refusal is raised, several are shown and exit with 2. Programs
    are told after them what was `left` alone, and why.
    """
    if len(submissions) == 1 and not many:
        answer(desk, session, session.writer.submit(submissions[0]), submissions[0])
        return
    results = session.writer.submit_all(submissions)
    for result, submission in zip(results, submissions, strict=True):
        if not isinstance(result, LedgerError):
            settle(session, result, submission)
    show_all(desk, results, left)


def answer(desk: Desk, session: Session, outcome: Outcome, submission: Submission) -> None:
    """What follows when one voucher was handed in: it is settled and shown."""
    settle(session, outcome, submission)
    show(desk, outcome)


def settle(session: Session, outcome: Outcome, submission: Submission) -> None:
    """Verify a receipt before it is believed, and do in the vault what the log now says; so for what it released."""
    if isinstance(outcome, Receipt):
        session.believe(outcome)
        for one in outcome.released:
            if isinstance(one, Receipt):
                session.believe(one)
        finish_erasures(session.book, outcome, submission.events, session.officer)


def show(desk: Desk, outcome: Outcome) -> None:
    """One outcome."""
    if desk.as_json:
        write_json(outcome.to_json())
    else:
        _say(desk, outcome)


def show_all(desk: Desk, results: Sequence[Outcome | LedgerError], left: Sequence[LedgerError] = ()) -> None:
    """Several outcomes in order; exits with the code of the first refusal, after all were shown. Where all that was
    signed was taken, what was `left` alone, because nobody can sign it, exits with 1.
    """
    if desk.as_json:
        write_json([_json(desk, result) for result in (*results, *left)])
    codes = [DOES_NOT_HOLD] if left else []
    for result in results:
        if isinstance(result, LedgerError):
            codes.append(_refused(desk, result))
        elif not desk.as_json:
            _say(desk, result)
    if codes:
        raise typer.Exit(max(codes))


def _refused(desk: Desk, error: LedgerError) -> int:
    quiet = Desk(desk.directory, desk.key_file, desk.passphrase_file, as_json=False, language=desk.language)
    return fail(quiet, error)


def _json(desk: Desk, result: Outcome | LedgerError) -> Any:
    if not isinstance(result, LedgerError):
        return result.to_json()
    return error_json(result, desk.language)


def _say(desk: Desk, outcome: Outcome) -> None:
    if isinstance(outcome, Receipt):
        _say_posted(desk, outcome)
    else:
        _say_waiting(desk, outcome)
    for finding in outcome.warnings:
        line("  " + finding_text(desk, finding))
    for entry in outcome.entries or ():
        _say_entry(desk, entry)
    if isinstance(outcome, Receipt) and outcome.released:
        line(desk.text("等待这份审批的凭证:", "what waited for this approval:"))
        for one in outcome.released:
            if isinstance(one, LedgerError):
                _say_refused(desk, one)
            else:
                _say(desk, one)


def _say_entry(desk: Desk, entry: NewPosting) -> None:
    """分录, as an accountant writes it: 借 or 贷, account, fund and party, amount."""
    debits = entry.amount_fen >= 0
    side = desk.text("借" if debits else "贷", "debit" if debits else "credit")
    where = " ".join(one for one in (entry.fund, entry.party) if one)
    name = account_name(entry.chart, entry.code, desk.language)
    line(f"  {entry.position + 1}.{entry.line} {side} {entry.code} {name} {yuan(abs(entry.amount_fen))}  {where}")


def _say_posted(desk: Desk, receipt: Receipt) -> None:
    no = "" if receipt.voucher_no is None else f"{receipt.voucher_no.period} {receipt.voucher_no}"
    last = receipt.first_position + receipt.count - 1
    if receipt.entries is not None:
        line(desk.text(f"可入账 {no or '(无凭证字号)'}", f"can be posted {no or '(no voucher number)'}"))
        return
    zh = f"已入账 {no or '(无凭证字号)'} 存证号 {receipt.number} 序号 {receipt.first_position}-{last}"
    en = f"posted {no or '(no voucher number)'} number {receipt.number} positions {receipt.first_position}-{last}"
    line(desk.text(zh, en) + f"  {receipt.voucher}")


def _say_refused(desk: Desk, error: LedgerError) -> None:
    """A voucher that was judged again and cannot be posted now; it is no fault of what was asked."""
    line(
        desk.text("仍待审核,未通过:", "waits on, refused: ")
        + f"{error.message(desk.language)}  {error.params['voucher']}"
    )
    for finding in error.findings if isinstance(error, VoucherRefusedError) else ():
        line("  " + finding_text(desk, finding))


def _say_waiting(desk: Desk, outcome: Waiting) -> None:
    missing = desk.text("、", ", ").join(capacity_name(desk, one) for one in outcome.missing)
    amount = yuan(outcome.shown_fen)
    zh, en = f"待审核:还需 {missing} 签名,金额 {amount}", f"waits for a signature as {missing}, amount {amount}"
    line(desk.text(zh, en) + f"  {outcome.voucher}")
