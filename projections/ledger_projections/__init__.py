"""Read models: each a fold over the log with a position, rebuildable from position 0 and compared with a fresh fold.

It never writes to the log, and nothing here can stop a donation from being recorded: a read model that fails falls
behind and says so.
"""
