"""Running the service: its settings, its sockets and TLS, its log lines, its limits, its figures, its end.

It never decides who may do what; that is the doors' business. Start with `settings.py`, then `server.py`.
"""
