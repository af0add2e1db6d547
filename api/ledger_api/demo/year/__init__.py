"""A county's whole year, invented from a seed: its offices' files month by month, and what they come to.

`aid` gives once, `giving` is the charity, `registers` what offices keep beside; the monthly lists stand here.

Nobody in it exists. The totals at scale 1 are those that a county published for 2024; see `targets`.
"""
