"""The books themselves: bank statements, cash, deposits, ordinary vouchers, openings, periods, reversals and papers.

Money that a donor gave or a household drew is not here; a free voucher never touches those accounts. A bank line posts
nothing by itself: it is explained by the events it is allocated to. Start at `journal.py` and `bank.py`.
"""
