"""Rules on words: the catalogues of sentences, the codes in the sources, and what must not stand in any file."""

import ast
import re
import string
from collections.abc import Collection, Iterable, Iterator, Mapping

from tests.tidy.sources import Module

CODE = re.compile(r"[EW]_[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
TITLE = re.compile(r"[a-z][a-z0-9_]*(\.[a-zA-Z0-9_]+)+")
"""The title of an event kind (fund.opened), a column, a model or a coded value."""
_FIGURE = re.compile(r'\bfigure = "([a-z0-9_]+)"')
LANGUAGES = {"zh", "en"}
REMARKS = {"act", "change", "routine"}
"""For whom what an import remarks is."""
_REMARKING = ("src/ledger/application/importing/", "src/ledger/application/proposing/")

# The users say 凭证, 核对, 存证, 审核; these are the builders' words.
BUILDERS_WORDS = re.compile("哈希|默克尔|散列|区块链")

# Written in pieces, so that this file does not hold what it looks for.
_HOSTS = ("pypi" + ".org", "python" + "hosted", "npm" + "js", "deb." + "debian", "registry." + "npm", "/simp" + "le/")
_DESKS = ("/wor" + "k/", "/ro" + "ot/", "/tmp/pl" + "an", "../sha" + "red", "/op" + "t/py" + "pi")
FOREIGN = re.compile("|".join(map(re.escape, _HOSTS + _DESKS)), re.IGNORECASE)

Catalogue = Mapping[str, Mapping[str, str]]


def bad_sentences(catalogue: Catalogue) -> list[str]:
    """Sentences in one language only, in builders' words, under a crooked code, or with other gaps in en than in zh."""
    found = []
    for code, entry in catalogue.items():
        if not CODE.fullmatch(code) and not TITLE.fullmatch(code):
            found.append(f"{code}: a code is E_… or W_… in capitals, a title has a dot")
        if set(entry) - {"remark"} != LANGUAGES or not all(text.strip() for text in entry.values()):
            found.append(f"{code}: a sentence in zh and one in en, and nothing else")
        if BUILDERS_WORDS.search(entry.get("zh", "")):
            found.append(f"{code}: a builder's word in zh")
        if not re.search(r"[\u4e00-\u9fff]", entry.get("zh", "")):
            found.append(f"{code}: no Chinese in zh")
        if len({frozenset(gaps(entry.get(language, ""))) for language in LANGUAGES}) > 1:
            found.append(f"{code}: zh and en name different parameters")
    return found


def gaps(sentence: str) -> set[str]:
    """The names of the placeholders of a sentence."""
    fields = (field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None)
    return {re.split(r"[.\[]", field)[0] for field in fields}


def codes_in(modules: Iterable[Module]) -> Iterator[tuple[str, str]]:
    """(code, path:line) of every string literal that is a code, in shipped modules; the stranger says its own words."""
    for m in modules:
        if not m.in_rooms or m.is_stranger:
            continue
        for node in ast.walk(m.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                yield node.value, f"{m.path}:{node.lineno}"


def rule_codes(modules: Iterable[Module]) -> set[str]:
    """Both spellings of every code that a rule is registered with: `@rule(…, code="FUND_UNKNOWN")`."""
    calls = (node for m in modules if m.in_rooms for node in ast.walk(m.tree) if isinstance(node, ast.Call))
    named = (keyword for call in calls if _callee(call) == "rule" for keyword in call.keywords)
    codes = {k.value.value for k in named if k.arg == "code" and isinstance(k.value, ast.Constant)}
    return {prefix + str(code) for code in codes for prefix in ("E_", "W_")}


def _callee(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def words_in(modules: Iterable[Module]) -> set[str]:
    """Every name and every string of the shipped modules: what a title may be the title of."""
    found = set[str]()
    for m in modules:
        for node in ast.walk(m.tree) if m.in_rooms else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
    return found


def unsaid_codes(modules: Iterable[Module], catalogue: Catalogue) -> list[str]:
    """Codes in the sources that have no sentence."""
    return [f"{place}: {code} has no sentence" for code, place in codes_in(modules) if code not in catalogue]


def unclassed_remarks(modules: Iterable[Module], catalogue: Catalogue) -> list[str]:
    """Remarks of imports of which the catalogue does not say for whom they are, and what it says so of without need."""
    named = codes_in(m for m in modules if m.path.startswith(_REMARKING))
    remarks = {code for code, _ in named if code.startswith("W_")}
    unclassed = [code for code in remarks if catalogue.get(code, {}).get("remark") not in REMARKS]
    return [
        *(f"{code}: a remark is for one of {', '.join(sorted(REMARKS))}" for code in sorted(unclassed)),
        *(
            f"{code}: no remark of an import"
            for code in catalogue
            if "remark" in catalogue[code] and code not in remarks
        ),
    ]


def figures_in(reports: Iterable[str]) -> set[str]:
    """Every figure that a template of a report asks for, known to a module or not yet."""
    return {found for text in reports for found in _FIGURE.findall(text)}


def unused_sentences(modules: Iterable[Module], catalogue: Catalogue, asked: Collection[str] = ()) -> list[str]:
    """Sentences whose code no shipped module names, and titles of what no shipped module knows and nobody asked for."""
    known = list(modules)
    used = {code for code, _ in codes_in(known)} | rule_codes(known)
    words = words_in(known).union(asked)
    said = {word.removesuffix(".") for word in words}
    return [
        f"{code}: a sentence that nobody says"
        for code in catalogue
        if code not in used and not (TITLE.fullmatch(code) and (code in words or _is_word_of(code, words, said)))
    ]


def _is_word_of(code: str, words: Collection[str], vocabularies: Collection[str]) -> bool:
    """Whether a title belongs to a vocabulary that some module asks, and is of something that some module knows."""
    vocabulary, _, word = code.partition(".")
    first, _, last = vocabulary.partition("_")  # f"table_{kind}.{code}"
    is_asked = vocabulary in vocabularies or (f"{first}_" in words and last in words)
    return is_asked and word in words


def unfilled_gaps(modules: Iterable[Module], catalogue: Catalogue) -> list[str]:
    """Calls `SomeError("E_CODE", name=…)` that leave a placeholder of the sentence without its parameter."""
    found = []
    for m in modules:
        for node in ast.walk(m.tree) if m.in_rooms and not m.is_stranger else ():
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            code, name = node.args[0].value, ast.unparse(node.func).split(".")[-1]
            if not isinstance(code, str) or code not in catalogue or not name.endswith("Error"):
                continue
            given = {keyword.arg for keyword in node.keywords}
            asked = {gap for text in catalogue[code].values() for gap in gaps(text)}
            missing = {gap for gap in asked if not gap.startswith("--")} - given  # an option is named without asking
            if missing and None not in given:
                found.append(f"{m.path}:{node.lineno}: {code} without {', '.join(sorted(missing))}")
    return found


def foreign_words(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Addresses of package registries and paths of one person's machine, in any file of the repository."""
    return [
        f"{path}:{n}: {found[0]}"
        for path, text in texts
        for n, line in enumerate(text.splitlines(), 1)
        if (found := FOREIGN.search(line))
    ]
