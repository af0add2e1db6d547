"""Commands of those who keep the book: is it safe, copy it, bring it back, move it, upgrade it, hand out roles.

They translate only; the work is done in `ledger_api.keeping`. Start at `safety.py`.
"""
