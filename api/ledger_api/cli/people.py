"""`identity show | erase | restrict | release`: people in the vault.

A reading is written down; an erasure is signed first, then done; while papers must be kept, use is restricted instead.
"""

from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from ledger.application.drafting import draft, draft_event, require_reason
from ledger.errors import AuthorityError
from ledger.values.dates import timestamp_text
from ledger.vault.trail import stated_purpose
from ledger_api.access import persons
from ledger_api.cli.desk import Desk, Session
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import post
from ledger_api.cli.output import line, table, write_json
from ledger_api.erasing import ERASED, destroy, erased_before
from ledger_projections.keeping.townships import Townships

identity = typer.Typer(help="保险库中的个人。 People in the vault.")
commands = typer.Typer()
commands.add_typer(identity, name="identity")

Reference = Annotated[str, typer.Argument(metavar="REF", help="编号。 The reference.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="说明。 Why, in words.")]
Acting = Annotated[str, typer.Option("--entity", metavar="ENTITY", help="由哪个主体办理。 Which entity acts.")]


@command(identity, "show")
def show(
    desk: Desk,
    reference: Reference,
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="TEXT", help="查阅事由,会留下记录。 What for; recorded.")
    ],
) -> None:
    """查看某人的登记信息,留下查阅记录。 Show a person's fields; the reading is recorded."""
    why = stated_purpose(purpose)
    with desk.session() as session:
        now = timestamp_text(session.now())
        with session.book.store.write(beside=True) as connection:
            require_reader(session, connection, reference, now)
            found = session.book.vault.show(connection, reference, session.officer, why, now)
    fields = [(one.name, one.value, one.holds()) for one in found]
    if desk.as_json:
        rows = [{"name": name, "value": value, "holds": holds} for name, value, holds in fields]
        write_json({"identity": reference, "fields": rows})
        return
    marked = [(name, value, desk.text("相符", "holds") if holds else "!") for name, value, holds in fields]
    table((desk.text("项目", "field"), desk.text("内容", "value"), desk.text("承诺", "commitment")), marked)


def require_reader(session: Session, connection: Connection, reference: str, now: str) -> None:
    """Whoever reads a person's data has a key that counts today, and an office for it in an entity that has to do with
    the person, where it is for some townships only in that of the person; while use is restricted, the office of an
    auditor. E_KEY_REVOKED, E_IDENTITY_READER, E_TOWNSHIP_PERSON, E_IDENTITY_RESTRICTED.
    """
    authority, officer = session.authority, session.officer
    require_key(session, now)
    entities = persons.entities_of(connection, reference)

    def holds(roles: frozenset[str]) -> bool:
        return any(authority.holds(officer, role, entity) for role in roles for entity in entities)

    if entities and not holds(persons.READERS):
        raise AuthorityError("E_IDENTITY_READER", officer=officer, reference=reference)
    scopes = frozenset().union(*(authority.scopes(officer, persons.READERS, entity) for entity in entities))
    names = frozenset(scope for scope in scopes if scope is not None)
    if names and None not in scopes and not Townships(connection, names).has_person(reference):
        told = "、".join(sorted(names))
        raise AuthorityError("E_TOWNSHIP_PERSON", caller=officer, reference=reference, townships=told)
    persons.require_unrestricted(connection, reference, lambda: holds(persons.INSPECTORS))


def require_key(session: Session, now: str) -> None:
    """Whoever reads signs with a key that counts today. E_KEY_REVOKED."""
    if session.authority.key_of(session.keyid, now) is None:
        raise AuthorityError("E_KEY_REVOKED", keyid=session.keyid)


@command(identity, "erase")
def erase(
    desk: Desk,
    reference: Reference,
    basis: Annotated[
        str,
        typer.Option(
            "--basis", metavar="WORD", help="retention_ended、request 或 registered_by_mistake。 On what basis."
        ),
    ],
    reason: Reason,
    entity: Acting,
    retained_until: Annotated[
        str | None,
        typer.Option(
            "--retained-until",
            metavar="DAY",
            help="账外资料保管期届满日;账内凭证按三十年自动计算。 Papers outside the ledger are kept until; "
            "its own vouchers count by themselves.",
        ),
    ] = None,
) -> None:
    """删除某人的登记信息:先签名入账,后销毁。 Erase a person: first the signed event, then the fields and keys."""
    with desk.session() as session:
        if erased_before(session.book, reference):
            destroy(session.book, reference, session.officer)
            line(desk.text("已销毁。", "Destroyed."), err=True)
            return
        require_reason(reason)
        values = {"identity": reference, "basis": basis, "retained_until": retained_until, "reason": reason}
        _tell_payees(desk, session, reference)
        _post(desk, session, entity, ERASED, values)


@command(identity, "restrict")
def restrict(desk: Desk, reference: Reference, reason: Reason, entity: Acting) -> None:
    """限制使用某人的登记信息,只有审计人员可以查阅。 Restrict the use of a person's fields; only auditors read them."""
    require_reason(reason)
    with desk.session() as session:
        _post(desk, session, entity, "identity.restricted", {"identity": reference, "reason": reason})


@command(identity, "release")
def release(desk: Desk, reference: Reference, reason: Reason, entity: Acting) -> None:
    """解除限制,须他人审核。 End a restriction; a second person checks it."""
    require_reason(reason)
    with desk.session() as session:
        _post(desk, session, entity, "identity.released", {"identity": reference, "reason": reason})


def _post(desk: Desk, session: Session, entity: str, kind: str, values: dict[str, Any]) -> None:
    event = draft_event(kind, values)
    post(desk, session, [draft(session.signer(), entity, session.today(), [event], session.now())])


def _tell_payees(desk: Desk, session: Session, reference: str) -> None:
    """The account that money went to stands under a reference of its own, and may be another person's too."""
    with session.book.store.read() as connection:
        payees = persons.payees_of(connection, reference)
    for payee in payees:
        line(
            desk.text(
                f"收款账户登记在 {payee} 之下;只属于此人的,须另行办理删除。",
                f"The account paid into is registered under {payee}; if it is this person's alone, erase it as well.",
            ),
            err=True,
        )
