"""One month of an invented county, from the files of its offices to a verified package.

All persons, firms, accounts and numbers are invented. Nothing here is used by the ledger itself. Start at `run.py`.
"""
