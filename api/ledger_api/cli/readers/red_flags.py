"""`red-flags`: what the book shows of itself and somebody should look at, the tests of an auditor's first day."""

import typer

from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import at_position, write_json
from ledger_api.cli.readers.answers import AsOfOption, AtOption, EntityOption, day_of, position_of, reader, titled

commands = typer.Typer()


@command(commands, "red-flags")
def red_flags(desk: Desk, entity: EntityOption = None, as_of: AsOfOption = None, at: AtOption = None) -> None:
    """红旗:重复与互斥发放、一户多领、票据断号、补录凭证。 Paid twice, shared accounts, gaps, late entries."""
    from ledger_projections.red_flags import red_flags as flags_of

    with reader(desk, entity, at) as (_, connection):
        found = flags_of(connection, as_of=day_of(as_of), at=position_of(connection, at), entity=entity)
    if desk.as_json:
        write_json(found.to_json())
        return
    titled(
        desk,
        _TWICE,
        [(o.test, o.township, o.programme, o.other_programme, o.first, o.last, o.fen) for o in found.overlaps],
        (6,),
    )
    titled(desk, _SHARED, [(one.payee, one.level, one.homes, one.rows[0].township) for one in found.shared_accounts])
    titled(
        desk,
        _APART,
        [(o.payee, o.level, o.homes, o.without, o.rows[0].township) for o in found.accounts_shared_by_right],
    )
    titled(desk, _GAPS, [(one.entity, one.code, one.first, one.last, one.count) for one in found.receipt_gaps])
    titled(
        desk,
        _LATE,
        [
            (o.entity, o.voucher_no or o.number, o.voucher_date, o.reached, o.days, o.amount_fen)
            for o in found.late_entries
        ],
        (5,),
    )
    at_position(desk, found.position)


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
