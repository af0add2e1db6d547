"""Files of relief money: rosters, pay files, results, deaths.

A roster is compared with what is enrolled and never ends an entitlement by itself; a result books what the bank paid.
Start at `rosters.py`; which programme and batch a file speaks of is found in `programmes.py`.
"""
