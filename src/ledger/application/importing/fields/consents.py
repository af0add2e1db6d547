"""Whether a donor's name may be published, by the word of a register (公开姓名).

Only a word that plainly agrees is consent: Charity Law art. 80 (no names without consent). What refuses in whatever
words is a refusal, an empty cell is none, and what tells nothing is asked for. Nobody's own name is his pseudonym.
"""

import re
import unicodedata
from typing import Final, NamedTuple

CONSENTS: Final = ("是", "否", "匿名")
CONSENTS_TOLD: Final = "、".join((*CONSENTS, "化名：山里人"))
"""What may stand in the cell, for people; 山里人 is an example."""

_AGREED: Final = frozenset(
    (
        *(
            "是",
            "公开",
            "同意",
            "同意公开",
            "可",
            "可以",
            "可公开",
            "可以公开",
            "愿意",
            "愿意公开",
            "自愿公开",
            "要公开",
        ),
        *(
            "实名",
            "实名公开",
            "公开实名",
            "真名",
            "具名",
            "署名",
            "公开姓名",
            "同意公开姓名",
            "愿意公开姓名",
            "可公开姓名",
        ),
        *("√", "✓", "✔", "y", "yes", "true", "1", "对"),
    )
)
_REFUSED: Final = frozenset(
    ("否", "不", "不是", "无", "无名", "无名氏", "×", "✗", "✘", "x", "n", "no", "false", "0", "别")
)
_REFUSES: Final = re.compile(
    r"匿名|隐名|隐去|隐藏|保密|(?:不|未|勿|非|无法|谢绝|拒绝|婉拒)(?:能|予|得|要|想|可以|可|同意|愿意|愿|便|宜|对外|希望)*"
    r"(?:公开|公布|公示|署名|具名|实名|透露)|不(?:同意|愿意?|便|宜|可以?|要|想|能)$"
)
_UNREFUSES: Final = re.compile(
    r"(?:不|非|无|未|免|别)[需须用必要求予再]*(?:匿名|隐名|隐去|隐藏|保密)|不[反介]|[?？]|待|未定|不详|不明|不知|不清"
)
"""What sounds like a refusal and is none, or tells that nobody knows."""
_ALIAS: Final = re.compile(r"(?:化名|笔名|网名|昵称|艺名)[\s:：是为用叫]*(.+)")
_QUOTES: Final = " \t()[]【】<>《》“”‘’「」『』\"':,，。;；"
_PARTS: Final = re.compile(r"[\s()\[\]【】/\\、,，;；。.|:：“”\"']+")
_LONGEST: Final = 60


class Consent(NamedTuple):
    """What the donor may be published as: `name`, `alias` with the pseudonym, `anonymous`."""

    publicity: str
    alias: str | None = None


def consent(told: str | None, name: str = "") -> Consent | None:
    """What a cell says of the donor of a name; None where it tells nothing. An empty cell is no consent."""
    text = unicodedata.normalize("NFKC", told or "").strip()
    if not text:
        return Consent("anonymous")
    alias = _ALIAS.fullmatch(text)
    if alias is not None:
        return _pseudonym(alias[1].strip(_QUOTES), unicodedata.normalize("NFKC", name).strip())
    if _UNREFUSES.search(text):
        return None
    parts = [part.lower() for part in _PARTS.split(text) if part]
    found = {_of_part(part) for part in parts}
    return Consent(found.pop()) if len(found) == 1 and "" not in found else None


def _of_part(part: str) -> str:
    if part in _AGREED:
        return "name"
    return "anonymous" if part in _REFUSED or _REFUSES.search(part) else ""


def _pseudonym(alias: str, name: str) -> Consent | None:
    """The pseudonym as it may stand in the log; None where it is missing, no name, or names the donor."""
    hides = bool(alias) and len(alias) <= _LONGEST and not (name and name in alias)
    plain = hides and not _REFUSES.search(alias) and alias.lower() not in {*_AGREED, *_REFUSED}
    return Consent("alias", alias) if plain and not _UNREFUSES.search(alias) else None
