"""The command line: `main` parses, runs one command, and turns every error into one line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import TextIO, cast

from cyclopts import App, CycloptsError, Parameter

from .. import __version__
from ..errors import ManometerError
from .commands import COMMANDS, Shell
from .fleet_command import fleet_app
from .retarget_command import retarget_app
from .screen import GuardedStdout, OutputError, complain
from .signals_command import signals_app

__all__ = ["build_app", "main"]

_HELP = (
    "A pressure gauge for Bitcoin mining: who is under water, why, and can they keep what they mine.\n\n"
    "Exit codes: 0 done, 1 model or internal error, 2 the input is wrong, 3 data are missing, stale or "
    "broken, 130 interrupted. NO_COLOR and COLUMNS are honoured; MANOMETER_STORE names the store."
)
_INTERRUPTED = 130


def build_app() -> App:
    """Return the application with all its commands."""
    app = App(
        name="manometer",
        help=_HELP,
        help_format="plaintext",
        version=__version__,
        version_flags=["--version"],
        default_parameter=Parameter(show_default=False),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for name, function in COMMANDS.items():
        app.command(function, name=name)
    app.command(fleet_app())
    app.command(retarget_app())
    app.command(signals_app())

    @app.command(name="completion")
    def completion(shell: Shell, /) -> None:
        """Print the completion script of a shell: bash, zsh or fish.

        Parameters
        ----------
        shell : str
            bash: add `eval "$(manometer completion bash)"` to ~/.bashrc.
        """
        sys.stdout.write(app.generate_completion(shell=shell))

    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        with redirect_stdout(cast(TextIO, GuardedStdout(sys.stdout))):
            code = _run(list(sys.argv[1:] if arguments is None else arguments))
            sys.stdout.flush()
    except OutputError as error:
        complain(str(error))
        _let_go_of_stdout()
        return error.exit_code
    except BrokenPipeError:
        _let_go_of_stdout()
        return 0
    except KeyboardInterrupt as stopped:
        complain(str(stopped) or "interrupted")
        return _INTERRUPTED
    return code


def _run(arguments: list[str]) -> int:
    try:
        app = build_app()
        code = app(arguments, exit_on_error=False, print_error=False)
        return code if isinstance(code, int) else 0
    except CycloptsError as error:
        complain(f"{_usage(error)} (see manometer --help)")
        return 2
    except OutputError:
        raise
    except ManometerError as error:
        complain(str(error))
        return error.exit_code
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:
        if os.environ.get("MANOMETER_DEBUG"):
            raise
        complain(
            f"internal error, please report it: {type(error).__name__}: {error} "
            "(MANOMETER_DEBUG=1 shows where)"
        )
        return 1


def _usage(error: CycloptsError) -> str:
    """Return what is wrong with the command line, without a frame around it."""
    return str(error)


def _let_go_of_stdout() -> None:
    """Point stdout at nothing, so that the interpreter does not fail on it again at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
