"""The registers that offices keep: recoveries, rectification, mutual-aid societies, lottery projects.

Each is handed over twice, in June and in December; the second states everything again with more in it.
"""
