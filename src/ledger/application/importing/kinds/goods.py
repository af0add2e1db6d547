"""in-kind (受赠物资): three shapes of one book of goods; `shape` is received, delivered or counted.

received: lot_no, donor_name, goods, specification, unit_name, quantity_milli (thousandths), price_fen, value_basis,
amount_fen, made_on, expires_on, acceptor_1, acceptor_2, warehouse, received_on.
delivered: delivered_on, lot_no, receiver_name, quantity_milli, usage, signer, photo.
counted: lot_no, goods, book_quantity_milli, counted_quantity_milli, difference_milli, reason, treatment, approval,
counter_1, counter_2, counted_on.
"""

from decimal import Decimal

from ledger.application.importing.fields.types import CODE, DAY, MONEY, NAME, QUANTITY, TEXT
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape
from ledger.values.money import fen_to_yuan

_MILLI = 1000


def _received(draft: RowDraft) -> None:
    """The acceptors, the worth, and the days."""
    _acceptors(draft)
    values = draft.values
    price, quantity, amount = (values.get(name) for name in ("price_fen", "quantity_milli", "amount_fen"))
    if price and quantity and amount:
        computed = price * quantity // _MILLI
        if abs(computed - amount) > max(1, quantity // (2 * _MILLI)):  # what a price rounded to the fen may come to
            stated = {"stated": fen_to_yuan(amount), "computed": fen_to_yuan(computed)}
            draft.fault("amount_fen", "E_PARTS_SUM", **stated)
    made, expires = values.get("made_on"), values.get("expires_on")
    if made is not None and expires is not None and expires < made:
        draft.fault("expires_on", "E_EXPIRES_BEFORE_MADE", value=expires.isoformat(), made=made.isoformat())


def _acceptors(draft: RowDraft) -> None:
    """Two people accept goods; one column may hold both names."""
    _two_people(draft, "acceptors", ("acceptor_1", "acceptor_2"))


def _two_people(draft: RowDraft, together: str, fields: tuple[str, str]) -> None:
    both = draft.values.pop(together, None)
    names = [name for name in (both or "").replace("、", " ").replace(",", " ").replace(";", " ").split() if name]
    for number, field in enumerate(fields):
        if draft.values.get(field) is None and number < len(names):
            draft.values[field] = names[number]


def _shown(milli: int) -> str:
    """A quantity for a sentence."""
    return format((Decimal(milli) / 1000).normalize(), "f")


def _counted(draft: RowDraft) -> None:
    """Who counted, and the difference: counted minus book; a stated one must be that."""
    _two_people(draft, "counters", ("counter_1", "counter_2"))
    values = draft.values
    book, counted, stated = (
        values.get(f"{name}_milli") for name in ("book_quantity", "counted_quantity", "difference")
    )
    if book is None or counted is None:
        return
    values["difference_milli"] = counted - book
    if stated is not None and abs(stated) != abs(counted - book):
        draft.fault("difference_milli", "E_COUNT_DIFFERENCE", stated=_shown(stated), computed=_shown(counted - book))


IN_KIND = FileKind(
    "in-kind",
    "受赠物资台账",
    (
        Shape(
            "received",
            (
                Column("lot_no", ("批次号",), CODE, needed=True),
                Column(
                    "received_on", ("入库日期", "验收日期", "接收日期", "捐赠日期", "收到日期", "收货日期", "日期"), DAY
                ),
                Column("donor_name", ("捐赠人",), NAME, needed=True),
                Column("goods", ("品名", "物资名称"), TEXT, needed=True),
                Column("specification", ("规格", "规格型号"), TEXT),
                Column("unit_name", ("单位", "计量单位"), TEXT),
                Column("quantity_milli", ("数量",), QUANTITY, needed=True, sums=True),
                Column("price_fen", ("单价",), MONEY, least=0),
                Column("value_basis", ("价值依据",), TEXT),
                Column("amount_fen", ("金额",), MONEY, least=0, sums=True),
                Column("made_on", ("生产日期",), DAY),
                Column("expires_on", ("有效期", "有效期至"), DAY),
                Column("acceptor_1", ("验收人一", "验收人1"), NAME),
                Column("acceptor_2", ("验收人二", "验收人2"), NAME),
                Column("acceptors", ("验收人×2", "验收人"), TEXT),
                Column("warehouse", ("仓库",), TEXT),
            ),
            keys=(KeyRule(("lot_no", "goods", "specification"), unique=True, clear=True),),
            finish=_received,
            title_zh="入库",
        ),
        Shape(
            "delivered",
            (
                Column("delivered_on", ("出库日期",), DAY, needed=True),
                Column("lot_no", ("批次号",), CODE, needed=True),
                Column("receiver_name", ("领用单位/人", "领用单位或个人", "领用单位", "领用人"), NAME, needed=True),
                Column("quantity_milli", ("数量",), QUANTITY, needed=True, sums=True),
                Column("usage", ("用途",), TEXT),
                Column("signer", ("签收人",), NAME),
                Column("photo", ("照片",), TEXT),
            ),
            keys=(KeyRule(("delivered_on", "lot_no", "receiver_name", "quantity_milli", "usage", "signer")),),
            title_zh="出库",
        ),
        Shape(
            "counted",
            (
                Column("lot_no", ("批次号",), CODE),
                Column("goods", ("品名", "物资名称"), TEXT),
                Column("counted_on", ("盘点日期",), DAY),
                Column("book_quantity_milli", ("账面数",), QUANTITY, needed=True, sums=True),
                Column("counted_quantity_milli", ("实盘数",), QUANTITY, needed=True, sums=True),
                Column("difference_milli", ("差异",), QUANTITY, sums=True),
                Column("reason", ("原因",), TEXT),
                Column("treatment", ("处理", "处理意见", "处理结果"), TEXT),
                Column("approval", ("批准文件", "批准文号", "审批文号"), TEXT),
                Column("counter_1", ("盘点人一", "盘点人1"), NAME),
                Column("counter_2", ("盘点人二", "盘点人2", "监盘人"), NAME),
                Column("counters", ("盘点人×2", "盘点人"), TEXT),
            ),
            finish=_counted,
            title_zh="盘点",
        ),
    ),
)
