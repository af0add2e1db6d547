"""民间非营利组织会计制度 as of 2004 (财会〔2004〕7号), in force from 2005-01-01 to 2025-12-31.

Six-digit accounts and 3901 are this ledger's own detail accounts under the system's four-digit ones; 9001 and above are
memo accounts outside the balance sheet. 5201 is 管理费用 and 5301 is 筹资费用 here: from 2026 they mean other things.
"""

from typing import Final

from ledger.accounts.chart import account, also
from ledger.accounts.roles import Role

NPO_2004: Final = (
    account("1001", "现金", "Cash", "asset", Role.CASH),
    account("1002", "银行存款", "Bank deposits", "asset", Role.BANK),
    account("100201", "银行存款——定期存款", "Bank deposits: time deposits", "asset", Role.DEPOSIT),
    also("1009", "其他货币资金", "Other monetary funds", "asset", Role.OTHER_ASSET),
    account(
        "100901",
        "其他货币资金——收款渠道",
        "Other monetary funds: payment channels and platforms",
        "asset",
        Role.CHANNEL,
    ),
    account("100902", "其他货币资金——财政额度", "Other monetary funds: treasury quota", "asset", Role.QUOTA),
    account(
        "100903", "其他货币资金——代发在途", "Other monetary funds: in transit at the paying bank", "asset", Role.TRANSIT
    ),
    also("1101", "短期投资", "Short-term investments", "asset", Role.OTHER_ASSET),
    also("1102", "短期投资跌价准备", "Provision for short-term investments", "asset", Role.OTHER_ASSET, contra=True),
    also("1111", "应收票据", "Notes receivable", "asset", Role.OTHER_ASSET),
    also("1121", "应收账款", "Accounts receivable", "asset", Role.OTHER_ASSET),
    account("1122", "其他应收款", "Other receivables", "asset", Role.RECEIVABLE),
    account("112201", "其他应收款——应收追缴款", "Other receivables: recoveries ordered", "asset", Role.RECOVERABLE),
    also("1131", "坏账准备", "Provision for bad debts", "asset", Role.OTHER_ASSET, contra=True),
    account("1141", "预付账款", "Prepayments", "asset", Role.PREPAID),
    account("1201", "存货", "Inventories", "asset", Role.INVENTORY),
    also("1202", "存货跌价准备", "Provision for inventories", "asset", Role.OTHER_ASSET, contra=True),
    account("1301", "待摊费用", "Deferred expenses", "asset", Role.OTHER_ASSET),
    also("1401", "长期股权投资", "Long-term equity investments", "asset", Role.OTHER_ASSET),
    also("1402", "长期债权投资", "Long-term debt investments", "asset", Role.OTHER_ASSET),
    also("1421", "长期投资减值准备", "Provision for long-term investments", "asset", Role.OTHER_ASSET, contra=True),
    account("1501", "固定资产", "Fixed assets", "asset", Role.FIXED_ASSET),
    account("1502", "累计折旧", "Accumulated depreciation", "asset", Role.DEPRECIATION, contra=True),
    also("1505", "在建工程", "Construction in progress", "asset", Role.OTHER_ASSET),
    also("1506", "文物文化资产", "Cultural and heritage assets", "asset", Role.OTHER_ASSET),
    also("1509", "固定资产清理", "Disposal of fixed assets", "asset", Role.OTHER_ASSET),
    also("1601", "无形资产", "Intangible assets", "asset", Role.OTHER_ASSET),
    account("1701", "受托代理资产", "Agency assets", "asset", Role.AGENCY_ASSET),
    also("2101", "短期借款", "Short-term borrowings", "liability", Role.OTHER_LIABILITY),
    also("2201", "应付票据", "Notes payable", "liability", Role.OTHER_LIABILITY),
    also("2202", "应付账款", "Accounts payable", "liability", Role.OTHER_LIABILITY),
    also("2203", "预收账款", "Receipts in advance", "liability", Role.OTHER_LIABILITY),
    account("2204", "应付工资", "Wages payable", "liability", Role.SALARY_PAYABLE),
    account("2206", "应交税金", "Taxes payable", "liability", Role.TAX_PAYABLE),
    account("2209", "其他应付款", "Other payables", "liability", Role.PAYABLE),
    account("220901", "其他应付款——待查款项", "Other payables: unidentified receipts", "liability", Role.SUSPENSE),
    account(
        "220902", "其他应付款——抵扣清算", "Other payables: clearing of deductions", "liability", Role.OFFSET_CLEARING
    ),
    account(
        "220903", "其他应付款——应缴财政款", "Other payables: due to the treasury", "liability", Role.DUE_TO_TREASURY
    ),
    account("2301", "预提费用", "Accrued expenses", "liability", Role.OTHER_LIABILITY),
    also("2401", "预计负债", "Provisions", "liability", Role.OTHER_LIABILITY),
    also("2501", "长期借款", "Long-term borrowings", "liability", Role.OTHER_LIABILITY),
    also("2502", "长期应付款", "Long-term payables", "liability", Role.OTHER_LIABILITY),
    account("2601", "受托代理负债", "Agency liabilities", "liability", Role.AGENCY),
    account("3101", "非限定性净资产", "Unrestricted net assets", "net", Role.NET_UNRESTRICTED),
    account(
        "310101",
        "非限定性净资产——以前年度调整",
        "Unrestricted net assets: adjustments of prior years",
        "net",
        Role.PRIOR_YEAR,
    ),
    account("3102", "限定性净资产", "Restricted net assets", "net", Role.NET_RESTRICTED),
    account("3901", "基金间往来", "Between funds (zero for the entity)", "net", Role.INTERFUND),
    also("4101", "捐赠收入", "Donation income", "income", Role.OTHER_INCOME),
    account("410101", "捐赠收入——非限定性收入", "Donation income: unrestricted", "income", Role.DONATION_UNRESTRICTED),
    account("410102", "捐赠收入——限定性收入", "Donation income: restricted", "income", Role.DONATION_RESTRICTED),
    also("4201", "会费收入", "Membership fees", "income", Role.OTHER_INCOME),
    also("4301", "提供服务收入", "Income from services", "income", Role.OTHER_INCOME),
    account("4401", "政府补助收入", "Government grants", "income", Role.GOVERNMENT_GRANT),
    account("440101", "政府补助收入——财政拨款", "Government grants: appropriations", "income", Role.FISCAL_INCOME),
    also("4501", "商品销售收入", "Sales of goods", "income", Role.OTHER_INCOME),
    also("4601", "投资收益", "Investment income", "income", Role.OTHER_INCOME),
    account("4901", "其他收入", "Other income", "income", Role.OTHER_INCOME),
    account("5101", "业务活动成本", "Cost of charitable activities", "cost", Role.PROGRAMME_COST),
    account(
        "510101",
        "业务活动成本——救助补助发放",
        "Cost of charitable activities: relief and subsidies paid",
        "cost",
        Role.RELIEF_COST,
    ),
    account("5201", "管理费用", "Management cost", "cost", Role.MANAGEMENT_COST),
    account("5301", "筹资费用", "Fundraising cost", "cost", Role.FUNDRAISING_COST),
    account("5401", "其他费用", "Other cost", "cost", Role.OTHER_COST),
    account("9001", "已承诺未拨付", "Committed and not yet paid", "memo", Role.COMMITTED),
    account("9002", "已承诺未拨付(对方)", "Committed, counterpart", "memo", Role.COMMITTED_CONTRA, contra=True),
    account("9101", "应收认捐", "Pledges outstanding", "memo", Role.PLEDGED),
    account("9102", "应收认捐(对方)", "Pledges, counterpart", "memo", Role.PLEDGED_CONTRA, contra=True),
)
