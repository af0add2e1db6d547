"""What may happen to charity money and public aid: one file a money flow, with its events, rules and postings.

Pure: no database, no signatures, no clock. A rule asks through `knowledge.Knowledge`. To know all about donations,
read `giving/donations.py`; to see how an event is built, `event.py` and `fields.py`.
"""
