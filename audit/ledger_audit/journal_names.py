"""Account names for other accounting programs: one name an account, different accounts never share one.

`Assets:E-charity:NPO-2024-1002-银行存款:F-general:P-icbc` says class, entity, chart and code, fund and party; memo
accounts stand below `Equity` with their book. The forms are those that Beancount and hledger both read.
"""

import re
from functools import lru_cache
from typing import Final

from ledger.accounts.charts import chart_of
from ledger.log.rows import AccountKey

_ROOTS: Final = {
    "asset": "Assets",
    "liability": "Liabilities",
    "net": "Equity",
    "income": "Income",
    "cost": "Expenses",
    "memo": "Equity",
}
_NOT_IN_A_NAME: Final = re.compile(r"[^\w]+|_")


def part(prefix: str, text: str) -> str:
    """A component of a name: the prefix begins it with a capital, and what these programs forbid is escaped so that
    two texts never give one component (`-` is doubled, other signs become `-x5f-`).
    """
    if not text:
        return prefix
    escaped = "".join(c if c.isalpha() or c.isdecimal() else "--" if c == "-" else f"-x{ord(c):x}-" for c in text)
    return f"{prefix}-{escaped}"


@lru_cache(maxsize=1 << 16)
def account_name(key: AccountKey, language: str = "zh") -> str:
    """The name of an account; E_CHART_VERSION or E_ACCOUNT_CODE when its chart does not know it."""
    chart = chart_of(key.chart)
    found = chart.place(key.code) or chart.account(key.code)
    said = _NOT_IN_A_NAME.sub("-", found.name(language)).strip("-")
    parts = [_ROOTS[found.role_class], part("E", key.entity), f"{key.chart.upper()}-{key.code}-{said}"]
    if key.book != "main":
        parts.append(part("B", key.book))
    # Fund and party stand in every name: were one left out, an account would be the parent of others, and Beancount
    # counts a parent's balance with its children.
    return ":".join([*parts, part("F", key.fund), part("P", key.party)])
