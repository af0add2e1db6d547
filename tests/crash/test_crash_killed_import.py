"""A file's import that is killed again and again, and begun again, gives the books of an import that was left alone."""

from pathlib import Path

from nacl.utils import randombytes_deterministic

from ledger.signing.vkeys import NoteSigner
from tests.application.importing.offices import sample
from tests.application.proposing.county import ORIGIN, County, copied, made
from tests.crash import remains
from tests.crash.serving import serving

ROWS = 2400
"""Three vouchers of a thousand rows or less, and the people registered before them."""
KILLS = 24
FIRST_MS, SPAN_MS = 100, 1500
SEED = b"kill -9 of a whole file's import"


def trades() -> list[list[str]]:
    """A day's file of a payment channel: gifts of 1.00 to 24.00 yuan, each with its own order number."""
    header, first = sample("wechat_trade")[:2]
    rows = []
    for n in range(ROWS):
        amount = f"`{n % 24 + 1}.00"
        own = {"微信订单号": f"`42000099992025090500000{n:06d}", "手续费": "`0.00"}
        own |= {"应结订单金额": amount, "订单金额": amount}
        rows.append([own.get(column, cell) for column, cell in zip(header, first, strict=True)])
    return [header, *rows]


def new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_an_import_killed_24_times_gives_the_books_of_one_left_alone(tmp_path: Path) -> None:
    source = new(tmp_path / "source")
    keys, operator = made(source)
    alone = copied(new(tmp_path / "alone"), source, keys, operator)
    killed = copied(new(tmp_path / "killed"), source, keys, operator)
    file = alone.write("trades.csv", trades())
    report = alone.one(file)
    assert (report.new, report.wrong, report.refused) == (ROWS, [], None)
    killed.close()
    order = {
        "folder": str(killed.folder),
        "keys": {name: key.seed.hex() for name, key in keys.items()},
        "operator": operator.seed.hex(),
        "file": str(file),
    }
    moments = randombytes_deterministic(2 * KILLS, SEED)
    with serving("bringer") as server:
        for place in range(0, 2 * KILLS, 2):
            server.killed(order, FIRST_MS + int.from_bytes(moments[place : place + 2], "big") % SPAN_MS)
            with remains.opened(killed.folder / "book.db") as connection:
                assert remains.faults(connection, NoteSigner(ORIGIN, operator).verifier) == []
    again = County(killed.folder, keys, operator)
    last = again.one(file)
    assert (last.new + last.duplicate, last.wrong) == (ROWS, [])
    assert again.size() == alone.size()
    assert again.balances() == alone.balances()
    again.close()
    alone.close()
