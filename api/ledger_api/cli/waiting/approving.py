"""`approve`: one signature under each voucher that wants it, in a capacity in which it counts."""

from collections.abc import Collection, Sequence
from typing import Annotated

import typer

from ledger.application.drafting import approve as sign_approval
from ledger.application.outcomes import Waiting, refusing
from ledger.application.waiting import WaitingVoucher
from ledger.decisions.prepared import Submission
from ledger.errors import AuthorityError, InputError, LedgerError, RefusedError
from ledger.signing.statements import Approval
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import CAPACITIES, SELDOM, capacity_name, post
from ledger_api.cli.output import finding_text, line, yuan
from ledger_api.cli.waiting.rows import all_rows, complete, contents, find_waiting
from ledger_api.pending import rows_of, summary_of

commands = typer.Typer()


@command(commands, "approve")
def approve(
    desk: Desk,
    vouchers: Annotated[
        list[str] | None, typer.Argument(metavar="VOUCHER...", help="凭证编号或其独有的一段。 Their ids, or parts.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="全部可由本人审核的。 All that one may approve.")] = False,
    capacity: Annotated[
        str | None, typer.Option("--capacity", metavar="ROLE", help="以何身份,如 checker。 In which role.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再逐张确认。 Do not ask for each.")] = False,
) -> None:
    """审核同意,签名;签齐即入账。 Approve with one's signature; complete vouchers are posted."""
    if every == bool(vouchers):
        raise InputError("E_APPROVE_WHICH")
    with desk.session() as session:
        chosen, left = (
            _approvable(desk, session, capacity) if every else (_named(session, vouchers or [], capacity), [])
        )
        signer = session.signer()
        ready = []
        for one, role in chosen:
            if yes or _confirmed(desk, one, role):
                signed = sign_approval(signer, one.submission, role, session.now())
                ready.append(Submission(one.submission.envelope, one.submission.events, (signed,)))
        if not ready:
            line(desk.text("没有签名任何凭证。", "Nothing was signed."), err=True)
        post(desk, session, ready, many=every or len(chosen) != 1, left=left)


def _named(session: Session, names: Sequence[str], capacity: str | None) -> list[tuple[WaitingVoucher, str]]:
    """The vouchers of these ids, each with the capacity in which this person's signature counts. Raises E_NO_CAPACITY,
    E_NOT_ASKED, and E_NONE_WANTED where it can be posted as it is.
    """
    chosen = []
    for one in (find_waiting(session, name) for name in names):
        missing, held = _missing(session, one), _held(session, one.entity)
        wanted = missing | _signed_before(session, one)
        role = capacity if capacity is not None and capacity not in held else _first(held, wanted, capacity)
        if role is None and set(held) <= SELDOM:
            raise AuthorityError("E_NO_CAPACITY", officer=session.officer, entity=one.entity)
        if role is None and not missing:
            raise RefusedError("E_NONE_WANTED", voucher=one.voucher)
        if role is None:
            raise RefusedError("E_NOT_ASKED", voucher=one.voucher, missing=sorted(missing), held=list(held))
        chosen.append((one, role))
    return chosen


def _approvable(
    desk: Desk, session: Session, capacity: str | None
) -> tuple[list[tuple[WaitingVoucher, str]], list[LedgerError]]:
    """What waits for a signature that this person may give and has not given: in a capacity that is asked for, held,
    and still missing. What can no longer be posted is named and left alone; why, stands second.
    """
    chosen: list[tuple[WaitingVoucher, str]] = []
    left: list[LedgerError] = []
    for one in all_rows(session):
        held = _held(session, one.entity)
        if session.officer == one.maker or _signed_before(session, one) or not held:
            continue
        try:
            missing = _missing(session, one)
        except LedgerError as error:
            left.append(error)
            _tell_refused(desk, one, error)
            continue
        if not missing:
            line(f"{one.voucher}  {complete(desk)}", err=True)
        role = _first(held, missing, capacity)
        if role is not None:
            chosen.append((one, role))
    return chosen, left


def _tell_refused(desk: Desk, one: WaitingVoucher, error: LedgerError) -> None:
    """Why a waiting voucher cannot be posted, each finding with the row of the file that it is about; and the cure."""
    line(f"{one.voucher}  {desk.text('不能入账:', 'refused:')}", err=True)
    found = refusing(error)
    for finding, row in zip(found, rows_of(one, found), strict=True):
        where = "" if row is None else desk.text(f"(导入文件第 {row} 行)", f" (row {row} of the imported file)")
        line("  " + finding_text(desk, finding) + where, err=True)
    zh = (
        "  能改的(如月份重新开放)改好再签;否则由制单人撤回(withdraw)或审核人退回(reject)。"
        "由文件导入的,退回后再导入同一份文件:不能成立的行从批次剔除,其余重新登记。"
    )
    en = (
        "  Mend what can be mended (a month opened again) and sign then; else its maker withdraws it or a checker "
        "rejects it. What was imported is imported again: lines that cannot stand go out, the rest is recorded anew."
    )
    line(desk.text(zh, en), err=True)


def _missing(session: Session, one: WaitingVoucher) -> frozenset[str]:
    """The capacities that a waiting voucher still lacks, as it would be judged now; raises what refuses it."""
    outcome = session.writer.preview(Submission(one.submission.envelope, one.submission.events))
    return frozenset(outcome.missing) if isinstance(outcome, Waiting) else frozenset()


def _signed_before(session: Session, one: WaitingVoucher) -> frozenset[str]:
    """In which capacity this person has signed the voucher already."""
    approvals = [Approval.from_bytes(envelope.payload) for envelope in one.submission.approvals]
    return frozenset(item.capacity for item in approvals if item.person == session.officer)


def _held(session: Session, entity: str) -> tuple[str, ...]:
    """The capacities that this person has for an entity, the usual first."""
    return tuple(role for role in CAPACITIES if session.authority.holds(session.officer, role, entity))


def _first(held: Sequence[str], wanted: Collection[str], capacity: str | None) -> str | None:
    """The first capacity that is held and wanted, and the one that was chosen if one was."""
    return next((role for role in held if role in wanted and capacity in {None, role}), None)


def _confirmed(desk: Desk, one: WaitingVoucher, capacity: str) -> bool:
    """Show what would be signed and ask; where nobody can answer, the answer is no."""
    found = summary_of(one)
    line(
        f"{one.voucher}  {one.entity}  {found['voucher_date']}  {desk.text('制单', 'maker')} {one.maker}  "
        f"{yuan(found['once_fen'])}  {found['note']}",
        err=True,
    )
    for told in contents(desk, found["events"]):
        line(f"  {told}", err=True)
    role = capacity_name(desk, capacity)
    return typer.confirm(desk.text(f"以{role}身份同意?", f"Approve as {role}?"), err=True)
