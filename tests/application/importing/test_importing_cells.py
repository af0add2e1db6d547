"""One cell at a time: spellings that mean something, spellings that mean nothing, and the code that says so."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.importing.fields import types
from ledger.application.importing.fields.plain import CellContext, CellFault, plain
from ledger.application.importing.fields.types import FieldType
from ledger.application.importing.readers.xlsx import number
from ledger.application.importing.tables import CellValue
from ledger.values.idno import id_check_character
from ledger.values.money import capitals, fen_to_yuan

WAN = CellContext(fen_per_unit=1_000_000)
FEN = CellContext(fen_per_unit=1)
IN_2025 = CellContext(year=2025)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0) -> datetime:
    """A date cell."""
    return datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001 -- a spreadsheet's cell has no zone


OF_NO_NUMBER: tuple[str, ...] = (
    *(
        "无",
        " 无 ",
        "（无）",
        "无证",
        "暂无",
        "没有",
        "待办",
        "待补办",
        "未办理",
        "未发",
        "办理中",
        "正在办理",
        "不详",
        "空",
    ),
    *("０", "0", "000", "0000-00", "N/A", "na", "NULL", "none", "/", "——", "？", "***", "xxx", ""),
)
"""What offices write where a household has no number of this kind."""

GOOD: list[tuple[FieldType, CellValue, CellContext, object]] = [
    (types.MONEY, "1,234.50元", CellContext(), 123_450),
    (types.MONEY, "￥1234.5", CellContext(), 123_450),
    (types.MONEY, "¥ 1,234.50 元", CellContext(), 123_450),
    (types.MONEY, "CNY 12.00", CellContext(), 1_200),
    (types.MONEY, "12.00 CNY", CellContext(), 1_200),
    (types.MONEY, "人民币300元整", CellContext(), 30_000),
    (types.MONEY, "１２３４．５０", CellContext(), 123_450),
    (types.MONEY, "1，234.50", CellContext(), 123_450),
    (types.MONEY, "3.5万", CellContext(), 3_500_000),
    (types.MONEY, "3.5万元", WAN, 3_500_000),
    (types.MONEY, "3.5", WAN, 3_500_000),
    (types.MONEY, "1,234.50元", WAN, 123_450),
    (types.MONEY, "0.000001", WAN, 1),
    (types.MONEY, "1234", FEN, 1_234),
    (types.MONEY, "1.2亿元", CellContext(), 12_000_000_000),
    (types.MONEY, "壹佰元", CellContext(), 10_000),
    (types.MONEY, "壹佰元整", CellContext(), 10_000),
    (types.MONEY, "壹万贰仟叁佰元伍角整", CellContext(), 1_230_050),
    (types.MONEY, "一百二十元", CellContext(), 12_000),
    (types.MONEY, "壹佰", CellContext(), 10_000),
    (types.MONEY, "-12.00", CellContext(), -1_200),
    (types.MONEY, "(12.00)", CellContext(), -1_200),
    (types.MONEY, "（１２．００）", CellContext(), -1_200),
    (types.MONEY, "+12", CellContext(), 1_200),
    (types.MONEY, "-￥1,234.50", CellContext(), -123_450),
    (types.MONEY, "￥-1,234.50", CellContext(), -123_450),
    (types.MONEY, "- ¥ 50", CellContext(), -5_000),
    (types.MONEY, "-CNY 50.00", CellContext(), -5_000),
    (types.MONEY, "（￥50.00）", CellContext(), -5_000),
    (types.MONEY, "50.00-", CellContext(), -5_000),
    (types.MONEY, "￥1,250.00-", CellContext(), -125_000),
    (types.MONEY, "50.00元-", CellContext(), -5_000),
    (types.MONEY, "1234.50（元）", WAN, 123_450),
    (types.MONEY, "3.5(万元)", CellContext(), 3_500_000),
    (types.MONEY, "`200.00", CellContext(), 20_000),
    (types.MONEY, "1.20000", CellContext(), 120),
    (types.MONEY, ".5", CellContext(), 50),
    (types.MONEY, 12, CellContext(), 1_200),
    (types.MONEY, Decimal("0.1"), CellContext(), 10),
    (types.MONEY, "—", CellContext(), None),
    (types.MONEY, "/", CellContext(), None),
    (types.MONEY, "\t ", CellContext(), None),
    (types.DAY, "2025-09-05", CellContext(), date(2025, 9, 5)),
    (types.DAY, "2025.9.5", CellContext(), date(2025, 9, 5)),
    (types.DAY, "2025/9/5 9:14", CellContext(), date(2025, 9, 5)),
    (types.DAY, "20250905", CellContext(), date(2025, 9, 5)),
    (types.DAY, 20250905, CellContext(), date(2025, 9, 5)),
    (types.DAY, "45905", CellContext(), date(2025, 9, 5)),
    (types.DAY, 45905, CellContext(), date(2025, 9, 5)),
    (types.DAY, Decimal("45905.5"), CellContext(), date(2025, 9, 5)),
    (types.DAY, "9月5日", IN_2025, date(2025, 9, 5)),
    (types.DAY, "2025年9月5日", CellContext(), date(2025, 9, 5)),
    (types.DAY, "２０２５年９月５日", CellContext(), date(2025, 9, 5)),
    (types.DAY, at(2025, 9, 5, 20, 11), CellContext(), date(2025, 9, 5)),
    (types.DAY, date(2025, 9, 5), CellContext(), date(2025, 9, 5)),
    (types.MOMENT, "2025-09-05 20:11:09", CellContext(), "2025-09-05T20:11:09+08:00"),
    (types.MOMENT, "20250910 10:22:31", CellContext(), "2025-09-10T10:22:31+08:00"),
    (types.MOMENT, "20250910102231", CellContext(), "2025-09-10T10:22:31+08:00"),
    (types.MOMENT, "2025/9/5 9:14", CellContext(), "2025-09-05T09:14:00+08:00"),
    (types.MOMENT, at(2025, 9, 5, 20, 11, 9), CellContext(), "2025-09-05T20:11:09+08:00"),
    (types.MOMENT, Decimal("45905.5"), CellContext(), "2025-09-05T12:00:00+08:00"),
    (types.MOMENT, "2025-09-05T20:11:09+08:00", CellContext(), "2025-09-05T20:11:09+08:00"),
    (types.CLOCK, "150211", CellContext(), time(15, 2, 11)),
    (types.CLOCK, 90314, CellContext(), time(9, 3, 14)),
    (types.CLOCK, "9:14", CellContext(), time(9, 14)),
    (types.CLOCK, time(9, 14), CellContext(), time(9, 14)),
    (types.MONTH, "2025-09", CellContext(), "2025-09"),
    (types.MONTH, "2025年9月", CellContext(), "2025-09"),
    (types.MONTH, "202509", CellContext(), "2025-09"),
    (types.MONTH, "2025.9", CellContext(), "2025-09"),
    (types.MONTH, at(2025, 9, 1), CellContext(), "2025-09"),
    (types.MONTHS, "2025-03至2025-08", CellContext(), ("2025-03", "2025-08")),
    (types.MONTHS, "2025.3～2025.8", CellContext(), ("2025-03", "2025-08")),
    (types.MONTHS, "2025-08", CellContext(), ("2025-08", "2025-08")),
    (types.DAY_OR_MONTH, "2025-06", CellContext(), (None, "2025-06")),
    (types.DAY_OR_MONTH, "2025-06-07", CellContext(), (date(2025, 6, 7), "2025-06")),
    (types.DAY_OR_MONTH, "45905", CellContext(), (date(2025, 9, 5), "2025-09")),
    (types.ID_NUMBER, "43109919361230052x", CellContext(), "43109919361230052X"),
    (types.ID_NUMBER, "'431099194803120016", CellContext(), "431099194803120016"),
    (types.ID_NUMBER, "`431099194803120016", CellContext(), "431099194803120016"),
    (types.ID_NUMBER, '="431099194803120016"', CellContext(), "431099194803120016"),
    (types.ID_NUMBER, "431099 19480312 0016", CellContext(), "431099194803120016"),
    (types.ID_NUMBER, "４３１０９９１９４８０３１２００１６", CellContext(), "431099194803120016"),
    (types.ID_NUMBER, "431099480312001", CellContext(), "431099194803120016"),
    (types.ID_NUMBER, 431099194803120016, CellContext(), "431099194803120016"),
    (types.ID_OR_MASK, "4310**********0016", CellContext(), "4310**********0016"),
    (types.PARTY_NUMBER, "91431099MA4L9000XK", CellContext(), "91431099MA4L9000XK"),
    (types.PARTY_NUMBER, "431099194803120016", CellContext(), "431099194803120016"),
    (types.PARTY_NUMBER, "E12345678", CellContext(), "E12345678"),
    (types.MOMENT, at(2025, 9, 5), CellContext(), "2025-09-05T00:00:00+08:00"),
    (types.MOMENT, at(2025, 9, 5, 20, 11, 8, 999_999), CellContext(), "2025-09-05T20:11:09+08:00"),
    (types.MOMENT_OR_DAY, "2025-09-05 00:00:00", CellContext(), (date(2025, 9, 5), None)),
    (types.CREDIT_CODE, "53431099mjj9000023", CellContext(), "53431099MJJ9000023"),
    (types.ACCOUNT, "6217 9900 0000 0099 930", CellContext(), "6217990000000099930"),
    (types.ACCOUNT, 82010530000099, CellContext(), "82010530000099"),
    (types.ACCOUNT, "82010530000099.0", CellContext(), "82010530000099"),
    *((types.OWN_CODE, word, CellContext(), None) for word in OF_NO_NUMBER),
    *((types.OWN_CODE, word, CellContext(), word) for word in ("NC2020-0001", "无锡低保0012", "000120", "01", "甲组3")),
    (types.OWN_CODE, 0, CellContext(), None),
    (types.OWN_CODE, 431099, CellContext(), "431099"),
    (types.CODE, "0000812301", CellContext(), "0000812301"),
    (types.CODE, "4711-00000000123", CellContext(), "4711-00000000123"),
    (types.NAME, "张　三", CellContext(), "张三"),
    (types.NAME, " 张 三\t", CellContext(), "张三"),
    (types.NAME, "阿依•买买提", CellContext(), "阿依·买买提"),
    (types.NAME, "阿依．买买提", CellContext(), "阿依·买买提"),
    (types.NAME, "阿依.买买提", CellContext(), "阿依·买买提"),
    (types.NAME, "示例(湖南)有限公司", CellContext(), "示例(湖南)有限公司"),
    (types.NAME, "示例（湖南）有限公司", CellContext(), "示例(湖南)有限公司"),
    (types.NAME, "J. Smith", CellContext(), "J. Smith"),
    (types.COUNT, "1,234户", CellContext(), 1_234),
    (types.COUNT, "2.0", CellContext(), 2),
    (types.COUNT, "３人", CellContext(), 3),
    (types.RATE, "73.7%", CellContext(), 737_000),
    (types.RATE, Decimal("0.737"), CellContext(), 737_000),
    (types.RATE, "73.7", CellContext(), 737_000),
    (types.RATE, "1.5", CellContext(), 15_000),
    (types.RATE, 1, CellContext(), 1_000_000),
    (types.RATE, "0.60%", CellContext(), 6_000),
    (types.RATE, "100.0%", CellContext(), 1_000_000),
    (types.YES_NO, "√", CellContext(), True),
    (types.YES_NO, "否", CellContext(), False),
    (types.QUANTITY, "20.5", CellContext(), 20_500),
    (types.TEXT, " 两\u200b行\r\n文字 ", CellContext(), "两行 文字"),
    (types.TEXT, "——", CellContext(), None),
    (types.TEXT, Decimal("92.50"), CellContext(), "92.5"),
]


@pytest.mark.parametrize(("kind", "cell", "context", "value"), GOOD)
def test_spellings_that_mean_something(kind: FieldType, cell: CellValue, context: CellContext, value: object) -> None:
    assert kind.parse(cell, context) == value


BAD: list[tuple[FieldType, CellValue, str]] = [
    (types.MONEY, "约300", "E_CELL_MONEY"),
    (types.MONEY, "3,00", "E_CELL_MONEY"),
    (types.MONEY, "1,234,5", "E_CELL_MONEY"),
    (types.MONEY, "12.3.4", "E_CELL_MONEY"),
    (types.MONEY, "1e5", "E_CELL_MONEY"),
    (types.MONEY, "壹佰佰元", "E_CELL_MONEY"),
    (types.MONEY, "已付", "E_CELL_MONEY"),
    (types.MONEY, "300元500", "E_CELL_MONEY"),
    (types.MONEY, date(2025, 9, 5), "E_CELL_MONEY"),
    (types.MONEY, "1.005", "E_MONEY_PRECISION"),
    (types.MONEY, Decimal("0.333333333333333"), "E_MONEY_PRECISION"),
    (types.MONEY, "99999999999999999999", "E_MONEY_RANGE"),
    (types.MONEY, "#REF!", "E_CELL_FORMULA_ERROR"),
    (types.MONEY, "#N/A", "E_CELL_FORMULA_ERROR"),
    (types.DAY, "2025-02-30", "E_CELL_DATE"),
    (types.DAY, "2025-13-01", "E_CELL_DATE"),
    (types.DAY, "25-9-5", "E_CELL_DATE"),
    (types.DAY, "12345", "E_CELL_DATE"),
    (types.DAY, "0205-09-05", "E_CELL_DATE"),
    (types.DAY, "昨天", "E_CELL_DATE"),
    (types.DAY, "2025-09", "E_CELL_DATE"),
    (types.DAY, date(9999, 12, 31), "E_CELL_DATE"),
    (types.DAY, datetime(9999, 12, 31, 23, 59, 59, 900_000), "E_CELL_DATE"),  # noqa: DTZ001 - a cell names no zone
    (types.MOMENT, date(1899, 12, 31), "E_CELL_DATE"),
    (types.DAY, "9月5日", "E_CELL_DATE_NO_YEAR"),
    (types.MOMENT, "2025-09-05", "E_CELL_TIME"),
    (types.MOMENT, "2025-09-05 25:00:00", "E_CELL_TIME"),
    (types.MOMENT, "2025-09-05 20:61", "E_CELL_TIME"),
    (types.CLOCK, "256161", "E_CELL_TIME"),
    (types.MONTH, "2025-13", "E_CELL_MONTH"),
    (types.MONTH, "九月", "E_CELL_MONTH"),
    (types.MONTH, date(9999, 12, 31), "E_CELL_MONTH"),
    (types.MONTHS, "2025-08至2025-03", "E_CELL_MONTH"),
    (types.MONTHS, "2025-08至2025-09至2025-10", "E_CELL_MONTH"),
    (types.ID_NUMBER, "4.31099E+17", "E_ID_DESTROYED"),
    (types.ID_NUMBER, "4.31099194803120E+17", "E_ID_DESTROYED"),
    (types.ID_NUMBER, 431099194803120000, "E_ID_DESTROYED"),
    (types.ID_NUMBER, "431099194803120000", "E_ID_DESTROYED"),
    (types.ID_NUMBER, "4310**********0016", "E_ID_MASKED"),
    (types.ID_NUMBER, "431099194803120017", "E_ID_CHECK"),
    (types.ID_NUMBER, "43109919480312001", "E_ID_LENGTH"),
    (types.ID_NUMBER, "无", "E_ID_LENGTH"),
    (types.ID_NUMBER, "43109919481312001" + id_check_character("43109919481312001"), "E_ID_BIRTH"),
    (types.PARTY_NUMBER, "91431099MA4L9000XX", "E_USCC_CHECK"),
    (types.PARTY_NUMBER, "4310**********0016", "E_ID_MASKED"),
    (types.PARTY_NUMBER, "43109919480312001", "E_ID_LENGTH"),
    (types.PARTY_NUMBER, "431022-1", "E_USCC_LENGTH"),
    (types.PARTY_NUMBER, "431099194803120017", "E_ID_CHECK"),
    (types.CREDIT_CODE, "91431099", "E_USCC_LENGTH"),
    (types.CODE, "4.20001E+27", "E_NUMBER_DESTROYED"),
    (types.CODE, "4200009999202500000000000000", "E_NUMBER_DESTROYED"),
    (types.CODE, Decimal("1.5"), "E_NUMBER_DESTROYED"),
    (types.ACCOUNT, 6217990000000090000, "E_NUMBER_DESTROYED"),
    (types.ACCOUNT, "6217990000000090000", "E_NUMBER_DESTROYED"),
    (types.COUNT, "-1", "E_CELL_COUNT"),
    (types.COUNT, "1.5", "E_CELL_COUNT"),
    (types.COUNT, "几户", "E_CELL_COUNT"),
    (types.QUANTITY, "1.2345", "E_CELL_QUANTITY"),
    (types.QUANTITY, "一百袋", "E_CELL_QUANTITY"),
    (types.RATE, "高", "E_CELL_RATE"),
    (types.YES_NO, "可能", "E_CELL_YES_NO"),
]


def read(kind: FieldType, cell: CellValue) -> object:
    """What the cell means, or the refusal."""
    try:
        return kind.parse(cell, IN_2025)
    except CellFault as error:
        return error


@pytest.mark.parametrize(("kind", "cell", "code"), BAD)
def test_spellings_that_mean_nothing_say_so(kind: FieldType, cell: CellValue, code: str) -> None:
    with pytest.raises(CellFault) as raised:
        kind.parse(cell, CellContext())
    assert raised.value.code == code


@given(st.integers(-(10**13), 10**13))
def test_any_amount_survives_every_spelling(fen: int) -> None:
    yuan = fen_to_yuan(fen)
    spellings: list[CellValue] = [
        yuan,
        f"￥{yuan}元",
        fen_to_yuan(fen, grouped=True),
        Decimal(fen) / 100,
        number(float(yuan)),
        yuan.translate(str.maketrans("0123456789.-", "０１２３４５６７８９．－")),
    ]
    if fen >= 0:
        spellings.append(capitals(fen))
    assert [types.MONEY.parse(spelling, CellContext()) for spelling in spellings] == [fen] * len(spellings)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_cell_is_exact_to_the_fen_or_refused(value: float) -> None:
    fen = read(types.MONEY, number(value))
    if isinstance(fen, CellFault):
        assert fen.code in {"E_MONEY_PRECISION", "E_MONEY_RANGE", "E_CELL_FORMULA_ERROR"}
    else:
        assert isinstance(fen, int)
        assert f"{fen / 100:.15g}" == f"{value:.15g}" or fen == value == 0


@given(st.dates(date(1955, 1, 1), date(2099, 12, 31)))
def test_any_day_survives_every_spelling(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    spellings: list[CellValue] = [
        day,
        day.isoformat(),
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}/{day.month}/{day.day} 9:14",
        f"{day:%Y%m%d}",
        str(serial),
        serial,
        f"{day.year}年{day.month}月{day.day}日",
    ]
    assert [types.DAY.parse(spelling, CellContext()) for spelling in spellings] == [day] * len(spellings)
    assert types.DAY.parse(f"{day.month}月{day.day}日", CellContext(year=day.year)) == day


@given(st.text(max_size=40), st.sampled_from([kind for kind in vars(types).values() if isinstance(kind, FieldType)]))
def test_any_text_is_read_or_refused_with_a_code(text: str, kind: FieldType) -> None:
    found = read(kind, text)
    assert not isinstance(found, CellFault) or found.message("zh") != found.code


@given(st.text(max_size=60))
def test_cleaning_a_text_again_changes_nothing(text: str) -> None:
    try:
        once = plain(text)
    except CellFault:
        return
    if not once.startswith(('="', "#")):
        assert plain(once) == once
