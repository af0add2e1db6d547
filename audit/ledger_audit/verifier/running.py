"""One verification as its command line asks for it: what the user trusts is read, the verdicts are printed."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final

from ledger_audit.verifier.checkpoints import State
from ledger_audit.verifier.exports.events import is_export, verify_export
from ledger_audit.verifier.findings import Finding, Place
from ledger_audit.verifier.fork import is_fork, verify_fork
from ledger_audit.verifier.formats.canonical import FaultError
from ledger_audit.verifier.formats.notes import parse_vkey
from ledger_audit.verifier.hashing import Hashing
from ledger_audit.verifier.proof import is_proof, verify_proof
from ledger_audit.verifier.report import print_proof, print_verdict
from ledger_audit.verifier.whole import Trust, verify_package

HOLDS: Final = 0
DOES_NOT_HOLD: Final = 1
UNUSABLE: Final = 2
MAX_NOTE_BYTES: Final = 1 << 20


def run(options: argparse.Namespace, hashing: Hashing | None) -> int:
    """Runs one verification and prints its verdicts; returns the exit code."""
    try:
        trust = Trust(
            None if options.key is None else parse_vkey(options.key),
            [(str(file), _note(file)) for file in options.known],
            None if options.state is None else State(options.state),
        )
        if not options.path.exists():
            raise FaultError("V_NO_PACKAGE", file=str(options.path))  # noqa: TRY301 - answered like any unusable input
        if is_fork(options.path):
            verdict, proven = verify_fork(options.path, trust), None
            shown = verdict.to_json()
        elif is_export(options.path):
            verdict, proven = verify_export(options.path, trust), None
            shown = verdict.to_json()
        elif is_proof(options.path):
            verdict, proven = verify_proof(options.path, trust)
            shown = {**verdict.to_json(), "proven": proven}
        else:
            verdict, proven = verify_package(options.path, trust, options.now, options.jobs, hashing), None
            shown = verdict.to_json()
    except FaultError as fault:
        return _unusable(fault, as_json=options.json)
    try:
        if options.json:
            print(json.dumps(shown, ensure_ascii=False, indent=1))
        elif proven is not None:
            print_proof(verdict, proven, options.lang)
        else:
            print_verdict(verdict, options.lang)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has read enough; the verdict still stands in the exit code
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
