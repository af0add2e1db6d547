"""What the payment platforms export: WeChat's trade and fund bills with back-ticks before every cell and sums below,
Alipay's list in GB18030 with comment lines and cells padded with tabs.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from ledger.values.money import fen_to_yuan
from ledger_api.demo.year.giving.gifts import APPEAL, Gift
from ledger_api.demo.year.papers.roads import Settlement

MERCHANT: Final = "1900008801"
MERCHANT_LABEL: Final = f"微信商户{MERCHANT}"
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_FREE: Final = "0.00"
_TRADE_HEAD: Final = (
    *("交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识", "交易类型"),
    *("交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号", "商户退款单号", "退款金额"),
    *("充值券退款金额", "退款类型", "退款状态", "商品名称", "商户数据包", "手续费", "费率", "订单金额"),
    *("申请退款金额", "费率备注"),
)
_TRADE_SUMS: Final = (
    *("总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额"),
    "申请退款总金额",
)
_FUND_HEAD: Final = (
    *(
        "记账时间",
        "微信支付业务单号",
        "资金流水单号",
        "业务名称",
        "业务类型",
        "收支类型",
        "收支金额(元)",
        "账户结余(元)",
    ),
    *("资金变更提交申请人", "备注", "业务凭证号"),
)
_FUND_SUMS: Final = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
_ALIPAY_HEAD: Final = (
    *("支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "门店编号", "门店名称", "操作员"),
    *("终端号", "对方账户", "订单金额(元)", "商家实收(元)", "支付宝红包(元)", "集分宝(元)", "支付宝优惠(元)"),
    *("商家优惠(元)", "券核销金额(元)", "券名称", "商家红包消费金额(元)", "卡消费金额(元)", "退款批次号/请求号"),
    *("服务费(元)", "分润(元)", "备注"),
)


def write_bills(folder: Path, settled: Sequence[Settlement]) -> tuple[Path, ...]:
    """The three files of one month's settlements; none of a channel that nobody used."""
    wechat = [one for one in settled if one.channel == "wechat"]
    alipay = [one for one in settled if one.channel == "alipay"]
    trade, fund = folder / "微信交易账单.csv", folder / "微信资金账单.csv"
    if wechat:
        trade.write_bytes(_ticked(_TRADE_HEAD, [_trade(one) for one in _gifts(wechat)], _TRADE_SUMS, _sums(wechat)))
        moved = list(_funds(wechat))
        fund.write_bytes(_ticked(_FUND_HEAD, moved, _FUND_SUMS, _fund_sums(moved)))
    list_ = folder / "支付宝业务明细.csv"
    if alipay:
        list_.write_bytes(_commented([_alipay(one) for one in _gifts(alipay)]))
    return (*((trade, fund) if wechat else ()), *((list_,) if alipay else ()))


def _gifts(settled: Sequence[Settlement]) -> list[tuple[Gift, datetime]]:
    """Every gift with its second: from nine on, one a minute, so that none is of the same."""
    return [
        (gift, datetime.combine(one.day, time(9), _ZONE) + timedelta(seconds=61 * at))
        for one in settled
        for at, gift in enumerate(one.gifts)
    ]


def _ticked(head: Sequence[str], rows: Iterable[Mapping[str, str]], sums: Sequence[str], said: Sequence[str]) -> bytes:
    """A WeChat file: a back-tick before every cell of a row, and the sums with a header of their own."""
    lines = [list(head), *([f"`{row.get(name, '')}" for name in head] for row in rows)]
    return _csv([*lines, list(sums), [f"`{one}" for one in said]]).encode("utf-8-sig")


def _csv(lines: Iterable[Sequence[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(lines)
    return stream.getvalue()


def _trade(paid: tuple[Gift, datetime]) -> Mapping[str, str]:
    gift, at = paid
    yuan = fen_to_yuan(gift.fen)
    return {
        **dict.fromkeys(("代金券金额", "退款金额", "充值券退款金额", "申请退款金额"), _FREE),
        **dict.fromkeys(("特约商户号", "微信退款单号", "商户退款单号"), "0"),
        "交易时间": f"{at:%Y-%m-%d %H:%M:%S}",
        "公众账号ID": "wx0000000000008801",
        "商户号": MERCHANT,
        "微信订单号": gift.serial,
        "商户订单号": f"JZ{gift.serial[10:]}",
        "用户标识": f"oDEMO{gift.giver.account:0>23}",
        "交易类型": "JSAPI",
        "交易状态": "SUCCESS",
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "应结订单金额": yuan,
        "商品名称": APPEAL,
        "手续费": "0.00000",
        "费率": "0.00%",
        "订单金额": yuan,
    }


def _sums(settled: Sequence[Settlement]) -> list[str]:
    count, yuan = sum(len(one.gifts) for one in settled), fen_to_yuan(sum(one.fen for one in settled))
    return [str(count), yuan, _FREE, _FREE, "0.00000", yuan, _FREE]


def _funds(settled: Sequence[Settlement]) -> Iterator[Mapping[str, str]]:
    """Each payment as it came, and on the next morning the whole of the day on its way to the bank."""
    for one in settled:
        balance = 0
        for gift, at in _gifts([one]):
            balance += gift.fen
            yield _fund(at, (gift.serial, gift.serial), ("交易", "收入"), (gift.fen, balance))
        numbers = f"1000009999{one.on:%Y%m%d}0000000001", f"TX{one.on:%Y%m%d}01"
        yield _fund(datetime.combine(one.on, time(8), _ZONE), numbers, ("提现", "支出"), (balance, 0))


def _fund(at: datetime, numbers: tuple[str, str], kind: tuple[str, str], fen: tuple[int, int]) -> Mapping[str, str]:
    return {
        "记账时间": f"{at:%Y-%m-%d %H:%M:%S}",
        "微信支付业务单号": numbers[0],
        "资金流水单号": f"{MERCHANT}{numbers[0][10:]}",
        "业务名称": kind[0],
        "业务类型": kind[0],
        "收支类型": kind[1],
        "收支金额(元)": fen_to_yuan(fen[0]),
        "账户结余(元)": fen_to_yuan(fen[1]),
        "资金变更提交申请人": "system",
        "备注": "自动结算" if kind[0] == "提现" else "结算总金额",
        "业务凭证号": numbers[1],
    }


def _fund_sums(moved: Sequence[Mapping[str, str]]) -> list[str]:
    came = [row for row in moved if row["收支类型"] == "收入"]
    went = [row for row in moved if row["收支类型"] == "支出"]
    sums = [_yuan_of(part) for part in (came, went)]
    return [str(len(moved)), str(len(came)), sums[0], str(len(went)), sums[1]]


def _yuan_of(rows: Sequence[Mapping[str, str]]) -> str:
    return fen_to_yuan(sum(int(row["收支金额(元)"].replace(".", "")) for row in rows))


def _alipay(paid: tuple[Gift, datetime]) -> list[str]:
    gift, at = paid
    yuan = fen_to_yuan(gift.fen)
    said = {
        "支付宝交易号": gift.serial,
        "商户订单号": f"AL{gift.serial[:8]}{gift.serial[-10:]}",
        "业务类型": "交易",
        "商品名称": APPEAL,
        "创建时间": f"{at - timedelta(seconds=8):%Y-%m-%d %H:%M:%S}",
        "完成时间": f"{at:%Y-%m-%d %H:%M:%S}",
        "对方账户": f"*{gift.giver.name[-1]}(100****{gift.giver.account[-4:]})",
        "订单金额(元)": yuan,
        "商家实收(元)": yuan,
        "服务费(元)": _FREE,
        "分润(元)": _FREE,
    }
    return [f"{said.get(name, '')}\t" for name in _ALIPAY_HEAD]


def _commented(rows: Sequence[Sequence[str]]) -> bytes:
    above = [["#支付宝业务明细查询"], ["#账号:[20880000000088010156]"], ["#-----业务明细列表-----"]]
    below = [["#-----业务明细列表结束-----"], [f"#共{len(rows)}笔"]]
    return _csv([*above, _ALIPAY_HEAD, *rows, *below]).encode("gb18030")
