"""Sub-commands that show results and make reports."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable
from typing import Any

from cxassess.answers import read_answers
from cxassess.cli.command import Command, language_option
from cxassess.cli.parsing import number
from cxassess.language import current_language, say
from cxassess.model import load_model
from cxassess.scoring import Result, score

STOPPED = 130
"""The exit code of what was interrupted."""


def _declare_score(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar=say("cli.arg_folder"), help=say("cli.round"))
    parser.add_argument("--explain", metavar=say("cli.arg_id"), help=say("cli.explain"))
    language_option(parser)


def _score(given: Namespace) -> int:
    result = _result(given.folder)
    print(result)
    if given.explain:
        print("", result.explain("" if given.explain == "index" else given.explain), sep="\n")
    return 0


def _declare_plan(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar=say("cli.arg_folder"), help=say("cli.round"))
    parser.add_argument("--capacity", type=number, metavar=say("cli.arg_days"), help=say("cli.capacity"))
    language_option(parser)


def _plan(given: Namespace) -> int:
    from cxassess.planning import plan

    print(plan(_result(given.folder), given.capacity))
    return 0


def _result(folder: str) -> Result:
    from cxassess.exchange.one_team import refuse_many_teams

    refuse_many_teams(folder)
    return score(read_answers(folder))


def _declare_cohort(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar=say("cli.arg_folder"), help=say("cli.teams"))
    language_option(parser)


def _cohort(given: Namespace) -> int:
    from cxassess.cohort import read_cohort

    found = read_cohort(given.folder)
    print(found)
    for problem in found.problems:
        print(f"! {problem}", file=sys.stderr)
    return 0


def _declare_report(parser: ArgumentParser) -> None:
    languages = [*load_model().languages]
    parser.add_argument("folder", metavar=say("cli.arg_folder"), help=say("cli.teams"))
    parser.add_argument("--out", required=True, metavar=say("cli.arg_out"), help=say("cli.out"))
    parser.add_argument("--language", choices=[*languages, "both"], help=say("cli.report_language"))
    parser.add_argument("--jobs", type=_positive, metavar=say("cli.arg_number"), help=say("cli.jobs"))
    parser.add_argument("--templates", metavar=say("cli.arg_folder"), help=say("cli.templates"))


def _report(given: Namespace) -> int:
    from cxassess.reports.bulk import make_reports

    languages = [*load_model().languages] if given.language == "both" else [current_language()]
    done = make_reports(given.folder, given.out, languages, given.jobs, given.templates, _progress)
    for line in done.lines():
        print(line)
    return STOPPED if done.stopped else 0 if done.complete else 1


def _progress(reports: Iterable[Any], total: int) -> Iterable[Any]:
    """A progress bar where somebody is looking."""
    from tqdm import tqdm

    bar: Iterable[Any] = tqdm(reports, total=total, desc=say("bulk.progress"), disable=None, leave=False)
    return bar


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(say("bulk.bad_jobs", found=text))
    return int(text)


COMMANDS = {
    "score": Command(_score, _declare_score),
    "plan": Command(_plan, _declare_plan),
    "cohort": Command(_cohort, _declare_cohort),
    "report": Command(_report, _declare_report),
}
