"""`key new | show | enrol | revoke`: each person makes a key alone; two administrators take it into the book.

`key rotate-operator | install-operator`: the operator's own key changes the same way, and the book's settings follow.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from ledger.application.drafting import draft, draft_event, require_reason
from ledger.application.outcomes import Outcome
from ledger.application.state import require_named
from ledger.decisions.possession import OPERATOR
from ledger.decisions.prepared import Submission
from ledger.errors import AuthorityError, BusyError, InputError, NotFoundError, RefusedError, UncertainError
from ledger.flows.event import Event
from ledger.signing.keyfile import describe_key, key_file_bytes, write_key_file
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger.values.dates import timestamp_text
from ledger_api.access.former import hand_over
from ledger_api.books import read_passphrase
from ledger_api.cli.desk import Desk, Session, passphrase
from ledger_api.cli.opening import USUAL_MEMORY_MIB, WHOLE_BOOK, MemoryOption, enrolment, kdf_of
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import answer, post
from ledger_api.cli.output import line, write_json
from ledger_api.keeping.operator import install, rotation_file

keys = typer.Typer(help="密钥。 Keys.")
commands = typer.Typer()
commands.add_typer(keys, name="key")

OperatorPassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--operator-passphrase-file",
        metavar="FILE",
        help="新运行密钥的口令,不写则沿用现在的。 The new key's passphrase; else today's.",
    ),
]

Grant = tuple[str, str | None, str | None]
"""A role, its entity (None: all) and its scope (None: the whole entity)."""

REQUEST: Final = ("officer", "name", "key", "keyid", "possession", "origin")

_POSTS: Final = {
    "accountant": ("accountant", "会计"),
    "cashier": ("cashier", "出纳"),
    "checker": ("accountant", "审核"),
    "approver": ("leader", "审批"),
    "auditor": ("auditor", "审计"),
    "supervisor": ("supervisor", "监督"),
    "administrator": ("other", "管理人员"),
    "machine": ("system", "系统"),
    "witness": ("other", "见证"),
}
"""The public post and title that go with a role when none are named."""


@command(keys, "new")
def new(
    desk: Desk,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="新的密钥文件。 The key file to write.")],
    officer: Annotated[str, typer.Option("--officer", metavar="ID", help="本人在账内的编号。 One's id in the book.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="本人姓名。 One's name.")],
    origin: Annotated[str, typer.Option("--origin", metavar="NAME", help="账本的名称。 The log's name.")],
    memory_mib: MemoryOption = USUAL_MEMORY_MIB,
) -> None:
    """生成本人的密钥文件和登记申请。 Make one's key file and the request to enrol it."""
    key = SigningKey.generate()
    ops, mem = kdf_of(memory_mib)
    write_key_file(file, key, passphrase(desk, str(file), desk.passphrase_file, fresh=True), officer, ops=ops, mem=mem)
    request = {**enrolment(origin, officer, name, key), "origin": origin}
    target = file.with_name(file.name + ".request.json")
    target.write_bytes(orjson.dumps(request, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    if desk.as_json:
        write_json({"file": str(file), "request": str(target), **request})
        return
    line(desk.text(f"密钥文件:{file}(请勿交给任何人)", f"Key file: {file} (give it to nobody)"))
    line(desk.text(f"登记申请:{target}(交给管理人员)", f"Request: {target} (for the administrators)"))
    line(f"keyid {key.public.keyid}")


@command(keys, "show")
def show(desk: Desk, file: Annotated[Path, typer.Argument(metavar="FILE", help="密钥文件。 The key file.")]) -> None:
    """显示密钥文件的公开部分,不需要口令。 The public half of a key file; no passphrase is needed."""
    name, public = describe_key(key_file_bytes(file))
    if desk.as_json:
        write_json({"name": name, "key": public.text, "keyid": public.keyid})
    else:
        line(f"{name}  {public.text}  keyid {public.keyid}")


@command(keys, "enrol")
def enrol(
    desk: Desk,
    request: Annotated[Path, typer.Argument(metavar="REQUEST", help="登记申请文件。 The request to enrol.")],
    role: Annotated[
        list[str] | None, typer.Option("--role", metavar="ROLE", help="岗位,可写多次。 A role; may be repeated.")
    ] = None,
    entity: Annotated[
        list[str] | None,
        typer.Option("--entity", metavar="ENTITY", help="岗位所属主体,与 --role 对应。 The entity of each role."),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="TOWNSHIP", help="岗位只限这些乡镇,可写多次。 Roles only for these townships."),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="职务名称。 The post's title.")] = None,
    machine_kind: Annotated[
        list[str] | None,
        typer.Option("--machine-kind", metavar="KIND", help="程序密钥可记录的业务。 What a machine's key may record."),
    ] = None,
) -> None:
    """登记某人的密钥和岗位,须另一名管理人员同意。 Enrol a key and its roles; a second administrator approves."""
    found = read_request(request)
    with desk.session() as session:
        if found["origin"] != session.book.origin:
            raise InputError("E_KEY_REQUEST", file=str(request), field="origin")
        grants = _grants(role or [], entity or [], scope or [None])
        events = _enrolling(session, found, grants, title, machine_kind)
        post(desk, session, [draft(session.signer(), WHOLE_BOOK, session.today(), events, session.now())])


def read_request(file: Path) -> dict[str, str]:
    """A request to enrol; E_KEY_REQUEST with the field that is missing."""
    try:
        found = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise InputError("E_KEY_REQUEST", file=str(file), field="JSON") from None
    for name in REQUEST:
        if not isinstance(found, dict) or not isinstance(found.get(name), str):
            raise InputError("E_KEY_REQUEST", file=str(file), field=name)
    return {name: found[name] for name in REQUEST}


def _grants(roles: list[str], entities: list[str], scopes: Sequence[str | None]) -> list[Grant]:
    """Each role with its entity and each scope: one entity serves all roles, none means every entity of the book."""
    if len(entities) > 1 and len(entities) != len(roles):
        raise InputError("E_ROLE_OPTIONS", roles=len(roles), entities=len(entities))
    wheres: list[str | None] = [*entities] if len(entities) > 1 else [entities[0] if entities else None] * len(roles)
    return [(role, where, scope) for role, where in zip(roles, wheres, strict=True) for scope in scopes]


def _enrolling(
    session: Session,
    request: dict[str, str],
    grants: list[Grant],
    title: str | None,
    machine_kinds: list[str] | None,
) -> list[Event]:
    officer, today = request["officer"], session.today().isoformat()
    events = []
    if officer not in session.authority.officers:
        role, entity, _ = next(iter(grants), ("", None, None))
        post_name, usual = _POSTS.get(role, ("other", "工作人员"))
        named = {"officer": officer, "name": request["name"], "entity": entity, "post": post_name}
        events.append(draft_event("officer.named", {**named, "title": title or usual, "valid_from": today}))
    key: dict[str, Any] = {name: request[name] for name in ("officer", "key", "keyid", "possession")}
    key |= {"machine_kinds": machine_kinds or None, "valid_from": today}
    events.append(draft_event("key.enrolled", key))
    for role, entity, scope in grants:
        granted = {"officer": officer, "role": role, "entity": entity, "scope": scope}
        events.append(draft_event("role.granted", granted))
    return events


@command(keys, "revoke")
def revoke(
    desk: Desk,
    keyid: Annotated[str, typer.Argument(metavar="KEYID", help="密钥编号。 The key's id.")],
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="WORD", help="replaced、lost、left、compromised 或 emergency。 Why."),
    ],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="说明。 In words.")] = "",
    compromised_at: Annotated[
        str | None,
        typer.Option("--compromised-at", metavar="TIME", help="从何时起不可信。 Since when it is in doubt."),
    ] = None,
) -> None:
    """注销密钥,须另一名管理人员同意。 Revoke a key; a second administrator approves."""
    with desk.session() as session:
        state = session.authority.keys.get(keyid)
        if state is None:
            raise NotFoundError("E_KEY_UNKNOWN", keyid=keyid)
        values = {"officer": state.officer, "keyid": keyid, "reason": reason, "note": note}
        event = draft_event("key.revoked", {**values, "compromised_at": compromised_at})
        post(desk, session, [draft(session.signer(), WHOLE_BOOK, session.today(), [event], session.now())])


@command(keys, "rotate-operator")
def rotate_operator(
    desk: Desk,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="为何更换,记入账内。 Why; it is recorded.")],
    operator_passphrase_file: OperatorPassphraseOption = None,
    memory_mib: MemoryOption = USUAL_MEMORY_MIB,
) -> None:
    """更换运行密钥,须另一名管理人员同意。 Change the operator's key; a second administrator approves."""
    require_reason(reason)
    with desk.session() as session:
        require_named(session.authority, session.operator)
        key, before = SigningKey.generate(), session.operator.key.public.text
        file, (ops, mem) = rotation_file(session.book.settings.directory, key.public), kdf_of(memory_mib)
        secret = _operators(desk, session.book.settings.operator_passphrase_file, operator_passphrase_file)
        proof = enrolment(session.book.origin, OPERATOR, "", key)
        values = {"previous": before, "operator_key": key.public.text, "possession": proof["possession"]}
        event = draft_event("operator_key.rotated", {**values, "reason": reason})
        submission = draft(session.signer(), WHOLE_BOOK, session.today(), [event], session.now())
        after = NoteSigner(session.book.origin, key)
        hand_over(session.book.store, session.operator, after, timestamp_text(session.now()))
        write_key_file(file, key, secret, session.book.origin, ops=ops, mem=mem)
        outcome = _kept_or(file, session, submission)
        answer(desk, session, outcome, submission)
    line(desk.text(f"新运行密钥:{file}", f"The new operator's key: {file}"), err=True)
    told = desk.text("入账后请运行 key install-operator", "once it is posted, run key install-operator")
    line(told, err=True)


def _kept_or(file: Path, session: Session, submission: Submission) -> Outcome:
    """Hand a rotation in. Its key's file goes only when the writer said no and nothing was written: whatever else
    happens, and whatever happens later, the voucher may be in the book by then, and without the file nobody could write
    to the book again.
    """
    try:
        return session.writer.submit(submission)
    except UncertainError:
        raise
    except (InputError, AuthorityError, RefusedError, BusyError):
        file.unlink()
        raise


@command(keys, "install-operator")
def install_operator(desk: Desk, operator_passphrase_file: OperatorPassphraseOption = None) -> None:
    """启用账内登记的新运行密钥(改 book.toml)。 Take the operator's key that the log names into use."""
    with desk.book() as book:
        secret = _operators(desk, book.settings.operator_passphrase_file, operator_passphrase_file)
        found = install(book, secret, operator_passphrase_file)
    if desk.as_json:
        write_json({"vkey": found.vkey, "keyid": found.public.keyid})
        return
    told = desk.text(
        "已启用,请公布新的公开部分,并重启网络服务:", "In use. Publish its public half and restart the service:"
    )
    line(told)
    line(found.vkey)


def _operators(desk: Desk, usual: Path | None, given: Path | None) -> str:
    """The passphrase of a new operator's key: of the file that is given, else of the settings', else asked for."""
    file = given or usual
    if file is not None:
        return read_passphrase(file)
    return passphrase(desk, desk.text("新运行密钥", "the new operator's key"), None, fresh=True)
