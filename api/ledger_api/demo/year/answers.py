"""What a bank answers to a payment file (代发回盘): a row a line, paid, or sent back because the name does not fit."""

from typing import Final

from ledger_api.demo.year.people import Person
from ledger_api.demo.year.sheets import Row

ANSWER_HEAD: Final = (
    *("批次号", "序号", "户名", "账号", "金额", "证件号码", "处理结果", "失败代码", "失败原因", "处理日期"),
    *("银行流水号", "备注"),
)
_PAID: Final = {"处理结果": "成功"}
_FAILED: Final = {"处理结果": "失败", "失败代码": "E003", "失败原因": "账号户名不符"}


def answer(
    bank_code: str, on: str, payee: Person, fen: int, remark: str, *, failed: bool = False, month: str | None = None
) -> Row:
    """The answer to one line of a day (`YYYY-MM-DD`); `bank_code` is how the bank's batch numbers begin, and `month`
    (`YYYY-MM`) that of the batch where it is not the day's.
    """
    compact = on.replace("-", "")
    return {
        **(_FAILED if failed else _PAID),
        "批次号": f"{bank_code}{(month or on[:7]).replace('-', '')}-01",
        "户名": payee.name,
        "账号": payee.account,
        "金额": f"{fen // 100}.00",
        "证件号码": payee.id_number,
        "处理日期": compact,
        "银行流水号": "" if failed else f"{compact}{payee.account[-8:]}",
        "备注": remark,
    }
