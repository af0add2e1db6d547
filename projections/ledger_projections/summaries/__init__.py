"""The supervisor's tables (月报、季报、年报、整治报表): rows, scope and notes, out of the other read models' answers.

Nothing is folded here and nothing is invented: a cell that the book cannot fill is blank and says so. Start at
`table.py` for what a table is, at `registry.py` for the list.
"""
