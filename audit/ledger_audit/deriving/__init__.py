"""Deriving a book again from its signed bytes and comparing every stored row with what was derived.

It trusts leaves and event bytes only after their signatures and roots held, and judges by the rules as they stood.
It never writes. Start at `../derivation.py`; `replay.py` walks the log, `comparing.py` and `totals.py` compare.
"""
