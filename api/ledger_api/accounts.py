"""The names of accounts, for those who read codes with them."""

from ledger.accounts.charts import chart_of


def account_name(chart: str, code: str, language: str) -> str:
    """An account's name in its chart, for a detail account (明细科目) that of the account it stands under; the code
    where the chart knows neither.
    """
    found = chart_of(chart).place(code)
    if found is None:
        return code
    return found.name_en if language == "en" else found.name_zh
