"""Each rule of tidiness finds what it is for, and passes what is right: a table of planted sources."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tidy import shape, whole, words
from tests.tidy.sources import Module, module, modules

Rule = Callable[[list[Module]], list[str]]

PLATE = '"""A room."""\n'
LONG = "def f() -> None:\n" + "    print()\n" * shape.FUNCTION_LINES_MAX
TWIN = """
def {name}({a}: list[int]) -> int:
    \"\"\"Of {name}.\"\"\"
    {b} = 0
    for {c} in {a}:
        if {c} > 3:
            {b} += {c}
        else:
            {b} -= {c}
    return {b} * {factor}
"""
ONE = TWIN.format(name="one", a="xs", b="total", c="x", factor=2)
TWO = TWIN.format(name="two", a="values", b="s", c="value", factor=2)
OTHER = TWIN.format(name="two", a="values", b="s", c="value", factor=3)
LATER = "TO" + "DO"


def planted(*texts: str, at: str = "src/ledger/room/m{}.py") -> list[Module]:
    """Modules of the given texts; `{}` in the path is their number."""
    return [module(at.format(n), PLATE + text) for n, text in enumerate(texts)]


DOOR = "src/ledger/room/__init__.py"
BAD: list[tuple[Rule, list[Module]]] = [
    (shape.long_modules, planted("x = 1\n" * shape.MODULE_LINES_MAX)),
    (shape.long_functions, planted(LONG)),
    (shape.long_functions, planted("class A:\n" + "".join(f"    {line}\n" for line in LONG.splitlines()))),
    (shape.bad_docstrings, [module("tests/m.py", "x = 1\n")]),
    (shape.bad_docstrings, [module("src/ledger/m.py", '""" """\n')]),
    (shape.bad_docstrings, [module(DOOR, '"""A.\n' + "b\n" * shape.PLATE_LINES_MAX + '"""\n')]),
    (shape.busy_doors, planted("x = 1\n", at=DOOR)),
    (shape.busy_doors, planted("def f() -> None: ...\n", at=DOOR)),
    (shape.busy_doors, planted("\n" * shape.DOOR_LINES_MAX, at=DOOR)),
    (shape.full_folders, planted(*("x = 1\n" for _ in range(shape.FOLDER_FILES_MAX + 1)))),
    (shape.stray_packages, planted("", at="tests/room/__init__.py")),
    (shape.twin_tests, planted("", at="tests/a/test_m.py") + planted("", at="tests/b/test_m.py")),
    (shape.banned_imports, planted("import hash" + "lib\n")),
    (shape.banned_imports, planted("def f() -> None:\n    from hash" + "lib import sha256\n")),
    (shape.banned_calls, planted("A.model_construct(x=1)\n")),
    (shape.banned_calls, planted("a.model_copy(update={'x': 1})\n")),
    (shape.banned_calls, planted("raise NotImplemented" + "Error\n")),
    (shape.banned_calls, planted("raise NotImplemented" + "Error('later')\n")),
    (shape.banned_calls, planted("@pytest.mark.skip\ndef f() -> None: ...\n")),
    (shape.banned_calls, planted("@pytest.mark.xfail(strict=True)\ndef f() -> None: ...\n")),
    (shape.banned_calls, planted("pytest.importorskip('x')\n")),
    (shape.open_ends, planted(f"# {LATER}: more\n")),
    (shape.bare_exceptions, planted("x = 1  # noqa\n")),
    (shape.bare_exceptions, planted("x = 1  # noqa: E501\n")),
    (shape.bare_exceptions, planted("x = f()  # type: ignore[no-any-return]\n")),
    (shape.bare_exceptions, planted("x = f()  # type: ignore  # the library has no types\n")),
    (whole.dead_files, planted("x = 1\n")),
    (whole.dead_files, planted("x = 1\n") + planted("from ledger.room import m0\n", at="tests/test_m.py")),
    (whole.dead_files, planted("import ledger.room.m0\n")),
    (whole.lost_signposts, [module(DOOR, '"""A room. Start at `m0.py`."""\n')]),
    (whole.lost_signposts, [module(DOOR, '"""A room. Start at `inside/`."""\n')]),
    (whole.twin_functions, planted(ONE, TWO)),
    (whole.twin_functions, planted(ONE + TWO)),
]

GOOD: list[tuple[Rule, list[Module]]] = [
    (shape.long_modules, planted("x = 1\n" * (shape.MODULE_LINES_MAX - 1))),
    (shape.long_functions, planted(LONG.replace("    print()\n", "", 1))),
    (shape.busy_doors, planted("from a import b\n\n__all__ = ['b']\n", at=DOOR)),
    (shape.stray_packages, planted("", at=DOOR)),
    (shape.twin_tests, planted("", at="tests/a/conftest.py") + planted("", at="tests/b/conftest.py")),
    (shape.banned_calls, planted("a.model_copy()\n")),
    (shape.banned_calls, planted("try:\n    f()\nexcept NotImplemented" + "Error:\n    raise\n")),
    (shape.open_ends, planted("toDone = 1  # what remains to be done\n")),
    (shape.bare_exceptions, planted("x = 1  # noqa: E501 - a known answer stands on one line\n")),
    (shape.bare_exceptions, planted("x = f()  # type: ignore[no-any-return]  # the library has no types\n")),
    (shape.bare_exceptions, planted("x = '# noqa'\n")),
    (whole.dead_files, planted("import ledger.room.m1\n", "from ledger.room import m0\n")),
    (whole.dead_files, planted("x = 1\n", at="tests/room/helpers.py")),
    (whole.lost_signposts, [module(DOOR, '"""A room. Start at `m0.py`."""\n'), *planted("x = 1\n")]),
    (whole.lost_signposts, [module("src/ledger/__init__.py", '"""Start at `room/`."""\n'), *planted("x = 1\n")]),
    (whole.twin_functions, planted(ONE, OTHER)),
    (whole.twin_functions, planted(ONE) + planted(TWO, at="audit/ledger_audit/verifier/m.py")),
]


@pytest.mark.parametrize(("rule", "sources"), BAD)
def test_a_rule_finds_what_it_is_for(rule: Rule, sources: list[Module]) -> None:
    assert rule(sources)


@pytest.mark.parametrize(("rule", "sources"), GOOD)
def test_a_rule_passes_what_is_right(rule: Rule, sources: list[Module]) -> None:
    assert not rule(sources)


@pytest.mark.parametrize(
    ("text", "kept", "count"),
    [
        ("def f() -> None: ...\n", {}, 1),
        ("def f() -> None: ...\n", {"f": "an auditor calls it"}, 0),
        ("def f() -> None: ...\nf()\n", {}, 0),
        ("def f() -> None: ...\nf()\n", {"f": "an auditor calls it"}, 1),
        ("def f() -> None: ...\n", {"f": "an auditor calls it", "gone": "no more"}, 1),
        ("@rule(kind='x')\ndef f() -> None: ...\n", {}, 0),
        ("@functools.cache\ndef f() -> None: ...\n", {}, 1),
        ("class A:\n    def f(self) -> None: ...\nA()\n", {}, 1),
        ("class A:\n    @property\n    def f(self) -> int: ...\nA().f\n", {}, 0),
        ("class A(HTMLParser):\n    def handle_data(self) -> None: ...\n", {}, 0),
        ("def main() -> None: ...\n", {}, 0),
    ],
)
def test_dead_names(text: str, kept: dict[str, str], count: int) -> None:
    assert len(whole.dead_names(planted(text), kept)) == count


SENTENCE = {"E_ROW": {"zh": "第 {row} 行有误", "en": "row {row} is wrong"}}


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("e_row", "有误", "wrong"),
        ("E_row", "有误", "wrong"),
        ("E_ROW", "有误", ""),
        ("E_ROW", "哈希不符", "wrong"),
        ("E_ROW", "wrong", "wrong"),
        ("E_ROW", "第 {row} 行", "a row"),
        ("E_ROW", "第 {row} 行", "{sheet}"),
    ],
)
def test_a_crooked_sentence_is_found(code: str, zh: str, en: str) -> None:
    assert words.bad_sentences({code: {"zh": zh, "en": en}})


def test_a_sentence_in_one_language_is_found() -> None:
    assert words.bad_sentences({"E_ROW": {"zh": "有误"}})
    assert not words.bad_sentences(SENTENCE)


@pytest.mark.parametrize(("remark", "count"), [("act", 0), ("routine", 0), ("", 1), ("whoever", 1)])
def test_a_remark_for_nobody_is_found(remark: str, count: int) -> None:
    noting = planted("Note(place, 'W_ROW')\n", at="src/ledger/application/importing/m{}.py")
    entry = {"W_ROW": {"zh": "有误", "en": "wrong", **({"remark": remark} if remark else {})}}
    assert len(words.unclassed_remarks(noting, entry)) == count
    elsewhere = planted("Note(place, 'W_ROW')\n")
    assert len(words.unclassed_remarks(elsewhere, entry)) == bool(remark)


def test_codes_and_sentences_are_compared_both_ways() -> None:
    raising = planted("raise InputError('E_ROW', row=1)\n")
    assert not words.unsaid_codes(raising, SENTENCE)
    assert words.unsaid_codes(raising, {})
    assert not words.unused_sentences(raising, SENTENCE)
    assert words.unused_sentences(planted("x = 'E_OTHER'\n"), SENTENCE)
    assert not words.unused_sentences(planted("@rule(Gift, code='ROW', source='x')\ndef f(): ...\n"), SENTENCE)
    assert words.unused_sentences(planted("note(Gift, code='ROW')\n"), SENTENCE)


def test_titles_have_something_to_be_the_title_of() -> None:
    title = {"fund.opened": {"zh": "开设基金", "en": "Fund opened"}}
    assert not words.bad_sentences(title)
    assert not words.unused_sentences(planted("kind = 'fund.opened'\n"), title)
    assert words.unused_sentences(planted("kind = 'fund.closed'\n"), title)
    asked = words.figures_in(['slots.one = { figure = "opened", word = "个" }'])
    assert not words.unused_sentences(planted("title = f'fund.{figure}'\n"), title, asked)
    assert words.bad_sentences({"fund": title["fund.opened"]})


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("say(f'table_fund.{kind}')\nkind = 'lottery'\n", 0),
        ("say(f'table_{what}.{kind}', 'fund')\nkind = 'lottery'\n", 0),
        ("words = {'kind': 'table_fund'}\nkind = 'lottery'\n", 0),
        ("kind = 'lottery'\n", 1),
        ("say(f'table_fund.{kind}')\n", 1),
    ],
)
def test_a_vocabulary_that_nobody_asks_is_found(source: str, count: int) -> None:
    """Its words may well be known to somebody: that says nothing of who would say them."""
    entry = {"table_fund.lottery": {"zh": "福彩公益金", "en": "lottery"}}
    assert len(words.unused_sentences(planted(source), entry)) == count


@pytest.mark.parametrize(("call", "count"), [("row=1", 0), ("**where", 0), ("", 1), ("sheet='a'", 1)])
def test_an_unfilled_sentence_is_found(call: str, count: int) -> None:
    assert len(words.unfilled_gaps(planted(f"raise InputError('E_ROW', {call})\n"), SENTENCE)) == count


def test_foreign_words_are_found_with_their_line() -> None:
    address = "https://py" + "pi.org/x"
    assert words.foreign_words([("a.lock", f"one\n{address}\n")]) == [f"a.lock:2: {'py' + 'pi.org'}"]
    assert not words.foreign_words([("a.md", "https://www.rfc-editor.org/rfc/rfc8785")])


def test_files_are_found_on_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "src" / "ledger"
    folder.mkdir(parents=True)
    (folder / "one.py").write_text(PLATE, encoding="utf-8")
    assert [(m.path, m.name) for m in modules(tmp_path)] == [("src/ledger/one.py", "ledger.one")]
