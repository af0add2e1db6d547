"""Files of a charity's cashier: the donation register, channels' bills, pledges, receipts, goods.

What gives a donor its reference stands in `donors.py`. Nothing here books a gift twice: a channel's gift comes from its
bill, a transfer from the register, and each file only names what another one booked.
"""
