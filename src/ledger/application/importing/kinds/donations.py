"""donation-register, pledges and e-receipts: what a charity's cashier keeps.

donation-register: seq, registered_on, received_on, donor_name, donor_type, donor_number (ID or credit code), contact,
phone, method, account_label, reference (银行流水号或支付单号), amount_fen, pledge_no, intent (限定, 非限定), purpose
(指定项目或受益人), campaign, persons (count), publicity (是, 否, 匿名, 化名：a pseudonym, and what means the
same: see `fields.consents`), receipted (bool), receipt_no,
receipt_on, handler, remark. A negative amount is `E_DONATION_NEGATIVE`: a refund is not a gift.

pledges: pledge_no, pledged_on, campaign, pledgor_name, pledgor_type, pledged_fen, receiver, mode (一次, 分期, 留本),
instalment, due_on, due_fen, paid_on, paid_fen, unpaid_fen, reminders, scan.

e-receipts: receipt_code, receipt_no, check_code, issued_on, payer_name, payer_number, item_code, item_name,
quantity_milli, standard, amount_fen, state (正常, 冲红, 作废, 换开), red_receipt_no, original_receipt_no, issuer,
cashier, checker, remark.
"""

from ledger.application.importing.fields.consents import CONSENTS, CONSENTS_TOLD, consent
from ledger.application.importing.fields.donor_types import DONOR_TYPES, donor_type
from ledger.application.importing.fields.types import (
    CODE,
    COUNT,
    DAY,
    MONEY,
    NAME,
    PARTY_NUMBER,
    QUANTITY,
    TEXT,
    YES_NO,
)
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape

_STATES = ("正常", "冲红", "作废", "换开")
_VOID = "作废"
_GIFT = ("received_on", "donor_name", "amount_fen", "method", "reference", "pledge_no", "campaign")


def _gift(draft: RowDraft) -> None:
    amount = draft.values.get("amount_fen")
    if amount is not None and amount <= 0:
        draft.fault("amount_fen", "E_DONATION_NEGATIVE" if amount else "E_MONEY_ZERO")
    _type(draft, "donor_type")
    told = draft.values.get("publicity")
    if told is not None and consent(str(told), str(draft.values.get("donor_name") or "")) is None:
        draft.fault("publicity", "E_CELL_CHOICE", value=told, choices=CONSENTS_TOLD)


def _pledge(draft: RowDraft) -> None:
    _type(draft, "pledgor_type")


def _type(draft: RowDraft, name: str) -> None:
    """Whoever is no person would be kept as one, hidden in the vault, if an unknown word were passed over."""
    told = draft.values.get(name)
    if told is None:
        return
    found = donor_type(str(told))
    if found is None:
        draft.fault(name, "E_CELL_CHOICE", value=told, choices="、".join(DONOR_TYPES))
    else:
        draft.values[name] = found


def _receipt(draft: RowDraft) -> None:
    """A state that is known; a receipt that was voided need name nobody, and no amount."""
    state = str(draft.values["state"])
    known = next((one for one in _STATES if one in state), None)
    if known is None:
        draft.fault("state", "E_CELL_CHOICE", value=state, choices="、".join(_STATES))
        return
    draft.values["state"] = known
    if known != _VOID:
        for name in ("payer_name", "amount_fen"):
            if draft.values.get(name) is None:
                draft.fault(name, "E_CELL_MISSING")


DONATION_REGISTER = FileKind(
    "donation-register",
    "捐赠登记表",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("registered_on", ("登记日期", "登记时间"), DAY),
                Column("received_on", ("到账日期", "捐赠时间", "捐赠日期", "到账时间"), DAY, needed=True),
                Column("donor_name", ("捐赠人", "捐赠单位或个人", "捐赠单位", "捐赠者"), NAME, needed=True),
                Column("donor_type", ("捐赠人类型",), TEXT, choices=DONOR_TYPES),
                Column("donor_number", ("证件号码",), PARTY_NUMBER),
                Column("contact", ("联系人",), NAME),
                Column("phone", ("联系电话",), CODE),
                Column(
                    "method", ("捐赠方式",), TEXT, choices=("银行转账", "现金", "微信支付", "支付宝", "实物", "其他")
                ),
                Column("account_label", ("收款账户",), TEXT),
                Column("reference", ("银行流水号或支付单号", "银行流水号", "支付单号"), CODE),
                Column("amount_fen", ("捐赠金额(元)", "捐款金额(元)"), MONEY, needed=True, sums=True),
                Column("pledge_no", ("认捐编号",), CODE),
                # Some registers have both as parts of one title, on a second line of the header.
                Column("intent", ("捐赠意向", "捐赠意向类别", "捐赠意向类型"), TEXT, choices=("限定", "非限定")),
                Column("purpose", ("指定项目或受益人", "捐赠意向项目", "捐赠意向指定项目"), TEXT),
                Column("campaign", ("所属活动",), TEXT),
                Column("persons", ("人数",), COUNT, sums=True),
                Column(
                    "publicity",
                    ("公开姓名",),
                    TEXT,
                    choices=CONSENTS,
                    note="空着算不公开；愿以化名公开的写“化名：”和所用的化名",
                ),
                Column("receipted", ("是否开票",), YES_NO, choices=("是", "否")),
                Column("receipt_no", ("票据号码",), CODE),
                Column("receipt_on", ("开票日期",), DAY),
                Column("handler", ("经手人",), NAME),
                Column("remark", ("备注",), TEXT),
            ),
            # One transfer may be several gifts, so rows may share its number; the same row again is the same gift.
            keys=(KeyRule(_GIFT, serial="reference", unique=True, shared=True), KeyRule(_GIFT)),
            finish=_gift,
        ),
    ),
)

PLEDGES = FileKind(
    "pledges",
    "认捐登记表",
    (
        Shape(
            "",
            (
                Column("pledge_no", ("认捐编号",), CODE, needed=True),
                Column("pledged_on", ("认捐日期",), DAY, needed=True),
                Column("campaign", ("活动", "所属活动"), TEXT),
                Column("pledgor_name", ("认捐人",), NAME, needed=True),
                Column(
                    "pledgor_type", ("类型", "认捐人类型"), TEXT, choices=("个人", "企业", "集体", "社会组织", "其他")
                ),
                Column("pledged_fen", ("认捐总额",), MONEY, least=1, needed=True),
                Column(
                    "receiver", ("接收单位(慈善/教育基金/其他)", "接收单位"), TEXT, choices=("慈善", "教育基金", "其他")
                ),
                Column("mode", ("方式(一次/分期/留本)", "方式"), TEXT, choices=("一次", "分期", "留本")),
                Column("instalment", ("期次",), COUNT),
                Column("due_on", ("应付日期",), DAY),
                Column("due_fen", ("应付金额",), MONEY, least=0, sums=True),
                Column("paid_on", ("实付日期",), DAY),
                Column("paid_fen", ("实付金额",), MONEY, least=0, sums=True),
                Column("unpaid_fen", ("未付",), MONEY, least=0, sums=True),
                Column("reminders", ("催缴记录",), TEXT),
                Column("scan", ("协议扫描",), TEXT),
            ),
            keys=(KeyRule(("pledge_no", "instalment"), unique=True, clear=True),),
            finish=_pledge,
        ),
    ),
    hints=(
        "实付日期、实付金额只作核对：到账的钱登记在捐赠登记表，并在那里的“认捐编号”写明本表的编号；建账以前已付的除外。",
    ),
)

E_RECEIPTS = FileKind(
    "e-receipts",
    "财政电子票据导出",
    (
        Shape(
            "",
            (
                Column("receipt_code", ("票据代码",), CODE, needed=True),
                Column("receipt_no", ("票据号码",), CODE, needed=True),
                Column("check_code", ("校验码",), CODE),
                Column("issued_on", ("开票日期",), DAY, needed=True),
                Column("payer_name", ("交款人",), NAME),
                Column("payer_number", ("交款人代码", "交款人统一社会信用代码"), PARTY_NUMBER),
                Column("item_code", ("项目编码",), CODE),
                Column("item_name", ("项目名称",), TEXT),
                Column("quantity_milli", ("数量",), QUANTITY),
                Column("standard", ("标准",), TEXT),
                Column("amount_fen", ("金额",), MONEY, sums=True),
                Column("state", ("状态(正常/冲红/作废/换开)", "状态", "票据状态"), TEXT, needed=True, choices=_STATES),
                Column("red_receipt_no", ("红票号码",), CODE),
                Column("original_receipt_no", ("原票号码",), CODE),
                Column("issuer", ("开票人",), NAME),
                Column("cashier", ("收款人",), NAME),
                Column("checker", ("复核人",), NAME),
                Column("remark", ("备注",), TEXT),
            ),
            keys=(KeyRule(("receipt_code", "receipt_no", "item_code"), unique=True, clear=True),),
            needs=(("payer_name",), ("amount_fen",)),
            fills=(),
            finish=_receipt,
        ),
    ),
)
