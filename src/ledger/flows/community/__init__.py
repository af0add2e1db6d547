"""Money near the village: mutual-aid societies (救急难互助社) and the use of welfare-lottery proceeds (福彩公益金); and
the figures that a county reports beside its money.

Each file is one flow. It never holds a figure that a county sets, such as the 30,000 yuan line: that is an event.
"""
