"""What a proposer may look up: entities, accounts, channels, funds and programmes of the book, and references.

Names in files are loose («工行9991», «爱心助学»); here they find the one thing they can mean, or the row is wrong with
a sentence that says how to say it better.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select

from ledger.accounts.roles import Role
from ledger.application.drafting import draft_event
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.importing.rows import Place as RowPlace
from ledger.application.proposing.outside import Outside
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.words import is_organisation, plain, tail
from ledger.catalogue import Words
from ledger.decisions.histories import STANDING, items_at, read_at_once
from ledger.decisions.recent import Recent
from ledger.flows.event import Event
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.entitlement.programmes import ProgrammeOpened
from ledger.log import tables
from ledger.log.store import LogStore
from ledger.values.dates import Period
from ledger.vault.people import Subject, Vault

_PROVIDERS: Final = {"wechat": ("微信支付", "WeChat Pay"), "alipay": ("支付宝", "Alipay")}


@dataclass(frozen=True, slots=True)
class Options:
    """What the user said besides the files."""

    officer: str
    today: date
    how: str = "download"
    entity: str | None = None
    fund: str | None = None
    account: str | None = None
    """The account that files are of, or the channel."""
    programme: str | None = None
    month: str | None = None
    batch_no: str = "01"
    """The running number of the batch that a roster makes or a pay file belongs to: 02 is a supplement."""
    without_roster: bool = False
    """Whether results may be recorded of a batch whose roster this book never had."""
    absences_known: bool = False
    """Whether a roster may lack a whole village, or unusually many households."""
    loss_percent_max: int = 5
    note: str = ""


@dataclass(frozen=True, slots=True)
class AtHand:
    """What was read of the log and opened of the vault for some files."""

    recent: Recent = field(default_factory=Recent)
    references: dict[tuple[str, str], str] = field(default_factory=dict)
    opened: dict[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unnamed:
    """That a text names no programme, or how many it may name."""

    name: str
    found: int


class Context:
    """The book as proposers see it. `standing` are its standing facts when the import began. Several that are made
    for the same files have `at_hand` what any of them has read: nothing is read or opened twice, and they forget it
    together.
    """

    def __init__(self, store: LogStore, vault: Vault, options: Options, at_hand: AtHand | None = None) -> None:
        self.store = store
        self.vault = vault
        self.options = options
        self.outside = Outside()
        self.at_hand: Final = at_hand or AtHand()
        self.programmes: dict[str, ProgrammeOpened | Unnamed] = {}
        """What texts of the files were found to name."""
        self.titles: dict[tuple[str, str, str | None], str] = {}
        """(file, its digest, sheet) -> the title of the sheet."""
        self.bank_months: frozenset[tuple[str, str]] = frozenset()
        """(programme, month) of the batches that the bank's files of the same import name."""
        self.standing = self._recorded([Need(STANDING)])[Need(STANDING)]
        self.began: Mapping[str, date] = {one.entity: one.on for one in self.facts("opening.recorded")}
        """Entity -> the day on which its books were taken over; none for books that began empty."""
        self._kinds = [(one.entity_kind, one.entity) for one in self.facts("entity.registered")]

    def find(self, needs: Iterable[Need], within: Mapping[Need, str] | None = None) -> dict[Need, list[Recorded]]:
        """What is recorded under each need, without reversed pairs, and what waits for a signature (position 0).

        `within` names for some needs a tag that the wanted events bear too: what has it is read once for all of them,
        so that a household's months of before are not.
        """
        narrow = within or {}
        found = self._recorded([need for need in dict.fromkeys(needs) if need not in narrow])
        for shared in dict.fromkeys(Need(tag, need.kinds) for need, tag in narrow.items()):
            by_tag: defaultdict[str, list[Recorded]] = defaultdict(list)
            for item in self._recorded([shared])[shared]:
                for tag in item.event.tags():
                    by_tag[tag].append(item)
            found |= {n: by_tag[n.tag] for n, tag in narrow.items() if (tag, n.kinds) == (shared.tag, shared.kinds)}
        return {need: [*items, *self.outside.find(need)] for need, items in found.items()}

    def events(self, need: Need) -> list[Any]:
        """The events of one need."""
        return [item.event for item in self.find([need])[need]]

    def _recorded(self, needs: Sequence[Need]) -> dict[Need, list[Recorded]]:
        """One query for all needs; the vouchers that wait are looked at in the same snapshot. An event that was read
        for a file of this import is at hand for the next: what stands at a position never changes.
        """
        with self.store.read() as connection:
            found = read_at_once(connection, needs, self.at_hand.recent)
            self.outside.refresh(connection)
        return found

    def by_kind(self, kind: str) -> list[Recorded]:
        """Every recorded event of a kind in order, reversed ones among them: for what no tag tells. Ask `find` whether
        one still stands.
        """
        with self.store.read() as connection:
            found = select(tables.events.c.position).where(tables.events.c.kind == kind)
            items = items_at(connection, set(connection.scalars(found)), self.at_hand.recent)
        return [items[place] for place in sorted(items)]

    def tags_from(self, start: str) -> list[str]:
        """The recorded tags that begin so, each once."""
        column = tables.event_tags.c.tag
        with self.store.read() as connection:
            found = select(column).where(column >= start, column < start + "\U0010ffff").distinct().order_by(column)
            return [str(tag) for tag in connection.scalars(found)]

    def balances(self, entity: str, fund: str, role: Role) -> dict[str, int]:
        """Party -> signed fen of a fund's accounts of a role, now."""
        columns = tables.balances.c
        chosen = select(columns.party, func.sum(columns.amount_fen)).where(
            columns.entity == entity, columns.fund == fund, columns.role == role.value
        )
        with self.store.read() as connection:
            rows = connection.execute(chosen.group_by(columns.party).order_by(columns.party))
            return {row[0]: int(row[1]) for row in rows}

    def event(self, kind: str, **values: Any) -> Event:
        """An event with a fresh id; fields that may be null and are not given are null."""
        return draft_event(kind, values)

    def reference(self, what: str, *natural: object) -> str:
        """A keyed reference of a natural key: the same whichever file names it, telling nothing to a reader."""
        key = (what, "\x1f".join(str(part) for part in natural))
        if key not in self.at_hand.references:
            self.at_hand.references[key] = self.vault.reference(*key)
        return self.at_hand.references[key]

    def opened(self, references: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        """Fields of people in clear, to be compared and not to be shown; each is opened once for a list."""
        wanted = dict.fromkeys(references)
        if missing := [one for one in wanted if one not in self.at_hand.opened]:
            with self.store.read() as connection:
                self.at_hand.opened.update(self.vault.opened(connection, missing))
        return {one: self.at_hand.opened[one] for one in wanted if one in self.at_hand.opened}

    def register(self, subjects: Sequence[Subject]) -> dict[str, dict[str, str]]:
        """Keep people in the vault and answer the commitments of all that is kept of them, by reference and field.
        Whoever was found to be kept as they are is not opened again.
        """
        known = self.at_hand.opened
        fresh = [one for one in subjects if not (dict(one.fields).items() <= known.get(one.reference, {}).items())]
        if fresh:
            with self.store.write() as connection:
                self.vault.register(connection, fresh)
            for one in fresh:
                known.pop(one.reference, None)
        with self.store.read() as connection:
            return self.vault.commitments(connection, [one.reference for one in subjects])

    def forget_names(self) -> None:
        """Forget the numbers and names behind the references: they must not outlive the files that named them."""
        self.at_hand.references.clear()
        self.at_hand.opened.clear()

    def forget_all(self) -> None:
        """Forget the names and what was read of the log: a plan that waits for signatures is kept for days."""
        self.forget_names()
        self.at_hand.recent.clear()

    def place(self, parsed: ParsedFile, row: CleanRow) -> dict[str, Any]:
        """Where an event was read, for its `place` field."""
        return place_of(parsed, row.place)

    def source(self, parsed: ParsedFile, organisation: str) -> dict[str, Any]:
        """Where a file came from, for a `source` field."""
        return {
            "organisation": organisation,
            "file_digest": parsed.digest,
            "obtained_by": self.options.officer,
            "obtained_on": self.options.today.isoformat(),
            "how": self.options.how,
        }

    def facts(self, kind: str) -> list[Any]:
        """The standing events of a kind, in position order."""
        return [item.event for item in self.standing if item.event.kind == kind]

    def entity(self, *kinds: str) -> str:
        """The entity whose file this is: as the user said, or the only one of these kinds. E_ENTITY_CHOICE."""
        if self.options.entity is not None:
            return self.options.entity
        found = [event.entity for event in self.facts("entity.registered") if event.entity_kind in kinds]
        if len(found) != 1:
            raise RowRefusedError("", "E_ENTITY_CHOICE", found="、".join(found) or "0", kinds="/".join(kinds))
        return str(found[0])

    def names_of(self, entity: str, on: date | None = None) -> list[str]:
        """What an entity was called up to a day (None: today), the name of that day last; of one that nobody registered
        its id.
        """
        day = self.options.today if on is None else on
        names = [str(one.name) for one in self.facts("entity.registered") if one.entity == entity] or [entity]
        later = (one for one in self.facts("entity.renamed") if one.entity == entity and one.valid_from <= day)
        return [*names, *(str(one.name) for one in later)]

    def is_only(self, entity: str, kind: str) -> bool:
        """Whether the book has no other entity of a kind: what an office numbers by itself then needs no name."""
        return {one for told, one in self._kinds if told == kind} == {entity}

    def entity_of(self, kind: str, field: str, value: str) -> str:
        """The entity that recorded a standing fact (the one that registered an account, opened a fund)."""
        for item in self.standing:
            if item.event.kind == kind and getattr(item.event, field) == value:
                return item.entity
        raise RowRefusedError("", "E_STANDING_UNKNOWN", kind=kind, value=value)

    def account(
        self,
        *,
        number: str | None = None,
        label: str | None = None,
        bank: str | None = None,
        entity: str | None = None,
    ) -> Any:
        """A registered account: as the user said, by its number, by a word for it, or the only one of a bank; of one
        entity where the caller knows whose file it is.
        """
        accounts = self._own("bank.account_registered", entity)
        if self.options.account is not None:
            return _only(accounts, lambda one: one.account == self.options.account, self.options.account)
        if number:
            wanted = self.reference("account-number", number)
            return _only(accounts, lambda one: one.number_ref == wanted, tail(number))
        if label:
            word = plain(label)
            return _only(accounts, lambda one: word in {plain(a) for a in (*one.aliases, one.account)}, label)
        return _only(accounts, lambda one: one.bank is not None and plain(one.bank) == plain(bank or ""), bank or "?")

    def _own(self, kind: str, entity: str | None) -> list[Any]:
        """The standing events of a kind that one entity recorded; None: any."""
        return [i.event for i in self.standing if i.event.kind == kind and entity in (None, i.entity)]

    def channels(self, provider: str, merchant: str | None = None) -> list[tuple[str, Any]]:
        """(entity, channel) of a provider's registered channels, by a merchant number those that bear it, else those
        that bear none; of the entity that the user named, where it has any.
        """
        opened = [item for item in self.standing if item.event.kind == "channel.opened"]
        found: list[tuple[str, Any]] = [(item.entity, item.event) for item in opened]
        found = [one for one in found if one[1].provider == provider]
        if merchant:
            wanted = self.reference("merchant-number", merchant)
            by_number = [one for one in found if one[1].merchant_ref == wanted]
            found = by_number or [one for one in found if one[1].merchant_ref is None]
        return [one for one in found if one[0] == self.options.entity] or found

    def channel(self, provider: str, merchant: str | None) -> tuple[str, Any]:
        """(entity, channel): a registered channel by its merchant number, or the provider's only one when the file
        names none; of the entity that the user named, where it has any.
        """
        return self.only_channel(provider, self.channels(provider, merchant))

    def only_channel(self, provider: str, channels: Sequence[tuple[str, Any]]) -> tuple[str, Any]:
        """The one of these channels, of several the one that the user named as the account. E_CHANNEL_CHOICE where
        there is none, E_CHANNEL_SEVERAL.
        """
        named = [one for one in channels if one[1].channel == self.options.account]
        found = named if len(channels) > 1 and named else channels
        if len(found) == 1:
            return found[0]
        who = Words(*_PROVIDERS.get(provider, (provider, provider)))
        if not found:
            raise RowRefusedError("", "E_CHANNEL_CHOICE", provider=who)
        names = ", ".join(str(channel.channel) for _, channel in found)
        raise RowRefusedError("", "E_CHANNEL_SEVERAL", provider=who, found=len(found), names=names)

    def channel_named(self, label: str, entity: str) -> Any:
        """A registered channel of an entity by a word that its register uses for it; None when no channel is meant."""
        word = plain(label)
        for one in self._own("channel.opened", entity):
            if word in {plain(alias) for alias in (*one.aliases, one.channel)}:
                return one
        return None

    def fund(self, entity: str, name: str | None, *kinds: str) -> str:
        """A fund of the entity: as the user said, by its name, or the only one of these kinds. E_FUND_CHOICE."""
        if self.options.fund is not None:
            return self.options.fund
        funds = [i.event for i in self.standing if i.event.kind == "fund.opened" and i.entity == entity]
        if name:
            named: list[Any] = [one for one in funds if plain(name) in (plain(getattr(one, "name", "")), one_id(one))]
        else:
            named = [one for one in funds if getattr(one, "fund_kind", "") in kinds]
        if len(named) != 1:
            raise RowRefusedError("", "E_FUND_CHOICE", name=name or "/".join(kinds), found=len(named), entity=entity)
        return one_id(named[0])

    def month_end(self) -> date:
        """What a sheet without days is dated: the last day of the month that the user named, or today when earlier."""
        if self.options.month is None:
            return self.options.today
        return min(Period.parse(self.options.month).last_day, self.options.today)

    def party(self, name: str | None, *natural: object) -> tuple[str | None, str | None, list[Subject]]:
        """(name in clear, reference, what the vault must keep) of somebody in a file.

        An organisation's name is no personal data and stands in clear; anybody else goes to the vault.
        """
        if not name:
            return None, None, []
        if is_organisation(name):
            return name, None, []
        reference = self.reference("party", name, *natural)
        return None, reference, [Subject("payee", reference, (("name", name),))]


def one_id(event: Any) -> str:
    """A fund's id."""
    return str(event.fund)


def place_of(parsed: ParsedFile, place: RowPlace) -> dict[str, Any]:
    """A `Place` of the flows: digest of the file, sheet, row."""
    return {"file_digest": parsed.digest, "sheet": place.sheet, "row": place.row}


def _only(candidates: Iterable[Any], fits: Any, what: str) -> Any:
    found = [one for one in candidates if fits(one)]
    if len(found) != 1:
        raise RowRefusedError("", "E_ACCOUNT_CHOICE", name=what, found=len(found))
    return found[0]
