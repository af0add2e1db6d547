"""Charity money from the donor's promise to the use that came of it: one file a flow.

`funds.py` is read first: every other file asks it what a fund is. Nothing here knows public aid (`public_money`), nor
bank statements and journals (`books`).
"""
