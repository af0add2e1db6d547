"""How read models are kept: their tables, the fold, the catch-up loop, rebuilding, comparing with a fresh fold.

It never decides what a model says (each model's own file does) and never touches the log's tables.
Start at `projection.py`; `folding.py` runs it, `checking.py` compares, `clocks.py` reads at a position and a day.
"""
