"""An application gets the sealed recorder of its own store, whatever stands in os.environ."""

import pytest
from eventsourcing.dcb.api import DCBEvent
from eventsourcing.dcb.application import DCBApplication
from eventsourcing.persistence import InfrastructureFactoryError
from eventsourcing.utils import Environment, EnvType

from ledger.errors import RefusedError
from ledger.log.factory import FACTORY_TOPIC, LedgerEnvironment, LedgerFactory
from ledger.log.recorder import SealedRecorder
from ledger.log.store import LogStore
from tests.log.scribe import scribe_of, write


class Sample(DCBApplication):
    """An application built as ours is."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        super().__init__()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        return LedgerEnvironment(name, self._store)


VARIABLES = ["PERSISTENCE_MODULE", "SAMPLE_PERSISTENCE_MODULE", "INFRASTRUCTURE_FACTORY", "FACTORY_TOPIC"]


def test_the_environment_cannot_swap_the_recorder(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "eventsourcing.dcb.popo")
    monkeypatch.setenv("SAMPLE_MAPPER_TOPIC", "os:path")
    with Sample(store) as application:
        assert type(application.recorder) is SealedRecorder
        assert not hasattr(application, "mapper")
        write(store, [scribe_of(store).voucher()])
        assert [found.position for found in application.recorder.read()] == [1]
        with pytest.raises(RefusedError, match="E_LOG_SEALED"):
            application.recorder.append([DCBEvent("k", b"")])


def test_the_plain_library_can_be_swapped_which_is_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows that the test above can fail: without our environment, the variable wins."""
    monkeypatch.setenv("PLAIN_PERSISTENCE_MODULE", FACTORY_TOPIC)
    with pytest.raises(InfrastructureFactoryError):
        type("Plain", (DCBApplication,), {})()


@pytest.mark.parametrize("env", [None, {}, Environment("x", {"PERSISTENCE_MODULE": FACTORY_TOPIC})])
def test_the_factory_is_not_built_from_anything_else(env: EnvType | None) -> None:
    with pytest.raises(InfrastructureFactoryError):
        LedgerFactory(env)
