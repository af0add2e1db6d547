"""Registers of oversight: doubts, recoveries, rectification. They are cumulative: next month's row has more in it.

Each row is a chain of acts, of which only those that are not known yet are recorded.
"""
