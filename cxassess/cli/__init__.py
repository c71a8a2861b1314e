"""The command `cxassess`: scores, plans, cohorts and reports from folders of answers.

Each sub-command is a function of its arguments, in `results` or `exchange`; it prints its result and returns the exit code. What
goes wrong is one sentence on standard error and exit code 1; wrong arguments are 2, an interruption is 130.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from itertools import pairwise

from cxassess import __version__
from cxassess.cli import exchange, results
from cxassess.cli.parsing import new_parser, translated
from cxassess.cli.results import STOPPED
from cxassess.errors import CxError
from cxassess.language import language, say
from cxassess.model import load_model


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code.

    >>> main(["score", "no such folder"])
    1
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a file name, or a terminal, may not be Unicode
    arguments = sys.argv[1:] if arguments is None else arguments
    with language(_wanted_language(arguments)), translated():
        try:
            given = _parser().parse_args(arguments)
            return COMMANDS[given.command].run(given)
        except CxError as problem:
            print(problem, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return STOPPED


def _parser() -> ArgumentParser:
    parser = new_parser("cxassess", say("cli.program"))
    parser.add_argument("--version", action="version", version=__version__, help=say("cli.version"))
    commands = parser.add_subparsers(dest="command", required=True, metavar=say("cli.arg_command"))
    for name, command in COMMANDS.items():
        told = say(f"cli.{name}")
        layout = parser.formatter_class
        command.declare(commands.add_parser(name, help=told, description=told, formatter_class=layout))
    return parser


def _wanted_language(arguments: Sequence[str]) -> str | None:
    """The language asked for, known before the help is written in it."""
    spelt = (one.partition("=")[2] for one in arguments if one.startswith("--language="))
    asked = dict(pairwise(arguments)).get("--language") or next(spelt, None)
    try:
        return asked if asked in load_model().languages else None
    except CxError:  # the model cannot be used, which is said once a command asks for it
        return None


COMMANDS = {**results.COMMANDS, **exchange.COMMANDS}
