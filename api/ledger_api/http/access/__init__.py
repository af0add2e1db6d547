"""Coming in without signing each request: sessions of browsers, read-only keys, and the routes that look after them.

Start at `ways.py`; the routes are put together in `routes.py`.
"""
