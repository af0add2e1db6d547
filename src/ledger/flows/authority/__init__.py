"""Who may act: the opening of the book, entities, officers, keys, roles, policies, and people known by commitments.

Authority events are never reversible: what somebody could do at a position stays what they could do. What has to be
read to judge a person (roles at a position, policies in force) is folded here; who signed is judged by `decisions`.
Start at `book.py`; `roles.py` says which duties must not meet in one hand.
"""
