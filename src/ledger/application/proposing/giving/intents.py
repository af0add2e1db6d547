"""What a donor wanted of a gift (捐赠意向): free, or for a fund that the register names.

The column is a closed choice with the ways in which offices write it. A restricted gift that names nothing, or a free
one that names a restricted fund, contradicts itself: it is asked for and never guessed, for free money can be spent on
anything (Charity Law art. 56).
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.words import plain

_CHOICES: Final = ("限定", "非限定")
_RESTRICTED: Final = frozenset(
    ("限定", "限定性", "限定捐赠", "限定性捐赠", "限定用途", "定向", "定向捐赠", "指定", "指定捐赠", "指定用途")
)
_FREE: Final = frozenset(
    (
        "",
        "非限定",
        "非限定性",
        "非限定捐赠",
        "不限定",
        "未限定",
        "无限定",
        "不限",
        "非定向",
        "不定向",
        "非指定",
        "未指定",
        "无",
    )
)
_INTENT: Final = "捐赠意向"
_PURPOSE: Final = "指定项目或受益人"


def fund_meant(context: Context, entity: str, values: Mapping[str, Any]) -> str:
    """The fund that a row of the register means: as the user said, the one it names, or free money.

    E_CELL_CHOICE, E_GIFT_UNNAMED, E_GIFT_INTENT, E_FUND_CHOICE.
    """
    said, purpose = str(values.get("intent") or ""), str(values.get("purpose") or "")
    word = plain(said)
    restricted = word in _RESTRICTED
    if not restricted and word not in _FREE:
        raise RowRefusedError(_INTENT, "E_CELL_CHOICE", value=said, choices="、".join(_CHOICES))
    if context.options.fund is None:
        if restricted and not purpose:
            raise RowRefusedError(_PURPOSE, "E_GIFT_UNNAMED", intent=said)
        if (kind := _kind_of(context, entity, purpose)) and restricted == (kind == "unrestricted"):
            wanted = _CHOICES[0] if kind != "unrestricted" else _CHOICES[1]
            raise RowRefusedError(_INTENT, "E_GIFT_INTENT", value=said, fund=purpose, wanted=wanted)
    return context.fund(entity, purpose if restricted else None, "unrestricted")


def elsewhere(row: CleanRow, meant: str, channel: Any) -> Note | None:
    """W_REGISTER_FUND: the channel's bill books the gift to the channel's own fund, and the register means another."""
    if meant == channel.default_fund:
        return None
    return Note(row.place, "W_REGISTER_FUND", {"fund": meant, "booked": channel.default_fund, "channel": channel.name})


def _kind_of(context: Context, entity: str, name: str) -> str:
    """The kind of the entity's fund that a purpose names; empty where it names none."""
    opened = (one.event for one in context.standing if one.event.kind == "fund.opened" and one.entity == entity)
    word = plain(name)
    found = (one for one in opened if word and word in (plain(getattr(one, "name", "")), getattr(one, "fund", "")))
    return next((str(getattr(one, "fund_kind", "")) for one in found), "")
