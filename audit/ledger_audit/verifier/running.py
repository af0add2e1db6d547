"""One verification as its command line asks for it: what the user trusts is read, the verdicts are printed."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from ledger_audit.verifier.checkpoints import State
from ledger_audit.verifier.exports.events import is_export, verify_export
from ledger_audit.verifier.findings import Finding, Place
from ledger_audit.verifier.fork import is_fork, verify_fork
from ledger_audit.verifier.formats.canonical import FaultError
from ledger_audit.verifier.formats.notes import parse_vkey, parse_witness
from ledger_audit.verifier.hashing import Hashing
from ledger_audit.verifier.proof import is_proof, verify_proof
from ledger_audit.verifier.report import print_proof, print_verdict
from ledger_audit.verifier.whole import Trust, Verdict, verify_package

HOLDS: Final = 0
DOES_NOT_HOLD: Final = 1
UNUSABLE: Final = 2
MAX_NOTE_BYTES: Final = 1 << 20


def run(options: argparse.Namespace, hashing: Hashing | None) -> int:
    """Runs one verification and prints its verdicts; returns the exit code."""
    try:
        verdict, proven = _verified(options, hashing)
    except FaultError as fault:
        return _unusable(fault, as_json=options.json)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes did here, they are no input of use
        return _unusable(FaultError("V_UNREADABLE", reason=_reason(error)), as_json=options.json)
    shown = verdict.to_json() if proven is None else {**verdict.to_json(), "proven": proven}
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


def _verified(options: argparse.Namespace, hashing: Hashing | None) -> tuple[Verdict, dict[str, Any] | None]:
    """The verdict on whatever was given, and the event that a proof proves; FaultError for what cannot be used."""
    trust = Trust(
        None if options.key is None else parse_vkey(options.key),
        [(str(file), _note(file)) for file in options.known],
        None if options.state is None else State(options.state),
        [parse_witness(text) for text in options.witness],
    )
    path: Path = options.path
    try:
        there = path.exists()
    except (OSError, ValueError):
        there = False
    if not there:
        raise FaultError("V_NO_PACKAGE", file=str(path)[:200])
    if is_fork(path):
        return verify_fork(path, trust), None
    if is_export(path):
        return verify_export(path, trust, options.now), None
    if is_proof(path):
        return verify_proof(path, trust, options.now)
    return verify_package(path, trust, options.now, options.jobs, hashing), None


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


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
