"""Reports for those who supervise: tables and readers of one subject put together, with scope, position, days, query
and tags, as JSON, CSV or a workbook; and the inspection package.

They are made in the background, one at a time, and lie in the book's directory until they expire. They decide no
figure. Start at `kinds.py` for what each takes in and at `jobs.py` for how one is made.
"""
