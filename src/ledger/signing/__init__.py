"""Bytes in, bytes out: canonical JSON, signed envelopes, keys and key files, the Merkle tree, signed notes.

It knows published formats and nothing of events; it keeps the bytes that were signed and never writes them again.
Start at `statements.py` for what a person signs and at `merkle.py` for what makes it last.
"""
