"""The chart of a control ledger (资金台账): a civil-affairs bureau's own list, not a statutory chart.

The bureau's statutory books are kept in the budget-management system (预算管理一体化); this list follows no
accounting system on purpose, so that nobody takes a print of it for one.
"""

from typing import Final

from ledger.accounts.chart import account
from ledger.accounts.roles import Role

CONTROL_1: Final = (
    account("1001", "现金", "Cash", "asset", Role.CASH),
    account("1002", "银行存款", "Bank deposits", "asset", Role.BANK),
    account("1003", "定期存款", "Time deposits", "asset", Role.DEPOSIT),
    account("1004", "收款渠道", "Payment channels", "asset", Role.CHANNEL),
    account("1011", "财政指标额度", "Treasury quota", "asset", Role.QUOTA),
    account("1012", "代发在途资金", "In transit at the paying bank", "asset", Role.TRANSIT),
    account("1101", "应收及垫付款", "Receivables and advances", "asset", Role.RECEIVABLE),
    account("1102", "应收追缴款", "Recoveries ordered", "asset", Role.RECOVERABLE),
    account("1103", "预付款", "Prepayments", "asset", Role.PREPAID),
    account("1201", "库存物资", "Goods in stock", "asset", Role.INVENTORY),
    account("1301", "固定资产", "Fixed assets", "asset", Role.FIXED_ASSET),
    account("1302", "累计折旧", "Accumulated depreciation", "asset", Role.DEPRECIATION, contra=True),
    account("1401", "受托代理资产", "Agency assets", "asset", Role.AGENCY_ASSET),
    account("1901", "其他资产", "Other assets", "asset", Role.OTHER_ASSET),
    account("2001", "应付款", "Payables", "liability", Role.PAYABLE),
    account("2002", "应付工资", "Wages payable", "liability", Role.SALARY_PAYABLE),
    account("2003", "应交税费", "Taxes and fees payable", "liability", Role.TAX_PAYABLE),
    account("2101", "待查款项", "Unidentified receipts", "liability", Role.SUSPENSE),
    account("2102", "抵扣清算", "Clearing of deductions", "liability", Role.OFFSET_CLEARING),
    account("2103", "应缴财政款", "Due to the treasury", "liability", Role.DUE_TO_TREASURY),
    account("2201", "受托代理负债", "Agency liabilities", "liability", Role.AGENCY),
    account("2901", "其他负债", "Other liabilities", "liability", Role.OTHER_LIABILITY),
    account("3001", "资金结余", "Balance of funds", "net", Role.NET_UNRESTRICTED),
    account("3002", "专项资金结余", "Balance of earmarked funds", "net", Role.NET_RESTRICTED),
    account("3003", "以前年度调整", "Adjustments of prior years", "net", Role.PRIOR_YEAR),
    account("3901", "资金间往来", "Between funds (zero for the entity)", "net", Role.INTERFUND),
    account("4001", "财政拨款", "Appropriations", "income", Role.FISCAL_INCOME),
    account("4002", "上级补助", "Grants from above", "income", Role.GOVERNMENT_GRANT),
    account("4101", "接收捐赠", "Donations taken in", "income", Role.DONATION_UNRESTRICTED),
    account("4102", "接收定向捐赠", "Earmarked donations taken in", "income", Role.DONATION_RESTRICTED),
    account("4901", "其他收入", "Other income", "income", Role.OTHER_INCOME),
    account("5001", "救助补助发放", "Relief and subsidies paid", "cost", Role.RELIEF_COST),
    account("5002", "项目支出", "Programme cost", "cost", Role.PROGRAMME_COST),
    account("5101", "管理支出", "Management cost", "cost", Role.MANAGEMENT_COST),
    account("5102", "筹资支出", "Fundraising cost", "cost", Role.FUNDRAISING_COST),
    account("5901", "其他支出", "Other cost", "cost", Role.OTHER_COST),
    account("9001", "已安排未支付", "Committed and not yet paid", "memo", Role.COMMITTED),
    account("9002", "已安排未支付(对方)", "Committed, counterpart", "memo", Role.COMMITTED_CONTRA, contra=True),
    account("9101", "应收认捐", "Pledges outstanding", "memo", Role.PLEDGED),
    account("9102", "应收认捐(对方)", "Pledges, counterpart", "memo", Role.PLEDGED_CONTRA, contra=True),
)
