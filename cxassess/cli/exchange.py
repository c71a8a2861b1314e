"""Sub-commands that bring answers in and take them out: workbooks, surveys and the open form."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from cxassess.cli.command import Command, language_option
from cxassess.language import say


def _declare_questionnaire(parser: ArgumentParser) -> None:
    parser.add_argument("path", metavar=say("cli.arg_excel"), help=say("cli.workbook"))
    parser.add_argument("--respondents", nargs="+", metavar=say("cli.arg_name"), help=say("cli.respondents"))
    parser.add_argument("--folder", metavar=say("cli.arg_folder"), help=say("cli.filled_in"))
    language_option(parser)


def _questionnaire(given: Namespace) -> int:
    from cxassess.exchange.questionnaire_excel import write_questionnaire

    print(write_questionnaire(given.path, respondents=given.respondents or 0, folder=given.folder))
    return 0


def _declare_mapping(parser: ArgumentParser) -> None:
    parser.add_argument("path", metavar=say("cli.arg_survey"), help=say("cli.survey"))
    language_option(parser)


def _mapping(given: Namespace) -> int:
    from cxassess.exchange.survey_proposal import propose_mapping

    sys.stdout.write(propose_mapping(given.path))
    return 0


def _declare_import(parser: ArgumentParser) -> None:
    parser.add_argument("path", metavar=say("cli.arg_file"), help=say("cli.file"))
    parser.add_argument("folder", metavar=say("cli.arg_folder"), help=say("cli.into"))
    parser.add_argument("--mapping", metavar=say("cli.arg_toml"), help=say("cli.mapping_file"))
    parser.add_argument("--write", action="store_true", help=say("cli.write"))
    parser.add_argument("--replace", action="store_true", help=say("cli.replace"))
    language_option(parser)


def _import(given: Namespace) -> int:
    from cxassess.exchange.open_form_reading import import_team
    from cxassess.exchange.questionnaire_excel_reading import read_questionnaire
    from cxassess.exchange.survey_csv import read_survey

    wishes = {"dry_run": not given.write, "replace": given.replace}
    if given.mapping:
        found = read_survey(given.path, given.mapping, given.folder, **wishes)
    elif Path(given.path).suffix.lower() == ".xlsx":
        found = read_questionnaire(given.path, given.folder, **wishes)
    else:
        found = import_team(given.path, given.folder, **wishes)
    print(found)
    return 0


def _declare_export(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar=say("cli.arg_folder"), help=say("cli.team"))
    parser.add_argument("out", metavar=say("cli.arg_out"), help=say("cli.export_to"))
    parser.add_argument("--kind", choices=["json", "csv", "parquet"], default="json", help=say("cli.kind"))
    language_option(parser)


def _export(given: Namespace) -> int:
    from cxassess.exchange.open_form import export_team

    print(export_team(given.folder, given.out, given.kind))
    return 0


COMMANDS = {
    "questionnaire": Command(_questionnaire, _declare_questionnaire),
    "mapping": Command(_mapping, _declare_mapping),
    "import": Command(_import, _declare_import),
    "export": Command(_export, _declare_export),
}
