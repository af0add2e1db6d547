"""recoveries, rectification and doubts: the ledgers that auditors and the bureau pass to each other.

recoveries (追缴台账): seq, origin (线索来源), circumstance (违规情形), township, village, name, id_number, programme
(救助类别), month_from, month_to ("YYYY-MM"), due_fen (应追缴), decision_no (认定文书号), decided_on, served_on, mode
(追缴方式), collected_fen, collected_on (最近到账日期), receipt_no (缴款凭证号), destination (资金去向),
outstanding_fen, outstanding_reason, responsible, planned_on, referred (bool, 是否移送), closed_on (销号日期), remark.
outstanding must be due - collected, or less by what was given up (核销), which the book knows.

rectification (问题整改台账): seq, origin, document, category, problem, units, amount_fen, persons, mode (整改类型),
measures, leader, responsible_unit, responsible, deadline_on, progress, mended_fen, mended_how, rules_made, punished,
evidence, state (整改中, 已整改, 未整改), acceptor, accepted_on, closed_on, look_back_on, look_back_result, cases
(关联疑点编号或认定文书号: the findings about persons that the problem takes in).

doubts (疑点核查表): doubt_no, model, cut_off_on (数据截止日), township, village, name, id_number, programme,
description, month_from, month_to, doubt_fen, result (属实, 部分属实, 不属实, 无法核实; None while open, also for 待核),
reason_class, confirmed_fen, treatment, stop_month, due_fen, evidence, checker_1, checker_2, checked_on,
township_head, review.
"""

import re
from collections.abc import Mapping

from ledger.application.importing.fields.types import (
    CODE,
    COUNT,
    DAY,
    ID_NUMBER,
    MONEY,
    MONTH,
    MONTHS,
    NAME,
    TEXT,
    YES_NO,
)
from ledger.application.importing.kinds.base import WAN_YUAN, Column, FileKind, KeyRule, RowDraft, Shape
from ledger.values.money import fen_to_yuan

MODES: Mapping[str, str] = {
    "转账": "transfer",
    "汇款": "transfer",
    "银行": "transfer",
    "现金": "cash",
    "抵扣": "offset",
    "扣回": "offset",
    "国库": "paid_to_treasury",
}
"""How money is recovered (追缴方式), by the words that say so."""
IN_PARTS = "分期"
"""Said beside a way or alone: then by transfer."""
DESTINATIONS: Mapping[str, str] = {"国库": "treasury", "原渠道": "programme", "退回": "programme", "专户": "programme"}
"""Where it goes (资金去向), by the first word that stands there."""
_MODES = ("转账", "现金", "抵扣", "分期", "缴国库")
_DESTINATIONS = ("退回原渠道", "缴国库")
_STATES_SAID = ("整改中", "已整改", "未整改")
_STATES: Mapping[str, re.Pattern[str]] = {
    "open": re.compile("未整改|未开始|未启动|尚未|没有整改|待整改|未开展"),
    "underway": re.compile("整改中|正在|部分|持续|阶段|推进|未完成|未到位|基本|重新整改"),
    "done": re.compile("已整改|完成|到位|销号|办结|验收|已改|整改完毕"),
}
"""How a rectification stands, by the first words that are found."""
_OPEN = "待核"
_RESULTS = ("属实", "部分属实", "不属实", "无法核实", _OPEN)
REASONS = ("信息滞后", "数据错误", "同名同号", "政策允许", "机构账户", "监护人账户", "已自行纠正", "其他")
"""原因分类 of a doubt that is unfounded."""


def modes_of(text: str) -> set[str]:
    """The ways of recovering that a cell names; in parts and nothing else is by transfer."""
    found = {mode for word, mode in MODES.items() if word in text}
    return found or ({"transfer"} if IN_PARTS in text else set())


def _recovery(draft: RowDraft) -> None:
    values = draft.values
    due, collected, left = (values.get(name) for name in ("due_fen", "collected_fen", "outstanding_fen"))
    mode, destination = str(values.get("mode") or ""), str(values.get("destination") or "")
    if mode and len(modes_of(mode)) != 1:
        draft.fault("mode", "E_CELL_CHOICE", value=mode, choices="、".join(_MODES))
    if destination and not any(word in destination for word in DESTINATIONS):
        draft.fault("destination", "E_CELL_CHOICE", value=destination, choices="、".join(_DESTINATIONS))
    if (collected or 0) < 0:
        draft.fault("collected_fen", "E_COLLECTED_NEGATIVE")
    whole = None if due is None else due - (collected or 0)
    if whole is not None and left is not None and left != whole and not 0 <= left < whole:
        draft.fault("outstanding_fen", "E_PARTS_SUM", stated=fen_to_yuan(left), computed=fen_to_yuan(whole))
    if values.get("month_from") and values.get("month_to") and values["month_from"] > values["month_to"]:
        draft.fault("month_to", "E_MONTHS_ORDER", value=values["month_to"])


def state_of(text: str) -> str | None:
    """What 整改状态 says: `done`, `underway`, `open`; None where it is none of these."""
    return next((state for state, words in _STATES.items() if words.search(text)), None)


def _rectification(draft: RowDraft) -> None:
    state = draft.values.get("state")
    if state and state_of(str(state)) is None:
        draft.fault("state", "E_CELL_CHOICE", value=state, choices="、".join(_STATES_SAID))


def _doubt(draft: RowDraft) -> None:
    months = draft.values.pop("months", None)
    draft.values["month_from"], draft.values["month_to"] = months or (None, None)
    result = draft.values.get("result")
    if result is not None and result not in _RESULTS:
        draft.fault("result", "E_CELL_CHOICE", value=result, choices="、".join(_RESULTS))
    if result == _OPEN:
        draft.values["result"] = None


RECOVERIES = FileKind(
    "recoveries",
    "追缴台账",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("origin", ("线索来源",), TEXT),
                Column("circumstance", ("违规情形",), TEXT),
                Column("township", ("乡镇", "乡镇(街道)"), TEXT),
                Column("village", ("村", "村(社区)"), TEXT),
                Column("name", ("姓名",), NAME, needed=True),
                Column("id_number", ("身份证号", "身份证号码"), ID_NUMBER),
                Column("programme", ("救助类别",), TEXT),
                Column("month_from", ("违规起月",), MONTH),
                Column("month_to", ("违规止月",), MONTH),
                Column("due_fen", ("应追缴金额(元)",), MONEY, least=0, needed=True, sums=True),
                Column("decision_no", ("认定文书号",), TEXT),
                Column("decided_on", ("认定日期",), DAY),
                Column("served_on", ("告知送达日期",), DAY),
                Column("mode", ("追缴方式",), TEXT, choices=_MODES),
                Column("collected_fen", ("已追缴金额(元)",), MONEY, sums=True),
                Column("collected_on", ("最近到账日期",), DAY),
                Column("receipt_no", ("缴款凭证号",), TEXT),
                Column("destination", ("资金去向",), TEXT, choices=_DESTINATIONS),
                Column("outstanding_fen", ("未追缴金额(元)",), MONEY, sums=True),
                Column("outstanding_reason", ("未追缴原因",), TEXT),
                Column("responsible", ("责任人",), NAME),
                Column("planned_on", ("计划完成",), DAY),
                Column("referred", ("是否移送",), YES_NO, choices=("是", "否")),
                Column("closed_on", ("销号日期",), DAY),
                Column("remark", ("备注",), TEXT),
            ),
            keys=(KeyRule(("decision_no", "id_number", "name", "programme", "month_from", "month_to"), unique=True),),
            finish=_recovery,
        ),
    ),
)

RECTIFICATION = FileKind(
    "rectification",
    "问题整改台账",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("origin", ("问题来源",), TEXT),
                Column("document", ("文书名称及文号",), TEXT, needed=True),
                Column("category", ("问题类别",), TEXT),
                Column("problem", ("问题描述",), TEXT, needed=True),
                Column("units", ("涉及单位",), TEXT),
                Column("amount_fen", ("涉及金额(万元)",), MONEY, least=0, sums=True, fen_per_unit=WAN_YUAN),
                Column("persons", ("涉及人数",), COUNT, sums=True),
                Column("mode", ("整改类型",), TEXT, choices=("立行立改", "分阶段", "持续整改")),
                Column("measures", ("整改措施",), TEXT),
                Column("leader", ("牵头领导",), NAME),
                Column("responsible_unit", ("责任单位",), NAME),
                Column("responsible", ("责任人",), NAME),
                Column("deadline_on", ("整改时限",), DAY),
                Column("progress", ("整改进展",), TEXT),
                Column("mended_fen", ("已整改金额(万元)",), MONEY, least=0, sums=True, fen_per_unit=WAN_YUAN),
                Column("mended_how", ("金额整改方式",), TEXT),
                Column("rules_made", ("完善制度",), TEXT),
                Column("punished", ("处理处分人数",), COUNT, sums=True),
                Column("evidence", ("佐证材料",), TEXT),
                Column("state", ("整改状态",), TEXT, needed=True, choices=_STATES_SAID),
                Column("acceptor", ("验收人",), NAME),
                Column("accepted_on", ("验收日期",), DAY),
                Column("closed_on", ("销号日期",), DAY),
                Column("look_back_on", ("回头看日期",), DAY),
                Column("look_back_result", ("回头看结果",), TEXT),
                Column("confirmers", ("认定人", "认定人员"), TEXT),
                Column("reply_days", ("答复期(天)", "征求意见天数"), COUNT),
                Column("cases", ("关联疑点编号或认定文书号", "关联疑点编号", "关联认定文书号", "关联个案"), TEXT),
            ),
            keys=(KeyRule(("origin", "document", "problem", "units"), unique=True),),
            finish=_rectification,
        ),
    ),
)

DOUBTS = FileKind(
    "doubts",
    "疑点核查表",
    (
        Shape(
            "",
            (
                Column("doubt_no", ("疑点编号",), CODE, needed=True),
                Column("model", ("模型",), TEXT, needed=True),
                Column("cut_off_on", ("数据截止日",), DAY),
                Column("township", ("乡镇", "乡镇(街道)"), TEXT),
                Column("village", ("村", "村(社区)"), TEXT),
                Column("name", ("姓名",), NAME, needed=True),
                Column("id_number", ("身份证号", "身份证号码"), ID_NUMBER),
                Column("programme", ("救助类别",), TEXT),
                Column("description", ("疑点说明",), TEXT),
                Column("months", ("涉及起止月",), MONTHS),
                Column("doubt_fen", ("疑点金额(元)",), MONEY, least=0, sums=True),
                Column("result", ("核查结果",), TEXT, choices=_RESULTS),
                Column("reason_class", ("原因分类",), TEXT, choices=REASONS),
                Column("confirmed_fen", ("认定金额(元)",), MONEY, least=0, sums=True),
                Column("treatment", ("处理措施",), TEXT),
                Column("stop_month", ("停发月份",), MONTH),
                Column("due_fen", ("应追金额(元)",), MONEY, least=0, sums=True),
                Column("evidence", ("佐证材料",), TEXT),
                Column("checker_1", ("核查人一",), NAME),
                Column("checker_2", ("核查人二",), NAME),
                Column("checked_on", ("核查日期",), DAY),
                Column("township_head", ("乡镇负责人",), NAME),
                Column("review", ("复核意见",), TEXT),
            ),
            keys=(KeyRule(("doubt_no",), unique=True, clear=True),),
            finish=_doubt,
        ),
    ),
)
