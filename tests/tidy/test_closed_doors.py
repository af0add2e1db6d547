"""Tests stay on this machine: the hook in the root `conftest.py` lets loopback through and nothing else."""

import socket

import pytest


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_no_way_out(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(PermissionError):
        client.connect((address, 80))


def test_no_name_is_looked_up() -> None:
    with pytest.raises(PermissionError):
        socket.create_connection(("example.org", 80))


def test_loopback_is_open() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
