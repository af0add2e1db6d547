"""The page of codes for readers: every sentence of the catalogues as Markdown, in both languages.

`python -m ledger.catalogue.page docs/errors.md` writes it; a test compares the file with `page()`, so a code without
its line in the documents cannot be committed.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from ledger.catalogue.sentences import sentences

_HEAD = """# 代码与说明 · Codes

本页由程序生成(`make docs`),请勿手改。代码一经发布不再改变含义;`E_` 表示拒绝,`W_` 表示已如实入账但需要说明、并列入疑点;
审批时的提醒不挡路,用 `doubts --remarks` 查。花括号中的是现场填入的内容,例如文件、工作表、行、列。

This page is generated (`make docs`); do not edit it. A published code never changes its meaning: `E_` refuses, `W_` is
recorded as it happened, with an explanation, and raised as a doubt; what is remarked at decisions is in nobody's way,
and `doubts --remarks` lists it. What stands in braces is filled in on the spot.
"""

_OPTION = re.compile(r"\{(--[a-z-]+)\}")
_SECTIONS = (("E_", "## 拒绝 · Refusals"), ("W_", "## 提醒 · Warnings"))


def page() -> str:
    """The whole page, ending in a newline."""
    parts = [_HEAD]
    for prefix, title in _SECTIONS:
        chosen = {code: entry for code, entry in sorted(sentences().items()) if code.startswith(prefix)}
        parts.append("\n".join((title, "", "| 代码 code | 中文 | English |", "|---|---|---|", *_rows(chosen), "")))
    return "\n".join(parts)


def _rows(entries: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    for code, entry in entries.items():
        yield f"| `{code}` | {_cell(entry['zh'])} | {_cell(entry['en'])} |"


def _cell(text: str) -> str:
    """A sentence as a table cell: on one line, options as the command line has them, no bar that would end the cell."""
    return " ".join(_OPTION.sub(r"\1", text).split()).replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
