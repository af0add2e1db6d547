"""What is asked of a bank's lines before they are proposed: what the bank did by itself, and which line is recorded
already in other words.

It books nothing: the proposer of statements does. Start at `alike.py`.
"""
