"""What people say when asked: recommendation, satisfaction, effort, awareness.

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

from typing import Any, Literal

import numpy as np

from cxassess.kpi import answers, entry
from cxassess.kpi.answers import Floats, Scale
from cxassess.kpi.entry import By
from cxassess.kpi.estimate import Result
from cxassess.kpi.rates import share


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
    nps: 14.3 points (-39.6 to 59.6 at 95 % confidence, adjusted Wald; n = 7, missing 1)
    """

    def points(value: Floats) -> Floats:
        return 100.0 * (value >= 9) - 100.0 * (value <= 6)

    return answers.survey("nps", df, score, (0, 10), "net", points, by, customer, confidence, whole=True)


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
    csat: 3.40 scale points (1.52 to 5.28 at 95 % confidence, Student's t; n = 5, missing 1)
    """
    return answers.satisfaction("csat", df, score, scale, method, top, by, customer, confidence)


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
    return answers.satisfaction(
        "support_satisfaction", df, score, scale, method, top, by, customer, confidence
    )


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
        side: Floats = sign * np.sign(value - middle)
        if method == "easy_share":
            return np.where(side > 0, 100.0, 0.0)
        return value if method == "mean" else 100.0 * side

    kind = {"mean": "mean", "easy_share": "share", "net": "net"}[method]
    return answers.survey("ces", df, score, scale, kind, points, by, customer, confidence)


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
