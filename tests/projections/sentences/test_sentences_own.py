"""The ledger's own sentences, read back: known as a whole, and a note in one of them changes nothing else."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from tests.projections.sentences.checked_reports import claims
from tests.projections.small_county import county


@pytest.fixture(scope="module")
def book() -> Iterator[tuple[Connection, int]]:
    with county() as found:
        yield found


@pytest.mark.parametrize("note", ["", "(口径:城镇低保、农村低保、特困供养)"])
def test_a_note_says_nothing_of_the_next_clause(book: tuple[Connection, int], note: str) -> None:
    found = claims(book, f"新增3人{note},退出4户5人(其中死亡4人)")
    assert [(one.number, one.reason, len(one.figures)) for one in found if one.kind == "figure"][1:] == [
        ("4户", None, 2),
        ("5人", None, 2),
        ("4人", None, 2),
    ]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("申报专项债25万元", "not_derivable"),
        ("火化遗体1具", "not_derivable"),
        ("移送问题1个,处理近3人,建立完善制度1项,“回头看”1个,反弹0个。", "not_derivable"),
        ("水东镇。移送问题1个,处理3人,建立完善制度1项,“回头看”1个,反弹0个。", "not_derivable"),
        ("移送问题1个,处理3人,建立完善制度1项,“回头看”1个,反弹0个。此数有误。", "not_derivable"),
        ("移送问题0个,处理0人,建立完善制度0项,“回头看”1个,反弹0个。", "contradicted"),
        ("（一）移送问题0个，处理0人，建立完善制度0项，“回头看”1个，反弹0个。", "contradicted"),
        ("2025年9月,移送问题0个,处理0人,建立完善制度0项,“回头看”1个,反弹0个。", "contradicted"),
    ],
)
def test_a_sentence_of_the_ledgers_own_is_known_as_a_whole(
    book: tuple[Connection, int], text: str, verdict: str
) -> None:
    """回头看 alone is no word of a figure; in the sentence that the ledger writes it is the figure of its slot."""
    looked = claims(book, text)[-2 if "回头看" in text else -1]
    assert looked.verdict == verdict
