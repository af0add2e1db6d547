"""Bytes into things, strictly: canonical JSON, the Merkle tree, signed notes, BagIt, and what people sign.

Nothing here judges: a format either holds or raises `FaultError` with a code.
"""
