"""The tables and everything that reads or adds rows: vouchers, events, postings, tree, checkpoints, proofs.

It judges nothing and signs nothing, and no function but `LogStore.write` commits. Rows of the log are only ever added.
Start at `tables.py`, then `store.py`.
"""
