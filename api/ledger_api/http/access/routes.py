"""The routes of access, put together for `app`."""

from typing import Final

from fastapi import APIRouter

from ledger_api.http.access import directory, people, security, sessions

ACCESS_ROUTERS: Final[tuple[APIRouter, ...]] = (
    sessions.router,
    security.router,
    people.router,
    directory.router,
)
