"""Public aid from the funding document to the household's card, and what is done when it went wrong.

`entitlement` says who may get what, `payment` how the money travels, `redress` what follows a doubt. None of them holds
a standard, a limit or a matrix of its own: whatever law or a county sets is an event. Of charity money they know only
what a fund is (`giving.funds`). Start at `entitlement/programmes.py`.
"""
