"""What a proposer may look up: entities, accounts, channels, funds and programmes of the book, and references.

Names in files are loose («工行9991», «爱心助学»); here they find the one thing they can mean, or the row is wrong with
a sentence that says how to say it better.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select

from ledger.accounts.roles import Role
from ledger.application.drafting import draft_event
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.importing.rows import Place as RowPlace
from ledger.application.proposing.proposal import RowRefusedError
from ledger.decisions.histories import REVERSED, STANDING, recorded, without_reversed
from ledger.flows.event import Event
from ledger.flows.knowledge import Need, Recorded
from ledger.log import reading, tables
from ledger.log.store import LogStore
from ledger.values.text import has_personal_pattern
from ledger.vault.people import Subject, Vault

_ORGANISATION: Final = re.compile(
    r"(公司|学校|中学|小学|大学|学院|幼儿园|医院|银行|信用社|局|委员会|委|办|厅|院|中心|总会|协会|学会|商会|联合会|基金会|政府|人民政府|"
    r"村|社区|居委会|村委会|厂|店|社|合作社|集团|事务所|站|所|支行|分行|户|部|队|园|馆|科技有限)$",
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the user said besides the files."""

    officer: str
    today: date
    how: str = "download"
    entity: str | None = None
    fund: str | None = None
    account: str | None = None
    programme: str | None = None
    month: str | None = None
    note: str = ""


class Context:
    """The book as proposers see it. `standing` are its standing facts when the import began."""

    def __init__(self, store: LogStore, vault: Vault, options: Options) -> None:
        self._store = store
        self.vault = vault
        self.options = options
        self.standing = self.find([Need(STANDING)])[Need(STANDING)]

    def find(self, needs: Sequence[Need]) -> dict[Need, list[Recorded]]:
        """What is recorded under each need, without reversed pairs: one query for all."""
        wide = {need: Need(need.tag, (*need.kinds, REVERSED)) if need.kinds else need for need in needs}
        with self._store.read() as connection:
            rows = reading.history(connection, list(dict.fromkeys(wide.values())))
            places = {row.position: row for part in rows.values() for row in part}
            items = {item.position: item for item in recorded(connection, places.values())}
        return {
            need: without_reversed([items[row.position] for row in rows[query]], need.kinds)
            for need, query in wide.items()
        }

    def balances(self, entity: str, fund: str, role: Role) -> dict[str, int]:
        """Party -> signed fen of a fund's accounts of a role, now."""
        columns = tables.balances.c
        chosen = select(columns.party, func.sum(columns.amount_fen)).where(
            columns.entity == entity, columns.fund == fund, columns.role == role.value
        )
        with self._store.read() as connection:
            rows = connection.execute(chosen.group_by(columns.party).order_by(columns.party))
            return {row[0]: int(row[1]) for row in rows}

    def event(self, kind: str, **values: Any) -> Event:
        """An event with a fresh id; fields that may be null and are not given are null."""
        return draft_event(kind, values)

    def reference(self, what: str, *natural: object) -> str:
        """A keyed reference of a natural key: the same whichever file names it, telling nothing to a reader."""
        return self.vault.reference(what, "\x1f".join(str(part) for part in natural))

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

    def entity_of(self, kind: str, field: str, value: str) -> str:
        """The entity that recorded a standing fact (the one that registered an account, opened a fund)."""
        for item in self.standing:
            if item.event.kind == kind and getattr(item.event, field) == value:
                return item.entity
        raise RowRefusedError("", "E_STANDING_UNKNOWN", kind=kind, value=value)

    def account(self, *, number: str | None = None, label: str | None = None, bank: str | None = None) -> Any:
        """A registered account: as the user said, by its number, by a word for it, or the only one of a bank."""
        accounts = self.facts("bank.account_registered")
        if self.options.account is not None:
            return _only(accounts, lambda one: one.account == self.options.account, self.options.account)
        if number:
            wanted = self.reference("account-number", number)
            return _only(accounts, lambda one: one.number_ref == wanted, tail(number))
        if label:
            word = plain(label)
            return _only(accounts, lambda one: word in {plain(a) for a in (*one.aliases, one.account)}, label)
        return _only(accounts, lambda one: one.bank is not None and plain(one.bank) == plain(bank or ""), bank or "?")

    def channel(self, provider: str, merchant: str | None) -> Any:
        """A registered channel by its merchant number, or the provider's only one when the file names none."""
        channels = [one for one in self.facts("channel.opened") if one.provider == provider]
        if merchant:
            wanted = self.reference("merchant-number", merchant)
            channels = [one for one in channels if one.merchant_ref in (None, wanted)]
        if len(channels) != 1:
            raise RowRefusedError("", "E_CHANNEL_CHOICE", provider=provider, found=len(channels))
        return channels[0]

    def channel_named(self, label: str) -> Any:
        """A registered channel by a word that a register uses for it; None when no channel is meant."""
        word = plain(label)
        for one in self.facts("channel.opened"):
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


def plain(text: str) -> str:
    """A word without widths, blanks and brackets, for comparing what people typed."""
    return re.sub(r"[\s()()【】\[\]·.]", "", unicodedata.normalize("NFKC", text)).lower()


def tail(number: str) -> str:
    """The last four digits, for a message: never the number itself."""
    return "…" + number[-4:]


def is_organisation(name: str) -> bool:
    """Whether a name is certainly that of an organisation; a doubtful one is treated as a person's."""
    return len(name) >= 4 and _ORGANISATION.search(name.strip()) is not None and not has_personal_pattern(name)


def _only(candidates: Iterable[Any], fits: Any, what: str) -> Any:
    found = [one for one in candidates if fits(one)]
    if len(found) != 1:
        raise RowRefusedError("", "E_ACCOUNT_CHOICE", name=what, found=len(found))
    return found[0]
