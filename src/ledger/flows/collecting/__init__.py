"""Money on its way in: channels that settle later, donation boxes and cash, and credits that nobody knows yet.

What arrives is booked today, also when the donor is known in March. Bank statements and matching are another package's
(`books`). Start at `channels.py`.
"""
