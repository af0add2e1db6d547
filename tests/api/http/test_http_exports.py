"""Exports over the network: whole or not at all, and each one written down."""

import io
import json

import pytest
from sqlalchemy import select

from ledger.log.side_tables import access_log
from ledger_audit.events_export import export_events
from ledger_audit.journals import FORMATS, export_journal
from tests.api.http.house import House


def written_down(house: House) -> list[tuple[str, str, str]]:
    with house.service.store.read() as connection:
        chosen = select(access_log.c.actor, access_log.c.action, access_log.c.detail)
        return [tuple(row) for row in connection.execute(chosen.order_by(access_log.c.id))]


def test_events_come_whole_with_their_trailer(house: House) -> None:
    before = written_down(house)
    answer = house.call("supervisor-1", "GET", "/v1/export/events.jsonl?from=5")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert int(answer.headers["content-length"]) == len(answer.content)
    same = io.BytesIO()
    with house.service.store.read() as connection:
        trailer = export_events(connection, same, house.service.operator, first=5)
    assert answer.content == same.getvalue()
    assert trailer["signature"]
    lines = answer.content.splitlines()
    assert json.loads(lines[-1])["trailer"]["count"] == trailer["count"] == len(lines) - 1
    assert json.loads(lines[0])["position"] == 5
    assert written_down(house) == [*before, ("supervisor-1", "export.events", "from=5")]


@pytest.mark.parametrize("kind", FORMATS)
def test_the_journal_is_that_of_the_command_line(house: House, kind: str) -> None:
    answer = house.call("auditor-1", "GET", f"/v1/export/journal?format={kind}", accept_language="en")
    same = io.BytesIO()
    with house.service.store.read() as connection:
        export_journal(connection, same, house.service.book.origin, FORMATS[kind], "en")
    assert answer.content == same.getvalue()
    assert written_down(house)[-1][:2] == ("auditor-1", "export.journal")


def test_nothing_leaves_without_being_written_down(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written_down(house)
    assert house.call("acct-charity", "GET", "/v1/export/events.jsonl").status_code == 403
    assert house.call("auditor-1", "GET", "/v1/export/journal?format=excel").status_code == 422
    assert written_down(house) == before

    class DiskFullError(OSError):
        pass

    def full(**_how: object) -> None:
        raise DiskFullError

    monkeypatch.setattr(house.service.store, "write", full)
    with pytest.raises(DiskFullError):
        house.call("auditor-1", "GET", "/v1/export/events.jsonl")


def test_no_copy_is_left_behind(house: House) -> None:
    folder = house.service.book.settings.directory
    before = sorted(folder.iterdir())
    assert house.call("auditor-1", "GET", "/v1/export/events.jsonl").content
    assert sorted(folder.iterdir()) == before
