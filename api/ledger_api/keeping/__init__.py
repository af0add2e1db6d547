"""Keeping a whole book safe: its database, its directory and its keys; backups, restoring and moving.

It never decides what may be recorded. Start at `doctor.py` for whether a book is safe,
at `backups.py` for what a backup is.
"""
