"""People outside the log: their fields, sealed and erasable, and the keys that open them and prove commitments.

Nothing here is signed or under a root; the log holds references and commitments only. Start at `people.py`.
"""
