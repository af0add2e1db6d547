"""The offices' files over the network: kept sealed, read, compared, handed out to be signed, and handed in again.

The server never signs. Start at `sessions.Imports`; the routes stand in `ledger_api.http.routes.imports`.
"""
