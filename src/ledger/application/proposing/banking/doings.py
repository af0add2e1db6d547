"""What a bank did by itself: interest and fees, known by the bank's own words and by there being no other party.

The words are a closed list, and every cell that says what a line is must agree with them: «养老服务费» is a payment and
«把利息捐给孩子们» a gift, whoever left the other party's account empty. A line that is not certain stays unexplained,
which somebody sees; one that is booked wrongly looks explained.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from ledger.application.proposing.words import plain

Kind = Literal["bank.interest", "bank.fee"]

_Words = tuple[str, ...]


def _words(text: str) -> _Words:
    return tuple(text.split())


_TIME: Final = re.compile(r"[\d年月日季度第一二三四上下半全至到\-—–~_/:,,、;.%‰元]", re.ASCII)
"""A sign of a time, a rate or a number, as they stand before and behind the words."""

_SERVICES: Final = _words(
    "短信 账户 帐户 网银 网上银行 手机银行 电子银行 银企直联 电子 银行 企业 单位 对公 公司 通知 提醒 信使 "
    "回单箱 回单柜 回单 对账单 对账 u盾 ukey k宝 网盾 密码器 证书 数字证书 支票 凭证 票据 汇款 汇兑 转账 转帐 "
    "跨行 行内 同城 异地 本行 他行 结算 代发 工资 批量 代理 代收 代付 业务 查询 询证函 函证 资信证明 开户 销户 "
    "小额 现金 收单 人民币 支付 套餐 管理 维护 余额 变动 扣 收 取 支取 交 自动"
)
_FEE_ALONE: Final = _words("手续费 工本费 年费 短信费 汇划费 邮电费 函证费 询证费 回单费")
_FEE_OF: Final = _words("服务费 管理费 维护费 使用费 通知费 证书费 结算费 汇款费 信使费 支票费 凭证费 收费 费用 费")
_FEE_TAKEN: Final = _words("扣收 扣款 支出 收取")

_DEPOSITS: Final = _words(
    "批量 自动 银行 单位 对公 企业 账户 帐户 基本户 一般户 专户 活期 协定 存款 储蓄 人民币 收 收到"
)
_INTEREST: Final = _words("结息 利息 付息")
_INTEREST_GIVEN: Final = _words("收入 入账 入帐 转存 存入 转入 划转 所得")

_NEUTRAL: Final = re.compile(
    r"[\W\da-z_]*|转账|转帐|转出|转入|转账支取|转支|入账|入帐|存入|转存|扣款|扣收|收费|自动扣款|批量扣款|系统扣款|自动扣收|批量|其他|其它|"
    rf"(?:积数|利率|起息日|结息日){_TIME.pattern}*"
)
"""A cell that says nothing of what the money is for."""

_LONGEST: Final = 60
"""Signs of a cell; no bank says more of its own doings."""

_BANK_NAME: Final = re.compile(r".*(?:银行|信用社|联社|支行|分行|总行|营业部|营业室|分理处|股份有限公司|有限责任公司)")
_CELLS: Final = ("summary", "purpose", "remark")


def bank_made(values: Mapping[str, Any], bank: str | None) -> Kind | None:
    """What the bank did by itself in a line of a statement; None when somebody else had part in it, or may have."""
    amount = values["amount_fen"]
    if not isinstance(amount, int) or not amount or not _of_nobody(values, bank):
        return None
    wanted = _is_interest if amount > 0 else _is_fee
    said = [plain(str(values[cell])) for cell in _CELLS if values.get(cell)]
    telling = [one for one in said if not _NEUTRAL.fullmatch(one)]
    if not telling or not all(map(wanted, telling)):
        return None
    return "bank.interest" if amount > 0 else "bank.fee"


def _of_nobody(values: Mapping[str, Any], bank: str | None) -> bool:
    """Whether a line has no other party but the bank that wrote it."""
    name = plain(str(values.get("counterparty_name") or ""))
    if not name:
        return not values.get("counterparty_account")
    own = bank is not None and plain(bank) in name and _BANK_NAME.fullmatch(name) is not None
    return own or _is_inner_account(name)


def _is_inner_account(name: str) -> bool:
    """Whether a name is that of an account of the bank's own books: «应付利息», «手续费收入»."""
    owed = name.removeprefix("应付").removeprefix("待付")
    ends = ("", "支出", "收入", "专户", "户")
    return any(_is_interest(owed.removesuffix(end)) or _is_fee(name.removesuffix(end)) for end in ends)


def _is_fee(said: str) -> bool:
    return _says(said, _SERVICES, _FEE_ALONE, _FEE_TAKEN) or _says(said, _SERVICES, _FEE_OF, _FEE_TAKEN, bare=False)


def _is_interest(said: str) -> bool:
    return _says(said, _DEPOSITS, _INTEREST, _INTEREST_GIVEN)


def _says(said: str, before: _Words, words: _Words, after: _Words, *, bare: bool = True) -> bool:
    """Whether a text is one of the words, with only known ones before it (some, unless `bare`), perhaps one behind it,
    and times or numbers at either end. Places are counted instead of ways to come to them, of which a text that
    somebody made for the purpose has more than a computer can try.
    """
    if len(said) > _LONGEST or not any(word in said for word in words):
        return False
    ends = [word + tail for word in words for tail in ("", *after)]
    for begin, end in _bounds(said):
        body = said[begin:end]
        heads = [body.removesuffix(one) for one in ends if body.endswith(one)]
        if any((bare or head) and _made_of(head, before) for head in heads):
            return True
    return False


def _bounds(said: str) -> Iterator[tuple[int, int]]:
    """Where a text may begin and end, with signs of times taken off in every way."""
    times = [_TIME.fullmatch(sign) is not None for sign in said]
    first = times.index(False) if False in times else len(said)
    last = len(said) - (times[::-1].index(False) if False in times else len(said))
    for begin in range(first + 1):
        yield from ((begin, end) for end in range(max(begin, last), len(said) + 1))


def _made_of(text: str, words: _Words) -> bool:
    """Whether a text is nothing but some of the words."""
    reached = {0}
    for place in range(len(text)):
        if place in reached:
            reached |= {place + len(word) for word in words if text.startswith(word, place)}
    return len(text) in reached
