"""The stream of events: what is posted, sent on to those who wait for it (`text/event-stream`).

It never gives what `GET /v1/events` would not give, and no thread waits here. Start with `stream.py`.
"""
