"""Keeping a book safe: whether this copy may be written, whether its database is durable, and how it is copied.

It works on connections, commits nothing, and never touches the book's directory: that is `ledger_api.keeping`'s.
Start at `life.py` for the states of a copy, at `copying.py` for how one database becomes another.
"""
