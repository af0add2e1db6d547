"""What a charity promised itself and its neighbours: pledges and what came of them, mutual-aid societies.

It never posts and never asks a donor. Start at `pledges.py`; each model's tables and fold stand beside its reader.
"""
