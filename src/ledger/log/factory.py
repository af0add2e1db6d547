"""How `eventsourcing` builds the application's recorder: from an open store, and from nothing that os.environ holds.

    class Ledger(DCBApplication):
        def construct_env(self, name, env=None):
            return LedgerEnvironment(name, store)

The library's own environment merges os.environ and prefers `LEDGER_…` keys, so a variable set by anybody could put
another recorder in the place of ours.
"""

from typing import Final

from eventsourcing.dcb.persistence import DCBInfrastructureFactory
from eventsourcing.persistence import InfrastructureFactoryError, TrackingRecorder
from eventsourcing.utils import Environment, EnvType

from ledger.log.recorder import SealedRecorder
from ledger.log.store import LogStore

FACTORY_TOPIC: Final = "ledger.log.factory:LedgerFactory"


class LedgerEnvironment(Environment):
    """The application's environment: one open store and one fixed factory. It holds no other key, prefixed or not."""

    def __init__(self, name: str, store: LogStore) -> None:
        super().__init__(name, {"PERSISTENCE_MODULE": FACTORY_TOPIC})
        self.store: Final = store


class LedgerFactory(DCBInfrastructureFactory[TrackingRecorder]):
    """Hands out the sealed recorder of the environment's store; whoever opened the store closes it."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        if not isinstance(env, LedgerEnvironment):
            raise InfrastructureFactoryError("LedgerFactory is built from a LedgerEnvironment")
        self._store = env.store

    def dcb_recorder(self) -> SealedRecorder:
        """The recorder of the book."""
        return SealedRecorder(self._store)
