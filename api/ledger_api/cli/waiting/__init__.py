"""What waits for a signature: `pending` lists it and goes on with it, `approve` signs it.

Start at `listing.py`; `rows.py` finds what the others speak of.
"""
