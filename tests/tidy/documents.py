"""Rules on the documents: links lead somewhere, decisions are numbered, commands and settings are told and exist."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from tests.tidy.sources import Module

ADR_LINES_MAX = 80
ADR_SECTIONS = ("## Context", "## Decision", "## Consequences", "## Alternatives")

_LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ADR = re.compile(r"(\d{4})-[a-z0-9-]+\.md")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_SETTING = re.compile(r"LEDGER_[A-Z_]+")

Texts = Mapping[str, str]


def dead_links(texts: Texts, files: Iterable[str]) -> list[str]:
    """Relative links that lead to no file of the repository."""
    known = set(files)
    folders = {parent.as_posix() for file in known for parent in PurePosixPath(file).parents}
    return [
        f"{path}: {target}"
        for path, text in texts.items()
        for target in _LINK.findall(text)
        if _resolved(path, target) not in known | folders
    ]


def _resolved(path: str, target: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(path).parent / target).parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def unknown_tests(texts: Texts, modules: Iterable[Module]) -> list[str]:
    """Tests that a document names and nobody wrote."""
    known = {node.name for m in modules for node in m.tree.body if isinstance(node, ast.FunctionDef)}
    return [
        f"{path}: {name} is no test"
        for path, text in texts.items()
        for name in re.findall(r"`(test_[a-z0-9_]+)`", text)
        if name not in known
    ]


def crooked_decisions(texts: Texts) -> list[str]:
    """Decision records that are not numbered from 0001 without a gap, longer than a page, or without a section."""
    found, numbers = [], []
    for path, text in sorted(texts.items()):
        name = PurePosixPath(path).name
        matched = _ADR.fullmatch(name)
        if not matched:
            found.append(f"{path}: a record is named 0001-what-was-decided.md")
            continue
        numbers.append(int(matched[1]))
        if not text.startswith(f"# {int(matched[1])}. "):
            found.append(f"{path}: begins with its number")
        if text.count("\n") > ADR_LINES_MAX:
            found.append(f"{path}: more than a page")
        found += [f"{path}: no section {section}" for section in ADR_SECTIONS if section not in text]
    if numbers != list(range(1, len(numbers) + 1)):
        found.append(f"records are numbered without a gap: {numbers}")
    return found


def shell_lines(texts: Texts) -> Iterator[tuple[str, str]]:
    """(path, command) of every line of a fenced `sh` block, without comments and prompts."""
    for path, text in texts.items():
        for language, block in _FENCE.findall(text):
            for line in block.splitlines() if language in {"sh", "bash"} else ():
                command = line.split(" #")[0].removeprefix("$ ").strip()
                if command and not command.startswith("#"):
                    yield path, command


def unknown_targets(texts: Texts, makefile: str) -> list[str]:
    """`make X` in a shell block, where the Makefile has no X."""
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    lines = [(path, line.split()) for path, line in shell_lines(texts)]
    return [
        f"{path}: make {word}"
        for path, words in lines
        if words[0] == "make"
        for word in words[1:]
        if "=" not in word and word not in targets
    ]


def commands(group: Any, name: str = "") -> dict[str, set[str]]:
    """Every command below a click group: "period lock" -> its long options, without `--help`."""
    found: dict[str, set[str]] = {}
    for word, command in getattr(group, "commands", {"": group}).items():
        path = f"{name} {word}".strip()
        if hasattr(command, "commands"):
            found |= commands(command, path)
        else:
            names = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
            found[path] = {option for option in names if option.startswith("--")} - {"--help"}
    return found


def told_options(text: str) -> set[str]:
    """Every long option that a text names."""
    return set(_OPTION.findall(text))


def told_commands(text: str, known: Iterable[str]) -> dict[str, set[str]]:
    """Commands that a document gives in table rows "| `submit FILE` | … |", with the long options of their row."""
    rows = [(matched[1], line) for line in text.splitlines() if (matched := re.match(r"\| `([^`]+)` \|", line))]
    return {_command(usage.split(), set(known)): told_options(line) for usage, line in rows}


def _command(words: list[str], known: set[str]) -> str:
    """The command that a line begins with: the most words that are one, else the first."""
    found = (" ".join(words[:count]) for count in (3, 2))
    return next((one for one in found if one in known), words[0])


def unknown_commands(texts: Texts, real: Mapping[str, set[str]]) -> list[str]:
    """`charity-ledger X --y` in a shell block, where the program has no X or X has no `--y`."""
    found = []
    for path, line in shell_lines(texts):
        words = line.split()
        if PurePosixPath(words[0]).name != "charity-ledger" or len(words) == 1:
            continue
        name = _command(words[1:], set(real))
        if name not in real:
            found.append(f"{path}: no command {name}")
        else:
            found += [f"{path}: {name} has no {option}" for option in sorted(told_options(line) - real[name])]
    return found


def untold(real: Mapping[str, set[str]], told: Mapping[str, set[str]], shared: set[str]) -> list[str]:
    """What the program has and the document does not tell, and the other way round; `shared` options are told once."""
    found = [f"{name}: not told" for name in sorted(real.keys() - told.keys())]
    found += [f"{name}: no such command" for name in sorted(told.keys() - real.keys())]
    for name in sorted(real.keys() & told.keys()):
        found += [f"{name} {option}: not told" for option in sorted(real[name] - told[name] - shared)]
        found += [f"{name} {option}: no such option" for option in sorted(told[name] - real[name])]
    return found


def settings(modules: Iterable[Module]) -> set[str]:
    """Names of environment variables in shipped modules."""
    return {
        node.value
        for m in modules
        for node in (ast.walk(m.tree) if m.in_rooms else ())
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SETTING.fullmatch(node.value)
    }


def untold_settings(modules: Iterable[Module], text: str) -> list[str]:
    """Environment variables that the document does not tell, and those it tells that nobody reads."""
    real, told = settings(modules), set(_SETTING.findall(text))
    return [f"{name}: not told" for name in real - told] + [f"{name}: nobody reads it" for name in told - real]
