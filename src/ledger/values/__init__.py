"""The small words everything is built from: money in fen, days and periods, ids, clean text.

Pure: no files, no clock, no randomness, no cryptography. It never rounds and never uses a float.
Start at `money.py`; `text.py` says which characters a book accepts.
"""
