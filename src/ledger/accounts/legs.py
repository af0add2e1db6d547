"""Legs: one side of a posting, in roles and signed fen.

The legs of every event sum to zero within each fund and within each book. Money that passes between two funds of one
entity therefore carries an `INTERFUND` leg on both sides (see `between_funds`).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

from ledger.accounts.roles import Role
from ledger.errors import EvidenceError

Book = Literal["main", "commitment", "memo"]


class Leg(NamedTuple):
    """`amount_fen` is signed: debit positive, credit negative. `party` names the sub-ledger: a bank account, a
    channel, a final payee, a recovery, a batch. `code` is given only by a free voucher and names an account itself.
    """

    fund: str
    role: Role
    amount_fen: int
    party: str = ""
    book: Book = "main"
    code: str | None = None


def debit(fund: str, role: Role, fen: int, party: str = "") -> Leg:
    """A debit of `fen` in the main book."""
    return Leg(fund, role, fen, party)


def credit(fund: str, role: Role, fen: int, party: str = "") -> Leg:
    """A credit of `fen` in the main book."""
    return Leg(fund, role, -fen, party)


def commitment(fund: str, fen: int, party: str = "") -> tuple[Leg, Leg]:
    """Promise `fen` of a fund (negative: release the promise). Memo legs, balanced in their own book."""
    return (
        Leg(fund, Role.COMMITTED, fen, party, "commitment"),
        Leg(fund, Role.COMMITTED_CONTRA, -fen, party, "commitment"),
    )


def pledged(fund: str, fen: int, party: str = "") -> tuple[Leg, Leg]:
    """A donor's promise of `fen` (negative: fulfilled, amended or released). Never income, never available."""
    return (
        Leg(fund, Role.PLEDGED, fen, party, "memo"),
        Leg(fund, Role.PLEDGED_CONTRA, -fen, party, "memo"),
    )


def between_funds(source: str, target: str, role: Role, fen: int, party: str = "") -> tuple[Leg, ...]:
    """Move `fen` of one asset from a fund to another of the same entity, with interfund legs on both sides."""
    return (
        debit(source, Role.INTERFUND, fen, target),
        credit(source, role, fen, party),
        debit(target, role, fen, party),
        credit(target, Role.INTERFUND, fen, source),
    )


def require_balanced(legs: Sequence[Leg]) -> None:
    """Raise E_UNBALANCED naming the fund and book whose legs do not sum to zero."""
    if len(legs) == 2:  # most events move one amount from one account of a fund to another
        one, other = legs
        if one.fund == other.fund and one.book == other.book and not one.amount_fen + other.amount_fen:
            return
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for leg in legs:
        sums[leg.fund, leg.book] += leg.amount_fen
    for (fund, book), fen in sums.items():
        if fen:
            raise EvidenceError("E_UNBALANCED", fund=fund, book=book, amount_fen=fen)
