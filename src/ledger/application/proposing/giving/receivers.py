"""Whom a pledge is made to (接收单位): this charity, somebody else whom one list also names, or nobody can tell.

Ours are the entity's own name, its short forms and the words that its office uses of itself. «示例县教育慈善基金会» and
«县红十字会(慈善项目)» have the word in them and are others; «慈善办» may be anybody's and is asked for.
"""

import re
from typing import Final, Literal

from ledger.application.proposing.words import is_organisation, plain

_OFFICE: Final = frozenset(
    (
        "",
        "慈善",
        "本会",
        "我会",
        "本单位",
        "总会",
        "县慈善",
        "本县慈善",
        "慈善捐款",
        "慈善捐赠",
        "慈善认捐",
        "慈善基金",
        "慈善资金",
    )
)
_CHARITY: Final = "慈善"
_ASSOCIATION: Final = re.compile(r"(?P<place>.*)慈善(?:总会|协会|联合会|会)")
_LEVEL: Final = re.compile(r"[省市州县区旗]")
_BRACKETS: Final = re.compile(r"[(（\[【].*?[)）\]】]")


def whose(receiver: str, name: str) -> Literal["ours", "another", "unclear"]:
    """Whether a receiver is the entity of a name. What stands in brackets after it is no name."""
    said, own = (_LEVEL.sub("", plain(_BRACKETS.sub("", one))) for one in (receiver, name))
    if plain(receiver) in _OFFICE or (said and said == own):
        return "ours"
    if _CHARITY not in said:
        return "another"
    here, us = _ASSOCIATION.fullmatch(said), _ASSOCIATION.fullmatch(own)
    if here is not None:
        place = here["place"].lstrip("本我")
        if us is not None:
            return "ours" if _ends_alike(place, us["place"]) else "another"
        return "another" if place else "unclear"
    if _ends_alike(said, own):
        return "ours"
    return "another" if is_organisation(said) else "unclear"


def _ends_alike(one: str, other: str) -> bool:
    """Whether one name is the other with more before it: «示例» and «湖南示例»; a name that is left out fits any."""
    return not one or (bool(other) and (one.endswith(other) or other.endswith(one)))
