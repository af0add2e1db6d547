"""The style is a test: every rule of `tests/tidy/` holds for every file of this repository.

That each rule can fail is shown in `tests/tidy/test_tidy_rules.py`.
"""

from collections.abc import Callable

import pytest

from ledger.catalogue.sentences import sentences
from tests.tidy import shape, whole, words
from tests.tidy.reporting import report
from tests.tidy.sources import Module, committed_texts

MODULE_RULES: list[Callable[[list[Module]], list[str]]] = [
    shape.long_modules,
    shape.long_functions,
    shape.bad_docstrings,
    shape.busy_doors,
    shape.full_folders,
    shape.stray_packages,
    shape.twin_tests,
    shape.banned_imports,
    shape.banned_calls,
    shape.open_ends,
    shape.bare_exceptions,
    whole.dead_files,
    whole.lost_signposts,
    whole.twin_functions,
]

# Names that nothing shipped mentions and that stay all the same: name -> why.
KEPT: dict[str, str] = {"close_list": "asked by whoever uses the client"}


@pytest.mark.parametrize("rule", MODULE_RULES, ids=lambda rule: rule.__name__)
def test_modules_are_tidy(rule: Callable[[list[Module]], list[str]], sources: list[Module]) -> None:
    report(rule(sources))


def test_every_name_is_used(sources: list[Module]) -> None:
    report(whole.dead_names(sources, KEPT))


def test_sentences_are_whole() -> None:
    report(words.bad_sentences(sentences()))


def test_every_code_has_its_sentence_and_every_sentence_its_code(sources: list[Module]) -> None:
    asked = words.figures_in(text for path, text in committed_texts() if "/catalogue/reports/" in path)
    assert asked
    report(words.unsaid_codes(sources, sentences()) + words.unused_sentences(sources, sentences(), asked))


def test_every_remark_is_for_somebody(sources: list[Module]) -> None:
    report(words.unclassed_remarks(sources, sentences()))


def test_every_refusal_fills_its_sentence(sources: list[Module]) -> None:
    report(words.unfilled_gaps(sources, sentences()))


def test_no_file_names_a_registry_or_a_desk() -> None:
    report(words.foreign_words(committed_texts()))
