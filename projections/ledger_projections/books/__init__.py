"""What the books say: balances of funds and accounts, the trial balance, the bank reconciliation, the trail of a tag.

It never posts, matches or decides. Balances, trial balance and trail read the log's own tables and need no fold.
Start at `balances.py`.
"""
