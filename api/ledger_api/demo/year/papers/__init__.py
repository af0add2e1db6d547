"""The papers of a year that other papers are held against: receipts, statements of banks and channels, member sheets.

Each module makes one kind of paper from the people and gifts of the year, draws from dice of its own, and writes its
files. Nothing here imports or posts but what `acts` decides.
"""
