"""Everything that access keeps of one book, put together: for the server and for the operator's command line."""

from typing import Final

from ledger.log.keeping.life import require_upgraded
from ledger.log.store import LogStore
from ledger.signing.vkeys import NoteSigner
from ledger_api.access.duties import Duties
from ledger_api.access.logins import Logins
from ledger_api.access.reading_keys import ReadingKeys
from ledger_api.access.sessions import Sessions


class Access:
    """Logins, sessions, read-only keys and duties. RefusedError E_BOOK_UPGRADE for a book that lacks their tables."""

    def __init__(self, store: LogStore, operator: NoteSigner) -> None:
        with store.read() as connection:
            require_upgraded(connection)
        self.sessions: Final = Sessions(store, operator)
        self.logins: Final = Logins(store, operator, self.sessions)
        self.reading_keys: Final = ReadingKeys(store, operator)
        self.duties: Final = Duties(store)
