"""An office with three acts to be done, for tests that break them."""

import functools
from collections.abc import Iterator

import pytest
from nacl.pwhash import argon2id

from tests.api.county import Office
from tests.crash import acting


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Made once a module; keys are opened quickly from the second time on, in children too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argon2id, "kdf", functools.cache(argon2id.kdf))
        yield acting.prepared(tmp_path_factory.mktemp("acts") / "office")
