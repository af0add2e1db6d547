"""The only writer: submit, approve, reject, withdraw, post; and reading the offices' files into proposals.

It opens transactions through the store and commits nothing by itself. Start at `writer.py`; a client drafts and signs
with `drafting.py`.
"""
