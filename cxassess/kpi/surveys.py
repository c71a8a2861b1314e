"""What people say when asked: recommendation, satisfaction, effort, awareness, engagement.

Every function takes one row an answer, on any engine (see `entry.admit`), and counts equal answers where
they lie. Blanks are left out and counted as missing; a value off the scale is refused, because it is
mostly a code such as 99 for “don't know”.

Options that they share:

- `by`: group columns and periods, such as `["segment", month("ts")]`; the result is then a pandas frame
  with one row a group.
- `customer`: the column of customer ids, where one customer may answer several times. The interval is
  then the BCa bootstrap with whole customers drawn; answers without an id count as one customer each.
- `confidence`: of the interval, 0.95 unless told.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from cxassess.kpi import entry, intervals
from cxassess.kpi.entry import By, Frame, Tally
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Result, results
from cxassess.kpi.rates import share

Floats = NDArray[np.float64]
Scale = tuple[float, float]


def nps(
    df: Any, score: str = "score", *, by: By = None, customer: str | None = None, confidence: float = 0.95
) -> Result:
    """Net promoter score: how many more would recommend us than would not.

    Formula: 100 × (promoters − detractors) ÷ answers. On “How likely is it that you would recommend us to a
    friend or colleague?”, 0 to 10, promoters answer 9 or 10, passives 7 or 8, detractors 0 to 6.
    Unit: points, −100 to 100. Denominator: everyone who answered.
    Edges: no answer in a group gives null with a reason.

    Args:
        df: one row an answer.
        score: the column of answers, whole numbers from 0 to 10.
        by: groups; see the module.
        customer: customer ids; see the module.
        confidence: of the interval.

    Returns:
        An `Estimate`, or with `by` a pandas frame; the interval is Rocks's adjusted Wald interval.

    Raises:
        KpiError: no such column, no numbers, no rows, or an answer that is not a whole number from 0 to 10.

    References:
        F. F. Reichheld (2003), The one number you need to grow, Harvard Business Review 81 (12), 46–54.
        B. Rocks (2016), Interval Estimation for the “Net Promoter Score”, The American Statistician 70,
        365–372.

    >>> import pandas as pd
    >>> nps(pd.DataFrame({"score": [10, 9, 9, 8, 7, 6, 3, None]}))
    nps: 14.3 points (-42.8 to 62.8 at 95 % confidence, adjusted Wald; n = 7, missing 1)
    """

    def points(value: Floats) -> Floats:
        return 100.0 * (value >= 9) - 100.0 * (value <= 6)

    return _survey("nps", df, score, (0, 10), "net", points, by, customer, confidence, whole=True)


def csat(
    df: Any,
    score: str = "score",
    *,
    scale: Scale = (1, 5),
    method: Literal["top_box", "mean"] = "top_box",
    top: int = 2,
    by: By = None,
    customer: str | None = None,
    confidence: float = 0.95,
) -> Result:
    """Customer satisfaction: the share of satisfied answers, or the mean answer.

    Formula: `top_box`: 100 × (answers in the `top` highest steps of the scale) ÷ answers; on a scale of 1 to
    5 with `top=2`, answers of 4 and 5. `mean`: sum of answers ÷ answers.
    Unit: `%` (top box) or the scale's own steps (`score`). Denominator: everyone who answered.
    Edges: no answer in a group gives null with a reason; a mean of one answer, or of answers that are all
    alike, has no interval.

    Args:
        df: one row an answer.
        score: the column of answers, higher is better.
        scale: lowest and highest answer that could be given.
        method: `top_box` or `mean`.
        top: how many steps at the top of the scale count as satisfied.
        by: groups; see the module.
        customer: customer ids; see the module.
        confidence: of the interval.

    Returns:
        An `Estimate`, or with `by` a pandas frame; Wilson's interval for the share, Student's for the mean.

    Raises:
        KpiError: no such column, no numbers, no rows, an answer off the scale, or `top` takes all of it.

    References:
        N. T. Bendle et al. (2020), Marketing Metrics, 4th ed., Pearson, chapter 2 (customer satisfaction).
        E. B. Wilson (1927), Journal of the American Statistical Association 22, 209–212.

    >>> import pandas as pd
    >>> answers = pd.DataFrame({"score": [5, 4, 4, 3, 1, None]})
    >>> csat(answers)
    csat: 60.0 % (23.1 to 88.2 at 95 % confidence, Wilson; n = 5, missing 1)
    >>> csat(answers, method="mean")
    csat: 3.40 (1.52 to 5.28 at 95 % confidence, Student's t; n = 5, missing 1)
    """
    return _satisfaction("csat", df, score, scale, method, top, by, customer, confidence)


def support_satisfaction(
    df: Any,
    score: str = "score",
    *,
    scale: Scale = (1, 5),
    method: Literal["top_box", "mean"] = "top_box",
    top: int = 2,
    by: By = None,
    customer: str | None = None,
    confidence: float = 0.95,
) -> Result:
    """Satisfaction with customer support: `csat` of the answers to “How was our support?”.

    Formula, unit, edges, errors and intervals are those of `csat`. Denominator: tickets that were rated;
    tickets without a rating are missing, not dissatisfied. Customers with an open or a lost case rarely rate: look
    at the share that is missing before at the score.

    Args:
        df: one row a ticket.
        score: the column of ratings, empty where the customer gave none.
        scale: lowest and highest rating that could be given.
        method: `top_box` or `mean`.
        top: how many steps at the top of the scale count as satisfied.
        by: groups, such as the channel.
        customer: customer ids, since one customer may open several tickets.
        confidence: of the interval.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> support_satisfaction(pd.DataFrame({"score": [5, 4, None, 2]}))
    support_satisfaction: 66.7 % (20.8 to 93.9 at 95 % confidence, Wilson; n = 3, missing 1)
    """
    return _satisfaction("support_satisfaction", df, score, scale, method, top, by, customer, confidence)


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
    employee_satisfaction: 3.75 (1.75 to 5.75 at 95 % confidence, Student's t; n = 4, missing 0)
    """
    return _satisfaction("employee_satisfaction", df, score, scale, method, top, by, None, confidence)


def ces(
    df: Any,
    score: str = "score",
    *,
    method: Literal["mean", "easy_share", "net"],
    easy: Literal["high", "low"],
    scale: Scale,
    by: By = None,
    customer: str | None = None,
    confidence: float = 0.95,
) -> Result:
    """Customer effort score: how easy it was to get something done. Its definition is contested.

    The first version asked how much effort the customer had to put forth (1 to 5, low is good, mean); the
    second how far the customer agrees that the company made it easy (1 to 7, high is good, mean or the share
    that agrees); some report easy less difficult. Scores of different kinds cannot be compared. So method, direction and
    scale have to be said.

    Formula: `mean`: sum of answers ÷ answers. `easy_share`: 100 × answers on the easy side of the scale's
    middle ÷ answers. `net`: 100 × (answers on the easy side − answers on the difficult side) ÷ answers.
    Unit: `score`, `%` or `points`. Denominator: everyone who answered, those on the middle among them.
    Edges: as for `csat`.

    Args:
        df: one row an answer.
        score: the column of answers.
        method: `mean`, `easy_share` or `net`.
        easy: which end of the scale says that it was easy, `high` or `low`. It turns the share and the net
            score round; a mean stays on the scale as asked.
        scale: lowest and highest answer that could be given.
        by: groups; see the module.
        customer: customer ids; see the module.
        confidence: of the interval.

    Returns:
        An `Estimate`, or with `by` a pandas frame; Student's interval for the mean, Wilson's for the share,
        the adjusted Wald interval for the net score.

    Raises:
        KpiError: no such column, no numbers, no rows, an answer off the scale, an unknown method or end.

    References:
        M. Dixon, K. Freeman, N. Toman (2010), Stop trying to delight your customers, Harvard Business
        Review 88 (7/8), 116–122. M. Dixon, N. Toman, R. DeLisi (2013), The Effortless Experience, Portfolio.

    >>> import pandas as pd
    >>> answers = pd.DataFrame({"score": [7, 6, 6, 5, 4, 2]})
    >>> ces(answers, method="easy_share", easy="high", scale=(1, 7))
    ces: 66.7 % (30.0 to 90.3 at 95 % confidence, Wilson; n = 6, missing 0)
    >>> ces(answers, method="net", easy="high", scale=(1, 7)).estimate
    50.0
    """
    entry.check_option("method", method, ("mean", "easy_share", "net"))
    entry.check_option("easy", easy, ("high", "low"))
    middle, sign = (scale[0] + scale[1]) / 2, 1 if easy == "high" else -1

    def points(value: Floats) -> Floats:
        side = sign * np.sign(value - middle)
        return value if method == "mean" else 100.0 * (side if method == "net" else side > 0)

    kind = {"mean": "mean", "easy_share": "share", "net": "net"}[method]
    return _survey("ces", df, score, scale, kind, points, by, customer, confidence)


def brand_awareness(df: Any, aware: str = "aware", *, by: By = None, confidence: float = 0.95) -> Result:
    """Brand awareness: the share of people asked who know the brand.

    Formula: 100 × (people who know it) ÷ (people who were asked and answered). Unit: %.
    Denominator: the market that was sampled, not our customers: of them everybody knows us. Prompted (“Do
    you know …?”) and unprompted (“Which brands do you know?”) awareness are different metrics: never mix them in one
    column.
    Edges: nobody answered in a group gives null with a reason.

    Args:
        df: one row a person asked.
        aware: the column that says whether the person knows the brand, true or false (or 1 or 0).
        by: groups, such as the region or the wave.
        confidence: of the interval, which takes the people for a simple random sample.

    Returns:
        An `Estimate` with Wilson's interval, or with `by` a pandas frame.

    Raises:
        KpiError: no such column, no rows, or something else than true and false in it.

    References:
        D. A. Aaker (1991), Managing Brand Equity, Free Press, chapter 3.

    >>> import pandas as pd
    >>> brand_awareness(pd.DataFrame({"aware": [True, True, False, None]}))
    brand_awareness: 66.7 % (20.8 to 93.9 at 95 % confidence, Wilson; n = 3, missing 1)
    """
    return share("brand_awareness", df, aware, by=by, confidence=confidence)


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
    return _mean("employee_engagement_score", counts, scores, "score", confidence)


def _satisfaction(
    metric: str,
    df: Any,
    score: str,
    scale: Scale,
    method: str,
    top: int,
    by: By,
    customer: str | None,
    confidence: float,
) -> Result:
    entry.check_option("method", method, ("top_box", "mean"))
    threshold = scale[1] - top + 1
    if method == "top_box" and not scale[0] < threshold <= scale[1]:
        raise KpiError("top_all", found=top, low=f"{scale[0]:g}", high=f"{scale[1]:g}")

    def points(value: Floats) -> Floats:
        return value if method == "mean" else 100.0 * (value >= threshold)

    kind = "mean" if method == "mean" else "share"
    return _survey(metric, df, score, scale, kind, points, by, customer, confidence)


def _survey(
    metric: str,
    df: Any,
    score: str,
    scale: Scale,
    kind: str,
    points: Callable[[Floats], Floats],
    by: By,
    customer: str | None,
    confidence: float,
    *,
    whole: bool = False,
) -> Result:
    """The mean of what the answers are worth: a share of 0 and 100, a net score of −100, 0 and 100, or a mean."""
    frame = entry.admit(df, numbers=[score], others=[customer] if customer else [], by=by)
    counts = entry.tally(frame, by, [score])
    entry.check_scale(counts, score, scale, whole=whole)
    value = counts.values[score]
    worth = np.where(np.isnan(value), np.nan, points(value))
    unit = {"share": "%", "net": "points", "mean": "score"}[kind]
    if customer:
        bounds = _bounds_by_customer(frame, by, customer, score, counts, worth, confidence)
        return _mean(metric, counts, worth, unit, confidence, bounds, "bca")
    n = counts.total(~np.isnan(value))
    if kind == "share":
        low, high = intervals.wilson(counts.total(worth == 100), n, confidence)
        return _mean(metric, counts, worth, unit, confidence, (100 * low, 100 * high), "wilson")
    if kind == "net":
        low, high = intervals.net_share(counts.total(worth > 0), counts.total(worth < 0), n, confidence)
        return _mean(metric, counts, worth, unit, confidence, (100 * low, 100 * high), "adjusted_wald")
    return _mean(metric, counts, worth, unit, confidence)


def _mean(
    metric: str,
    counts: Tally,
    worth: Floats,
    unit: str,
    confidence: float,
    bounds: intervals.Bounds | None = None,
    method: str = "t",
) -> Result:
    """The mean of `worth` in each group; without bounds, with Student's."""
    known = ~np.isnan(worth)
    n = counts.total(known)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = counts.total(np.where(known, worth, 0)) / n
        apart = np.where(known, worth - mean[counts.group], 0)
        deviation = np.sqrt(counts.total(apart**2) / (n - 1))
    low, high = bounds if bounds is not None else intervals.t_mean(mean, deviation, n, confidence)
    return results(
        metric, counts.groups, estimate=mean, low=low, high=high, n=n, missing=counts.total(~known),
        unit=unit, method=method, confidence=confidence,
    )  # fmt: skip


def _bounds_by_customer(
    frame: Frame, by: By, customer: str, score: str, counts: Tally, worth: Floats, confidence: float
) -> intervals.Bounds:
    """BCa bounds per group, whole customers drawn; each customer is reduced to a sum and a count first."""
    value = counts.values[score]
    distinct, first = np.unique(value[~np.isnan(value)], return_index=True)
    points = worth[~np.isnan(value)][first]
    if not distinct.size:
        return np.full(len(counts.groups), np.nan), np.full(len(counts.groups), np.nan)
    worth_of_row = [nw.when(nw.col(score) == v).then(float(p)) for v, p in zip(distinct, points, strict=True)]
    names = entry.group_names(by)
    alone = nw.when(nw.col(customer).is_null()).then(nw.col(score)).alias("alone")
    each = frame.with_columns(nw.coalesce(*worth_of_row).alias("worth"), alone)
    per_customer = each.group_by(*names, customer, "alone").agg(
        nw.col("worth").sum().alias("sum"), nw.col("worth").count().alias("answers")
    )
    clusters = entry.tally(per_customer, by, ["alone", "sum", "answers"])
    total, answers, copies = clusters.values["sum"], clusters.values["answers"], clusters.count
    lone = ~np.isnan(clusters.values["alone"])
    copies = np.where(lone, answers * copies, copies).astype(np.int64)
    total, answers = np.where(lone, total / np.maximum(answers, 1), total), np.where(lone, 1, answers)
    bounds = np.full((len(counts.groups), 2), np.nan)
    for group in range(len(counts.groups)):
        here = (clusters.group == group) & (answers > 0)
        if here.any():
            bounds[group] = intervals.bca_ratio(total[here], answers[here], confidence, copies=copies[here])
    return bounds[:, 0], bounds[:, 1]
