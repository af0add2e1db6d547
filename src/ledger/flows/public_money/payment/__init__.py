"""The payment road: a batch is prepared, its lines are authorised, finance funds it, the bank pays or sends back.

It never refuses what the bank did. `batches.py` and `subsidies.py` hold what the office decides, `transit.py` and
`payments.py` what finance and the bank report. Each has its rules beside it (`…_rules.py`); they are imported here, so
that no event is ever met without them.
"""

from ledger.flows.public_money.payment import batch_rules, batch_sums, payment_rules, subsidy_rules, transit_rules

__all__ = ["batch_rules", "batch_sums", "payment_rules", "subsidy_rules", "transit_rules"]
