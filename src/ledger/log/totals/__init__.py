"""What is derived from postings while they are written: running balances, balances, the accountant's numbers.

It is written in the log's own transaction and can be derived again from the postings at any time; it is never evidence.
Start at `tally.py`; balances are read in `clocks.py`.
"""
