"""provincial-counts (省系统统计表): what the province's relief system counted of a month, township by township.

provincial-counts: seq, month (统计月份, the file's month when no row says it), programme, township, households,
persons, amount_fen, counted_on (导出日期), remark.
"""

from typing import Final

from ledger.application.importing.fields.types import COUNT, DAY, MONEY, MONTH, TEXT
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, Shape

PROVINCIAL_COUNTS: Final = FileKind(
    "provincial-counts",
    "省系统统计表",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("month", ("统计月份", "所属月份"), MONTH, needed=True),
                Column("programme", ("救助项目", "救助类别", "保障类别"), TEXT, needed=True),
                Column("township", ("乡镇", "乡镇(街道)"), TEXT, needed=True),
                Column("households", ("保障户数", "户数"), COUNT, needed=True, sums=True),
                Column("persons", ("保障人数", "保障人次"), COUNT, needed=True, sums=True),
                Column("amount_fen", ("保障金额(元)", "应发金额(元)"), MONEY, least=0, needed=True, sums=True),
                Column("counted_on", ("导出日期", "统计日期"), DAY, needed=True),
                Column("remark", ("备注",), TEXT),
            ),
            keys=(KeyRule(("month", "programme", "township", "counted_on"), unique=True),),
        ),
    ),
)
