"""Browsers and supervisors' programs for tests: a session from the front door, and read-only keys."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient

from ledger_api.access.reading_keys import Wanted
from ledger_api.http.access.cross_site import FORM_TOKEN
from ledger_api.http.access.ways import COOKIE
from tests.api.http.house import HOST, House

SITE = f"https://{HOST}"
PASSWORD = "a county keeps its books in the open"
OTHER_PASSWORD = "so that whoever gave can read them"


@dataclass
class Browser:
    """A browser that keeps one cookie and sends what browsers send; fields may be spoilt by a test."""

    house: House
    cookie: str | None = None
    form_token: str | None = None
    seed: str = ""
    sent: dict[str, str] = field(default_factory=lambda: {"sec-fetch-site": "same-origin", "origin": SITE})

    def call(self, method: str, path: str, body: Any = None, **changed: str | None) -> Any:
        """A request as a page of this site makes it; a field given as None is not sent."""
        headers: dict[str, str | None] = dict(self.sent)
        headers[FORM_TOKEN.lower()] = self.form_token
        headers["cookie"] = None if self.cookie is None else f"{COOKIE}={self.cookie}"
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        kept = {name: value for name, value in headers.items() if value is not None}
        client = TestClient(self.house.client.app, base_url=SITE)
        answer = client.request(method, path, json=body, headers=kept)
        given = answer.cookies.get(COOKIE)
        if given is not None:
            self.cookie = given.strip('"') or None
            self.form_token = answer.json().get("csrf")
        return answer

    def sign_in(self, officer: str, password: str, code: str = "") -> Any:
        """What the sign-in page does."""
        return self.call("POST", "/v1/session", {"officer": officer, "password": password, "code": code})

    def code(self) -> str:
        """What the person's telephone shows now."""
        return pyotp.TOTP(self.seed).at(int(self.house.seconds()))

    def next_code(self) -> str:
        """The next code: the clock goes on by a step first."""
        wait(self.house, 30)
        return self.code()


def wait(house: House, seconds: int) -> None:
    """Let the county's clock go on."""
    house.county.now += timedelta(seconds=seconds)


def newcomer(house: House, officer: str) -> Browser:
    """A person who was given a login, set up the second factor, and chose a password: signed in."""
    browser = Browser(house)
    first = house.service.access.logins.give(officer, "operator", int(house.seconds()))
    assert browser.sign_in(officer, first).status_code == 201
    browser.seed = browser.call("POST", "/v1/session/second-factor").json()["seed"]
    assert browser.call("PUT", "/v1/session/second-factor", {"code": browser.code()}).status_code == 200
    changed = browser.call("PUT", "/v1/session/password", {"old": first, "new": PASSWORD})
    assert (changed.status_code, changed.json()["stage"]) == (200, "full"), changed.text
    return browser


def signed_in(house: House, officer: str) -> Browser:
    """A browser with a full session, without the way through the front door."""
    access = house.service.access
    with house.service.store.write() as connection:
        token, session = access.sessions.open(connection, officer, "full", "testclient", int(house.seconds()))
    return Browser(house, token, access.sessions.form_token(session))


def read_key(
    house: House, *permissions: str, entities: tuple[str, ...] = (), addresses: tuple[str, ...] = (), days: int = 30
) -> str:
    """A new read-only key."""
    wanted = Wanted("监管局", permissions, entities, addresses, days)
    with house.service.store.write() as connection:
        return house.service.access.reading_keys.make(connection, wanted, "guan-1", int(house.seconds()))[0]


def with_key(house: House, key: str, method: str, path: str, body: Any = None) -> Any:
    """A request of a supervisor's program."""
    return house.call(None, method, path, body, authorization=f"Bearer {key}")


def counted(patch: pytest.MonkeyPatch, work: list[str], owner: Any, name: str) -> None:
    """Have each call of `owner.name` write its name down before it does its work."""
    real = getattr(owner, name)

    def call(*given: Any) -> Any:
        work.append(name)
        return real(*given)

    patch.setattr(owner, name, call)
