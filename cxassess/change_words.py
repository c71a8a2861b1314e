"""A change in words: a summary, and the rows of its table."""

from cxassess.change import Apart, Change, Movement, Uncompared, Verdict
from cxassess.explaining import level, percent
from cxassess.language import say
from cxassess.scoring import Result

SYMBOLS = {Verdict.IMPROVED: "▲", Verdict.WORSE: "▼", Verdict.CANNOT_TELL: "?"}


def summary(change: Change) -> str:
    """What changed, in a few lines of text."""
    twice, left, joined = change.people
    lines = [
        say("change.heading", team=change.after.answers.team.name or "–", before=_round(change.before),
            after=_round(change.after), twice=twice, left=left, joined=joined)
    ]  # fmt: skip
    if (teams := _teams(change)) and len(set(teams)) > 1:
        lines.append(say("change.other_team", before=teams[0], after=teams[1]))
    if change.index:
        lines.append(say("change.index_line", name=say("result.index"), change=in_words(change.index)))
    for verdict in Verdict:
        if not (found := change.having(verdict)):
            continue
        told = say("change.join").join(
            name(change, one.id) if verdict == Verdict.CANNOT_TELL
            else say("change.named", name=name(change, one.id), interval=interval(one))
            for one in found
        )  # fmt: skip
        lines.append(say("change.list", verdict=say(f"change.{verdict}"), n=len(found), names=told))
    lines += [reason(change, one) for one in change.uncompared]
    return "\n".join([*lines, rule(change)])


def _teams(change: Change) -> list[str]:
    """The names of the two rounds' teams, if both have one."""
    names = [some.answers.team.name for some in (change.before, change.after)]
    return names if all(names) else []


def rule(change: Change) -> str:
    """The declared rule that every comparison is printed with."""
    return say("change.rule", level=percent(change.level))


def rows(change: Change) -> list[tuple[str, ...]]:
    """The index, the themes and the elements as a table, the header first."""
    model = change.after.model
    head = tuple(
        say(f"change.{key}")
        for key in (
            "what",
            "verdict",
            "before",
            "after",
            "change",
            "interval",
            "twice",
            "only_before",
            "only_after",
        )
    )
    parts = [change.index] if change.index else []
    for theme in model.themes.values():
        if theme.id in change.themes:
            parts.append(change.themes[theme.id])
        parts += [change.elements[one.id] for one in model.elements_of(theme.id) if one.id in change.elements]
    return [head, *(_row(change, one) for one in parts)]


def name(change: Change, id: str) -> str:
    """What an element, a theme or the index is called; its id where the model no longer has it."""
    model = change.after.model
    if not id:
        return say("result.index")
    record = model.elements.get(id) or model.themes.get(id)
    return str(record.name) if record else id


def interval(one: Movement) -> str:
    """A change with its interval.

    >>> from cxassess.change import Movement, Verdict
    >>> interval(Movement("x", Verdict.IMPROVED, 2, 3, 1, 0.42, 1.58, 0.01, 8, 0, 0))
    '+1.0 (+0.4 to +1.6)'
    """
    return say("change.interval_of", change=signed(one.change), low=signed(one.low), high=signed(one.high))


def in_words(one: Movement) -> str:
    """The verdict with the change and its interval."""
    return say("change.in_words", verdict=say(f"change.{one.verdict}"), interval=interval(one),
               before=level(one.before), after=level(one.after))  # fmt: skip


def signed(levels: float) -> str:
    """Levels to one decimal with their sign.

    >>> signed(0.5), signed(-0.04), signed(-1.25)
    ('+0.5', '0.0', '−1.3')
    """
    text = f"{abs(levels) + 1e-9:.1f}"
    return text if float(text) == 0 else ("+" if levels > 0 else "−") + text


def reason(change: Change, one: Uncompared) -> str:
    """Why something is not compared, in one line."""
    told = say(f"change.apart_{one.reason}", before=_round(change.before), after=_round(change.after))
    why = say("change.because", why=one.why) if one.why and one.reason in {Apart.REWORDED, Apart.GONE} else ""
    return say("change.not_compared", name=name(change, one.id), reason=told + why)


def _round(result: Result) -> str:
    return result.answers.team.round or "–"


def _row(change: Change, one: Movement) -> tuple[str, ...]:
    return (
        name(change, one.id), f"{SYMBOLS[one.verdict]} {say(f'change.{one.verdict}')}", level(one.before),
        level(one.after), signed(one.change), say("change.span", low=signed(one.low), high=signed(one.high)),
        str(one.twice), str(one.only_before), str(one.only_after),
    )  # fmt: skip
