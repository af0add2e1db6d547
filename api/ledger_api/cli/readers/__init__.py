"""The commands that ask: each opens a snapshot, lets a reader answer, and shows a table or JSON with its position.

They never write to the log. Start at `answers.py` for what they share and at `books.py` for balances and trails.
"""
