"""What a donor is, by the word of a register: a person, a firm, a collective, a society or another body.

A person who is taken for a body stands in the log by name for ever, so a word that may mean people means people. A
Chinese word tells at its end what it is: 人民政府 is a body, 公司职工 is somebody. What tells nothing is asked for.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

DONOR_TYPES: Final = ("个人", "企业", "集体", "社会组织", "其他")
_PERSON: Final = DONOR_TYPES[0]

_BODIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("社会组织", "组织", "协会", "商会", "学会", "联合会", "促进会", "总会"), "社会组织"),
    **dict.fromkeys(("基金会", "社团", "团体", "慈善", "校友会", "学生会", "宗教场所"), "社会组织"),
    **dict.fromkeys(("集体", "全体", "党支部", "支部", "党委", "党组织", "工会", "班级", "小组", "师生"), "集体"),
    **dict.fromkeys(
        ("企业", "公司", "国企", "民企", "央企", "个体", "个体户", "个体工商户", "工商户", "企业法人"), "企业"
    ),
    **dict.fromkeys(("商户", "商家", "店家", "厂家", "商店", "门店", "集团", "合作社", "农场", "工厂"), "企业"),
    **dict.fromkeys(("机关", "事业", "政府", "人民政府", "国家", "单位", "机构", "部门", "部队"), "其他"),
    **dict.fromkeys(("学校", "大学", "中学", "小学", "幼儿园", "医院", "人民医院", "福利院", "法人"), "其他"),
    **dict.fromkeys(("委员会", "村委会", "居委会", "村委", "居委", "村", "乡镇", "社区", "民政局", "局"), "其他"),
    **dict.fromkeys(("其他", "其它"), "其他"),
}
"""What a word that ends so is."""
_PEOPLE_END: Final = tuple("民众员人者家师生士友户胞长主属贤")
"""Signs in which words for people end, where nothing of `_BODIES` does."""
_PEOPLE: Final = (
    *("个人", "居民", "村民", "市民", "农民", "公民", "群众", "职工", "员工", "教工", "干部", "党员", "工人", "军人"),
    *("老师", "教师", "学生", "师生", "医生", "护士", "书记", "支书", "主任", "经理", "董事", "老板", "领导", "同志"),
    *("同事", "同学", "乡贤", "乡亲", "家庭", "家属", "夫妇", "夫妻", "先生", "女士", "爱心人士", "企业家", "业主"),
    *("志愿", "热心", "老人", "青年", "少年", "儿童", "退休", "本人", "自然", "代表"),
)
"""Words that speak of people wherever they stand, where the end tells nothing."""
_ALL_OF: Final = "全体"
_EITHER: Final = frozenset({"农村"})
"""Where people live, and no more than that."""
_PARTS: Final = re.compile(r"[()\[\]【】/\\、,，;；|和及与或\s]+")
_NEUTRAL: Final = re.compile(r"[类型等性质捐赠款方]")


def donor_type(told: str) -> str | None:
    """One of `DONOR_TYPES`; None where the word tells nothing. Of several words, one that means people decides."""
    parts = [part for part in _PARTS.split(unicodedata.normalize("NFKC", told)) if part]
    found = [_of_part(part) for part in parts]
    return _PERSON if _PERSON in found else next((kind for kind in found if kind), None)


def _of_part(part: str) -> str | None:
    word = _NEUTRAL.sub("", part)
    ends = [body for body in _BODIES if word.endswith(body) and word not in _EITHER]
    if ends:
        return _BODIES[max(ends, key=len)]
    if _ALL_OF in word:
        return _BODIES[_ALL_OF]
    if word.endswith(_PEOPLE_END) or any(one in word for one in _PEOPLE):
        return _PERSON
    return None
