"""Every sample file of the offices: recognised by its headers, every figure right, nothing bent to make them agree."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ledger.application.importing import ParsedFile, parse_file
from ledger.application.importing.kinds.registry import KINDS as ALL_KINDS
from tests.application.importing.offices import KINDS, MONTH, SAMPLES


def read(name: str) -> ParsedFile:
    return parse_file(SAMPLES / f"{name}.csv", month=MONTH)


def column(name: str, field: str) -> list[Any]:
    return [row.values[field] for row in read(name).rows]


@pytest.mark.parametrize("name", KINDS)
def test_is_recognised_without_a_word_and_read_whole(name: str) -> None:
    parsed = read(name)
    assert (parsed.kind, len(parsed.rows), parsed.wrong, parsed.duplicates) == (KINDS[name], 3, (), ())
    assert parsed.sheets[0].header.unknown == ()
    assert parsed.digest.startswith("sha256:")
    assert [row.place.row for row in parsed.rows] == [2, 3, 4]


@pytest.mark.parametrize("name", KINDS)
def test_is_recognised_when_its_kind_is_said(name: str) -> None:
    parsed = parse_file(SAMPLES / f"{name}.csv", KINDS[name], month=MONTH)
    assert [row.values for row in parsed.rows] == [row.values for row in read(name).rows]


SUMS: dict[tuple[str, str], int] = {
    ("alipay_trade", "received_fen"): 10_000 + 5_000 - 5_000,
    ("alipay_trade", "fee_fen"): 60 + 30 - 30,
    ("alipay_trade", "net_fen"): 9_940,
    ("bank_abc", "in_fen"): 500_000,
    ("bank_abc", "out_fen"): 1_800_000 + 1_200,
    ("bank_ccb", "amount_fen"): -30_000_000 + 31_250 + 100_000,
    ("bank_icbc", "in_fen"): 2_865_000 + 20_000_000 + 19_880,
    ("bank_rcc", "out_fen"): 203_000 + 76_000,
    ("dibao_roster", "net_fen"): 69_000 + 76_000 + 58_000,
    ("dibao_roster", "deduction_fen"): 24_000,
    ("dibao_roster", "arrears_fen"): 38_000,
    ("dibao_roster", "persons"): 6,
    ("donation_register", "amount_fen"): 2_865_000 + 20_000_000 + 20_000,
    ("donation_register", "persons"): 414,
    ("doubts", "doubt_fen"): 24_000 + 288_000 + 1_140_000,
    ("doubts", "confirmed_fen"): 24_000,
    ("lottery", "allotted_fen"): 14_250_000 + 50_000_000 + 10_000_000,
    ("lottery", "paid_fen"): 3_500_000 + 25_000_000 + 10_000_000,
    ("lottery", "left_fen"): 3_750_000 + 25_000_000,
    ("mutual_aid", "raised_fen"): 3_200_000 + 2_650_000 + 3_000_000,
    ("mutual_aid", "balance_fen"): 2_960_000 + 2_570_000 + 3_000_000,
    ("mutual_aid", "members"): 167,
    ("payfile", "amount_fen"): 203_000,
    ("payresult", "amount_fen"): 203_000,
    ("recoveries", "due_fen"): 24_000 + 960_000 + 190_000,
    ("recoveries", "collected_fen"): 24_000 + 600_000 + 190_000,
    ("recoveries", "outstanding_fen"): 360_000,
    ("rectification", "amount_fen"): 4_130_000 + 25_000_000,
    ("rectification", "mended_fen"): 3_830_000 + 12_500_000,
    ("wechat_fund", "amount_fen"): 20_000 - 120 - 19_880,
    ("wechat_trade", "settled_fen"): 20_000 + 6_666,
    ("wechat_trade", "refund_fen"): 6_666,
    ("wechat_trade", "gross_fen"): 20_000,
    ("wechat_trade", "fee_fen"): 120,
    ("wechat_trade", "net_fen"): 19_880,
}


@pytest.mark.parametrize(("name", "field"), SUMS)
def test_sums_are_those_of_the_file(name: str, field: str) -> None:
    assert sum(value or 0 for value in column(name, field)) == SUMS[name, field]


VALUES: list[tuple[str, int, str, Any]] = [
    ("alipay_trade", 0, "paid_at", "2025-09-05T12:00:09+08:00"),
    ("alipay_trade", 2, "refund_no", "RF202509060001"),
    ("alipay_trade", 2, "gross_fen", -5_000),
    ("bank_abc", 0, "transacted_at", "2025-09-09T16:20:18+08:00"),
    ("bank_abc", 2, "purpose", "短信服务费"),
    ("bank_ccb", 0, "transacted_at", "2025-09-10T10:22:31+08:00"),
    ("bank_ccb", 0, "serial", "4711-00000000123"),
    ("bank_ccb", 0, "account", "43050199990800009992"),
    ("bank_icbc", 0, "account", "1911020109200009991"),
    ("bank_icbc", 2, "counterparty_name", "财付通支付科技有限公司"),
    ("bank_icbc", 2, "occurred_on", date(2025, 9, 8)),
    ("bank_rcc", 0, "transacted_at", "2025-09-08T15:02:11+08:00"),
    ("bank_rcc", 1, "amount_fen", 76_000),
    ("deaths", 0, "died_on", date(2025, 7, 19)),
    ("deaths", 2, "died_on", None),
    ("deaths", 2, "died_month", "2025-06"),
    ("deaths", 2, "id_number", "43109919361230052X"),
    ("dibao_roster", 0, "household_no", "431099S00123"),
    ("dibao_roster", 0, "month", "2025-09"),
    ("dibao_roster", 2, "account", "6217990000000099930"),
    ("donation_register", 0, "receipt_no", "0000812301"),
    ("donation_register", 0, "receipted", True),
    ("donation_register", 1, "donor_number", "91431099MA4L9000XK"),
    ("donation_register", 2, "received_on", date(2025, 9, 8)),
    ("doubts", 1, "month_from", "2025-03"),
    ("doubts", 1, "month_to", "2025-08"),
    ("doubts", 0, "stop_month", "2025-09"),
    ("lottery", 0, "execution_ppm", 737_000),
    ("lottery", 1, "marked", False),
    ("lottery", 2, "year", 2025),
    ("mutual_aid", 0, "reaches_goal", True),
    ("mutual_aid", 1, "credit_code", "53431099MJJ9000023"),
    ("mutual_aid", 2, "account", None),
    ("payfile", 2, "memo", "农低保9月"),
    ("payresult", 0, "outcome", "paid"),
    ("payresult", 1, "outcome", "failed"),
    ("payresult", 1, "fail_class", "NAME_MISMATCH"),
    ("payresult", 1, "processed_on", date(2025, 9, 9)),
    ("recoveries", 1, "month_from", "2023-05"),
    ("recoveries", 1, "referred", True),
    ("rectification", 2, "look_back_on", date(2025, 11, 10)),
    ("rectification", 1, "persons", None),
    ("wechat_fund", 1, "out_fen", 120),
    ("wechat_fund", 0, "booked_at", "2025-09-05T20:11:09+08:00"),
    ("wechat_trade", 0, "refund_no", None),
    ("wechat_trade", 0, "attach", "山里人"),
    ("wechat_trade", 2, "refund_no", "50000099992025090500000001"),
    ("wechat_trade", 2, "fee_fen", -40),
    ("wechat_trade", 0, "rate_ppm", 6_000),
]


@pytest.mark.parametrize(("name", "row", "field", "value"), VALUES)
def test_values_are_those_of_the_file(name: str, row: int, field: str, value: object) -> None:
    assert column(name, field)[row] == value


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind in {"bank-statement", "wechat-fund"}])
def test_statements_prove_their_balance_chain(name: str) -> None:
    opening = {"bank_abc": 50_000_000, "bank_ccb": 80_000_000, "bank_icbc": 100_000_000, "bank_rcc": 203_000}
    closing = {"bank_abc": 48_698_800, "bank_ccb": 50_131_250, "bank_icbc": 122_884_880, "bank_rcc": 0}
    statement = read(name).statement
    assert statement is not None
    assert statement.holds
    assert (statement.opening_fen, statement.closing_fen) == (opening.get(name, 0), closing.get(name, 0))


def test_ids_and_organisations_codes_are_all_kept() -> None:
    assert column("dibao_roster", "head_id") == ["431099194803120016", "431099196207050129", "431099195509210242"]
    assert column("donation_register", "donor_number") == ["12431099MB0T90001T", "91431099MA4L9000XK", None]


EXTRA: dict[str, tuple[str, dict[str, object]]] = {
    "exits": (
        (
            "序号,保障类别,乡镇,村(社区),家庭编号,低保证号,户主姓名,身份证号,退出人数,停发月份,退出原因,决定日期,决定文号,备注\r\n"
            "1,农村B类,石岭镇,上坪村,431099S00123,NC2019-0123,示例甲,431099194803120016,2,2025年10月,户主死亡,2025-09-28,,\r\n"
        ),
        {"household_no": "431099S00123", "from_month": "2025-10", "reason_code": "death", "persons": 2},
    ),
    "aid-list": (
        (
            "序号,救助项目,乡镇,审批编号,申请人,身份证号,家庭人口,救助原因,救助方式,救助金额(元),审批日期,发放日期,领款人,银行账号\r\n"
            "1,临时救助,石岭镇,LS2025-017,示例甲,431099194803120016,2,突发重病,转账,1200.00,2025-09-03,2025-09-12,示例甲,\r\n"
        ),
        {"case_no": "LS2025-017", "amount_fen": 120_000, "persons": 2, "paid_on": date(2025, 9, 12)},
    ),
    "disclosures": (
        (
            "序号,公开编号,公开事项,公开对象,起算日期,公开日期,公开网址或地点,责任人,备注\r\n"
            "1,GK2025-01,募捐结果,2025年慈善大会,2025-05-31,2025-08-20,县政府网,示例子,\r\n"
        ),
        {"matter": "campaign_final", "since_on": date(2025, 5, 31), "published_on": date(2025, 8, 20)},
    ),
    "statistics": (
        (
            "序号,指标名称,数值,计量单位,起始月份,截止月份,填报单位,依据文件,填报日期,备注\r\n"
            "1,专项债券申报额,5000,万元,2025年1月,2025-12,规划财务股,2025年统计年报,2025-12-25,\r\n"
        ),
        {"value_milli": 5_000_000, "unit_name": "万元", "month_from": "2025-01", "month_to": "2025-12"},
    ),
    "matching": (
        (
            "序号,数据来源,姓名,身份证号,比对内容,起始日期,数据截止日,提供单位,备注\r\n"
            "1,机动车登记,示例甲,431099194803120016,小型客车,2024-03,2025-08-31,示例县公安局交警大队,\r\n"
        ),
        {"data": "vehicles", "since_on": None, "since_month": "2024-03", "cut_off_on": date(2025, 8, 31)},
    ),
    "members": (
        (
            "家庭编号,成员姓名,身份证号,与户主关系,性别,出生日期,人员类别(老年/未成年/重残/重病/一般),残疾等级,健康状况,"
            "劳动能力,是否在校,是否保障对象,增发金额,起保月份,停保月份\r\n"
            "431099S00123,示例甲,431099194803120016,户主,男,1948-03-12,老年,,一般,无,否,是,50,2019-01,\r\n"
        ),
        {"household_no": "431099S00123", "covered": True, "since": "2019-01", "supplement_fen": 5_000},
    ),
    "provincial-counts": (
        (
            "序号,统计月份,救助项目,乡镇,保障户数,保障人数,保障金额(元),导出日期,备注\r\n"
            "1,2025年9月,农村低保,石岭镇,812,1406,449920,2025-09-05,\r\n"
        ),
        {"month": "2025-09", "households": 812, "persons": 1406, "amount_fen": 44_992_000},
    ),
    "e-receipts": (
        (
            "票据代码,票据号码,校验码,开票日期,交款人,交款人代码,项目编码,项目名称,数量,标准,金额,"
            "状态(正常/冲红/作废/换开),红票号码,原票号码,开票人,收款人,复核人,备注\r\n"
            "43060125,0000812301,a1b2c3,2025-09-10,示例县第一中学,12431099MB0T90001T,1030,捐赠收入,1,,28650.00,正常,,,李,李,王,\r\n"
        ),
        {"receipt_no": "0000812301", "amount_fen": 2_865_000, "state": "正常", "quantity_milli": 1000},
    ),
    "pledges": (
        (
            "认捐编号,认捐日期,活动,认捐人,类型,认捐总额,接收单位(慈善/教育基金/其他),方式(一次/分期/留本),期次,"
            "应付日期,应付金额,实付日期,实付金额,未付,催缴记录,协议扫描\r\n"
            "RJ2025-003,2025-09-01,2025年慈善大会,湖南示例矿业有限公司,企业,300000.00,慈善,分期,1,2025-09-30,"
            "200000.00,2025-09-05,200000.00,0.00,,有\r\n"
        ),
        {"pledge_no": "RJ2025-003", "pledged_fen": 30_000_000, "instalment": 1, "due_fen": 20_000_000, "unpaid_fen": 0},
    ),
    "in-kind": (
        (
            "批次号,捐赠人,品名,规格,单位,数量,单价,价值依据,金额,生产日期,有效期,验收人×2,仓库\r\n"
            "W2025-01,湖南示例矿业有限公司,大米,10kg,袋,100,55.50,发票,5550.00,2025-08-01,2026-08-01,示例甲、示例乙,一号库\r\n"
        ),
        {"lot_no": "W2025-01", "quantity_milli": 100_000, "amount_fen": 555_000, "acceptor_2": "示例乙"},
    ),
}


@pytest.mark.parametrize("kind", EXTRA)
def test_the_tables_without_a_sample_are_recognised(kind: str) -> None:
    text, expected = EXTRA[kind]
    parsed = parse_file(text.encode(), name="a.csv")
    assert (parsed.kind, parsed.wrong, parsed.sheets[0].header.unknown) == (kind, (), ())
    assert expected.items() <= parsed.rows[0].values.items()


SHAPES: list[tuple[str, str, str, Callable[[ParsedFile], bool]]] = [
    (
        "in-kind",
        "delivered",
        "出库日期,批次号,领用单位/人,数量,用途,签收人,照片\r\n2025-09-12,W2025-01,石岭镇敬老院,20.5,慰问,示例丙,有\r\n",
        lambda parsed: parsed.rows[0].values["quantity_milli"] == 20_500,
    ),
    (
        "in-kind",
        "counted",
        "批次号,品名,账面数,实盘数,差异,原因,处理\r\nW2025-01,大米,80,79,1,破损,报损\r\n",
        lambda parsed: parsed.rows[0].values["difference_milli"] == -1000,
    ),
    (
        "roster",
        "person",
        (
            "序号,乡镇,村,姓名,身份证号,供养方式(集中/分散),自理能力(全自理/半护理/全护理),基本生活费,照料护理费,"
            "护理费领取人/机构,协议编号,实发,账号\r\n"
            "1,大冲乡,冲口村,示例己父,431099195808030153,集中,全护理,650,950,大冲乡敬老院,XY-01,1600,82010500000095001\r\n"
        ),
        lambda parsed: parsed.rows[0].values["net_fen"] == 160_000,
    ),
    (
        "bank-statement",
        "rcc",
        (
            "交易日期,交易时间,交易流水号,摘要,借贷标志,交易金额,余额,对方户名\r\n"
            "20250908,90311,1,代发,借,20.00,80.00,过渡户\r\n20250909,,2,退回,贷,20.00,100.00,过渡户\r\n"
        ),
        lambda parsed: [row.values["amount_fen"] for row in parsed.rows] == [-2_000, 2_000],
    ),
]


@pytest.mark.parametrize(("kind", "shape", "text", "holds"), SHAPES)
def test_other_shapes_of_a_kind(kind: str, shape: str, text: str, holds: Callable[[ParsedFile], bool]) -> None:
    parsed = parse_file(text.encode(), name="a.csv", month=MONTH)
    assert (parsed.kind, parsed.wrong, parsed.rows[0].shape) == (kind, (), shape)
    assert holds(parsed)


NEEDED: dict[str, list[set[str]]] = {
    "donation-register": [{"received_on", "donor_name", "amount_fen"}],
    "bank-statement": [{"balance_fen", "moment|traded_on", "in_fen|out_fen|flag_amount"}] * 5,
    "wechat-trade": [{"paid_at", "order_no", "trade_state", "settled_fen", "fee_fen"}],
    "wechat-fund": [{"booked_at", "serial", "direction", "moved_fen", "balance_fen"}],
    "alipay-trade": [{"order_no", "business_type", "paid_at", "received_fen", "fee_fen"}],
    "roster": [
        {"head_name", "persons", "net_fen", "household_no|certificate_no|head_id"},
        {"name", "id_number", "net_fen"},
    ],
    "exits": [{"name", "from_month", "household_no|certificate_no|id_number"}],
    "aid-list": [{"name", "amount_fen"}],
    "pay-file": [{"name", "account", "amount_fen"}],
    "pay-result": [{"name", "account", "amount_fen", "result|fail_reason|fail_code"}],
    "deaths": [{"name", "died_on"}],
    "mutual-aid": [{"village", "society_name", "raised_fen"}],
    "lottery": [{"doc_no", "project", "allotted_fen"}],
    "recoveries": [{"name", "due_fen"}],
    "rectification": [{"document", "problem", "state"}],
    "doubts": [{"doubt_no", "model", "name"}],
    "disclosures": [{"disclosure_no", "matter", "subject", "since_on"}],
    "statistics": [{"name", "value_milli", "unit_name", "month_to", "document"}],
    "members": [{"household_no", "name", "id_number", "relation"}],
    "provincial-counts": [{"month", "programme", "township", "households", "persons", "amount_fen", "counted_on"}],
    "e-receipts": [{"receipt_code", "receipt_no", "issued_on", "state"}],
    "pledges": [{"pledge_no", "pledged_on", "pledgor_name", "pledged_fen"}],
    "in-kind": [
        {"lot_no", "donor_name", "goods", "quantity_milli"},
        {"delivered_on", "lot_no", "receiver_name", "quantity_milli"},
        {"book_quantity_milli", "counted_quantity_milli"},
    ],
}


@pytest.mark.parametrize("kind", NEEDED)
def test_needed_is_that_without_which_a_row_means_nothing(kind: str) -> None:
    for shape, needed in zip(ALL_KINDS[kind].shapes, NEEDED[kind], strict=True):
        known = {column.name for column in shape.columns}
        expected = {frozenset(set(group.split("|")) & known) for group in needed}
        assert {frozenset(group) for group in shape.row_groups()} == expected


def test_all_kinds_of_the_command_line_have_a_test_here() -> None:
    assert set(ALL_KINDS) == set(KINDS.values()) | set(EXTRA)
