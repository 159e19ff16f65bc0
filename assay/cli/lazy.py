"""Load a command's module only when the command is used, so that `assay --help` stays quick."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version

import typer

HELP = "Tell whether a checkpoint got better, by how much, on which questions, and whether that is noise."


def build(commands: Mapping[str, str], *, wanted: str | None) -> typer.Typer:
    """Make the command line: the command that is wanted for real, the others by name and help alone."""
    app = typer.Typer(
        name="assay", help=HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback()(_options)
    for name, line in commands.items():
        if name == wanted:
            import_module(f"assay.cli.{name}").attach(app, help_=line)
        else:
            app.command(name, help=line)(_not_loaded)
    return app


def first_word(arguments: Sequence[str] | None) -> str | None:
    """Return the first argument that is not an option."""
    return next(
        (a for a in (sys.argv[1:] if arguments is None else arguments) if not a.startswith("-")), None
    )


def _version(wanted: bool) -> None:
    if wanted:
        print(f"assay {version('assay-eval')}")
        raise typer.Exit


def _options(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
    version_: bool = typer.Option(
        False, "--version", is_eager=True, callback=_version, help="Show the version, and end."
    ),
) -> None:
    pass


def _not_loaded() -> None:
    raise AssertionError("a command was called whose module is not loaded")
