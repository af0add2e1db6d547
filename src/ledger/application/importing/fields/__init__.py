"""One cell at a time: what a column's text or number means, exactly, or why it means nothing.

Nothing here guesses: a parser returns a value, None for a blank cell, or raises `CellFault` with a code.
Start at `types.py`, which names the field types that columns use.
"""
