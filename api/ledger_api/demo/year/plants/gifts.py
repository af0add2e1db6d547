"""What is planted in the charity's registers: a gift that was written down half a year late, and a payment of a pledge
that was written down with what had been promised instead of what arrived.
"""

from ledger_api.demo.year.giving.gifts import Charity, Gift


def credited(year: Charity) -> list[tuple[Gift, int]]:
    """The payment of which the register's draft says what was promised, and how many fen that was."""
    for pledge in year.pledges:
        if len(pledge.arrived) == 1 and pledge.arrived[0][1] < pledge.fen:
            return [(one, pledge.fen) for one in year.gifts if one.pledge == pledge.number]
    return []


def registered_late(year: Charity) -> Gift:
    """The first payment of a pledge, other than that one: it was forgotten until the year's last register."""
    others = {gift.serial for gift, _ in credited(year)}
    return next(one for one in year.gifts if one.pledge and one.serial not in others)


def registered_in(year: Charity) -> dict[str, str]:
    """Serial number of a gift -> the month, YYYY-MM, in whose register it stands."""
    found = {one.serial: f"{one.on:%Y-%m}" for one in year.gifts}
    found[registered_late(year).serial] = max(found.values())
    return found
