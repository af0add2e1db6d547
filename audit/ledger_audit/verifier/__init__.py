"""The verifier that doubts the operator: standard library and PyNaCl, written from the published formats alone.

It imports nothing of the ledger, never writes to a package and never asks the network. It does not derive postings
again; another verifier does. Start at `whole.py`; `formats/` reads the bytes, `sentences.py` says what was found.
"""
