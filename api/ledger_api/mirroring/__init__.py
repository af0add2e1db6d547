"""Mirrors: verified copies of other operators' books, followed over the network by whoever oversees them.

A mirror believes no server: it judges every voucher again, and keeps the evidence where a log shows two histories.
Start at `directory` (which books), `pulling` (taking in), `forks` (evidence) and `consolidating` (one answer of many).
"""
