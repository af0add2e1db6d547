"""Who may get what: programmes and their standards, enrolments and their formula, and the reports of deaths.

It never pays anybody. `programmes.py` is read first; `enrolments.py` holds the decisions and `eligibility.py` judges
them; `monthly.py` is the arithmetic alone. The rules are imported here, so that no event of the package
is ever met without them.
"""

from ledger.flows.public_money.entitlement import eligibility, provincial

__all__ = ["eligibility", "provincial"]
