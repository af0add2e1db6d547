"""What registers say of publishing a donor's name: only a word that plainly agrees is consent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.importing.fields.consents import CONSENTS, CONSENTS_TOLD, Consent, consent

WORDS: dict[str | None, str] = {
    "name": "是 公开 同意 同意公开 可以公开 愿意公开 实名 实名公开 √ ✓ Yes Y 是(公开) 是,同意公开 公开姓名",
    "anonymous": (
        "否 匿名 不公开 否(不公开) 否（不公开） 匿名捐赠 不愿公开 不愿意公开姓名 保密 要求保密 × ✗ No N 不 无 "
        "不同意 不同意公开 不便公开 "
        "不可以公开 不要公开 不对外公开 暂不公开 "
        "谢绝公开 请勿公开 未同意公开 本人不愿意公开 隐名 不署名 不予公布 不公示 无名氏 不愿意 不可以 / —"
    ),
    None: (
        "化名 笔名 待定 未知 不详 是否 ? 是? 是/否 是(匿名) 公开(不公开) 不匿名 无需匿名 无需保密 "
        "不反对公开 不介意公开 山里人 县城 部分公开 "
        "是否公开待确认 化名:不公开 化名:否 化名:待定"
    ),
}
CASES = [(word, kind) for kind, words in WORDS.items() for word in words.split()]


@pytest.mark.parametrize(("word", "kind"), CASES, ids=[f"{kind}-{word}" for word, kind in CASES])
def test_a_word_tells_what_may_be_published(word: str, kind: str | None) -> None:
    said = None if word in "/—" else word  # a crossed-out cell is read as an empty one
    found = consent(said)
    assert (found and found.publicity) == kind


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_silence_is_no_consent(empty: str | None) -> None:
    assert consent(empty) == Consent("anonymous")


@pytest.mark.parametrize(
    "told",
    [
        "化名:山里人",
        "化名：山里人",
        "化名 山里人",
        "化名(山里人)",
        "化名“山里人”",
        "笔名：山里人",
        "网名:山里人",
        "化名为山里人",
    ],
)
def test_a_pseudonym_is_what_may_be_published(told: str) -> None:
    assert consent(told, "张三丰") == Consent("alias", "山里人")


@pytest.mark.parametrize("told", ["化名：张三丰", "化名：张三丰先生", "化名", "化名：", "化名()", "化名：" + "长" * 61])
def test_a_pseudonym_that_names_the_donor_or_nobody_is_asked_for(told: str) -> None:
    assert consent(told, "张三丰") is None


@given(
    st.sampled_from("不未勿否"),
    st.sampled_from(["公开", "同意公开", "愿意公开", "公开姓名", "可以公开", "署名", "实名"]),
)
def test_no_word_that_denies_is_consent(no: str, word: str) -> None:
    found = consent(no + word)
    assert found is None or found.publicity == "anonymous"


@given(st.text("是否公开匿名不愿同意保密化名可以实署无需反对()/、:xyno", max_size=8))
def test_any_cell_is_one_of_the_choices_or_asked_for(text: str) -> None:
    found = consent(text)
    assert found is None or found.publicity in {"name", "alias", "anonymous"}
    assert found is None or (found.publicity == "alias") == (found.alias is not None)
    if found is not None and found.publicity == "name":
        assert not set(text) & set("否不匿密无反")


def test_every_choice_that_is_told_is_understood() -> None:
    assert [consent(word) is None for word in CONSENTS] == [False] * 3
    assert [consent(word) is None for word in CONSENTS_TOLD.split("、")] == [False] * 4
