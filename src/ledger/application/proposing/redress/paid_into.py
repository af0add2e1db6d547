"""Which bank account or cash box the money of a recovery register's row went into.

A register has no column for it. Where an entity has several, as each township has a box of its own, the user names one
(`--account`), or the row's township is a word that exactly one of them was registered with.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.words import area, plain
from ledger.catalogue import Words

_COLUMN: Final = "追缴方式"
_HOLDINGS: Final[Mapping[str, str]] = {"cash": "cash", "transfer": "bank"}
"""What money that came in a mode lies in; what came any other way lies in nothing of ours."""
_WAYS: Final[Mapping[str, Words]] = {"cash": Words("现金", "cash"), "transfer": Words("银行", "bank")}


def paid_into(context: Context, entity: str, row: CleanRow, mode: str) -> str | None:
    """The account of an entity that a row's money went into: the one that the user named where it is of the kind, the
    only one of the kind, or the row's township's. None where none takes it. E_ACCOUNT_CHOICE, E_RECOVERY_ACCOUNT.
    """
    holding = _HOLDINGS.get(mode)
    if holding is None:
        return None
    registered = [item for item in context.standing if item.event.kind == "bank.account_registered"]
    everybodys: list[Any] = [item.event for item in registered]
    named = context.options.account
    if named is not None and all(one.account != named for one in everybodys):
        raise RowRefusedError(_COLUMN, "E_ACCOUNT_CHOICE", name=named, found=0)
    own: list[Any] = [item.event for item in registered if item.entity == entity]
    mine = [one for one in own if one.holding == holding]
    # An import may have files of several kinds and entities: a name of none of these is another file's.
    found = [one for one in mine if one.account == named] or mine
    if len(found) > 1:
        found = list(_of_township(mine, row.values.get("township"))) or mine
    if not found:
        raise RowRefusedError(_COLUMN, "E_ACCOUNT_CHOICE", name=_WAYS[mode], found=0)
    if len(found) > 1:
        names = "、".join(_told(one) for one in found)
        raise RowRefusedError(_COLUMN, "E_RECOVERY_ACCOUNT", way=_WAYS[mode], found=len(mine), names=names)
    return str(found[0].account)


def _of_township(accounts: Sequence[Any], township: object) -> Sequence[Any]:
    """Those with just the township's name, else those with a word that begins with it."""
    name = plain(str(township or ""))
    if not name:
        return ()
    just = _with_word(accounts, lambda word: name == word or area(name) == area(word))
    return just or _with_word(accounts, lambda word: word.startswith(name))


def _with_word(accounts: Sequence[Any], fits: Callable[[str], bool]) -> Sequence[Any]:
    return [one for one in accounts if any(fits(plain(word)) for word in (*one.aliases, one.account))]


def _told(account: Any) -> str:
    """An account with the words that it was registered with."""
    return f"{account.account}（{'、'.join(account.aliases)}）" if account.aliases else str(account.account)
