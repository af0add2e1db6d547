"""wechat-trade, wechat-fund and alipay-trade: what the payment platforms give.

Common to the trade bills: gross_fen (paid +, refunded -), fee_fen (cost +, fee given back -), net_fen = gross - fee,
is_refund, order_no, merchant_order_no, refund_no (None unless a refund), paid_at (moment), occurred_on (date), goods.

wechat-trade adds: app_id, merchant_no, sub_merchant_no, device_no, payer_ref (用户标识), trade_type, trade_state,
bank, currency, settled_fen (应结订单金额), coupon_fen, merchant_refund_no, refund_fen, coupon_refund_fen,
refund_type, refund_state, attach (商户数据包), rate_ppm, order_fen, refund_asked_fen, rate_note. A payment that was
revoked (REVOKED) is a refund. What did not come about (`REFUND_FAILED`) has a gross of nothing.

alipay-trade adds: business_type (交易, 退款), created_at, store_no, store_name, operator, terminal_no, counterparty,
order_fen, received_fen (商家实收), alipay_red_fen, points_fen, alipay_discount_fen, merchant_discount_fen,
coupon_fen, coupon_name, merchant_red_fen, card_fen, share_fen (分润), remark. A payment's fee stands below
nothing in the bill, and so does what was received of a refund: another sign is a fault.

wechat-fund: booked_at (moment), occurred_on, business_no (微信支付业务单号), serial (资金流水单号), business_name,
business_type, direction (收入, 支出), in_fen, out_fen, amount_fen (in - out), balance_fen, applicant, remark,
voucher_no.
"""

from datetime import date
from typing import Final

from ledger.application.importing.fields.types import CODE, MOMENT, MONEY, NAME, RATE, TEXT
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape
from ledger.values.money import fen_to_yuan

_WECHAT_REFUNDS = frozenset(("REFUND", "REVOKED"))
REFUND_FAILED: Final = frozenset(("FAIL", "CLOSED"))
"""States of a refund that gave nothing back."""
REFUND_PENDING: Final = frozenset(("PROCESSING", "CHANGE", "ABNORMAL"))
"""States of a refund of which the bill does not know yet whether the money reached the payer."""
_REFUND_STATES: Final = frozenset({None, "SUCCESS", *REFUND_FAILED, *REFUND_PENDING})
_NOTHING = frozenset((None, "0"))


def _day_of(moment: str | None) -> date | None:
    return date.fromisoformat(moment[:10]) if moment else None


def _wechat(draft: RowDraft) -> None:
    values = draft.values
    state = (values.get("trade_state") or "").upper()
    values["trade_state"] = state or None
    values["is_refund"] = state in _WECHAT_REFUNDS
    for name in ("refund_no", "merchant_refund_no"):
        values[name] = None if values.get(name) in _NOTHING else values[name]
    gross = -(values.get("refund_fen") or 0) if values["is_refund"] else values.get("settled_fen")
    if state and state not in {*_WECHAT_REFUNDS, "SUCCESS"}:
        draft.fault("trade_state", "E_CHANNEL_STATE", value=state)
    if values["is_refund"]:
        came_about = values["refund_state"] = (values.get("refund_state") or "").upper() or None
        if values["refund_no"] is None:
            draft.fault("refund_no", "E_CELL_MISSING")
        if came_about not in _REFUND_STATES:
            draft.fault("refund_state", "E_CHANNEL_STATE", value=came_about)
        if came_about in REFUND_FAILED:
            gross = 0
    _money(draft, gross, values.get("fee_fen"))


def _alipay(draft: RowDraft) -> None:
    values = draft.values
    kind = values.get("business_type")
    values["is_refund"] = kind == "退款"
    if kind not in {"交易", "退款", None}:
        draft.fault("business_type", "E_CHANNEL_STATE", value=kind)
    if values["is_refund"] and values.get("refund_no") is None:
        draft.fault("refund_no", "E_CELL_MISSING")
    _signs(draft, kind)
    # The platform writes its fee as a negative sum; here a cost is positive in every channel.
    fee = values.get("fee_fen")
    _money(draft, values.get("received_fen"), -fee if fee else fee)


def _signs(draft: RowDraft, kind: str | None) -> None:
    """What is paid comes in and its fee goes out, and what is refunded goes out and its fee comes back."""
    for name, comes_in in (("received_fen", kind == "交易"), ("fee_fen", kind == "退款")):
        fen = draft.values.get(name)
        if fen and kind in {"交易", "退款"} and (fen > 0) != comes_in:
            code = "E_CHANNEL_NEGATIVE" if comes_in else "E_CHANNEL_POSITIVE"
            draft.fault(name, code, value=fen_to_yuan(fen), kind=kind)


def _money(draft: RowDraft, gross_fen: int | None, fee_fen: int | None) -> None:
    values = draft.values
    values["gross_fen"], values["fee_fen"] = gross_fen or 0, fee_fen or 0
    values["net_fen"] = values["gross_fen"] - values["fee_fen"]
    values["occurred_on"] = _day_of(values.get("paid_at"))


def _fund(draft: RowDraft) -> None:
    values = draft.values
    values["occurred_on"] = _day_of(values.get("booked_at"))
    moved, direction = values.pop("moved_fen", None) or 0, values.get("direction")
    if direction not in {"收入", "支出", None}:
        draft.fault("direction", "E_CHANNEL_STATE", value=direction)
    values["in_fen"], values["out_fen"] = (moved, 0) if direction == "收入" else (0, moved)
    values["amount_fen"] = values["in_fen"] - values["out_fen"]


WECHAT_TRADE = FileKind(
    "wechat-trade",
    "微信支付交易账单",
    (
        Shape(
            "",
            (
                Column("paid_at", ("交易时间",), MOMENT, needed=True),
                Column("app_id", ("公众账号ID",), CODE),
                Column("merchant_no", ("商户号",), CODE),
                Column("sub_merchant_no", ("特约商户号", "子商户号"), CODE),
                Column("device_no", ("设备号",), CODE),
                Column("order_no", ("微信订单号",), CODE, needed=True),
                Column("merchant_order_no", ("商户订单号",), CODE),
                Column("payer_ref", ("用户标识",), CODE),
                Column("trade_type", ("交易类型",), TEXT),
                Column("trade_state", ("交易状态",), TEXT, needed=True),
                Column("bank", ("付款银行",), TEXT),
                Column("currency", ("货币种类",), TEXT),
                Column("settled_fen", ("应结订单金额", "总金额"), MONEY, needed=True, sums=True),
                Column("coupon_fen", ("代金券金额", "代金券或立减优惠金额"), MONEY, sums=True),
                Column("refund_no", ("微信退款单号",), CODE),
                Column("merchant_refund_no", ("商户退款单号",), CODE),
                Column("refund_fen", ("退款金额",), MONEY, sums=True),
                Column("coupon_refund_fen", ("充值券退款金额", "代金券或立减优惠退款金额"), MONEY, sums=True),
                Column("refund_type", ("退款类型",), TEXT),
                Column("refund_state", ("退款状态",), TEXT),
                Column("goods", ("商品名称",), TEXT),
                Column("attach", ("商户数据包",), TEXT),
                Column("fee_fen", ("手续费",), MONEY, needed=True, sums=True),
                Column("rate_ppm", ("费率",), RATE),
                Column("order_fen", ("订单金额",), MONEY, sums=True),
                Column("refund_asked_fen", ("申请退款金额",), MONEY, sums=True),
                Column("rate_note", ("费率备注",), TEXT),
            ),
            keys=(KeyRule(("order_no", "refund_no"), unique=True, clear=True),),
            finish=_wechat,
        ),
    ),
)

WECHAT_FUND = FileKind(
    "wechat-fund",
    "微信支付资金账单",
    (
        Shape(
            "",
            (
                Column("booked_at", ("记账时间",), MOMENT, needed=True),
                Column("business_no", ("微信支付业务单号",), CODE),
                Column("serial", ("资金流水单号",), CODE, needed=True),
                Column("business_name", ("业务名称",), TEXT),
                Column("business_type", ("业务类型",), TEXT),
                Column("direction", ("收支类型",), TEXT, needed=True),
                Column("moved_fen", ("收支金额(元)",), MONEY, needed=True),
                Column("balance_fen", ("账户结余(元)",), MONEY, needed=True),
                Column("applicant", ("资金变更提交申请人",), TEXT),
                Column("remark", ("备注",), TEXT),
                Column("voucher_no", ("业务凭证号",), CODE),
            ),
            keys=(KeyRule(("serial",), unique=True, clear=True),),
            finish=_fund,
        ),
    ),
)

ALIPAY_TRADE = FileKind(
    "alipay-trade",
    "支付宝业务明细",
    (
        Shape(
            "",
            (
                Column("order_no", ("支付宝交易号",), CODE, needed=True),
                Column("merchant_order_no", ("商户订单号",), CODE),
                Column("business_type", ("业务类型",), TEXT, needed=True),
                Column("goods", ("商品名称",), TEXT),
                Column("created_at", ("创建时间",), MOMENT),
                Column("paid_at", ("完成时间",), MOMENT, needed=True),
                Column("store_no", ("门店编号",), CODE),
                Column("store_name", ("门店名称",), TEXT),
                Column("operator", ("操作员",), TEXT),
                Column("terminal_no", ("终端号",), CODE),
                Column("counterparty", ("对方账户",), NAME),
                Column("order_fen", ("订单金额(元)",), MONEY, sums=True),
                Column("received_fen", ("商家实收(元)",), MONEY, needed=True, sums=True),
                Column("alipay_red_fen", ("支付宝红包(元)",), MONEY, sums=True),
                Column("points_fen", ("集分宝(元)",), MONEY, sums=True),
                Column("alipay_discount_fen", ("支付宝优惠(元)",), MONEY, sums=True),
                Column("merchant_discount_fen", ("商家优惠(元)",), MONEY, sums=True),
                Column("coupon_fen", ("券核销金额(元)",), MONEY, sums=True),
                Column("coupon_name", ("券名称",), TEXT),
                Column("merchant_red_fen", ("商家红包消费金额(元)",), MONEY, sums=True),
                Column("card_fen", ("卡消费金额(元)",), MONEY, sums=True),
                Column("refund_no", ("退款批次号/请求号", "退款批次号"), CODE),
                Column("fee_fen", ("服务费(元)",), MONEY, needed=True, sums=True),
                Column("share_fen", ("分润(元)",), MONEY, sums=True),
                Column("remark", ("备注",), TEXT),
            ),
            keys=(KeyRule(("order_no", "business_type", "refund_no"), unique=True, clear=True),),
            finish=_alipay,
        ),
    ),
)
