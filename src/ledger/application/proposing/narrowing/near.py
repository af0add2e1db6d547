"""The book as somebody sees it whose role is for some townships only: what lies elsewhere is not in it.

Whatever a proposer says of such a book it says of those townships, for it was asked of nothing else. What the whole
county shares (programmes, standards, accounts) is there; batches, payments and waiting money are the county's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from ledger.accounts.roles import Role
from ledger.application.proposing.context import Context
from ledger.application.proposing.outside import OUTSIDE, Outside
from ledger.decisions.scopes import ENROLLING, STATING, places_of
from ledger.flows.event import Event
from ledger.flows.knowledge import Need, Recorded

_ABOUT: Final = ("enrolment", "society", "clue")
"""By what an event lies somewhere, the surest first: a household that moved took its history with it."""
_PEOPLE: Final = ("household", "person")
_PROGRAMME: Final = "programme:"

Townships = Callable[[str], frozenset[str] | None]
"""Entity -> the townships of it; None for all of them."""


class Whereabouts:
    """Where things lie by the whole book, each looked up once. What is recorded counts before what waits."""

    def __init__(self, book: Context) -> None:
        self._book = book
        self._known: dict[Need, Sequence[Recorded]] = {}

    def history(self, tag: str, *kinds: str) -> Sequence[Recorded]:
        """What is known of something."""
        need = Need(tag, kinds)
        self.load([need])
        return self._known[need]

    def load(self, needs: Iterable[Need]) -> None:
        """Look up together what will be asked."""
        wanted = [need for need in dict.fromkeys(needs) if need not in self._known]
        for need, items in (self._book.find(wanted) if wanted else {}).items():
            self._known[need] = [one for one in items if one.position != OUTSIDE] or items

    def forget(self) -> None:
        """Forget what was looked up."""
        self._known.clear()
        self._book.forget_all()

    def learn(self, items: Iterable[Recorded]) -> None:
        """Take over where enrolments lie from all that was decided in their programme."""
        stated: defaultdict[str, list[Recorded]] = defaultdict(list)
        for item in items:
            if item.event.kind in ENROLLING:
                stated[str(getattr(item.event, "enrolment", ""))].append(item)
        for name, told in stated.items():
            recorded = [one for one in told if one.position != OUTSIDE]
            self._known.setdefault(Need(f"enrolment:{name}", STATING["enrolment"]), recorded or told)

    def look_at(self, events: Iterable[Event]) -> None:
        """Look up together where some events lie."""
        everything = list(events)
        self.load(
            Need(f"{name}:{own}", STATING[name]) for one in everything for name in _ABOUT if (own := _id(one, name))
        )
        people = [need for one in everything for need in _of_people(one)]
        self.load(people)
        homes = [_id(item.event, "enrolment") for need in people for item in self._known[need]]
        clues = (self.history(f"clue:{own}", *STATING["clue"]) for one in everything if (own := _id(one, "clue")))
        homes += [_id(item.event, "enrolment") for told in clues for item in told]
        self.load(Need(f"enrolment:{one}", STATING["enrolment"]) for one in homes if one)

    def of(self, event: Event) -> set[str]:
        """The townships in which an event lies: those of what it is about, else its own, else those of its people."""
        for name in _ABOUT:
            if (own := _id(event, name)) and (found := places_of(self, name, own)):
                return found
        township: str | None = getattr(event, "township", None)
        if township is not None:
            return {township}
        homes = {
            _id(item.event, "enrolment") for need in _of_people(event) for item in self.history(need.tag, *ENROLLING)
        }
        return {place for home in homes if home for place in places_of(self, "enrolment", home)}


def _id(event: Event, name: str) -> str:
    return str(getattr(event, name, None) or "")


def _of_people(event: Event) -> list[Need]:
    return [Need(f"{name}:{own}", ENROLLING) for name in _PEOPLE if (own := _id(event, name))]


class NearContext(Context):
    """The book of some townships."""

    def __init__(self, whole: Context, townships: Townships) -> None:
        super().__init__(whole.store, whole.vault, whole.options, whole.at_hand)
        self.bank_months = whole.bank_months
        self.where: Final = Whereabouts(whole)
        self._townships = townships
        self._shared = {item.position for item in self.standing if not _of_society(item.event.kind)}
        self.standing = self._near(self.standing)
        self.outside = _NearOutside(self._near)

    def find(self, needs: Iterable[Need], within: Mapping[Need, str] | None = None) -> dict[Need, list[Recorded]]:
        """What is recorded under each need of what lies near."""
        found = super().find(needs, within)
        for need, items in found.items():
            if need.tag.startswith(_PROGRAMME) and set(need.kinds) >= set(ENROLLING):
                self.where.learn(items)
        self.where.look_at(one.event for items in found.values() for one in self._narrowed(items))
        return {need: self._near(items) for need, items in found.items()}

    def by_kind(self, kind: str) -> list[Recorded]:
        """Every event of a kind that lies near."""
        found = super().by_kind(kind)
        self.where.look_at(one.event for one in self._narrowed(found))
        return self._near(found)

    def tags_from(self, _start: str) -> list[str]:
        """None: tags are of batches, which are the county's."""
        return []

    def balances(self, entity: str, fund: str, role: Role) -> dict[str, int]:
        """Nothing of money that came back and waits, which is told batch by batch."""
        hidden = role is Role.TRANSIT and self._townships(entity) is not None
        return {} if hidden else super().balances(entity, fund, role)

    def forget_all(self) -> None:
        """Forget what was read of the log, and where it lies: what lies there may move."""
        super().forget_all()
        self.where.forget()

    def _narrowed(self, items: Iterable[Recorded]) -> list[Recorded]:
        """Those of which it is asked where they lie."""
        mine = (one for one in items if one.position == OUTSIDE or one.position not in self._shared)
        return [one for one in mine if self._townships(one.entity) is not None]

    def _near(self, items: Iterable[Recorded]) -> list[Recorded]:
        found = list(items)
        asked = {id(one) for one in self._narrowed(found)}
        return [one for one in found if id(one) not in asked or self._lies_near(one)]

    def _lies_near(self, item: Recorded) -> bool:
        return not self.where.of(item.event).isdisjoint(self._townships(item.entity) or ())


class _NearOutside(Outside):
    """What waits, of what lies near."""

    def __init__(self, near: Callable[[Iterable[Recorded]], list[Recorded]]) -> None:
        super().__init__()
        self._near = near

    def of_kind(self, kind: str) -> Sequence[Recorded]:
        """The events of a kind that lie near."""
        return self._near(super().of_kind(kind))


def _of_society(kind: str) -> bool:
    return kind.startswith("mutual_aid.society")
