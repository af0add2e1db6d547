"""The options that every command shares, and the decorator that gives them to it.

A command is a function of a `Desk` and its own options. The decorator adds the shared ones to its signature, builds the
desk, and turns every error into its sentence and an exit code: no traceback reaches a person.
"""

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ledger_api.asking import say_where
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import fail

BookOption = Annotated[
    Path | None,
    typer.Option("--book", envvar="LEDGER_BOOK", metavar="DIR", help="账套所在目录。 The book's directory."),
]
KeyOption = Annotated[
    Path | None, typer.Option("--key", metavar="FILE", help="签名人的密钥文件。 The signer's key file.")
]
PassphraseOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="口令所在文件(第一行)。 A file whose first line it is."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="以 JSON 输出。 Answer in JSON.")]
LanguageOption = Annotated[
    str | None, typer.Option("--lang", metavar="zh|en", help="界面语言。 The language of the answer.")
]

Body = Callable[..., None]

_SHARED: Final[tuple[tuple[str, Any, Any], ...]] = (
    ("book", BookOption, None),
    ("key", KeyOption, None),
    ("passphrase_file", PassphraseOption, None),
    ("as_json", JsonOption, False),
    ("lang", LanguageOption, None),
)


def _options(context: typer.Context, given: dict[str, Any]) -> dict[str, tuple[str, object]]:
    """By the name of an option, as it is written and what was given for it."""
    named = ((one.opts[0], given.get(one.name or "")) for one in context.command.params)
    return {option.lstrip("-").replace("-", "_"): (option, value) for option, value in named}


def before_command(
    book: BookOption = None,
    key: KeyOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """The shared options as they may stand before a command's name; its own win (see `_shared`)."""


def _shared(context: typer.Context, option: str, given: Any) -> Any:
    """What was given for a shared option: after the command's name, else before it, else by the environment."""
    root = context.find_root()
    before = context is not root and _is_written(root, option) and not _is_written(context, option)
    return root.params[option] if before else given


def _is_written(context: Any, option: str) -> bool:
    """Whether an option was given on the command line; typer brings a click of its own, so its source goes by name."""
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def command(app: typer.Typer, name: str) -> Callable[[Body], Body]:
    """Register `function(desk, its own options)` as a command with the shared options."""

    def register(function: Body) -> Body:
        @functools.wraps(function)
        def run(context: typer.Context, **given: Any) -> None:
            desk = Desk.of(**{option: _shared(context, option, given.pop(option)) for option, _, _ in _SHARED})
            try:
                function(desk, **given)
            except (typer.Exit, typer.Abort):
                raise
            except Exception as error:  # noqa: BLE001 - whatever went wrong, a person reads a sentence
                say_where(error, _options(context, given))
                raise typer.Exit(fail(desk, error)) from None

        own = list(inspect.signature(function).parameters.values())[1:]
        shared = [
            inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for option, annotation, default in _SHARED
        ]
        first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        parameters = [first, *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own), *shared]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return app.command(name)(run)

    return register
