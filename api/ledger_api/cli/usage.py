"""A command line that is none: an option that nobody knows, a value that cannot be read, a word that is missing. It is
told as every other error is, with a code, in both languages, and to a program as JSON.
"""

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import typer
from pydantic import ValidationError
from typer._click.exceptions import (  # typer brings a click of its own and gives these no other name
    BadOptionUsage,
    BadParameter,
    ClickException,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)
from typer.core import TyperGroup

from ledger.catalogue import Words
from ledger.errors import InputError
from ledger.flows.forms import form, form_fault
from ledger_api.cli.desk import Desk, language_of
from ledger_api.cli.output import fail, line

_ABORTED: Final = 1
_SHOWN: Final = 200
_EXTRA: Final = "Got unexpected extra argument"


class Program(TyperGroup):
    """The whole program, whose wrong command lines are told as errors."""

    def main(self, args: Sequence[str] | None = None, *, standalone_mode: bool = True, **extra: Any) -> Any:  # type: ignore[override]  # nobody gives the others by their place
        """Run it and leave with its exit code; not `standalone_mode`, give it back."""
        if not standalone_mode:
            return super().main(args, standalone_mode=False, **extra)
        words = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(args, standalone_mode=False, **extra)
        except NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except ClickException as error:
            sys.exit(_told(error, words))
        except typer.Abort:
            sys.exit(_ABORTED)
        sys.exit(code if isinstance(code, int) else 0)


def _told(error: ClickException, words: Sequence[str]) -> int:
    """Say it; the exit code. What was asked for is read from the words, since no command could read them."""
    as_json = "--json" in words
    lang = next((word.removeprefix("--lang=") for word in words if word.startswith("--lang=")), None)
    lang = lang or next((after for word, after in pairwise(words) if word == "--lang"), None)
    desk = Desk(None, None, None, as_json, language_of(lang))
    context = getattr(error, "ctx", None)
    if context is not None and not as_json:
        line(context.get_usage(), err=True)
    fail(desk, usage_error(error))
    return error.exit_code


def usage_error(error: ClickException) -> InputError:
    """What is wrong with the command line, with a code."""
    context = getattr(error, "ctx", None)
    path = "" if context is None else context.command_path
    told = " ".join(error.format_message().split())[:_SHOWN]
    if isinstance(error, NoSuchOption):
        return InputError("E_USAGE_OPTION", option=error.option_name[:_SHOWN], command=path)
    if isinstance(error, MissingParameter):
        return InputError("E_USAGE_MISSING", option=_name(error), command=path)
    if isinstance(error, BadOptionUsage):  # it stands there without its value, or a flag with one
        return InputError("E_USAGE", reason=Words(f"{error.option_name} 后面的内容不对", told))
    if isinstance(error, BadParameter) and _name(error):
        value, reason = _fault(error, told)
        return InputError("E_USAGE_VALUE", option=_name(error), value=value, reason=reason)
    if isinstance(error, UsageError) and told.startswith("No such command"):
        return InputError("E_USAGE_COMMAND", value=told.split("'")[1][:_SHOWN], command=path)
    if told.startswith(_EXTRA):
        words = told.removeprefix(_EXTRA).removeprefix("(s)").strip(" ().")
        return InputError("E_USAGE", reason=Words(f"多写了 {words}", told))
    return InputError("E_USAGE", reason=told)


def _name(error: BadParameter) -> str:
    """The option or argument as it is written."""
    if isinstance(error.param_hint, str):
        return error.param_hint
    return "" if error.param is None else error.param.get_error_hint().replace("'", "")


def _fault(error: BadParameter, told: str) -> tuple[str, Words]:
    """What was given and why it cannot be read."""
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return "-", Words(form("other"), told)
    fault = cause.errors(include_url=False)[0]
    return str(fault["input"])[:_SHOWN], form_fault(fault)
