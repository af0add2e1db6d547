"""`access …`: logins, read-only keys and duties, by the operator on the machine itself; and the daily root.

Start at `commands.py`.
"""
