"""What is kept for some days only is destroyed when they are over, also where nobody asks for anything."""

import asyncio
import logging
from typing import Final

import anyio.to_thread

from ledger_api.http.service import Service

EVERY_S: Final = 600.0
"""So much longer than it may an upload or a report lie."""
_log: Final = logging.getLogger("ledger.tidying")


async def tidying(service: Service) -> None:
    """Tidy again and again until it is cancelled; what fails is tried again at the next turn."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await anyio.to_thread.run_sync(service.tidy)
        except Exception:  # noqa: BLE001 - whatever it was, the service goes on
            _log.exception("tidying")
