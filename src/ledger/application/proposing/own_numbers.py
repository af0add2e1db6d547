"""Numbers that an office gives by itself: two charities of one book may both have a pledge 2025-001 or a lot L001.

While a charity is the book's only one its numbers stand alone; where there are several, each one's stand under its
name. What an entity recorded by the number alone, before the other one came, is known by that for ever.
"""

import re
from typing import Final

from ledger.application.proposing.context import Context
from ledger.flows.fields import IDENTIFIER
from ledger.flows.knowledge import Need

Kinds = tuple[str, ...]
_AN_ID: Final = re.compile(IDENTIFIER)


def own_reference(
    context: Context, entity: str, tag: str, what: str, *natural: object, kind: str = "charity", kinds: Kinds = ()
) -> str:
    """The reference of what an entity, of a kind, calls by `natural`; events (of `kinds`) that name it bear the tag
    `tag:reference`.
    """
    alone = context.reference(what, *natural)
    stands = _stands_alone(context, entity, Need(f"{tag}:{alone}", kinds), kind)
    return alone if stands else context.reference(what, entity, *natural)


def own_number(context: Context, entity: str, tag: str, what: str, number: str) -> str:
    """The same, but the office's own number is kept where it can be an id."""
    plain = number.isascii() and number.replace("-", "").replace(".", "").isalnum()
    alone = number if plain else context.reference(what, number)
    if _stands_alone(context, entity, Need(f"{tag}:{alone}"), "charity"):
        return alone
    named = f"{entity}.{number}"
    return named if _AN_ID.fullmatch(named) else context.reference(what, entity, number)


def _stands_alone(context: Context, entity: str, need: Need, kind: str) -> bool:
    """Whether the entity is the book's only one of its kind, or recorded this already without its name."""
    if context.is_only(entity, kind):
        return True
    return any(item.entity == entity for item in context.find([need])[need])
