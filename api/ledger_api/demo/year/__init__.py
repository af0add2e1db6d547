"""A county's whole year of relief, invented from a seed: its offices' lists month by month, and what they come to.

Nobody in it exists. The totals at scale 1 are those that a county published for 2024; see `targets`.
"""
