"""A list of somebody of one township is held against two books, of which nothing is read or opened twice."""

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy

import pytest
from sqlalchemy import Connection

from ledger.application.importing.parse import parse_file
from ledger.application.proposing.context import Context
from ledger.application.proposing.planning import Maker, Plan
from ledger.log import reading
from ledger.log.rows import StoredEvent
from ledger.vault.people import Vault
from tests.application.proposing.county import ORIGIN, County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import OCTOBER
from tests.application.proposing.relief.paying.bank import at, listed, roster

OFFICER = f"acct-{BUREAU}"


def narrowed_plan(county: County, township: str) -> Plan:
    """The plan of October's list for somebody of one township."""
    authority = deepcopy(county.writer.authority)
    authority.roles[OFFICER] = {(role, entity, township) for role, entity, _ in authority.roles[OFFICER]}
    path = county.write("花名册10月.csv", listed())
    context = Context(county.store, county.vault, county.options(OFFICER, month=OCTOBER, today=county.now.date()))
    maker = Maker(OFFICER, county.keys[OFFICER].public.keyid, ORIGIN)
    return Plan(parse_file(path, month=OCTOBER), context, county.store, authority, maker, {})


def test_what_lies_elsewhere_is_looked_up_with_what_is_at_hand(funded: County, monkeypatch: pytest.MonkeyPatch) -> None:
    roster(funded, "2025-09", listed())
    at(funded, 10, 8)
    opened, read = Counter[str](), Counter[int]()
    open_them, events_at = Vault.opened, reading.events_at

    def opening(vault: Vault, connection: Connection, references: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        wanted = list(references)
        opened.update(wanted)
        return open_them(vault, connection, wanted)

    def reading_them(connection: Connection, places: Iterable[int]) -> list[StoredEvent]:
        wanted = list(places)
        read.update(wanted)
        return events_at(connection, wanted)

    monkeypatch.setattr(Vault, "opened", opening)
    monkeypatch.setattr(reading, "events_at", reading_them)
    found = narrowed_plan(funded, "石岭镇").found
    assert {cell.code for cell in found.wrong} == {"E_SCOPE"}
    assert (set(opened.values()), set(read.values())) == ({1}, {1})
