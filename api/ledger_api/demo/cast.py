"""Who acts in the demonstration: officers with keys of their own, and what each may do for which entity."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nacl.utils import random

from ledger.flows.authority.keys import possession_text
from ledger.signing.keyfile import INTERACTIVE_MEM, INTERACTIVE_OPS, read_key_file, write_key_file
from ledger.signing.keys import SigningKey
from ledger_api.books import read_passphrase

CHARITY: Final = "charity"
BUREAU: Final = "bureau"
AGENT: Final = "village-agent"


@dataclass(frozen=True, slots=True)
class Officer:
    """One person: an id, a name of public life, a post, the roles held and for which entity (None: for all)."""

    officer: str
    name: str
    post: str
    title: str
    entity: str | None
    roles: tuple[str, ...]


ADMINISTRATORS: Final = (
    Officer("guan-yi", "示例管一", "other", "管理员(民政局办公室)", None, ()),
    Officer("guan-er", "示例管二", "other", "管理员(审计局)", None, ()),
    Officer("guan-san", "示例管三", "other", "管理员(慈善总会)", None, ()),
)

OFFICERS: Final = (
    Officer("kuaiji-wang", "示例王", "accountant", "慈善总会会计", CHARITY, ("accountant",)),
    Officer("chuna-li", "示例李", "cashier", "慈善总会出纳", CHARITY, ("cashier",)),
    Officer("shenhe-zhao", "示例赵", "secretary_general", "慈善总会秘书长", CHARITY, ("checker",)),
    Officer("jiuzhu-qian", "示例钱", "clerk", "民政局救助股经办", BUREAU, ("accountant",)),
    Officer("fenguan-sun", "示例孙", "leader", "民政局分管副局长", BUREAU, ("checker",)),
    Officer("daili-zhou", "示例周", "accountant", "乡镇村账代理会计", AGENT, ("accountant",)),
    Officer("caizheng-wu", "示例吴", "leader", "乡镇财政所所长", AGENT, ("checker",)),
    Officer("shenji-zheng", "示例郑", "auditor", "审计局审计员", None, ("auditor",)),
)


class Keys:
    """The key files of the demonstration, each sealed under a passphrase file that lies beside it."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._origin = origin
        self._open: dict[str, SigningKey] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def passphrase_file(self, officer: str) -> Path:
        """Where the passphrase of an officer's key lies; a real office keeps it in a head, not in a file."""
        return self._folder / f"{officer}.pass"

    def key_file(self, officer: str) -> Path:
        """The sealed key."""
        return self._folder / f"{officer}.clkey"

    def make(self, officer: str) -> SigningKey:
        """A new key for an officer, sealed at once. Interactive cost: ten keys are opened while somebody watches."""
        key = SigningKey.generate()
        word = base64.b32encode(random(15))
        file = self.passphrase_file(officer)
        file.touch(mode=0o600)
        file.write_bytes(word + b"\n")
        write_key_file(self.key_file(officer), key, word, officer, ops=INTERACTIVE_OPS, mem=INTERACTIVE_MEM)
        self._open[officer] = key
        return key

    def key(self, officer: str) -> SigningKey:
        """An officer's key, opened."""
        if officer not in self._open:
            self._open[officer] = read_key_file(self.key_file(officer), read_passphrase(self.passphrase_file(officer)))
        return self._open[officer]

    def enrolment(self, officer: str) -> dict[str, Any]:
        """The fields by which a key is taken in: public part, id and proof of possession."""
        key = self.key(officer)
        proof = key.sign(possession_text(self._origin, officer, key.public.text))
        return {
            "officer": officer,
            "key": key.public.text,
            "keyid": key.public.keyid,
            "possession": base64.b64encode(proof).decode(),
        }
