"""Asks a served county all that the interface has, and keeps what was sent and answered: the document's examples.

`python -m tests.api.http.describing.recording FILE` writes them again. All of the county is invented.
"""

import json
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ledger.application.drafting import draft
from ledger.flows.registry import read_event
from ledger.values.dates import parse_day
from ledger.values.text import without_personal
from ledger_api.client.imports import proposed_of, upload
from tests.api.http.browsers import PASSWORD, Browser, newcomer
from tests.api.http.house import House, body_of, donation, fee, served
from tests.api.http.uploads import MAKER as OFFICE
from tests.application.importing.offices import delimited, sample
from tests.application.proposing.county import MONTH, copied, made
from tests.application.proposing.redress.test_self_checks import roster

CHARITY, CHECKER, AUDITOR, GUARD = "acct-charity", "check-charity", "auditor-1", "guan-1"
OFFICERS: Final = {None: None, "post": CHARITY, "people": OFFICE, "import": OFFICE, "trail": AUDITOR}
ADMINISTERED: Final = {"access", "system", "duties", "self"}
_NUMBER: Final = re.compile(r"[0-9]{12,}[Xx]?")
FULL_ROWS: Final = 1
"""So many rows of a list does an example show."""


@dataclass
class Recorder:
    """Calls a house and keeps, by operation, request and answers of JSON; `headers` of each answer by its status."""

    house: House
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    headers: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    templates: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        application: Any = self.house.client.app
        for path, methods in application.openapi()["paths"].items():
            for method, operation in methods.items():
                self.templates[operation["operationId"]] = {**operation, "path": path, "method": method.upper()}

    def ask(self, operation_id: str, /, body: Any = None, query: str = "", *, by: str = "", **path: Any) -> Any:
        """The JSON of one operation, which must go well."""
        operation = self.templates[operation_id]
        asked = by or officer_of(operation.get("x-permission"))
        headers = dict(path.pop("headers", {}))
        if any(one.get("name") == "Idempotency-Key" for one in operation.get("parameters", ())):
            headers.setdefault("idempotency_key", f"k-{len(self.headers)}")
        where = operation["path"].format(**path) + query
        return self.keep(operation_id, body, self.house.call(asked, operation["method"], where, body, **headers))

    def keep(self, name: str, body: Any, answer: Any) -> Any:
        """Keep what came back."""
        code = str(answer.status_code)
        assert answer.status_code < 300, (name, answer.status_code, answer.text[:500])
        self.headers[name, code] = answer.headers
        if answer.headers.get("content-type") != "application/json" or not answer.content:
            return answer
        entry = self.kept.setdefault(name, {})
        if body is not None:
            entry.setdefault("request", body)
        entry.setdefault("answers", {}).setdefault(code, shortened(answer.json()))
        return answer.json()

    def refuse(self, operation_id: str, /, **path: Any) -> None:
        """Keep how one operation refuses."""
        operation = self.templates[operation_id]
        answer = self.house.call(
            officer_of(operation.get("x-permission")), operation["method"], operation["path"].format(**path)
        )
        assert 400 <= answer.status_code < 500, (operation_id, answer.status_code)
        self.kept.setdefault(operation_id, {}).setdefault("answers", {})[str(answer.status_code)] = answer.json()


def officer_of(permission: str | None) -> str | None:
    """Who asks."""
    return GUARD if permission in ADMINISTERED else OFFICERS.get(permission, AUDITOR)


def shortened(value: Any) -> Any:
    """The same with the first row of each list, and without persons' numbers, which are invented too."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return without_personal(value)
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    if isinstance(value, list):
        rows = value[:FULL_ROWS] if value and isinstance(value[0], dict) else value
        return [shortened(one) for one in rows]
    return value


def record(house: House) -> Recorder:
    """Everything once."""
    found = Recorder(house)
    for part in (vouchers, imports, overseen, reads, reports, people, sessions):
        part(found)
    return found


def vouchers(to: Recorder) -> None:
    gift = to.house.voucher(CHARITY, "charity", donation())
    waits = to.house.voucher(CHARITY, "charity", fee("fee-1"), day=to.house.county.now.date())
    to.ask("post_voucher", body_of(gift), "?dry_run=true")
    told = to.ask("post_voucher", body_of(gift))
    pending = to.ask("post_voucher", body_of(waits))
    to.ask("read_voucher", voucher=told["voucher"])
    to.ask("list_vouchers")
    to.ask("list_pending")
    if pending["state"] != "posted":
        to.ask("read_pending", voucher=pending["voucher"])
        approval = to.house.approval(CHECKER, waits)
        to.ask("approve_voucher", approval, by=CHECKER, voucher=pending["voucher"])
        to.ask("approve_voucher", approval, by=CHECKER, voucher=pending["voucher"])
    position = told["positions"][0]
    to.ask("read_event", position=position)
    to.ask("prove_event", position=position)


def imports(to: Recorder) -> None:
    house = to.house
    data = delimited(roster()).encode()
    sent = {"content-type": "application/octet-stream", "idempotency-key": "k-roster"}
    made_ = to.keep(
        "create_import",
        None,
        house.program(OFFICE).post(f"/v1/imports?name=a.csv&month={MONTH}", content=data, headers=sent),
    )
    name = made_["id"]
    to.ask("list_imports")
    to.ask("read_import", import_id=name)
    seen = house.call(OFFICE, "GET", f"/v1/imports/{name}").headers["etag"]
    to.ask("change_import", {"month": MONTH, "note": "九月低保"}, import_id=name, headers={"if_match": seen})
    to.ask("list_import_rows", import_id=name)
    to.ask("read_import_errors", import_id=name)
    rounds = to.ask("propose_import", import_id=name)
    signed = []
    for one in map(proposed_of, rounds["vouchers"]):
        events, day = [read_event(data) for data in one.events], parse_day(one.voucher_date)
        drafted = draft(house.county.signer(OFFICE), one.entity, day, events, house.county.now, note=one.note)
        signed.append({"envelope": drafted.envelope.to_json_value()})
    to.ask("post_import_vouchers", {"vouchers": signed}, import_id=name)
    other = upload(house.program(OFFICE), "b.csv", delimited(sample("deaths")).encode(), {})
    seen = house.call(OFFICE, "GET", f"/v1/imports/{other['id']}").headers["etag"]
    to.ask("delete_import", import_id=other["id"], headers={"if_match": seen})


PATHS: Final[Mapping[str, Any]] = {
    "code": "E_NOT_PENDING",
    "size": 1,
    "year": 2025,
    "account": "icbc-9991",
    "tag": "fund:general",
    "level": 0,
    "tile": "000.p/1",
    "name": "M7",
    "kind": "matching",
}
QUERIES: Final[Mapping[str, str]] = {
    "read_trial_balance": "?entity=charity",
    "read_close_list": "?entity=charity&period=2025-09",
    "list_reconciliations": "?entity=charity",
    "read_reconciliation": "?entity=charity",
    "prove_consistency": "?old=1&new=2",
}
APART: Final = {
    *("read_hook", "read_person", "read_report", "take_report"),
    *("list_check_sheets", "take_check_sheet", "read_self_check", "read_session", "list_sessions"),
}
"""Reads that need something to be there first."""


def reads(to: Recorder) -> None:
    for name, operation in to.templates.items():
        known = {code for other, code in to.headers if other == name}
        if operation["method"] == "GET" and not known and name not in APART:
            wants = {
                part["name"]: PATHS.get(part["name"])
                for part in operation.get("parameters", ())
                if part["in"] == "path"
            }
            officer = "supervisor-1" if operation.get("x-permission") == "mirror" else ""
            to.ask(name, query=QUERIES.get(name, ""), by=officer, **wants)
    to.refuse("read_trail", tag="fund:genral")
    report = {"content-type": "text/plain"}
    text = "截至九月底,示例县慈善会收到捐款。".encode()
    path = "/v1/summaries/check"
    to.keep("check_report", None, to.house.program(AUDITOR).post(path, content=text, headers=report))
    hook = to.house.service.hooks.add(
        "https://hooks.example.org/in", ["charity"], [], ["charity"], GUARD, int(to.house.seconds())
    )
    to.kept["list_hooks"]["answers"].clear()
    to.ask("list_hooks")
    to.ask("read_hook", hook=hook.id)
    person = to.house.county.of_kind("enrolment.confirmed")[0].person
    to.ask("read_person", by=OFFICE, reference=person)


def reports(to: Recorder) -> None:
    told = to.ask("ask_report", {"kind": "fund", "format": "json"})
    while to.house.get(AUDITOR, f"/v1/reports/{told['id']}")["state"] in {"queued", "running"}:
        time.sleep(0.01)
    to.ask("read_report", report=told["id"])
    to.ask("list_reports")
    to.kept["list_reports"]["answers"].clear()
    to.ask("list_reports")
    to.ask("take_report", report=told["id"])


def people(to: Recorder) -> None:
    wanted = {"label": "示例市民政局", "permissions": ["books"], "entities": ["charity"], "addresses": [], "days": 30}
    key = to.ask("make_read_key", wanted)
    to.kept["list_read_keys"]["answers"].clear()
    to.ask("list_read_keys")
    to.ask("revoke_read_key", read_key=key["id"])
    to.ask("give_login", {"officer": CHARITY})
    seen = to.house.call(GUARD, "GET", "/v1/duties").headers["etag"]
    to.ask("propose_duty", {"duty": "audit", "officer": AUDITOR}, headers={"if_match": seen})
    to.kept["list_duties"]["answers"].clear()
    to.ask("list_duties")


def sessions(to: Recorder) -> None:
    """What only a browser does."""
    house, browser = to.house, Browser(to.house)
    first = house.service.access.logins.give(CHECKER, "operator", int(house.seconds()))
    body = {"officer": CHECKER, "password": first, "code": ""}
    to.keep("sign_in", body, browser.call("POST", "/v1/session", body))
    told = to.keep("propose_second_factor", None, browser.call("POST", "/v1/session/second-factor"))
    browser.seed = told["seed"]
    body = {"code": browser.code()}
    to.keep("confirm_second_factor", body, browser.call("PUT", "/v1/session/second-factor", body))
    body = {"old": first, "new": PASSWORD}
    to.keep("change_password", body, browser.call("PUT", "/v1/session/password", body))
    for name, method, path in (
        ("read_session", "GET", "/v1/session"),
        ("list_sessions", "GET", "/v1/sessions"),
        ("sign_out", "DELETE", "/v1/session"),
    ):
        to.kept.get(name, {}).get("answers", {}).clear()
        to.keep(name, None, browser.call(method, path))
    again = newcomer(house, "check-bureau")
    to.keep("end_sessions", None, again.call("DELETE", "/v1/sessions"))
    for name, way, wanted in (("lock_login", "PUT lock", {"locked": True}), ("reset_login", "POST reset", None)):
        method, _, last = way.partition(" ")
        path = f"/v1/logins/{CHARITY}/{last}"
        to.keep(name, wanted, house.call(GUARD, method, path, wanted, idempotency_key=f"k-{name}"))
    to.kept["list_logins"]["answers"].clear()
    to.ask("list_logins")


def overseen(to: Recorder) -> None:
    """Doubts raised by a self-check, and given out."""
    to.house.county.sign_off()
    _hand_in(to, to.ask("read_self_check", by=OFFICE))
    to.kept["list_check_sheets"] = {}
    listed = to.ask("list_check_sheets")
    _hand_in(to, listed)
    to.ask("take_check_sheet", query="?purpose=下发核查", township=listed["sheets"][0]["township"])


def _hand_in(to: Recorder, told: Any) -> None:
    house = to.house
    for one in told["vouchers"]:
        events = [read_event(text.encode()) for text in one["events"]]
        signer, now = house.county.signer(OFFICE), house.county.now
        submission = draft(signer, one["entity"], now.date(), events, now, note=one["note"])
        assert house.call(OFFICE, "POST", "/v1/vouchers", body_of(submission)).status_code < 300


def text_of(found: Recorder) -> str:
    """The examples as they are kept."""
    found.kept.pop("take_report")  # a file
    kept = {name: one for name, one in found.kept.items() if one.get("answers") or "request" in one}
    return json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main(file: Path) -> None:
    """Write them."""
    with tempfile.TemporaryDirectory() as source, tempfile.TemporaryDirectory() as folder:
        first = Path(source)
        county = copied(Path(folder), first, *made(first))
        house = served(county)
        with house.client:
            file.write_text(text_of(record(house)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
