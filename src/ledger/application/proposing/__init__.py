"""From clean rows to signed vouchers: what each row of an office's file means for the books.

It never invents a figure and never matches by guess: a row whose entity, fund or account is not clear is wrong, with
the cure. The order of files cannot matter, because each kind of file books only what no other kind books; what needs
another file first waits for it. Start at `importer.py`, then `known.py` (what is new) and `judging.py` (which
vouchers). Proposers stand by family: `giving`, `relief`, `redress`, `community`, and `bank.py`.
"""
