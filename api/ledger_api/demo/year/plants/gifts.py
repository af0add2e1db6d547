"""What is planted in the charity's registers: a gift that was written down half a year late, and a payment of a pledge
that was written down with what had been promised instead of what arrived.
"""

from ledger_api.demo.year.giving.gifts import Charity, Gift


def credited(year: Charity) -> list[tuple[Gift, int]]:
    """The payment of which the register's draft says what was promised, and how many fen that was."""
    for pledge in year.pledges:
        if len(pledge.arrived) == 1 and pledge.arrived[0][1] < pledge.fen:
            found = [one for one in year.gifts if one.pledge == pledge.number and one.road == "bank"]
            if found:
                return [(found[0], pledge.fen)]
    return []


def registered_late(year: Charity) -> Gift:
    """A payment of a pledge that came by the bank, other than that one, and other than the first if there are several:
    the first giver has asked for a receipt before paying.
    """
    others = {gift.serial for gift, _ in credited(year)}
    found = [one for one in year.gifts if one.pledge and one.road == "bank" and one.serial not in others]
    return found[min(1, len(found) - 1)]


def registered_in(year: Charity) -> dict[str, str]:
    """Serial number of a gift -> the month, YYYY-MM, in whose register it stands."""
    found = {one.serial: f"{one.on:%Y-%m}" for one in year.gifts}
    found[registered_late(year).serial] = max(found.values())
    return found
