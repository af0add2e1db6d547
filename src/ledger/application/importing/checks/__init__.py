"""What a file says about itself, checked against its rows: sub-totals, platform summaries, balance chains, formulas.

Nothing here is ever imported as a row, and nothing here stops a row. Start at `lines.py`, which tells the lines apart.
"""
