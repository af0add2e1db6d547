"""What became of public money: lottery proceeds, subsidies and their batches, rosters, recoveries.

It never decides who is entitled and never authorises. Start at `subsidies.py`; lines and readers stand in one file,
except where one set of lines answers several questions.
"""
