"""The book on the network: `/v1` for accountants' programs, auditors and supervisors. Start at `app.create_app`.

A route says which door guards it (`doors`), reads one snapshot (`answers`), and leaves every decision to the rooms
below. What it refuses it says as problem details (`problems`).
"""
