"""aid-list (一次性救助发放表): who was helped once, with how much, and when it was handed over.

aid-list: seq, category (what names the programme), township, village, case_no (审批编号), name (of the person, the
householder or a group), id_number (None when masked), id_number_masked, persons, reason (救助原因), how (现金,
转账, 实物, 车票, 减免), amount_fen, decided_on, document, paid_on (发放日期; None while it is not paid), receipt_no,
payee_name, bank, account, remark, month.

One list serves 临时救助, 流浪乞讨救助, 殡葬减免, 慰问, 助学 and insurance alike: each row stands for itself, and no
month is compared with another.
"""

from typing import Final

from ledger.application.importing.fields.types import ACCOUNT, CODE, COUNT, DAY, ID_OR_MASK, MONEY, NAME, TEXT
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape
from ledger.application.importing.kinds.rosters import split_masks

_HOW: Final = ("现金", "转账", "实物", "车票", "减免")


def _aid(draft: RowDraft) -> None:
    """Masks apart, and at least one person."""
    split_masks(draft, ("id_number",))
    if draft.values.get("persons") == 0:
        draft.fault("persons", "E_ROSTER_PERSONS")


AID_LIST: Final = FileKind(
    "aid-list",
    "一次性救助发放表",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("category", ("救助项目", "救助类别", "项目"), TEXT),
                Column("township", ("乡镇", "乡镇(街道)"), TEXT),
                Column("village", ("村(社区)", "村", "社区"), TEXT),
                Column("case_no", ("审批编号", "救助编号"), CODE),
                Column("name", ("姓名", "户主姓名", "申请人", "受助人", "受助对象"), NAME, needed=True),
                Column("id_number", ("身份证号", "身份证号码", "户主身份证号"), ID_OR_MASK),
                Column("persons", ("救助人数", "人数", "家庭人口"), COUNT, sums=True),
                Column("reason", ("救助原因", "事由"), TEXT),
                Column("how", ("救助方式",), TEXT, choices=_HOW),
                Column(
                    "amount_fen",
                    ("救助金额(元)", "补助金额(元)", "减免金额(元)", "慰问金额(元)"),
                    MONEY,
                    needed=True,
                    sums=True,
                ),
                Column("decided_on", ("审批日期",), DAY),
                Column("document", ("审批文号", "文号"), TEXT),
                Column("paid_on", ("发放日期", "支付日期"), DAY),
                Column("receipt_no", ("凭证号", "签收单号"), CODE),
                Column("payee_name", ("领款人", "领款人姓名", "收款单位"), NAME),
                Column("bank", ("代发银行", "开户行"), TEXT),
                Column("account", ("银行账号", "账号"), ACCOUNT),
                Column("remark", ("备注",), TEXT),
            ),
            keys=(
                KeyRule(("month", "category", "case_no"), when=("case_no",), unique=True),
                KeyRule(("month", "category", "id_number", "id_number_masked", "name", "township"), unique=True),
            ),
            needs=(("case_no", "id_number", "reason"),),
            fills=(),
            finish=_aid,
        ),
    ),
    needs_month=True,
)
