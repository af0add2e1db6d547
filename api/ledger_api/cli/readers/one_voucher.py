"""`voucher NUMBER|ID`: one posted voucher with all that belongs to it."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger_api.accounts import account_name
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.outcomes import capacity_name
from ledger_api.cli.output import at_position, line, write_json, yuan
from ledger_api.cli.readers.answers import titled

if TYPE_CHECKING:
    from ledger_projections.books.voucher import Signed, VoucherEvent, VoucherTold

commands = typer.Typer()


@command(commands, "voucher")
def voucher(
    desk: Desk,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NUMBER|ID", help="存证号,或凭证编号(或其独有的一段)。 Its number, or its id or a part of it."
        ),
    ],
) -> None:
    """一张已入账凭证的全部:业务、分录、签名和序号。 A posted voucher: its events, entries, signatures and positions."""
    from ledger_projections.books.voucher import voucher_told

    with desk.book() as book, book.store.read() as connection:
        found = voucher_told(connection, name, desk.language)
    if desk.as_json:
        write_json(_named(desk, found))
        return
    _head(desk, found)
    line(desk.text("签名", "Signatures"))
    titles = (("人员", "officer"), ("岗位", "capacity"), ("签署时间", "signed at"), ("密钥", "key"))
    titled(desk, titles, [_signature(desk, one) for one in (found.maker, *found.approvals)])
    line(desk.text("业务", "Events"))
    events = (("序号", "position"), ("业务", "event"), ("金额", "amount"), ("编号", "id"), ("提示", "marks"))
    titled(desk, events, [_event(desk, one) for one in found.events], (2,))
    for one in found.events:
        told = ", ".join(f"{key}={_plain(value)}" for key, value in one.data.items() if key not in _SAID)
        line(f"  {one.told.position}  {told}")
    line(desk.text("分录", "Entries"))
    _entries(desk, found)
    at_position(desk, found.position)


_SAID = ("id", "kind", "version")
"""What the table of events says already."""


def _named(desk: Desk, found: "VoucherTold") -> dict[str, Any]:
    """The answer with the names of its accounts."""
    told = found.to_json()
    for one in told["entries"]:
        one["name"] = account_name(one["chart"], one["code"], desk.language)
    return told


def _head(desk: Desk, found: "VoucherTold") -> None:
    no = found.voucher_no
    numbered = "—" if no is None else f"{no['period']} {no['word']}-{no['no']:04d}"
    first, last = found.positions
    rows = (
        (desk.text("存证号", "number"), found.number),
        (desk.text("凭证编号", "id"), found.voucher),
        (desk.text("会计主体", "entity"), found.entity),
        (desk.text("凭证字号", "voucher no."), numbered),
        (desk.text("凭证日期", "date"), found.voucher_date),
        (desk.text("附单据", "papers"), found.attachments),
        (desk.text("摘要", "note"), found.note or "—"),
        (desk.text("金额", "amount"), yuan(found.amount_fen)),
        (desk.text("序号", "positions"), str(first) if first == last else f"{first}-{last}"),
        (desk.text("入账时间", "posted at"), found.posted_at),
        (desk.text("凭证校验值", "statement"), found.statement),
        (desk.text("软件版本", "software"), found.software),
    )
    for title, value in rows:
        line(f"{title}: {value}")


def _signature(desk: Desk, one: "Signed") -> tuple[object, ...]:
    capacity = desk.text("制单", "maker") if one.capacity == "maker" else capacity_name(desk, one.capacity)
    return one.officer, capacity, one.made_at, ", ".join(one.keyids)


def _event(desk: Desk, one: "VoucherEvent") -> tuple[object, ...]:
    told, marks = one.told, list(one.told.warnings)
    if told.reversed_at is not None:
        marks.append(desk.text(f"已由序号 {told.reversed_at} 冲销", f"reversed at {told.reversed_at}"))
    if told.reverses is not None:
        marks.append(desk.text(f"冲销序号 {told.reverses}", f"reverses {told.reverses}"))
    return told.position, told.title, told.amount_fen, told.event, " ".join(marks)


def _plain(value: Any) -> str:
    """A value as it was signed: nothing is a dash, a text stands by itself, all else is JSON."""
    if value is None:
        return "—"
    return value if value and isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _entries(desk: Desk, found: "VoucherTold") -> None:
    """The legs, debit and credit apart."""
    titles = (
        ("序号", "position"),
        ("账簿", "book"),
        ("基金", "fund"),
        ("科目", "account"),
        ("名称", "name"),
        ("往来", "party"),
        ("借方", "debit"),
        ("贷方", "credit"),
    )
    rows = [
        (
            leg.position,
            leg.book,
            leg.fund,
            leg.code,
            account_name(leg.chart, leg.code, desk.language),
            leg.party,
            leg.amount_fen if leg.amount_fen > 0 else None,
            -leg.amount_fen if leg.amount_fen < 0 else None,
        )
        for leg in found.entries
    ]
    if not rows:
        line(desk.text("没有分录。", "It books nothing."))
        return
    titled(desk, titles, rows, (6, 7))
