"""Charity money set aside and spent: allocations between funds and to projects, advances, grants, onward transfers.

One file a flow; of the other flows it knows `giving.funds` (what a fund is) only. Start at `allocations.py`.
"""
