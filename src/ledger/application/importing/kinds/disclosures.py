"""disclosures (信息公开台账): what was published, of which matter, when and where.

disclosures: seq, disclosure_no (公开编号), matter (the coded 公开事项), subject (名称), since_on (起算日期: the end
of the campaign, project or year, the day of the transaction), published_on, address, responsible, remark,
plan_no (募捐方案备案号), starts_on and ends_on (募捐起始日期, 募捐终止日期: those of the filed plan).
"""

from collections.abc import Mapping
from typing import Final

from ledger.application.importing.fields.types import CODE, DAY, NAME, TEXT
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape

MATTERS: Final[Mapping[str, str]] = {
    "募捐进展": "campaign_interim",
    "募捐结果": "campaign_final",
    "项目进展": "project_interim",
    "项目结果": "project_final",
    "关联交易": "related_party",
    "重大事项": "major_matter",
    "年度报告": "annual_report",
    "福彩公益金使用": "lottery_use",
}
"""公开事项 as offices write it -> its code."""


def _matter(draft: RowDraft) -> None:
    stated = draft.values.get("matter")
    if stated is None:
        return
    draft.values["matter"] = next((code for word, code in MATTERS.items() if word in str(stated)), None)
    if draft.values["matter"] is None:
        draft.fault("matter", "E_CELL_CHOICE", value=str(stated), choices="、".join(MATTERS))


DISCLOSURES: Final = FileKind(
    "disclosures",
    "信息公开台账",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("disclosure_no", ("公开编号",), CODE, needed=True),
                Column("matter", ("公开事项",), TEXT, needed=True, choices=tuple(MATTERS)),
                Column("subject", ("公开对象", "项目或活动名称"), TEXT, needed=True),
                Column("since_on", ("起算日期",), DAY, needed=True),
                Column("published_on", ("公开日期",), DAY),
                Column("address", ("公开网址或地点",), TEXT),
                Column("responsible", ("责任人",), NAME),
                Column("remark", ("备注",), TEXT),
                Column("plan_no", ("募捐方案备案号",), TEXT),
                Column("starts_on", ("募捐起始日期", "方案起日"), DAY),
                Column("ends_on", ("募捐终止日期", "方案止日"), DAY),
            ),
            keys=(KeyRule(("disclosure_no",), unique=True),),
            finish=_matter,
        ),
    ),
)
