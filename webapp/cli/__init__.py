"""The command ``yijianshi``. Each command or group of commands is one file here, found by its name:
``webapp/cli/check.py`` with a click command called ``command`` becomes ``yijianshi check``.

Exit codes: 0 fine, 1 found something wrong, 2 used wrongly or not set up right.
"""

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NoReturn

import click

from engine.errors import CannotStart, EngineError, Invalid, PackInvalid
from webapp.supervision import end_with_supervisor


class Commands(click.Group):
    """All commands of this folder; a file is read only when its command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        modules = (module.name for module in iter_modules([str(Path(__file__).parent)]))
        return sorted(name.replace("_", "-") for name in modules if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name.replace('-', '_')}").command
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yijianshi")
def yijianshi() -> None:
    """一件事：退休“一件事”联办系统。"""
    end_with_supervisor()


def main() -> NoReturn:
    """Run the command line; mistakes the engine knows become one sentence instead of a trace."""
    try:
        yijianshi(prog_name="yijianshi")
    except CannotStart as error:
        click.echo(error.message, err=True)
        sys.exit(2)
    except EngineError as error:
        for line in _details(error):
            click.echo(line, err=True)
        click.echo(error.message, err=True)
        sys.exit(1)
    sys.exit(0)


def _details(error: EngineError) -> list[str]:
    """Every single mistake behind an error, with its place."""
    if isinstance(error, PackInvalid):
        return [str(problem) for problem in error.problems]
    if isinstance(error, Invalid):
        return [f"{field}: {message}" for field, message in error.errors.items()]
    return []
