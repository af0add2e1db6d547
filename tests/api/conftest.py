"""One office for the session, and a copy of it for each test that asks.

Stretching a passphrase takes a tenth of a second on purpose; here each passphrase is stretched once for each file, and
passwords are sealed at the lowest cost, once the full one was asked for.
"""

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.pwhash import argon2id

from tests.api.county import Office, opened


@pytest.fixture(scope="session", autouse=True)
def quick_stretching() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argon2id, "kdf", functools.cache(argon2id.kdf))
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    seal = argon2id.str

    def cheap(password: bytes, ops: int, mem: int) -> bytes:
        assert (ops, mem) == (argon2id.OPSLIMIT_INTERACTIVE, argon2id.MEMLIMIT_INTERACTIVE)
        return bytes(seal(password, argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argon2id, "str", cheap)
        yield


@pytest.fixture(scope="session")
def first_office(tmp_path_factory: pytest.TempPathFactory, quick_stretching: None) -> Office:
    return opened(tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(first_office: Office, tmp_path: Path) -> Office:
    return first_office.copy(tmp_path / "office")
