"""Rules on the shape of a module: lengths, door plates, docstrings, and what must never be written at all."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tests.tidy.sources import Module

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
DOOR_LINES_MAX = 40
PLATE_LINES_MAX = 12
FOLDER_FILES_MAX = 18  # twice the nine that are aimed at

Function = ast.FunctionDef | ast.AsyncFunctionDef

# Split, so that this file does not hold the words that it looks for.
OPEN_ENDS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
EXCEPTION = re.compile(r"#\s*(noqa|type:\s*ignore)\b(?P<rest>.*)")
REASON = re.compile(r"[^\W\d_]{2,}.*\s.*\S{3,}")


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, however deep."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def long_modules(modules: Iterable[Module]) -> list[str]:
    """Modules that nobody reads in one go."""
    lengths = ((m, m.text.count("\n")) for m in modules)
    return [f"{m.path}: {lines} lines, at most {MODULE_LINES_MAX}" for m, lines in lengths if lines > MODULE_LINES_MAX]


def long_functions(modules: Iterable[Module]) -> list[str]:
    """Functions longer than a screen."""
    return [
        f"{m.path}:{f.lineno}: {f.name} has {lines} lines, at most {FUNCTION_LINES_MAX}"
        for m in modules
        for f in functions(m.tree)
        if (lines := (f.end_lineno or f.lineno) - f.lineno + 1) > FUNCTION_LINES_MAX
    ]


def bad_docstrings(modules: Iterable[Module]) -> list[str]:
    """Modules without a docstring, and door plates that are no plates."""
    found = []
    for m in modules:
        text = ast.get_docstring(m.tree, clean=False)
        if not text or not text.strip():
            found.append(f"{m.path}: no module docstring")
        elif m.is_door and text.rstrip().count("\n") + 1 > PLATE_LINES_MAX:
            found.append(f"{m.path}: a door plate has at most {PLATE_LINES_MAX} lines")
    return found


def busy_doors(modules: Iterable[Module]) -> list[str]:
    """`__init__.py` with more than a docstring, imports and `__all__`."""
    found = []
    for m in modules:
        if not m.is_door:
            continue
        if m.text.count("\n") > DOOR_LINES_MAX:
            found.append(f"{m.path}: more than {DOOR_LINES_MAX} lines")
        found += [f"{m.path}:{node.lineno}: logic in a door plate" for node in m.tree.body if not _is_plain(node)]
    return found


def _is_plain(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return [ast.unparse(target) for target in node.targets] == ["__all__"]
    return isinstance(node, ast.Import | ast.ImportFrom) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def full_folders(modules: Iterable[Module]) -> list[str]:
    """Folders that have become a heap."""
    sizes = Counter(str(PurePosixPath(m.path).parent) for m in modules if not m.is_door)
    return [f"{folder}: {n} modules, at most {FOLDER_FILES_MAX}" for folder, n in sizes.items() if n > FOLDER_FILES_MAX]


def stray_packages(modules: Iterable[Module]) -> list[str]:
    """`__init__.py` under tests: it could take the place of a room."""
    return [f"{m.path}: tests are no package" for m in modules if m.is_door and not m.in_rooms]


def twin_tests(modules: Iterable[Module]) -> list[str]:
    """Test files of one name: a report that names only the file would not say which."""
    names = Counter(PurePosixPath(m.path).name for m in modules if m.path.startswith("tests/"))
    return [f"{name}: {n} files of this name" for name, n in names.items() if n > 1 and name.startswith("test_")]


def banned_imports(modules: Iterable[Module]) -> list[str]:
    """Digests come from PyNaCl only."""
    banned = {"hash" + "lib"}
    return [f"{m.path}:{line}: imports {name}" for m in modules for name, line in imports(m) if name in banned]


def imports(m: Module) -> Iterator[tuple[str, int]]:
    """(first part of the imported name, line) of every import, also those inside functions."""
    for node in ast.walk(m.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.split(".")[0], node.lineno


def banned_calls(modules: Iterable[Module]) -> list[str]:
    """Ways round a model's checks, tests that do not run, and promises to write something later."""
    return [
        f"{m.path}:{node.lineno}: {word}"
        for m in modules
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Attribute | ast.Raise | ast.Call) and (word := _banned_word(node))
    ]


def _banned_word(node: ast.Attribute | ast.Raise | ast.Call) -> str | None:
    if isinstance(node, ast.Call):
        copies = isinstance(node.func, ast.Attribute) and node.func.attr == "model_copy"
        return "model_copy(update=…) checks nothing" if copies and node.keywords else None
    if isinstance(node, ast.Raise):
        unwritten = node.exc is not None and ast.unparse(node.exc).startswith("NotImplemented")
        return "an unwritten function" if unwritten else None
    if node.attr == "model_construct":
        return "model_construct checks nothing"
    source = ast.unparse(node)
    is_silent = re.fullmatch(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)", source)
    return "a test that does not run" if is_silent else None


def open_ends(modules: Iterable[Module]) -> list[str]:
    """Notes to come back later."""
    lines = ((m, n, line) for m in modules for n, line in enumerate(m.text.splitlines(), 1))
    return [f"{m.path}:{n}: {found[0]}" for m, n, line in lines if (found := OPEN_ENDS.search(line))]


def bare_exceptions(modules: Iterable[Module]) -> list[str]:
    """Lint and type exceptions without a code or without a reason: `# noqa: S608 - the table names are ours`."""
    return [
        f"{m.path}:{n}: an exception says its code and its reason"
        for m in modules
        for n, comment in comments(m)
        if (found := EXCEPTION.search(comment)) and not _has_reason(found["rest"])
    ]


def _has_reason(rest: str) -> bool:
    codes = re.match(r"\s*(:\s*[A-Z]+\d+([, ]+[A-Z]+\d+)*|\[[a-z, -]+\])", rest)
    return bool(codes and REASON.search(rest[codes.end() :]))


def comments(m: Module) -> Iterator[tuple[int, str]]:
    """(line, text) of every comment; strings that only look like one do not count."""
    tokens = tokenize.generate_tokens(io.StringIO(m.text).readline)
    return ((token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT)
