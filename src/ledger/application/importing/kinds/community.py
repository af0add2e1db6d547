"""mutual-aid and lottery: the societies' and the welfare-lottery projects' ledgers.

mutual-aid (互助社台账): seq, township, village, society_name, registration (已登记, 备案, …), credit_code,
founded_on, members, bank, account, raised_fen (筹资合计), county_fen, village_fen, donors_fen (企业乡贤捐赠),
members_fen (会员互助金), helped_households (本年救助户次), helped_fen, balance_fen, reaches_goal (bool, 是否达3万元),
head, clerk, remark. raised_fen must be the sum of its four parts where they all stand (`E_PARTS_SUM`),
and no money is granted to nobody (`E_HELPED_NOBODY`).

lottery (福彩公益金项目台账): seq, year (int), level (中央, 省级, 市级, 县级), doc_no, issued_on, budget_item,
project, user_unit, direction (扶老, 助残, 救孤, 济困, …), allotted_fen, payee, paid_on, paid_fen, paid_total_fen,
left_fen, execution_ppm, contract_no, voucher_no, beneficiaries, progress, marked (bool, 福彩标识), published_at,
published_on, score, remark. left_fen cannot exceed allotted - paid_total where all stand (`E_PARTS_SUM`); it is less
where money went back to the treasury, which the book knows. A level or a direction that is none of
these is wrong (`E_CELL_CHOICE`), and so is a rate that is not paid_total of allotted (`E_EXECUTION_RATE`).
"""

from collections.abc import Mapping

from ledger.application.importing.fields.types import (
    ACCOUNT,
    CODE,
    COUNT,
    CREDIT_CODE,
    DAY,
    MONEY,
    NAME,
    RATE,
    TEXT,
    YES_NO,
)
from ledger.application.importing.kinds.base import WAN_YUAN, Column, FileKind, KeyRule, RowDraft, Shape
from ledger.values.money import fen_to_yuan

LEVELS: Mapping[str, str] = {"中央": "central", "省": "province", "市": "city", "县": "county"}
"""Whose money it is (资金级次), by the words that say so."""
PURPOSES: Mapping[str, str] = {"扶老": "elderly", "助残": "disabled", "救孤": "orphans", "济困": "poverty"}
"""What it is for (使用方向); what is for something else says so."""
_OTHER = "其他"
_LEVELS = ("中央", "省级", "市级", "县级")
_PURPOSES = (*PURPOSES, _OTHER)
_RATE_OFF_PPM = 5_000
"""By how much a rate that was rounded to whole percents is off, at most."""
_PPM = 1_000_000
_PARTS = ("county_fen", "village_fen", "donors_fen", "members_fen")


def _must_equal(draft: RowDraft, column: str, computed_fen: int) -> None:
    stated = draft.values.get(column)
    if stated is not None and stated != computed_fen:
        draft.fault(column, "E_PARTS_SUM", stated=fen_to_yuan(stated), computed=fen_to_yuan(computed_fen))


def _society(draft: RowDraft) -> None:
    parts = [draft.values.get(name) for name in _PARTS]
    if all(part is not None for part in parts):
        _must_equal(draft, "raised_fen", sum(part for part in parts if part is not None))
    helped_fen = draft.values.get("helped_fen")
    if helped_fen and draft.values.get("helped_households") == 0:
        draft.fault("helped_households", "E_HELPED_NOBODY", amount_fen=helped_fen)


def _project(draft: RowDraft) -> None:
    allotted, paid_total = draft.values.get("allotted_fen"), draft.values.get("paid_total_fen")
    left = draft.values.get("left_fen")
    if allotted is not None and paid_total is not None and left is not None and left > allotted - paid_total:
        _must_equal(draft, "left_fen", allotted - paid_total)
    level, direction = (str(draft.values.get(name) or "") for name in ("level", "direction"))
    if level and sum(word in level for word in LEVELS) != 1:
        draft.fault("level", "E_CELL_CHOICE", value=level, choices="、".join(_LEVELS))
    if direction and not any(word in direction for word in _PURPOSES):
        draft.fault("direction", "E_CELL_CHOICE", value=direction, choices="、".join(_PURPOSES))
    _rate(draft)


def _rate(draft: RowDraft) -> None:
    """执行率 is what was paid of what was allotted, or of what of that was not given back; typed by hand 1 is 1 %."""
    stated, allotted, paid, left = (
        draft.values.get(name) for name in ("execution_ppm", "allotted_fen", "paid_total_fen", "left_fen")
    )
    if stated is None or not allotted or (paid is None and left is None):
        return
    paid = allotted - left if paid is None else paid
    of = {allotted, paid + left} if left is not None else {allotted}
    rates = [paid * _PPM // whole for whole in of if whole]
    if rates and not any(abs(said - rate) <= _RATE_OFF_PPM for rate in rates for said in (stated, stated // 100)):
        percents = {"stated": _percent(stated), "computed": _percent(paid * _PPM // allotted)}
        draft.fault("execution_ppm", "E_EXECUTION_RATE", **percents)


def _percent(ppm: int) -> str:
    tenths = (ppm + 500) // 1000
    return f"{tenths // 10}.{tenths % 10}%"


MUTUAL_AID = FileKind(
    "mutual-aid",
    "救急难互助社台账",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("township", ("乡镇", "乡镇(街道)"), TEXT),
                Column("village", ("村(社区)", "村", "社区"), TEXT, needed=True),
                Column("society_name", ("互助社名称",), NAME, needed=True),
                Column("registration", ("登记状态",), TEXT, choices=("已登记", "备案", "未登记")),
                Column("credit_code", ("统一社会信用代码",), CREDIT_CODE),
                Column("founded_on", ("成立日期", "成立时间"), DAY),
                Column("members", ("会员数",), COUNT, sums=True),
                Column("bank", ("开户行",), TEXT),
                Column("account", ("账号",), ACCOUNT),
                Column("raised_fen", ("筹资合计(元)",), MONEY, least=0, needed=True, sums=True),
                Column("county_fen", ("县级补助(元)",), MONEY, least=0, sums=True),
                Column("village_fen", ("村集体(元)",), MONEY, least=0, sums=True),
                Column("donors_fen", ("企业乡贤捐赠(元)",), MONEY, least=0, sums=True),
                Column("members_fen", ("会员互助金(元)",), MONEY, least=0, sums=True),
                Column("helped_households", ("本年救助户次",), COUNT, sums=True),
                Column("helped_fen", ("本年救助金额(元)",), MONEY, least=0, sums=True),
                Column("balance_fen", ("账户余额(元)",), MONEY, least=0, sums=True),
                Column("reaches_goal", ("是否达3万元",), YES_NO, choices=("是", "否")),
                Column("head", ("负责人",), NAME),
                Column("clerk", ("报账员",), NAME),
                Column("remark", ("备注",), TEXT),
            ),
            finish=_society,
        ),
    ),
    hints=(
        "本年救助户次、本年救助金额是哪一年的要写明：导入时用 --month 写明截至哪个月，如 --month 2025-09。",
        "也可以在表头上面加一行写明年份的标题，如“2025年救急难互助社台账”。",
    ),
)

LOTTERY = FileKind(
    "lottery",
    "福彩公益金项目台账",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("year", ("年度",), COUNT),
                Column("level", ("资金级次",), TEXT, choices=_LEVELS),
                Column("doc_no", ("资金文号",), TEXT, needed=True),
                Column("issued_on", ("下达日期",), DAY),
                Column("budget_item", ("预算科目",), CODE),
                Column("project", ("项目名称",), TEXT, needed=True),
                Column("user_unit", ("使用单位",), NAME),
                Column("direction", ("使用方向",), TEXT, choices=_PURPOSES),
                Column(
                    "allotted_fen", ("安排金额(万元)",), MONEY, least=0, needed=True, sums=True, fen_per_unit=WAN_YUAN
                ),
                Column("payee", ("收款单位",), NAME),
                Column("paid_on", ("支付日期",), DAY),
                Column("paid_fen", ("支付金额(万元)",), MONEY, least=0, sums=True, fen_per_unit=WAN_YUAN),
                Column("paid_total_fen", ("累计支付(万元)",), MONEY, least=0, sums=True, fen_per_unit=WAN_YUAN),
                Column("left_fen", ("结余(万元)",), MONEY, sums=True, fen_per_unit=WAN_YUAN),
                Column("execution_ppm", ("执行率",), RATE),
                Column("contract_no", ("合同编号",), CODE),
                Column("voucher_no", ("凭证号",), CODE),
                Column("beneficiaries", ("受益对象数",), COUNT, sums=True),
                Column("progress", ("完成情况",), TEXT),
                Column("marked", ("福彩标识",), YES_NO, choices=("是", "否")),
                Column("published_at", ("公示网址或地点",), TEXT),
                Column("published_on", ("公示日期",), DAY),
                Column("score", ("绩效自评分",), TEXT),
                Column("remark", ("备注",), TEXT),
            ),
            keys=(KeyRule(("doc_no", "project", "user_unit", "payee", "paid_on", "paid_fen", "voucher_no")),),
            finish=_project,
        ),
    ),
)
