"""`ledger-verify PATH [--key VKEY] …`: the command line of the stranger.

Exit codes: 0 the log holds, 1 it does not (or no key was given), 2 the input cannot be used.
"""

import argparse
import gc
import io
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ledger_audit.verifier.formats.bag import Bag
from ledger_audit.verifier.hashing import Hashing

FEW_COLLECTIONS = 100_000
"""Rows by the hundred thousand are made and dropped without a cycle among them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verification and prints its verdicts; returns the exit code."""
    options = _parser().parse_args(arguments)
    gc.set_threshold(FEW_COLLECTIONS)
    for stream in (sys.stdout, sys.stderr):  # what a stranger named may have no spelling on this terminal
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    hashing = Hashing(Bag(options.path), options.jobs) if _is_bag(options.path) else None
    from ledger_audit.verifier.running import run  # noqa: PLC0415 - loaded while the other process already hashes

    return run(options, hashing)


def _is_bag(path: Path) -> bool:
    try:
        return (path / "bagit.txt").exists()
    except (OSError, ValueError):  # no such name can be; `run` says so
        return False


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ledger-verify",
        description="核验检查包或单笔证明,不需要账本软件,不联网。 Verifies a package or a proof, offline.",
        epilog="退出码 · exit codes: 0 成立 holds, 1 不成立 does not hold, 2 无法使用 unusable input",
    )
    add = parser.add_argument
    add(
        "path",
        type=Path,
        metavar="PATH",
        help="检查包目录或 zip、.ledger-proof、导出的事件、分叉证据 · a package, a proof, exported events, or a fork",
    )
    add("--key", metavar="VKEY", help="经办单位公布的公钥文本 · the operator's published key")
    add(
        "--known",
        metavar="NOTE",
        type=Path,
        action="append",
        default=[],
        help="留存的检查点 · a checkpoint you kept",
    )
    add("--state", metavar="DIR", type=Path, help="保存上次核验结果的目录 · keeps the last verified checkpoint")
    add(
        "--witness",
        metavar="VKEY",
        action="append",
        default=[],
        help="见证方公布的公钥文本,可写多次 · a witness's published key; may be repeated",
    )
    add(
        "--now",
        metavar="TIME",
        type=_moment,
        default=datetime.now(UTC),
        help="以此时间计算账龄 · count from this time",
    )
    add("--lang", choices=("zh", "en", "both"), default="both", help="输出语言 · language of the report")
    add("--jobs", type=int, default=2, help="进程数 · processes")
    add("--json", action="store_true", help="输出 JSON · print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
