"""Which kind of file a table is, which of its lines is the header, and what the lines above it say.

It reads headers by name, never by position, and asks rather than guesses. Start at `recognise`.
"""
