"""pay-file, pay-result and deaths: what subsidy payment lives on beside the roster.

pay-file (代发上盘): seq, name, account, amount_fen, id_type, id_number, memo, remark, bank (代发银行), month.

pay-result (代发回盘): batch_no, seq, name, account, amount_fen, id_number, result (成功, 失败, …), outcome (paid,
failed, pending), fail_code (bank's), fail_reason (bank's text), fail_class (NAME_MISMATCH, …; None when paid),
processed_on, bank_serial, remark, bank.

deaths (死亡名单): seq, source, name, id_number, sex, died_on (None when only the month is known), died_month,
cancelled_on (注销或火化日期), address, office, provided_on, remark. Police, funeral home and health office each have a
list of their own with their own headers; one without 数据来源 is theirs whose office, title or dates it names.
"""

from ledger.application.importing.fields.types import (
    ACCOUNT,
    CODE,
    DAY,
    DAY_OR_MONTH,
    ID_NUMBER,
    MONEY,
    NAME,
    TEXT,
)
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape

FAIL_CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("NAME_MISMATCH", ("户名不符", "证件不符", "名称不符", "姓名不符", "账号户名", "证件号码不符", "户名与账号不符")),
    ("NO_ACCOUNT", ("账号不存在", "无此账号", "无此账户", "账户不存在", "账号错误", "卡号不存在")),
    ("CLOSED", ("销户",)),
    ("DORMANT", ("睡眠", "久悬", "不动户")),
    ("FROZEN", ("冻结", "止付", "只收不付", "不收不付")),
    ("ID_EXPIRED", ("证件过期", "中止服务", "身份证过期", "证件到期")),
    ("LIMIT", ("超限", "限额", "II类", "III类", "Ⅱ类", "Ⅲ类", "二类户", "三类户")),
    ("CARD_REPLACED", ("换卡", "旧卡", "旧号", "已挂失")),
    ("INTERBANK_RETURN", ("跨行退汇", "退汇")),
    ("DUPLICATE", ("重复",)),
)
_PAID = frozenset(("成功", "已发放", "已入账", "处理成功", "交易成功", "入账成功"))
_FAILED_WORDS = ("失败", "退回", "退票", "退汇", "不成功", "未成功")
_RESULT = ("batch_no", "name", "account", "amount_fen", "id_number", "outcome", "processed_on", "bank_serial")
_PENDING_WORDS = ("处理中", "待处理", "未处理", "受理", "挂账")


def fail_class(reason: str | None) -> str:
    """The normalised class of a bank's reason; OTHER when no known word stands in it."""
    for name, words in FAIL_CLASSES:
        if any(word in (reason or "") for word in words):
            return name
    return "OTHER"


def _outcome(draft: RowDraft) -> None:
    values = draft.values
    result = values.get("result")
    if result is None and (values.get("fail_code") or values.get("fail_reason")):
        result = values["result"] = "失败"
    outcome = None
    if result in _PAID:
        outcome = "paid"
    elif result and any(word in result for word in _FAILED_WORDS):
        outcome = "failed"
    elif result and any(word in result for word in _PENDING_WORDS):
        outcome = "pending"
    else:
        draft.fault(
            "result", "E_CELL_CHOICE" if result else "E_CELL_MISSING", value=result or "", choices="成功、失败、处理中"
        )
    values["outcome"] = outcome
    values["fail_class"] = fail_class(values.get("fail_reason")) if outcome == "failed" else None


def _death(draft: RowDraft) -> None:
    """A date known only to the month stays a month; the day is never made up."""
    day, month = draft.values.get("died_on") or (None, None)
    draft.values["died_on"], draft.values["died_month"] = day, month
    if draft.values.get("id_number") is None and draft.values.get("address") is None:
        draft.fault("id_number", "E_DEATH_NOBODY")


PAY_FILE = FileKind(
    "pay-file",
    "代发上盘文件",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("name", ("户名", "姓名"), NAME, needed=True),
                Column("account", ("账号", "银行账号", "卡号"), ACCOUNT, needed=True),
                Column("amount_fen", ("金额", "发放金额(元)"), MONEY, least=1, needed=True, sums=True),
                Column("id_type", ("证件类型",), TEXT),
                Column("id_number", ("证件号码",), ID_NUMBER),
                Column("memo", ("摘要",), TEXT),
                Column("remark", ("备注",), TEXT),
                Column("bank", ("代发银行", "开户行", "开户银行"), TEXT),
            ),
            keys=(KeyRule(("month", "name", "account", "amount_fen", "id_number", "memo", "remark")),),
        ),
    ),
    needs_month=True,
)

PAY_RESULT = FileKind(
    "pay-result",
    "代发回盘文件",
    (
        Shape(
            "",
            (
                Column("batch_no", ("批次号",), CODE),
                Column("seq", ("序号",), TEXT),
                Column("name", ("户名", "姓名"), NAME, needed=True),
                Column("account", ("账号", "银行账号", "卡号"), ACCOUNT, needed=True),
                Column("amount_fen", ("金额",), MONEY, least=1, needed=True, sums=True),
                Column("id_number", ("证件号码",), ID_NUMBER),
                Column("result", ("处理结果", "交易结果"), TEXT, choices=("成功", "失败", "处理中")),
                Column("fail_code", ("失败代码", "错误代码"), CODE),
                Column("fail_reason", ("失败原因", "错误原因"), TEXT),
                Column("processed_on", ("处理日期", "交易日期"), DAY),
                Column("bank_serial", ("银行流水号", "流水号"), CODE),
                Column("remark", ("备注",), TEXT),
                Column("bank", ("代发银行", "开户行", "开户银行"), TEXT),
            ),
            keys=(KeyRule(_RESULT, serial="bank_serial", unique=True, shared=True), KeyRule(_RESULT)),
            needs=(("result", "fail_reason", "fail_code"),),
            finish=_outcome,
        ),
    ),
)

DEATHS = FileKind(
    "deaths",
    "死亡名单",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("source", ("数据来源",), TEXT, choices=("公安", "殡仪馆", "卫健")),
                Column("name", ("姓名", "死者姓名", "逝者姓名", "死亡人员姓名"), NAME, needed=True),
                Column("id_number", ("身份证号", "身份证号码", "公民身份号码", "死者身份证号"), ID_NUMBER),
                Column("sex", ("性别",), TEXT, choices=("男", "女")),
                Column("died_on", ("死亡日期", "死亡时间"), DAY_OR_MONTH, needed=True),
                Column("cancelled_on", ("注销或火化日期", "注销日期", "户口注销日期", "火化日期", "火化时间"), DAY),
                Column("address", ("户籍地址", "户籍地", "家庭住址", "常住地址"), TEXT),
                Column("office", ("经办单位", "注销派出所", "派出所", "殡仪馆", "报告单位", "填报单位"), TEXT),
                Column("provided_on", ("提供日期", "报送日期"), DAY),
                Column("remark", ("备注", "火化编号"), TEXT),
            ),
            # The same list comes again next month with another date of supply; the death is the same one.
            keys=(KeyRule(("source", "name", "id_number", "died_on", "died_month", "cancelled_on", "address")),),
            needs=(("id_number", "address"),),
            fills=(),
            finish=_death,
        ),
    ),
)
