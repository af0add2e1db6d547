"""`red-flags`: what the book shows of itself and somebody should look at, the tests of an auditor's first day."""

import typer

from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.readers.answers import (
    AsOfOption,
    AtOption,
    EntityOption,
    answer,
    day_of,
    position_of,
    reader,
)

commands = typer.Typer()


@command(commands, "red-flags")
def red_flags(desk: Desk, entity: EntityOption = None, as_of: AsOfOption = None, at: AtOption = None) -> None:
    """红旗:重复与互斥发放、一户多领、票据断号与先开、补录凭证。 Paid twice, shared accounts, receipts, late entries."""
    from ledger_projections.red_flags import red_flags as flags_of

    with reader(desk, entity, at) as (_, connection):
        found = flags_of(connection, as_of=day_of(as_of), at=position_of(connection, at), entity=entity)
    twice = [(o.test, o.township, o.programme, o.other_programme, o.first, o.last, o.fen) for o in found.overlaps]
    shared = [(one.payee, one.level, one.homes, one.rows[0].township) for one in found.shared_accounts]
    by_right = found.accounts_shared_by_right
    apart = [(o.payee, o.level, o.homes, o.without, o.rows[0].township) for o in by_right]
    gaps = [(one.entity, one.code, one.first, one.last, one.count) for one in found.receipt_gaps]
    late = [
        (o.entity, o.voucher_no or o.number, o.voucher_date, o.reached, o.days, o.amount_fen)
        for o in found.late_entries
    ]
    ahead = [(o.entity, o.receipt, o.made_out_on, o.days, o.amount_fen, o.unmatched_fen) for o in found.receipts_ahead]
    under = (
        (_SHARED, shared, ()),
        (_APART, apart, ()),
        (_GAPS, gaps, ()),
        (_AHEAD, ahead, (4, 5)),
        (_LATE, late, (5,)),
    )
    answer(desk, found, _TWICE, twice, (6,), *under)


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
_AHEAD = (
    ("主体", "entity"),
    ("先开的票据", "receipt in advance"),
    ("开票日期", "made out on"),
    ("未对上天数", "days open"),
    ("票面金额", "amount"),
    ("未对上捐款", "not matched"),
)
_LATE = (
    ("主体", "entity"),
    ("凭证", "voucher"),
    ("凭证日期", "dated"),
    ("当时已记到", "book had reached"),
    ("滞后天数", "days behind"),
    ("金额", "amount"),
)
