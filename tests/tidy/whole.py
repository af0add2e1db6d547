"""Rules on the sources as a whole: files that nobody uses, and code that stands twice."""

import ast
import copy
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.tidy.shape import Function, functions
from tests.tidy.sources import Module

TWIN_LINES_MIN = 6

# Decorators that register nothing: what they stand on still has to be called by somebody.
_QUIET = {"property", "cached_property", "classmethod", "staticmethod", "cache", "lru_cache", "contextmanager"}

_SIGNPOST = re.compile(r"`([a-z0-9_/]+(?:\.py|/))`")

# What is started from outside and therefore imported by nobody.
STARTED = {"ledger_api.cli", "ledger.catalogue.page", "ledger_api.http.document"}


def dead_files(modules: Sequence[Module]) -> list[str]:
    """Shipped modules that no shipped module imports. What only its own tests use is not used."""
    used = set[str]()
    for m in modules:
        if m.in_rooms:
            used |= _imported(m)
    return [
        f"{m.path}: imported by no shipped module"
        for m in modules
        if m.in_rooms and not m.is_door and m.name not in used | STARTED and not m.name.endswith(".__main__")
        # The registry walks the flows and loads them all, so that none can be forgotten.
        if not m.name.startswith("ledger.flows.")
    ]


def _imported(m: Module) -> set[str]:
    """Dotted names that a module may have imported; `from a import b` counts for both `a` and `a.b`."""
    found = set[str]()
    for node in ast.walk(m.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found - {m.name}


def dead_names(modules: Sequence[Module], kept: Mapping[str, str]) -> list[str]:
    """Functions, methods and plain classes of the rooms that no shipped code mentions, and keepers without need.

    Left out: what a decorator registers, what a class above may call, and names in `kept` (name -> why it stays).
    """
    used, dead = set[str](), dict[str, str]()
    for m in modules:
        if not m.in_rooms:
            continue
        for node in ast.walk(m.tree):
            if isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
        dead |= {name: f"{m.path}:{line}" for name, line in _definitions(m.tree)}
    found = [f"{place}: {name} is mentioned nowhere" for name, place in dead.items() if name not in used | kept.keys()]
    return found + [f"{name}: kept, but not dead" for name in kept if name in used or name not in dead]


def _definitions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(name, line) of the functions and the parentless classes of a module, and of the methods of those classes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            if not node.bases:
                yield node.name, node.lineno
                yield from ((f.name, f.lineno) for f in node.body if isinstance(f, Function) and _is_plain(f))
        elif isinstance(node, Function) and _is_plain(node) and node.name != "main":
            yield node.name, node.lineno


def _is_plain(function: Function) -> bool:
    decorators = {ast.unparse(decorator).split("(")[0].split(".")[-1] for decorator in function.decorator_list}
    return decorators <= _QUIET and not function.name.startswith("__")


def lost_signposts(modules: Sequence[Module]) -> list[str]:
    """Door plates that send the reader to a file or folder (`here.py`, `here/`) which is not in the room."""
    paths = [m.path for m in modules]
    return [
        f"{m.path}: no {target} here"
        for m in modules
        for target in (_SIGNPOST.findall(ast.get_docstring(m.tree) or "") if m.is_door else ())
        if not _leads_somewhere(m.path.removesuffix("__init__.py") + target, paths)
    ]


def _leads_somewhere(target: str, paths: Sequence[str]) -> bool:
    return any(path.startswith(target) if target.endswith("/") else path == target for path in paths)


def twin_functions(modules: Iterable[Module]) -> list[str]:
    """Functions of six lines or more that say the same with other names. The stranger's own code is left out."""
    places = defaultdict[str, list[str]](list)
    for m in modules:
        if m.is_stranger:
            continue
        for function in functions(m.tree):
            body = _without_docstring(function)
            if body and (function.end_lineno or 0) - body[0].lineno + 1 >= TWIN_LINES_MIN:
                places[_shape(function)].append(f"{m.path}:{function.lineno} {function.name}")
    return [" = ".join(twins) for twins in places.values() if len(twins) > 1]


def _without_docstring(function: Function) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


class _Renaming(ast.NodeTransformer):
    """Replaces the names of parameters and local variables by their order of appearance."""

    def __init__(self, local: set[str]) -> None:
        self._local = local
        self._order: dict[str, str] = {}

    def _new(self, name: str) -> str:
        return self._order.setdefault(name, f"_{len(self._order)}") if name in self._local else name

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._new(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self._new(node.arg))


def _shape(function: Function) -> str:
    """The function's code as text, the same for equal code with other local names, name or docstring."""
    twin = copy.deepcopy(function)
    twin.name, twin.body, twin.decorator_list = "_", _without_docstring(twin), []
    names = {n.id for n in ast.walk(twin) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names |= {n.arg for n in ast.walk(twin) if isinstance(n, ast.arg)}
    return ast.dump(_Renaming(names).visit(twin))
