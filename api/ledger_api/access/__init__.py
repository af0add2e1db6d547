"""Who may come in without signing each request: passwords with a second factor, sessions, read-only keys, duties.

None of it can sign a voucher. It keeps nothing that opens a door: passwords by argon2id, tokens by keyed digest,
second factors sealed. Start at `desk.py`.
"""
