"""The stranger: replays, verifies, traces and packs what the log says, and believes nothing of it beforehand.

It never changes a book. `verifier/` shares no code with the ledger it checks.
"""
