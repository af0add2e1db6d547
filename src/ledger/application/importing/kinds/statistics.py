"""statistics (统计指标表): figures that an office counted and a report will name.

statistics: seq, name (指标名称), value_milli (thousandths of the unit), unit_name (元, 万元, 人, 户, …), month_from,
month_to, organisation (填报单位), document (依据文件), reported_on, remark.
"""

from typing import Final

from ledger.application.importing.fields.types import DAY, MONTH, NAME, QUANTITY, TEXT
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape


def _months(draft: RowDraft) -> None:
    first, last = draft.values.get("month_from"), draft.values.get("month_to")
    if first and last and first > last:
        draft.fault("month_to", "E_MONTHS_ORDER", value=last)


STATISTICS: Final = FileKind(
    "statistics",
    "统计指标表",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("name", ("指标名称", "指标"), TEXT, needed=True),
                Column("value_milli", ("数值", "指标值"), QUANTITY, needed=True),
                Column("unit_name", ("计量单位",), TEXT, needed=True, choices=("元", "万元", "人", "人次", "户", "个")),
                Column("month_from", ("起始月份",), MONTH),
                Column("month_to", ("截止月份",), MONTH, needed=True),
                Column("organisation", ("填报单位",), NAME),
                Column("document", ("依据文件", "数据来源"), TEXT, needed=True),
                Column("reported_on", ("填报日期",), DAY),
                Column("remark", ("备注",), TEXT),
            ),
            keys=(KeyRule(("name", "month_from", "month_to", "document"), unique=True),),
            finish=_months,
        ),
    ),
)
