"""What may be recorded, by whom, and how it is kept: flows, signatures, the log, decisions and the one writer.

It knows no other room: no pages, no reports, no command line. Start at `flows/` for what may happen,
at `application/` for how it is recorded.
"""
