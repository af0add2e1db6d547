"""What a chart of accounts is: codes with names in two languages, a class, a normal side, and the role each one plays.

Every role has one leading account in every chart, the one its postings go to; further accounts of the same role are
reached only by code, from a free voucher or an opening balance.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final, Literal

from ledger.accounts.roles import Role
from ledger.errors import InputError

AccountClass = Literal["asset", "liability", "net", "income", "cost", "memo"]
Side = Literal["debit", "credit"]
Family = Literal["npo", "control"]

_NORMAL: Final[Mapping[AccountClass, Side]] = {
    "asset": "debit",
    "liability": "credit",
    "net": "credit",
    "income": "credit",
    "cost": "debit",
    "memo": "debit",
}


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a chart. `role` is the part it plays in postings; `normal` is the side its balance stands on;
    `leads` says whether postings in that role go here.
    """

    code: str
    name_zh: str
    name_en: str
    role_class: AccountClass
    normal: Side
    role: Role
    leads: bool = True

    def name(self, language: str = "zh") -> str:
        """The name in `zh` or `en`."""
        return self.name_en if language == "en" else self.name_zh


def account(
    code: str,
    name_zh: str,
    name_en: str,
    role_class: AccountClass,
    role: Role,
    *,
    contra: bool = False,
) -> Account:
    """A row of a chart that its role posts to. `contra` puts its balance on the other side than its class's."""
    normal = _NORMAL[role_class]
    if contra:
        normal = "credit" if normal == "debit" else "debit"
    return Account(code, name_zh, name_en, role_class, normal, role)


def also(
    code: str,
    name_zh: str,
    name_en: str,
    role_class: AccountClass,
    role: Role,
    *,
    contra: bool = False,
) -> Account:
    """A further row of the same role, reached only by its code."""
    return replace(account(code, name_zh, name_en, role_class, role, contra=contra), leads=False)


@dataclass(frozen=True)
class Chart:
    """A version of a family's chart, in force from `since` until the last day `until` (None: still in force)."""

    version: str
    family: Family
    since: date
    until: date | None
    accounts: tuple[Account, ...]

    @cached_property
    def _by_code(self) -> Mapping[str, Account]:
        return {row.code: row for row in self.accounts}

    @cached_property
    def _by_role(self) -> Mapping[Role, str]:
        return {row.role: row.code for row in self.accounts if row.leads}

    def covers(self, day: date) -> bool:
        """Whether a voucher of that day is posted in this version."""
        return self.since <= day and (self.until is None or day <= self.until)

    def code(self, role: Role) -> str:
        """The code a posting in a role gets. Every role has one (a test holds every chart to it)."""
        return self._by_role[role]

    def account(self, code: str) -> Account:
        """The account of a code of this chart; InputError E_ACCOUNT_CODE when the chart has none."""
        found = self._by_code.get(code)
        if found is None:
            raise InputError("E_ACCOUNT_CODE", value=code, chart=self.version)
        return found

    def find(self, code: str) -> Account | None:
        """The account of a code, or None."""
        return self._by_code.get(code)

    def place(self, code: str) -> Account | None:
        """The account that an entity's own detail account (明细科目) stands under: the longest code of this chart that
        begins it, so `51010003` stands under `5101`; None when nothing does.
        """
        for length in range(len(code), 0, -1):
            found = self._by_code.get(code[:length])
            if found is not None:
                return found
        return None
