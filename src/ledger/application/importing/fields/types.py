"""The field types that columns are made of: how a cell is read, and how a template formats and checks it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ledger.application.importing.fields import dates, identity, money, quantities
from ledger.application.importing.fields.plain import CellContext
from ledger.application.importing.tables import CellValue

Parser = Callable[[CellValue, CellContext], Any]


@dataclass(frozen=True, slots=True)
class FieldType:
    """A name for messages, the parser, the number format of a template's column and its hint to whoever fills it in."""

    name: str
    parse: Parser
    number_format: str
    hint_zh: str


TEXT = FieldType("text", quantities.parse_text, "@", "文字")
NAME = FieldType("name", identity.parse_name, "@", "姓名或单位全称")
CODE = FieldType("code", identity.parse_code, "@", "编号，按文本填写，不要用数字格式")
OWN_CODE = FieldType("code", identity.parse_own_code, "@", "编号，按文本填写，不要用数字格式；没有的留空")
ACCOUNT = FieldType("account", identity.parse_account, "@", "账号，按文本填写，不要用数字格式")
ID_NUMBER = FieldType("id", identity.parse_id_number, "@", "18位居民身份证号，按文本填写")
ID_OR_MASK = FieldType("id", identity.parse_id_or_mask, "@", "18位居民身份证号，按文本填写；省系统隐去的位用*")
PARTY_NUMBER = FieldType(
    "party", identity.parse_party_number, "@", "个人填身份证号，单位填统一社会信用代码，按文本填写"
)
CREDIT_CODE = FieldType("uscc", identity.parse_credit_code, "@", "18位统一社会信用代码")
MONEY = FieldType("money", money.parse_money, "#,##0.00", "金额，最多到分")
COUNT = FieldType("count", quantities.parse_count, "0", "整数")
QUANTITY = FieldType("quantity", quantities.parse_quantity, "0.###", "数量，最多三位小数")
RATE = FieldType("rate", quantities.parse_rate, "0.0%", "百分比，如 73.7%")
DAY = FieldType("day", dates.parse_day, "yyyy-mm-dd", "日期，如 2025-09-05")
DAY_OR_MONTH = FieldType("day", dates.parse_day_or_month, "@", "日期，如 2025-09-05；只知道月份的写 2025-06")
MONTH = FieldType("month", dates.parse_month, "@", "月份，如 2025-09")
MONTHS = FieldType("months", dates.parse_months, "@", "月份或起止月，如 2025-03至2025-08")
MOMENT = FieldType("moment", dates.parse_moment, "yyyy-mm-dd hh:mm:ss", "时间，如 2025-09-05 20:11:09")
MOMENT_OR_DAY = FieldType("moment", dates.parse_moment_or_day, "yyyy-mm-dd hh:mm:ss", "时间，如 2025-09-05 20:11:09")
CLOCK = FieldType("clock", dates.parse_clock, "@", "时分秒，如 150211")
YES_NO = FieldType("yes_no", quantities.parse_yes_no, "@", "是 或 否")
