"""By which road each gift came: to the bank, through WeChat or Alipay, or to the bank without a name. The gifts are the
same whatever their road; a channel pays each day's on the next day, and the cashier moves it on to the main account.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from ledger_api.demo.year.giving.gifts import Gift, Road
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.targets import YEAR

CHANNELS: Final[Sequence[Road]] = ("wechat", "alipay")
IDENTIFIED_ON: Final = date(YEAR, 10, 15)
"""When the giver of the nameless money was found."""
_OF_TWELVE: Final[Sequence[Road]] = (*(("bank",) * 6), *(("wechat",) * 4), *(("alipay",) * 2))


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a channel paid into the bank for the gifts of the day before."""

    channel: Road
    gifts: tuple[Gift, ...]

    @property
    def day(self) -> date:
        """The day of the gifts."""
        return self.gifts[0].on

    @property
    def on(self) -> date:
        """The day on which the bank has it."""
        return self.day + timedelta(days=1)

    @property
    def fen(self) -> int:
        """What arrived: the platforms ask nothing of a charity."""
        return sum(one.fen for one in self.gifts)


def on_their_roads(gifts: Sequence[Gift], dice: Dice) -> list[Gift]:
    """Half of the persons who gave to the appeal did so by telephone; one payment of a pledge came without a name.

    No two settlements are of one amount: the bank's lines of them would not tell which is which.
    """
    small = [one for one in gifts if one.appeal and one.giver.kind == "个人"]
    roads: dict[str, Road] = {one.serial: _OF_TWELVE[(at * 5 + 6) % 12] for at, one in enumerate(small)}
    parts = Counter(one.pledge for one in gifts)
    single = [one for one in gifts if one.pledge and parts[one.pledge] == 1]
    roads[min(single, key=lambda one: (one.fen, one.serial)).serial] = "unknown"
    shown = {one.serial: _shown(one, roads.get(one.serial, "bank"), dice) for one in gifts}
    while (twin := _twin(settlements(list(shown.values())))) is not None:
        plain = next(serial for serial, one in shown.items() if one is twin)
        shown[plain] = next(one for one in gifts if one.serial == plain)
    return list(shown.values())


def _shown(gift: Gift, road: Road, dice: Dice) -> Gift:
    """A gift with the number that its road gave it."""
    if road not in CHANNELS:
        return replace(gift, road=road)
    running = f"{int(gift.serial[-11:]):08d}{dice.below(100):02d}"
    order = f"4200009999{gift.on:%Y%m%d}{running}" if road == "wechat" else f"{gift.on:%Y%m%d}22001400{running}"
    return replace(gift, road=road, serial=order)


def settlements(gifts: Sequence[Gift]) -> list[Settlement]:
    """What the channels paid, by day and channel."""
    return sorted(_settled(gifts), key=lambda one: (one.on, one.channel))


def _settled(gifts: Sequence[Gift]) -> Iterator[Settlement]:
    for channel in CHANNELS:
        by_day: dict[date, list[Gift]] = {}
        for one in gifts:
            if one.road == channel:
                by_day.setdefault(one.on, []).append(one)
        yield from (Settlement(channel, tuple(own)) for own in by_day.values())


def _twin(settled: Sequence[Settlement]) -> Gift | None:
    """A gift of a settlement whose amount another one has as well."""
    seen: set[int] = set()
    for one in settled:
        if one.fen in seen:
            return one.gifts[-1]
        seen.add(one.fen)
    return None
