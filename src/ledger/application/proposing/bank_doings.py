"""What a bank did by itself: interest and fees, known by the bank's own words and by there being no other party.

The words are a closed list, and every cell that says what a line is must agree with them: «养老服务费» is a payment and
«把利息捐给孩子们» a gift, whoever left the other party's account empty. A line that is not certain stays unexplained,
which somebody sees; one that is booked wrongly looks explained.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from ledger.application.proposing.words import plain

Kind = Literal["bank.interest", "bank.fee"]

_WHEN: Final = r"[\d年月日季度第一二三四上下半全至到\-—–~_/:,,、;.%‰元]*"
"""A time, a rate or a number beside the words."""

_SERVICE: Final = (
    r"(?:短信|账户|帐户|网银|网上银行|手机银行|电子银行|银企直联|电子|银行|企业|单位|对公|公司|通知|提醒|信使|"
    r"回单箱|回单柜|回单|对账单|对账|u盾|ukey|k宝|网盾|密码器|证书|数字证书|支票|凭证|票据|汇款|汇兑|转账|转帐|跨行|行内|"
    r"同城|异地|本行|他行|结算|代发|工资|批量|代理|代收|代付|业务|查询|询证函|函证|资信证明|开户|销户|小额|现金|收单|"
    r"人民币|支付|支付结算|套餐|管理|维护|余额|变动|扣|扣收|收|收取|收|支取|交|自动)"
)
_FEE_ALONE: Final = r"(?:手续费|工本费|年费|短信费|汇划费|邮电费|函证费|询证费|回单费)"
_FEE_OF: Final = r"(?:服务费|管理费|维护费|使用费|通知费|证书费|结算费|汇款费|信使费|支票费|凭证费|收费|费用|费)"
_FEE_WORDS: Final = rf"(?:{_SERVICE}*{_FEE_ALONE}|{_SERVICE}+{_FEE_OF})"
_INTEREST_WORDS: Final = (
    r"(?:批量|自动|银行|单位|对公|企业|账户|帐户|基本户|一般户|专户|活期|协定|存款|储蓄|人民币|收|收到)*"
    r"(?:结息|利息|付息)(?:收入|入账|入帐|转存|存入|转入|划转|所得)?"
)
_FEE: Final = re.compile(rf"{_WHEN}{_FEE_WORDS}(?:扣收|扣款|支出|收取)?{_WHEN}")
_INTEREST: Final = re.compile(rf"{_WHEN}{_INTEREST_WORDS}{_WHEN}")
_NEUTRAL: Final = re.compile(
    r"[\W\da-z_]*|转账|转帐|转出|转入|转账支取|转支|入账|入帐|存入|转存|扣款|扣收|收费|自动扣款|批量扣款|系统扣款|自动扣收|批量|其他|其它|"
    rf"(?:积数|利率|起息日|结息日){_WHEN}"
)
"""A cell that says nothing of what the money is for."""

_BANK_NAME: Final = re.compile(r".*(?:银行|信用社|联社|支行|分行|总行|营业部|营业室|分理处|股份有限公司|有限责任公司)")
_INNER_ACCOUNT: Final = re.compile(rf"(?:应付|待付)?{_INTEREST_WORDS}(?:支出|户|专户)?|{_FEE_WORDS}(?:收入|户|专户)?")
"""An account of the bank's own books that stands as the other party: «应付利息», «手续费收入»."""

_CELLS: Final = ("summary", "purpose", "remark")


def bank_made(values: Mapping[str, Any], bank: str | None) -> Kind | None:
    """What the bank did by itself in a line of a statement; None when somebody else had part in it, or may have."""
    amount = values["amount_fen"]
    if not isinstance(amount, int) or not amount or not _of_nobody(values, bank):
        return None
    wanted, kind = (_INTEREST, "bank.interest") if amount > 0 else (_FEE, "bank.fee")
    said = [plain(str(values[cell])) for cell in _CELLS if values.get(cell)]
    telling = [one for one in said if not _NEUTRAL.fullmatch(one)]
    if not telling or not all(wanted.fullmatch(one) for one in telling):
        return None
    return "bank.interest" if kind == "bank.interest" else "bank.fee"


def _of_nobody(values: Mapping[str, Any], bank: str | None) -> bool:
    """Whether a line has no other party but the bank that wrote it."""
    name = plain(str(values.get("counterparty_name") or ""))
    if not name:
        return not values.get("counterparty_account")
    own = bank is not None and plain(bank) in name and _BANK_NAME.fullmatch(name) is not None
    return own or _INNER_ACCOUNT.fullmatch(name) is not None
