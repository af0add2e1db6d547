"""Web hooks: others are told, at an address of theirs, that a voucher was posted; what it says they read themselves.

A message says which voucher and where, under a checkpoint: no amount and nothing of a person. It never goes to an
address inside the house that nobody named. Start with `delivering.py`. Source: Standard Webhooks 1.0.0.
"""
