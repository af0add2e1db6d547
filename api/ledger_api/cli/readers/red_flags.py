"""`red-flags`: what the book shows of itself and somebody should look at, the tests of an auditor's first day."""

import typer

from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import at_position, write_json
from ledger_api.cli.readers.answers import AtOption, EntityOption, position_of, reader, titled

commands = typer.Typer()


@command(commands, "red-flags")
def red_flags(desk: Desk, entity: EntityOption = None, at: AtOption = None) -> None:
    """红旗:重复与互斥发放、一户多领、票据断号、补录凭证。 Paid twice, shared accounts, gaps, late entries."""
    from ledger_projections.books.late_entries import late_entries
    from ledger_projections.charity.receipt_gaps import receipt_gaps
    from ledger_projections.public_money.overlaps import overlaps
    from ledger_projections.public_money.shared_accounts import shared_accounts

    with reader(desk, entity, at) as (_, connection):
        position = position_of(connection, at)
        twice = overlaps(connection, at=position, entity=entity)
        shared = shared_accounts(connection, at=position, entity=entity)
        missing = receipt_gaps(connection, at=position, entity=entity)
        late = late_entries(connection, at=position, entity=entity)
    if desk.as_json:
        parts = {"overlaps": twice, "shared_accounts": shared, "receipt_gaps": missing, "late_entries": late}
        told = {name: part.to_json() for name, part in parts.items()}
        rows = {name: part["rows"] for name, part in told.items()}
        apart = told["shared_accounts"]["apart"]
        write_json({"position": twice.position, **rows, "accounts_shared_by_right": apart})
        return
    titled(
        desk,
        _TWICE,
        [(o.test, o.township, o.programme, o.other_programme, o.first, o.last, o.fen) for o in twice.rows],
        (6,),
    )
    titled(desk, _SHARED, [(one.payee, one.level, one.homes, one.rows[0].township) for one in shared.rows])
    titled(desk, _APART, [(o.payee, o.level, o.homes, o.without, o.rows[0].township) for o in shared.apart])
    titled(desk, _GAPS, [(one.entity, one.code, one.first, one.last, one.count) for one in missing.rows])
    titled(
        desk,
        _LATE,
        [(o.entity, o.voucher_no or o.number, o.voucher_date, o.reached, o.days, o.amount_fen) for o in late.rows],
        (5,),
    )
    at_position(desk, twice.position)


_TWICE = (
    ("模型", "test"),
    ("乡镇", "township"),
    ("项目", "programme"),
    ("另一项目", "other programme"),
    ("起月", "from"),
    ("止月", "to"),
    ("金额", "amount"),
)
_SHARED = (("账户", "account"), ("程度", "level"), ("户数", "homes"), ("乡镇", "township"))
_APART = (
    ("机构或监护人账户", "institution's or guardian's account"),
    ("程度", "level"),
    ("户数", "homes"),
    ("无协议户数", "without agreement"),
    ("乡镇", "township"),
)
_GAPS = (("主体", "entity"), ("票据代码", "code"), ("断号起", "first"), ("断号止", "last"), ("张数", "receipts"))
_LATE = (
    ("主体", "entity"),
    ("凭证", "voucher"),
    ("凭证日期", "dated"),
    ("当时已记到", "book had reached"),
    ("滞后天数", "days behind"),
    ("金额", "amount"),
)
