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
    from cxassess.errors import AnswerError, CxError, ModelError, SaveError
    from cxassess.exchange.playbook_documents import open_playbook, write_playbook
    from cxassess.forms.assess import assess
    from cxassess.forms.playbook import edit_playbook
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
    from cxassess.reports.playbook import show_part, show_targets
    from cxassess.reports.result import show, show_risks
    from cxassess.reports.review import Review, agenda, review
    from cxassess.scoring import Result, score

_HOME = {
    "AnswerError": "errors",
    "Answers": "answers",
    "Change": "change",
    "CxError": "errors",
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
    "check_playbook": "playbook.check",
    "compare": "change",
    "current_language": "language",
    "edit_playbook": "forms.playbook",
    "edit_team": "forms.team",
    "gather": "answers",
    "kpi_target": "playbook.targets",
    "load_model": "model",
    "open_playbook": "exchange.playbook_documents",
    "plan": "planning",
    "power": "change_power",
    "read_answers": "answers",
    "read_playbook": "playbook.files",
    "read_story": "playbook.story",
    "review": "reports.review",
    "robust": "planning_robust",
    "save_playbook": "playbook.files",
    "save_team": "answer_files",
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
