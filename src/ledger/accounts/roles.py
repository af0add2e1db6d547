"""Account roles: what an account is for, whatever code a chart gives it.

Flows post to roles; a chart (see `charts`) turns a role into `(chart_version, code)`. Codes changed their meaning on
2026-01-01 (5201 was 管理费用 and became 税金及附加), so nothing but a chart ever names one.
"""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What an account is for. Debit increases assets and costs; amounts are signed fen, debit positive."""

    CASH = "cash"
    BANK = "bank"
    CHANNEL = "channel"
    DEPOSIT = "deposit"
    QUOTA = "quota"
    TRANSIT = "transit"
    INVENTORY = "inventory"
    RECEIVABLE = "receivable"
    PREPAID = "prepaid"
    RECOVERABLE = "recoverable"
    FIXED_ASSET = "fixed_asset"
    DEPRECIATION = "depreciation"
    AGENCY_ASSET = "agency_asset"
    OTHER_ASSET = "other_asset"
    INTERFUND = "interfund"
    PAYABLE = "payable"
    SALARY_PAYABLE = "salary_payable"
    TAX_PAYABLE = "tax_payable"
    OTHER_LIABILITY = "other_liability"
    SUSPENSE = "suspense"
    OFFSET_CLEARING = "offset_clearing"
    DUE_TO_TREASURY = "due_to_treasury"
    AGENCY = "agency"
    NET_UNRESTRICTED = "net_unrestricted"
    NET_RESTRICTED = "net_restricted"
    PRIOR_YEAR = "prior_year"
    DONATION_UNRESTRICTED = "donation_unrestricted"
    DONATION_RESTRICTED = "donation_restricted"
    GOVERNMENT_GRANT = "government_grant"
    FISCAL_INCOME = "fiscal_income"
    OTHER_INCOME = "other_income"
    PROGRAMME_COST = "programme_cost"
    RELIEF_COST = "relief_cost"
    MANAGEMENT_COST = "management_cost"
    FUNDRAISING_COST = "fundraising_cost"
    OTHER_COST = "other_cost"
    COMMITTED = "committed"
    COMMITTED_CONTRA = "committed_contra"
    PLEDGED = "pledged"
    PLEDGED_CONTRA = "pledged_contra"


LIQUID: Final = frozenset({Role.CASH, Role.BANK, Role.CHANNEL, Role.DEPOSIT, Role.QUOTA})
"""Accounts whose money can be spent today. A bank's transit account is not: what lies there is already promised."""

MONEY: Final = LIQUID | {Role.TRANSIT}
"""Accounts that hold money, promised or not."""

BOOKKEEPING_ROLES: Final = frozenset({Role.INTERFUND, Role.NET_RESTRICTED, Role.NET_UNRESTRICTED})
"""The other half of a movement that another line already shows: a release of a restriction, both sides of a transfer.
Whoever asks what an event moves leaves them out, or a grant of 100 would read as 200."""

CONTROL_ACCOUNTS: Final = frozenset(
    {
        Role.DONATION_UNRESTRICTED,
        Role.DONATION_RESTRICTED,
        Role.AGENCY,
        Role.NET_RESTRICTED,
        Role.CHANNEL,
        Role.TRANSIT,
        Role.QUOTA,
        Role.RECOVERABLE,
        Role.SUSPENSE,
        Role.OFFSET_CLEARING,
        Role.INTERFUND,
        Role.INVENTORY,
    },
)
"""Accounts that only typed events may touch: a free voucher on them would hide what happened."""
