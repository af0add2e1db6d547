"""Every way in, and the one place that wires the rooms together; nothing imports it.

It translates between people or programs and the rooms, and never decides what may be recorded.
"""
