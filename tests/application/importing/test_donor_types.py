"""What registers call their donors: no word that may mean a person makes one a body, whose name stands in clear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.importing.fields.donor_types import DONOR_TYPES, donor_type

WORDS: dict[str | None, str] = {
    "个人": (
        "个人 自然人 村民 社区居民 农村居民 城镇居民 市民 群众 机关干部 村干部 公司职工 医院职工 "
        "企业员工 学校老师 中学教师 学校校长 在校学生 大学生 党支部书记 村支书 村主任 企业家 慈善家 "
        "民营企业家 企业主 企业老板 公司经理 公司董事长 医生 医院医生 护士 单位同事 单位领导 部门负责人 "
        "法人代表 协会会员 商会会长 退休干部 退休 乡贤 爱心人士 志愿者 党员 工会会员 委员 人大代表 "
        "个体经营者 农户 家庭 夫妇 军人 退役军人 华侨同胞 校友 个人(企业) 个人/企业 企业(个人) "
        "单位职工、学校 其他(村民) 人民教师 人民医院医生 国家干部 民政局干部 居委会主任 合作社社员 "
        "个人捐款 个人类 职工 "
    ),
    "企业": (
        "企业 民营企业 国有企业 国企 民企 私营企业 有限公司 公司 个体户 个体工商户 商户 爱心商家 "
        "农民合作社 企业法人 集团 企业类 "
    ),
    "集体": "集体 村集体 党支部 机关党支部 工会 班级 村民小组 全体职工 示例中学全体教师 学校师生 党组织",
    "社会组织": "社会组织 协会 企业家协会 商会 基金会 教师协会 校友会 慈善组织 社会团体 志愿者协会",
    "其他": (
        "其他 其它 机关 机关事业单位 事业单位 政府 人民政府 政府部门 学校 民办学校 医院 人民医院 村 社区 "
        "村(社区) 村委会 居民委员会 村民委员会 民政局 单位 民办非企业单位 国家机关 部队 "
    ),
    None: "农村 城镇 社会各界 友好 未知 12 ?",
}
CASES = [(word, kind) for kind, words in WORDS.items() for word in words.split()]


@pytest.mark.parametrize(("word", "kind"), CASES, ids=[word for word, _ in CASES])
def test_a_word_tells_what_its_donor_is(word: str, kind: str | None) -> None:
    assert donor_type(word) == kind


PEOPLE = st.sampled_from(
    ["村民", "居民", "干部", "职工", "员工", "老师", "教师", "书记", "企业家", "个人", "学生", "医生"]
)
BODIES = st.sampled_from([word for word, kind in CASES if kind not in (None, "个人") and "全体" not in word])


@given(BODIES, PEOPLE, st.sampled_from(["{0}{1}", "{0}({1})", "{1}/{0}", "{1}、{0}", "{0} {1}", "{1}(代{0})"]))
def test_somebody_of_a_body_is_somebody(body: str, person: str, form: str) -> None:
    assert donor_type(form.format(body, person)) == "个人"


@given(st.text("村民社区居家企业公司党支部书记个人机关干职工学校老师()/、其他全", max_size=8))
def test_any_cell_is_one_of_the_types_or_told(text: str) -> None:
    assert donor_type(text) in (*DONOR_TYPES, None)
