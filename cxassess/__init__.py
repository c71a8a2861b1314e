"""Find out how customer-centric your company is, work out its numbers, make a plan, see what changed.

    >>> import cxassess as cx
    >>> len(cx.load_model().elements)
    15

Every name is loaded when it is first used, so that importing the package takes next to no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxassess.answer_files import ResponseFile, save_team
    from cxassess.answers import Answers, Response, Team, gather, read_answers
    from cxassess.change import Change, compare
    from cxassess.change_power import power
    from cxassess.cohort import Cohort, read_cohort
    from cxassess.errors import AnswerError, CohortError, CxError, ModelError, SaveError
    from cxassess.exchange.intake import ExchangeError, Intake
    from cxassess.exchange.open_form import export_team
    from cxassess.exchange.open_form_reading import import_team
    from cxassess.exchange.playbook_documents import open_playbook, write_playbook
    from cxassess.exchange.questionnaire_excel import write_questionnaire
    from cxassess.exchange.questionnaire_excel_reading import read_questionnaire
    from cxassess.exchange.survey_csv import read_survey
    from cxassess.exchange.survey_proposal import propose_mapping
    from cxassess.forms.assess import assess
    from cxassess.forms.playbook import edit_playbook
    from cxassess.forms.quiz import quiz
    from cxassess.forms.team import edit_team
    from cxassess.language import current_language, set_language
    from cxassess.model import Model, load_model
    from cxassess.planning import Plan, PlanError, plan
    from cxassess.planning_money import Worth, worth
    from cxassess.planning_robust import robust
    from cxassess.playbook.book import Playbook, PlaybookError
    from cxassess.playbook.check import check_playbook
    from cxassess.playbook.files import read_playbook, save_playbook
    from cxassess.playbook.story import read_story
    from cxassess.playbook.targets import actions, kpi_target, targets, with_measured
    from cxassess.reports.exercise import check
    from cxassess.reports.playbook import show_part, show_targets
    from cxassess.reports.result import show, show_risks
    from cxassess.reports.review import Review, agenda, review
    from cxassess.scoring import Result, score
    from cxassess.workshop import schedule

_HOME = {
    "AnswerError": "errors",
    "Answers": "answers",
    "Change": "change",
    "Cohort": "cohort",
    "CohortError": "errors",
    "CxError": "errors",
    "ExchangeError": "exchange.intake",
    "Intake": "exchange.intake",
    "Model": "model",
    "ModelError": "errors",
    "Plan": "planning",
    "PlanError": "planning",
    "Playbook": "playbook.book",
    "PlaybookError": "playbook.book",
    "Response": "answers",
    "ResponseFile": "answer_files",
    "Result": "scoring",
    "Review": "reports.review",
    "SaveError": "errors",
    "Team": "answers",
    "Worth": "planning_money",
    "actions": "playbook.targets",
    "agenda": "reports.review",
    "assess": "forms.assess",
    "check": "reports.exercise",
    "check_playbook": "playbook.check",
    "compare": "change",
    "current_language": "language",
    "edit_playbook": "forms.playbook",
    "edit_team": "forms.team",
    "export_team": "exchange.open_form",
    "gather": "answers",
    "import_team": "exchange.open_form_reading",
    "kpi_target": "playbook.targets",
    "load_model": "model",
    "open_playbook": "exchange.playbook_documents",
    "plan": "planning",
    "power": "change_power",
    "propose_mapping": "exchange.survey_proposal",
    "quiz": "forms.quiz",
    "read_answers": "answers",
    "read_cohort": "cohort",
    "read_playbook": "playbook.files",
    "read_questionnaire": "exchange.questionnaire_excel_reading",
    "read_story": "playbook.story",
    "read_survey": "exchange.survey_csv",
    "review": "reports.review",
    "robust": "planning_robust",
    "save_playbook": "playbook.files",
    "save_team": "answer_files",
    "schedule": "workshop",
    "score": "scoring",
    "set_language": "language",
    "show": "reports.result",
    "show_part": "reports.playbook",
    "show_risks": "reports.result",
    "show_targets": "reports.playbook",
    "targets": "playbook.targets",
    "with_measured": "playbook.targets",
    "worth": "planning_money",
    "write_playbook": "exchange.playbook_documents",
    "write_questionnaire": "exchange.questionnaire_excel",
}
_PARTS = ("charts", "kpi")

__all__ = sorted([*_HOME, *_PARTS])  # noqa: PLE0605
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    elif name in _PARTS:
        value = import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
