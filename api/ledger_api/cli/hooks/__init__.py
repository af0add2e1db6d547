"""`hooks …`: who is told of new vouchers, set up with the operator's key on the machine itself.

Start at `commands.py`.
"""
