"""What a sub-command is."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from cxassess.language import say
from cxassess.model import load_model


@dataclass(frozen=True, slots=True)
class Command:
    """A sub-command: what it does, and how its arguments are declared."""

    run: Callable[[Namespace], int]
    declare: Callable[[ArgumentParser], object]


def language_option(parser: ArgumentParser) -> None:
    """Let the language be chosen; the command line switches to it before anything is said."""
    parser.add_argument("--language", choices=[*load_model().languages], help=say("cli.language"))
