"""`identity show | erase`: people in the vault. A reading is written down; an erasure is signed first, then done."""

from typing import Annotated

import typer

from ledger.application.drafting import draft, draft_event
from ledger.decisions.policies import makers_of
from ledger.errors import AuthorityError, InputError
from ledger.values.dates import timestamp_text
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.erasing import ERASED, destroy, erased_before
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import post
from ledger_api.cli.output import line, table, write_json

identity = typer.Typer(help="保险库中的个人。 People in the vault.")
commands = typer.Typer()
commands.add_typer(identity, name="identity")


@command(identity, "show")
def show(
    desk: Desk,
    reference: Annotated[str, typer.Argument(metavar="REF", help="编号。 The reference.")],
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="TEXT", help="查阅事由,会留下记录。 What for; recorded.")
    ],
) -> None:
    """查看某人的登记信息,留下查阅记录。 Show a person's fields; the reading is recorded."""
    if not purpose.strip():
        raise InputError("E_PURPOSE_EMPTY")
    with desk.session() as session:
        now = timestamp_text(session.now())
        require_reader(session, now)
        with session.book.store.write(beside=True) as connection:
            found = session.book.vault.show(connection, reference, session.officer, purpose, now)
    fields = [(one.name, one.value, one.holds()) for one in found]
    if desk.as_json:
        rows = [{"name": name, "value": value, "holds": holds} for name, value, holds in fields]
        write_json({"identity": reference, "fields": rows})
        return
    marked = [(name, value, desk.text("相符", "holds") if holds else "!") for name, value, holds in fields]
    table((desk.text("项目", "field"), desk.text("内容", "value"), desk.text("承诺", "commitment")), marked)


def require_reader(session: Session, now: str) -> None:
    """Whoever reads a person's data has a key that counts today and an office for which it may be read."""
    if session.authority.key_of(session.keyid, now) is None:
        raise AuthorityError("E_KEY_REVOKED", keyid=session.keyid)
    held = {role for role, _, _ in session.authority.roles.get(session.officer, ())}
    if not held & makers_of("identity.registered"):
        raise AuthorityError("E_IDENTITY_READER", officer=session.officer)


@command(identity, "erase")
def erase(
    desk: Desk,
    reference: Annotated[str, typer.Argument(metavar="REF", help="编号。 The reference.")],
    basis: Annotated[
        str,
        typer.Option(
            "--basis", metavar="WORD", help="retention_ended、request 或 registered_by_mistake。 On what basis."
        ),
    ],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="说明。 Why, in words.")],
    entity: Annotated[str, typer.Option("--entity", metavar="ENTITY", help="由哪个主体办理。 Which entity acts.")],
    retained_until: Annotated[
        str | None, typer.Option("--retained-until", metavar="DAY", help="凭证保管期届满日。 Papers are kept until.")
    ] = None,
) -> None:
    """删除某人的登记信息:先签名入账,后销毁。 Erase a person: first the signed event, then the fields and keys."""
    with desk.session() as session:
        if erased_before(session, reference):
            destroy(session, reference)
            line(desk.text("已销毁。", "Destroyed."), err=True)
            return
        values = {"identity": reference, "basis": basis, "retained_until": retained_until, "reason": reason}
        event = draft_event(ERASED, values)
        post(desk, session, [draft(session.signer(), entity, session.today(), [event], session.now())])
