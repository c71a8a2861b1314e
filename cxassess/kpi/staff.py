"""What employees say of their work. Options are those of `surveys`."""

from collections.abc import Sequence
from typing import Any, Literal

import narwhals as nw
import numpy as np

from cxassess.kpi import answers, entry
from cxassess.kpi.answers import Scale
from cxassess.kpi.entry import By
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Result


def employee_satisfaction(
    df: Any,
    score: str = "score",
    *,
    scale: Scale = (1, 5),
    method: Literal["top_box", "mean"] = "top_box",
    top: int = 2,
    by: By = None,
    confidence: float = 0.95,
) -> Result:
    """Satisfaction of employees with their work: `csat` of the answers to “How satisfied are you with your job?”.

    Formula, unit, edges, errors and intervals are those of `csat`. Denominator: employees who answered. The
    interval treats them as a random sample of a large staff: where nearly everyone answered it is too wide.

    Args:
        df: one row an employee.
        score: the column of answers.
        scale: lowest and highest answer that could be given.
        method: `top_box` or `mean`.
        top: how many steps at the top of the scale count as satisfied.
        by: groups, such as the department. Small groups show who said what: mind the confidentiality promised.
        confidence: of the interval.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> employee_satisfaction(pd.DataFrame({"score": [5, 4, 4, 2]}), method="mean")
    employee_satisfaction: 3.75 scale points (1.75 to 5.75 at 95 % confidence, Student's t; n = 4, missing 0)
    """
    return answers.satisfaction("employee_satisfaction", df, score, scale, method, top, by, None, confidence)


def employee_engagement_score(
    df: Any,
    items: Sequence[str],
    *,
    scale: Scale = (1, 5),
    answered: float = 0.5,
    by: By = None,
    confidence: float = 0.95,
) -> Result:
    """Employee engagement: the mean over people of each person's mean answer to the items.

    Formula: person's score = sum of the items answered ÷ items answered, where at least the share `answered`
    of the items is; engagement = sum of scores ÷ people with a score. With no blanks it is the mean of the item means.
    Unit: the scale's own steps (`score`). Denominator: people with a score; the others are missing.
    Edges: as for `csat` by the mean. Items worded the other way round have to be turned first.

    Args:
        df: one row a person, one column an item.
        items: the items' columns; all on one scale, higher is better.
        scale: lowest and highest answer that could be given.
        answered: the share of items a person has to answer, over 0 up to 1.
        by: groups, such as the department.
        confidence: of the interval.

    Returns:
        An `Estimate` with Student's interval, or with `by` a pandas frame.

    Raises:
        KpiError: no items, no such column, no numbers, no rows, or an answer off the scale.

    References:
        W. B. Schaufeli, A. B. Bakker, M. Salanova (2006), The measurement of work engagement with a short
        questionnaire, Educational and Psychological Measurement 66, 701–716 (scores are item means).

    >>> import pandas as pd
    >>> staff = pd.DataFrame({"proud": [5, 4, 2], "energy": [4, None, 1], "stay": [5, 4, None]})
    >>> employee_engagement_score(staff, ["proud", "energy", "stay"]).n
    3
    """
    if not items:
        raise KpiError("columns_none", option="items")
    frame = entry.admit(df, numbers=items, by=by)
    for item in items:
        entry.check_scale(entry.tally(frame, by, [item]), item, scale)
    known = [nw.when(~nw.col(item).is_null()).then(1.0).otherwise(0.0) for item in items]
    given = [nw.col(item).fill_null(0.0) for item in items]
    sums = frame.select(
        *entry.group_names(by),
        nw.sum_horizontal(*given).alias("sum"),
        nw.sum_horizontal(*known).alias("answered"),
    )
    counts = entry.tally(sums, by, ["sum", "answered"])
    items_answered = counts.values["answered"]
    enough = (items_answered > 0) & (items_answered >= answered * len(items))
    scores = np.where(enough, counts.values["sum"] / np.maximum(items_answered, 1), np.nan)
    return answers.mean_of("employee_engagement_score", counts, scores, "score", confidence)
