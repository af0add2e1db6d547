"""What a list calls the ability to look after oneself (自理能力), as a class of the care that is paid (照料护理费).

特困人员认定办法 counts six abilities: who has all looks after themselves, who lost up to three is half cared for, who
lost more is wholly cared for. Lists name the ability, its loss or the care.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_CLASSES: Final[Mapping[str, str]] = {
    word: care
    for care, words in {
        "care_self": "全自理 完全自理 自理 能自理 能够自理 可自理 可以自理 完全能自理 有自理 具备自理 具有自理 具备",
        "care_half": "半护理 半自理 半照料 半失能 部分自理 部分护理 部分失能 部分丧失 部分丧失自理 部分不能自理",
        "care_full": "全护理 完全护理 全照料 失能 全失能 完全失能 丧失 完全丧失 全部丧失 丧失自理 完全丧失自理 "
        "全部丧失自理 不能自理 不自理 完全不能自理 无自理 没有自理 不具备自理 不具备",
    }.items()
    for word in words.split()
}
OFFERED: Final = ("全自理", "半护理", "全护理")
_ASIDE: Final = re.compile(r"生活|能力|人员|对象|的|型|\s")
_PARTS: Final = re.compile(r"[()【】\[\]、,，;；/]+")


def care_class(text: str | None) -> str | None:
    """The class of care that a cell names; None where it names none, or more than one."""
    said = unicodedata.normalize("NFKC", text or "")
    parts = [part for part in (_ASIDE.sub("", one) for one in _PARTS.split(said)) if part]
    found = {_CLASSES.get(part) for part in parts}
    return found.pop() if len(found) == 1 else None
