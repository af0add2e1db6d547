"""From bytes to raw tables: csv and txt in four encodings, zip, xlsx, xls, and xls that is HTML.

A reader knows nothing of kinds or columns and never trusts a file's name. Start at `opening.read_tables`.
"""
