"""The kinds of file that offices really have: their columns, their headers' spellings, their natural keys.

A kind knows no file format and no voucher. `base.py` has the words, `registry.py` the list of all kinds.
"""
