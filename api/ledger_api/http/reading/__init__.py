"""What routes that read share: one snapshot with an ETag, answers kept in memory, forms to choose from, exports.

Nothing here decides who may see what; that is the doors' and the callers' work. Start at `readings.py`.
"""
