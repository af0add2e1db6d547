"""What the offices report: their tables, their sentences, and what a sentence that somebody wrote says of the book.

It reads other answers and folds nothing of its own; what the book does not hold is said to be missing, never zero.
Tables start at `table.py` and `registry.py`, sentences at `sentences.py`, written reports at `sentences_checking.py`.
"""
