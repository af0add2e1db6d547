"""What a rule may know, and the judgement of a voucher: histories, balances, authority, calendar, policies.

It reads the log and never writes it. Start at `judging.py`; `model.py` is the answer to `flows.knowledge.Knowledge`.
"""
