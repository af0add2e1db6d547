"""Versioned charts of accounts, the legs that events post, and the trial balance.

Pure: it never reads a database. Start at `roles.py` (what an account is for) and `charts.py` (which code it has).
"""
