"""A bureau's year under `kill -9`: whenever it dies, the import is begun again, and in the end it is the same year.

Each life begins with the month and programme that the last one did not finish. After each death the file is sound and
every voucher that was acknowledged stands where it was said to stand; in the end the generator's own totals hold, the
verifier finds nothing, and the files once more add nothing.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import settings
from nacl.utils import randombytes_deterministic

from ledger.application.outcomes import Receipt
from ledger.signing.keys import SigningKey
from ledger_api.demo.year.control import controls
from ledger_api.demo.year.play import Year, prepared
from ledger_audit.derivation import verify_book
from ledger_projections.registry import catch_up
from tests.crash import remains
from tests.crash.remains import Posted
from tests.crash.serving import serving
from tests.crash.yearling import OFFICERS, Bureau, Step, steps_of, work

SOAK = settings().max_examples > 1_000
SCALE = Decimal("0.005")
FIRST_MS, SPAN_MS = (60, 900) if SOAK else (100, 2_400)
"""A life is long enough for some steps; in a soak it is so short that a step may take several."""
SHORT_MS = 130
"""How long a life is at most that must not bring the year too far."""
LIVES_MAX = 3_000
KILLS_MIN = 200 if SOAK else 5
"""A quick machine needs few lives for the year, so that a soak keeps them short while the year is ahead of its deaths;
a slow one needs ten times as many.
"""
RELIEF_ALONE = {"死亡后发放笔数", "退票(元)", "到账后退回(元)", "退票再发(元)"}
"""What of the whole bureau this program plays; the charity and aid given once are left out."""
SEED = b"kill -9 of a whole bureau's year"


def lives(year: Year, steps: list[Step], operator: SigningKey) -> tuple[int, dict[str, Posted]]:
    """Kill until every step is done; how many lives it took, and all that was acknowledged."""
    county, acknowledged = year.county, dict[str, Posted]()
    order: dict[str, Any] = {
        "folder": str(county.folder),
        "seeds": {officer: county.keys.key(officer).seed.hex() for officer in OFFICERS},
        "operator": operator.seed.hex(),
        "steps": steps,
    }
    moments = randombytes_deterministic(2 * LIVES_MAX, SEED)
    done = 0
    with serving("yearling") as server:
        for life in range(LIVES_MAX):
            drawn = int.from_bytes(moments[2 * life : 2 * life + 2], "big")
            is_ahead = SOAK and done * KILLS_MIN > life * len(steps)
            span = drawn % SHORT_MS if is_ahead else FIRST_MS + drawn % SPAN_MS
            for word, *said in server.killed({**order, "from": done}, span):
                assert word != "wrong", (steps[done], said)
                if word == "ack":
                    acknowledged[said[0]] = Posted(int(said[1]), int(said[2]), said[3])
                elif word == "step":
                    done = int(said[0]) + 1
            with remains.opened(county.folder / "book" / "book.db") as connection:
                assert remains.faults(connection, county.operator.verifier) == [], life
                standing = remains.posted(connection)
            assert acknowledged.items() <= standing.items(), "nothing that was acknowledged is lost or moved"
            if done == len(steps):
                return life + 1, acknowledged
    raise AssertionError(done)


def test_a_year_killed_again_and_again_is_the_same_year(tmp_path: Path) -> None:
    year = prepared(tmp_path / "county", SCALE, 9, 3)
    steps, operator = list(steps_of(year.made)), year.county.operator.key
    year.county.book.close()
    kills, acknowledged = lives(year, steps, operator)
    assert kills >= KILLS_MIN
    assert acknowledged
    seeds = {officer: year.county.keys.key(officer).seed.hex() for officer in OFFICERS}
    county = Bureau(year.county.folder, seeds, operator.seed.hex())
    before = size(county)
    for step in steps[-2 * len(year.made.rolls) - 1 :]:
        work(county, step)
    assert size(county) == before, "December, the lists of January and the list of the dead once more add nothing"
    assert all(isinstance(one, Receipt) for report in county.reports for one in report.vouchers)
    assert all(progress.failure is None for progress in catch_up(county.book.store))
    with county.book.store.read() as connection:
        lists = {roll.target.name for roll in year.made.rolls}
        mine = [one for one in controls(connection, year.made) if one.programme in lists or one.what in RELIEF_ALONE]
        assert len(mine) > len(RELIEF_ALONE)
        assert [one for one in mine if not one.holds] == []
        verdict = verify_book(connection, county.book.clock().date())
    assert verdict.holds, verdict.to_json()
    county.book.close()


def size(county: Bureau) -> tuple[int, ...]:
    """Events, vouchers, waiting vouchers, and fields in the vault."""
    with remains.opened(county.folder / "book" / "book.db") as connection:
        tables = ("events", "vouchers", "pending", "identities")
        return tuple(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables)
