"""bank-statement (银行流水): four banks' shapes, one normalised row.

Fields: account, row_account (the account where the row itself names it), occurred_on (date), transacted_at (moment or
None), posted_on (date), in_fen, out_fen, amount_fen (in - out), balance_fen, currency, counterparty_name,
counterparty_account, counterparty_bank, summary (摘要), purpose (用途), remark (备注, 附言), serial, firm_serial,
voucher_type, voucher_no. `shape` is ccb, icbc, abc, rcc or other. In is money into the account (贷方发生额).
"""

from datetime import date, time
from typing import Any

from ledger.application.importing.fields.dates import moment_text
from ledger.application.importing.fields.types import ACCOUNT, CLOCK, CODE, DAY, MOMENT_OR_DAY, MONEY, NAME, TEXT
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape

_OUT_FLAGS = frozenset(("借", "支出", "支", "D", "DR", "付", "转出", "往账"))
_IN_FLAGS = frozenset(("贷", "收入", "收", "C", "CR", "转入", "来账"))
_YUAN_NAMES = frozenset(("人民币", "人民币元", "CNY", "RMB", "元", "156", "01"))


def _moment(draft: RowDraft) -> None:
    """Day and time of day from one column or from two."""
    values = draft.values
    day, clock = values.pop("moment", None) or (None, None)
    day = values.pop("traded_on", None) or day
    clock = values.pop("clock", None) or clock
    values["occurred_on"] = day
    values["transacted_at"] = moment_text(day, clock) if isinstance(day, date) and isinstance(clock, time) else None


def _amounts(draft: RowDraft) -> None:
    """Both sides from a pair of columns, or from one amount with its 借/贷 flag."""
    values = draft.values
    flag, amount = values.pop("flag", None), values.pop("flag_amount", None)
    given_in, given_out = values.get("in_fen"), values.get("out_fen")
    if given_in is None and given_out is None and amount is not None:
        side = (flag or "").upper()
        if side in _OUT_FLAGS:
            given_in, given_out = 0, amount
        elif side in _IN_FLAGS or not side:
            # Without a flag the sign of the amount tells the side.
            given_in, given_out = (amount, 0) if amount >= 0 or side else (0, -amount)
        else:
            draft.fault("flag", "E_BANK_SIDE", value=flag)
    values["in_fen"], values["out_fen"] = given_in or 0, given_out or 0
    values["amount_fen"] = values["in_fen"] - values["out_fen"]
    if values["in_fen"] and values["out_fen"]:
        draft.fault("in_fen", "E_BANK_BOTH_SIDES")


_NORMAL = (
    *("account", "posted_on", "currency", "counterparty_name", "counterparty_account", "counterparty_bank"),
    *("summary", "purpose", "remark", "serial", "firm_serial", "voucher_type", "voucher_no"),
)


def _finish(draft: RowDraft) -> None:
    for name in _NORMAL:
        draft.values.setdefault(name, None)
    _moment(draft)
    _amounts(draft)
    draft.values["row_account"] = draft.values.get("account")
    currency = draft.values.get("currency")
    if currency is not None and str(currency).upper() not in _YUAN_NAMES:
        draft.fault("currency", "E_BANK_CURRENCY", value=currency)


def _shape(name: str, **headers: tuple[str, ...]) -> Shape:
    """A bank's columns; each keyword names a field and the headers that this bank writes over it."""
    columns = tuple(_column(field, names) for field, names in headers.items())
    named = set(headers)
    time_group = tuple(name for name in ("moment", "traded_on") if name in named)
    sides = tuple(tuple(name for name in (side, "flag_amount") if name in named) for side in ("in_fen", "out_fen"))
    moved = tuple(name for name in ("in_fen", "out_fen", "flag_amount") if name in named)
    return Shape(name, columns, _KEYS, needs=(time_group, *sides), fills=(time_group, moved), finish=_finish)


# One serial may cover a payment and its fee, so rows may share it; the account counts only where the row names it,
# because the same statement is also exported without its title lines.
_KEYS = (
    KeyRule(("row_account", "serial"), when=("serial",), unique=True, shared=True, clear=True),
    KeyRule(
        ("row_account", "transacted_at", "occurred_on", "amount_fen", "balance_fen", "counterparty_name"), chained=True
    ),
)
_TYPES: dict[str, Any] = {
    "moment": MOMENT_OR_DAY,
    "traded_on": DAY,
    "posted_on": DAY,
    "clock": CLOCK,
    "account": ACCOUNT,
    "counterparty_account": ACCOUNT,
    "counterparty_name": NAME,
    "serial": CODE,
    "firm_serial": CODE,
    "voucher_no": CODE,
}


def _column(field: str, headers: tuple[str, ...]) -> Column:
    money = field.endswith("_fen") or field == "flag_amount"
    return Column(
        field,
        headers,
        MONEY if money else _TYPES.get(field, TEXT),
        needed=field == "balance_fen",
        sums=field in {"in_fen", "out_fen", "flag_amount"},
    )


_CCB = _shape(
    "ccb",
    account=("账号",),
    moment=("交易时间",),
    out_fen=("借方发生额(支取)", "借方发生额/元(支取)"),
    in_fen=("贷方发生额(收入)", "贷方发生额/元(收入)"),
    balance_fen=("余额",),
    currency=("币种",),
    counterparty_name=("对方户名",),
    counterparty_account=("对方账号",),
    counterparty_bank=("对方开户机构",),
    posted_on=("记账日期",),
    summary=("摘要",),
    remark=("备注",),
    serial=("账户明细编号-交易流水号",),
    firm_serial=("企业流水号",),
    voucher_type=("凭证种类",),
    voucher_no=("凭证号",),
    medium_no=("交易介质编号",),
    account_name=("账户名称",),
)
_ICBC = _shape(
    "icbc",
    voucher_no=("凭证号",),
    account=("本方账号",),
    counterparty_account=("对方账号",),
    moment=("交易时间",),
    flag=("借/贷", "借贷标志"),
    out_fen=("借方发生额", "转出金额"),
    in_fen=("贷方发生额", "转入金额"),
    counterparty_bank_no=("对方行号",),
    summary=("摘要",),
    purpose=("用途",),
    counterparty_name=("对方单位名称", "对方单位"),
    balance_fen=("余额",),
    remark=("个性化信息",),
)
_ABC = _shape(
    "abc",
    moment=("交易时间",),
    in_fen=("收入金额",),
    out_fen=("支出金额",),
    balance_fen=("账户余额",),
    counterparty_bank=("交易行名",),
    counterparty_province=("对方省市",),
    counterparty_account=("对方账号",),
    counterparty_name=("对方户名",),
    purpose=("交易用途",),
    summary=("交易摘要", "摘要"),
    serial=("日志号", "交易流水号"),
)
_RCC = _shape(
    "rcc",
    traded_on=("交易日期",),
    clock=("交易时间",),
    serial=("交易流水号", "流水号"),
    voucher_type=("凭证种类",),
    voucher_no=("凭证号码",),
    summary=("摘要",),
    flag=("借贷标志", "借贷方向"),
    flag_amount=("交易金额", "发生额"),
    out_fen=("借方金额",),
    in_fen=("贷方金额",),
    balance_fen=("余额",),
    counterparty_account=("对方账号",),
    counterparty_name=("对方户名",),
    counterparty_bank=("对方行名",),
    remark=("附言",),
    account=("账号", "本方账号"),
    seq=("序号",),
)
_OTHER = _shape(
    "other",
    moment=("交易时间", "交易日期", "日期", "记账日期", "发生时间"),
    out_fen=("支出金额", "借方发生额", "借方金额", "支出", "付款金额", "转出金额", "借方"),
    in_fen=("收入金额", "贷方发生额", "贷方金额", "收入", "收款金额", "转入金额", "贷方"),
    flag=("借贷标志", "收支标志", "借/贷", "收/支"),
    flag_amount=("交易金额", "发生额", "金额"),
    balance_fen=("账户余额", "余额", "可用余额"),
    counterparty_name=("对方户名", "对方名称", "对方单位名称", "对方单位"),
    counterparty_account=("对方账号",),
    counterparty_bank=("对方开户行", "对方行名"),
    summary=("摘要", "交易摘要"),
    purpose=("用途", "交易用途"),
    remark=("附言", "备注"),
    serial=("交易流水号", "流水号", "交易序号"),
    account=("账号", "本方账号", "查询账号", "账户"),
    seq=("序号",),
)

BANK_STATEMENT = FileKind("bank-statement", "银行流水", (_CCB, _ICBC, _ABC, _RCC, _OTHER))
