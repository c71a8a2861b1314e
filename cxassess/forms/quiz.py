"""A quiz as a form, in a notebook or on a page: it answers to every choice, and keeps no score of anybody."""

from cxassess.course import Question, Quiz, load_quizzes
from cxassess.errors import ModelError
from cxassess.forms.specs import COLOURS, Spec
from cxassess.forms.widget import Form
from cxassess.language import current_language, interface_texts
from cxassess.model import Model, load_model


def quiz(id: str) -> Form:
    """Show the quiz of a part of the course.

    Args:
        id: the part's id: `why`, `stand`, `customers`, `promise`, `know`, `next` or `back`.

    Raises:
        ModelError: there is no such quiz.

        >>> quiz("why").spec["key"]
        'quiz-why'
    """
    quizzes = load_quizzes()
    if id not in quizzes:
        raise ModelError("unknown_quiz", found=id, known=", ".join(quizzes))
    return Form(quiz_spec(quizzes[id]), on_edits=lambda _edits, _position: None)


def quiz_spec(quiz: Quiz, model: Model | None = None) -> Spec:
    """A quiz as a form spec; each option carries what is said to whoever chose it.

    >>> spec = quiz_spec(load_quizzes()["why"])
    >>> sorted(spec["sections"][0]["fields"][0]["options"][0])
    ['label', 'right', 'says', 'value']
    """
    model = model or load_model()
    texts = interface_texts("quiz")
    return {
        "key": f"quiz-{quiz.id}",
        "language": current_language(),
        "title": str(quiz.title),
        # Nobody has to be told that an answer to a quiz is safe.
        "texts": {**interface_texts("form"), **texts, **dict.fromkeys(("autosave", "waiting", "saving", "saved"), "")},
        "colours": {name: model.colours[name] for name in COLOURS if name in model.colours},
        "sections": [{"id": quiz.id, "title": texts["questions"], "fields": [_field(one) for one in quiz.questions]}],
    }  # fmt: skip


def _field(question: Question) -> Spec:
    return {
        "id": question.id,
        "type": "choice",
        "label": str(question.ask),
        "options": [
            {"value": number, "label": str(option.label), "says": str(option.says), "right": option.right}
            for number, option in enumerate(question.options)
        ],
    }
