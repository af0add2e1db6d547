"""The small facts of an association's life: expenses, wages, staff advances, fixed assets.

Typed events for what every month brings, so that an ordinary voucher is the exception. Nothing here touches a donor's
restriction except by spending it. Start at `costs.py` (what kind of cost, and which funds may bear it).
"""
