"""How people write names and labels, made comparable; and which names are certainly those of organisations."""

import re
import unicodedata
from typing import Final

from ledger.application.importing.rows import Place
from ledger.catalogue import Words
from ledger.values.text import has_personal_pattern

_ORGANISATION: Final = re.compile(
    r"(公司|学校|中学|小学|大学|学院|幼儿园|医院|银行|信用社|局|委员会|委|办|厅|院|中心|总会|协会|学会|商会|联合会|基金会|政府|人民政府|"
    r"村|社区|居委会|村委会|厂|店|社|合作社|集团|事务所|站|所|支行|分行|户|部|队|园|馆|科技有限)$",
)
_TOWNSHIP: Final = re.compile(r"(民族乡|镇|乡|街道|街道办事处|人民政府)$")
_VILLAGE: Final = re.compile(r"(行政村|村委会|居委会|村|社区)$")

_TAIL: Final = 4


def plain(text: str) -> str:
    """A word without widths, blanks and brackets, for comparing what people typed."""
    return re.sub(r"[\s()()【】\[\]·.]", "", unicodedata.normalize("NFKC", text)).lower()


def area(township: object) -> str:
    """A township's name without what kind of one it is."""
    return _TOWNSHIP.sub("", plain(str(township or "")))


def hamlet(village: object) -> str:
    """A village's name without what kind of one it is."""
    told = plain(str(village or ""))
    return _VILLAGE.sub("", told) or told


def tail(number: str) -> str:
    """The last four digits, for a message: never the number itself."""
    return "…" + number[-_TAIL:]


def said_of(place: Place) -> Words:
    """A place as a parameter of a sentence about another."""
    return Words(place.text("zh"), place.text("en"))


def veiled(name: str, number: str) -> str:
    """Somebody of whom the vault knows more than a message may say: the last four digits, or where those are hidden
    too the first sign of the name.
    """
    if number and "*" not in number[-_TAIL:]:
        return tail(number)
    return name[:1] + "*" * len(name[1:])


def is_organisation(name: str) -> bool:
    """Whether a name is certainly that of an organisation; a doubtful one is treated as a person's."""
    return len(name) >= 4 and _ORGANISATION.search(name.strip()) is not None and not has_personal_pattern(name)
