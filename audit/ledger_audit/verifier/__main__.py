"""`ledger-verify PATH [--key VKEY] …`: the command line of the stranger.

Exit codes: 0 the log holds, 1 it does not (or no key was given), 2 the input cannot be used.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ledger_audit.verifier.checkpoints import State
from ledger_audit.verifier.findings import Finding, Place
from ledger_audit.verifier.formats.canonical import FaultError
from ledger_audit.verifier.formats.notes import parse_vkey
from ledger_audit.verifier.proof import is_proof, verify_proof
from ledger_audit.verifier.report import print_proof, print_verdict
from ledger_audit.verifier.whole import Trust, verify_package

HOLDS, DOES_NOT_HOLD, UNUSABLE = 0, 1, 2
MAX_NOTE_BYTES = 1 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verification and prints its verdicts; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        trust = Trust(
            None if options.key is None else parse_vkey(options.key),
            [(str(file), _note(file)) for file in options.known],
            None if options.state is None else State(options.state),
        )
        if not options.path.exists():
            raise FaultError("V_NO_PACKAGE", file=str(options.path))  # noqa: TRY301 - answered like any unusable input
        if is_proof(options.path):
            verdict, proven = verify_proof(options.path, trust)
            shown = {**verdict.to_json(), "proven": proven}
        else:
            verdict, proven = verify_package(options.path, trust, options.now, options.jobs), None
            shown = verdict.to_json()
    except FaultError as fault:
        return _unusable(fault, as_json=options.json)
    if options.json:
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    elif proven is not None:
        print_proof(verdict, proven, options.lang)
    else:
        print_verdict(verdict, options.lang)
    return HOLDS if verdict.holds else DOES_NOT_HOLD


def _unusable(fault: FaultError, *, as_json: bool) -> int:
    finding = Finding(fault.code, Place(), fault.params)
    if as_json:
        print(json.dumps({"error": finding.to_json()}, ensure_ascii=False, indent=1))
    else:
        print(f"{fault.code}: {finding.message('zh')}\n{finding.message('en')}", file=sys.stderr)
    return UNUSABLE


def _note(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_NOTE_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FaultError("V_KNOWN_FILE", file=str(file)) from error


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
    add("path", type=Path, metavar="PATH", help="检查包目录或 zip,或 .ledger-proof · a package or a proof")
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
