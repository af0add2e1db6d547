"""`charity-ledger serve` delivers; killed before it could write down what arrived, it delivers that again."""

import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler

from sqlalchemy.engine import make_url

from tests.api.hooks.receiver import receiving, until
from tests.api.http.house import House, body_of, donation
from tests.api.http.running.live import client_of, directory_of, live, voucher

MAKER = "acct-charity"


def test_a_server_killed_after_the_receiver_has_it_sends_it_again_when_it_is_back(house: House) -> None:
    folder = directory_of(house.county)
    killed = threading.Event()
    with receiving() as receiver:
        made = house.service.hooks.add(receiver.url, (), (), (), "operator", house.service.unix_now())
        allowed = ("--hook-networks", "127.0.0.0/8", "--hook-ports", str(receiver.port))

        def dies(_handler: BaseHTTPRequestHandler) -> None:
            server.process.kill()
            killed.set()

        receiver.answers = [dies]
        with live(folder, *allowed) as server, client_of(server.url, house.county.keys[MAKER]) as client:
            submission = voucher(house.county, MAKER, "charity", donation(1))
            number = client.post("/v1/vouchers", json=body_of(submission)).json()["number"]
            assert killed.wait(30)
            server.process.wait(30)
        assert house.service.hooks.find(made.id, 0).delivered == number - 1
        with closing(sqlite3.connect(str(make_url(house.county.store.engine.url).database))) as raw:
            raw.execute("UPDATE hook_lease SET ends_at = 0")  # the time that it still had has passed
            raw.commit()
        with live(folder, *allowed) as server:
            until(lambda: house.service.hooks.find(made.id, 0).delivered == number)
            assert server.stop() == 0
    first, again = receiver.got
    assert (first.id, first.body) == (again.id, again.body)
    assert again.signed_by(made.public_keys[0])
