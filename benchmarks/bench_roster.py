"""A roster of 50,000 households through the interface, from the first byte of the upload to the last posted voucher:
once when nobody in it is known yet and once a month later, compared with the first.

Each round is judged before it is signed, as a clerk has it who looks first; the client reads, signs and hands in.
"""

import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import httpx2

from benchmarks.measuring import QUICK, heading, row, scratch
from benchmarks.serving import Served, served
from ledger_api.client.imports import import_file
from ledger_api.client.signed_requests import SignedRequests
from ledger_api.demo.acts import CLERK
from ledger_api.demo.cast import BUREAU
from ledger_api.demo.run import INPUTS, County, opened
from ledger_api.demo.year.offices import Offices
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.play import setup
from ledger_api.demo.year.roll import roll_of
from ledger_api.demo.year.targets import MONTHS, TARGETS

ROWS: Final = 500 if QUICK else 50_000
SECONDS: Final = 30
_RURAL: Final = 1
_TARGET_ROWS: Final = 5_720
"""Households of the target at scale 1; the roll comes within a few of a hundred of the wanted number."""
_AN_HOUR: Final = 3600.0


def take_in(county: County, server: Served, files: list[Path], month: str) -> tuple[int, float, float]:
    """Rows posted, seconds, and seconds of the server's processor."""
    auth = SignedRequests(county.keys.key(CLERK))
    address = f"http://127.0.0.1:{server.port}"
    rows = 0
    before, begun = server.cpu_s(), time.perf_counter()
    with httpx2.Client(base_url=address, auth=auth, timeout=_AN_HOUR) as client:
        for file in files:
            told = import_file(
                client, file, lambda: county.signer(CLERK), lambda: datetime.now(UTC), chosen={"month": month}
            )
            assert all(one["state"] in {"posted", "pending"} for one in told.results), told.results[-1]
            assert told.described["counts"]["wrong"] == 0, told.described
            rows = told.described["counts"]["posted"] + told.described["counts"]["pending"]
    return rows, time.perf_counter() - begun, server.cpu_s() - before


def main() -> None:
    """The first and the second month."""
    heading("A roster of 50,000 households through the interface")
    scale = Decimal(ROWS) / _TARGET_ROWS
    dice = Dice(1)
    roll = roll_of(TARGETS[_RURAL].scaled(scale), dice)
    with scratch() as folder:
        county = opened(folder / "county", lambda _told: None)
        county.post(CLERK, BUREAU, setup(2 * roll.total_fen()), ("fenguan-sun", "checker"), date(2024, 1, 1))
        office = Offices(county.folder / INPUTS, roll, dice, 50)
        with served(county.folder / "book") as server:
            for index, which in enumerate(("everybody in it new", "compared with the month before")):
                files = office.month(index)
                lists = [files.roster] if files.exits is None else [files.exits, files.roster]
                rows, seconds, cpu = take_in(county, server, lists, MONTHS[index])
                figures = f"{seconds:.1f} s ({cpu:.1f} s of the server's processor)"
                row(
                    f"{rows:,} households, {which}: upload to posted",
                    figures,
                    f"under {SECONDS} s",
                    holds=seconds < SECONDS,
                )
                county.sign_off()
        county.book.close()


if __name__ == "__main__":
    main()
