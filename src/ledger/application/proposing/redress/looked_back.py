"""What a look back (回头看结果) says in an office's words: whether anything relapsed (反弹)."""

import re
from typing import Final

_UNITS: Final = "户人例个件起处村组"
_ANY: Final = f"(?:(?:一|1|任何)?[{_UNITS}]?)"
_SEEN: Final = "(?:再|再次|有|发现|出现|发生|存在|见|见有)?"
_DENIED: Final = re.compile(
    f"(?:无|没有|没|未|均未|不存在|并无|不再|(?:零|0)[{_UNITS}]?){_ANY}{_SEEN}(?:新的|任何|明显|问题)?$"
)
"""Before the word: nothing of the kind."""
_NONE: Final = re.compile(f"^(?:情况|现象|问题|[{_UNITS}]?数)?[为是:：]?(?:(?:0|零)(?![.\\d])|无$|无[,，。;；]|没有$)")
"""After it: none, or nought."""
_ASKED: Final = re.compile(
    "(?:是否|有无|有没有|防|防止|严防|谨防|避免|杜绝|可能|易|容易|恐|若|如|如有|如果|万一|并非没有|不是没有|并非无|不能排除|待查)$"
)
"""Before it: nobody says that it is so."""
_FEARED: Final = re.compile("^(?:的?(?:风险|可能|隐患|苗头|与否|待)|[?？])")
_SAID: Final = re.compile(
    f"(?:^|[,，。;；、:：()（）\\s]|有|出现|发生|存在|发现|已|又|再次|再度|问题|现象|情况|部分|个别|少数|全部|[{_UNITS}]|了|仍|还|均)$"
)
"""Before it: it is so."""
_AGAIN: Final = re.compile("反弹|复发|回潮|死灰复燃")
_OPEN: Final = re.compile(
    "未整改|未到位|不到位|整改不力|待|尚未|是否|有无|计划|拟|未落实|未通过|未达标|不合格|不良|不稳|不达标|不符|不彻底|[?？]"
)
"""What is not known yet, or not good, though the word itself is not said."""
_WELL: Final = re.compile(
    "到位|(?:没有?|未|无|不)(?:再|再次)?(?:发现|发生|出现|见|新增|问题|异常|复现)|不再|合格|良好|正常|巩固|稳定|完好|落实|有效|通过"
    "|达标|符合|长效|保持|彻底|持续向好|^[无否]$"
)
"""What says that it is well."""


def relapses(text: str) -> bool | None:
    """Whether something relapsed; None where the words do not say, say both, or there are none."""
    said = {_one(text[: found.start()], text[found.end() :]) for found in _AGAIN.finditer(text)}
    if not said:
        return False if _WELL.search(text) and not _OPEN.search(text) else None
    return said.pop() if len(said) == 1 else None


def _one(before: str, after: str) -> bool | None:
    """What stands around one such word."""
    if _ASKED.search(before) or _FEARED.search(after):
        return None
    if _DENIED.search(before):
        return False
    if _NONE.search(after):
        return False
    return True if _SAID.search(before) else None
