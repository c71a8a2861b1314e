"""Whose voice is not heard: respondents beside all customers, and what weighting them changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi.analysis import AnalysisError, Shown, holm, in_words, mean_of, text
from cxassess.kpi.entry import Tally, admit, check_flag, check_scale, split_groups, tally
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Estimate, metric_name
from cxassess.kpi.intervals import wilson

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Representativeness(Shown):
    """Respondents beside the customers they stand for.

    Attributes:
        table: one row a group: variable, group (missing: not known), customers, respondents, base_share, share (%),
            ratio (share ÷ base_share), difference (% points), standardised (difference in standard deviations),
            response_rate, low, high (%, Wilson), p (exact, adjusted by Holm over all rows), heard (none,
            under, fair, over).
        tests: one row a variable: chi2, g, degrees, p_chi2, p_g, smallest_expected, r_indicator (1 − twice
            the standard deviation of the response rates; 1 where all answer alike).
        weights: one row a combination of groups that answered: the variables, respondents, weight (mean 1).
            `None` where no weights fit all variables at once: use fewer.
        design_effect: by how much the weights enlarge variances (Kish): n Σw² ÷ (Σw)².
        n: customers.
        respondents: those who answered.
        missing: customers of whom it is not known whether they answered, left out.
        raw: mean score of the respondents; `None` without a score.
        weighted: mean score with the weights.
    """

    table: pd.DataFrame
    tests: pd.DataFrame
    weights: pd.DataFrame | None
    design_effect: float | None
    n: int
    respondents: int
    missing: int
    raw: Estimate | None
    weighted: Estimate | None

    @property
    def unheard(self) -> list[tuple[str, Any]]:
        """The groups from which nobody answered. No weight can speak for them."""
        silent = self.table[self.table["heard"] == "none"]
        return list(zip(silent["variable"], silent["group"], strict=True))

    def _heading(self) -> str:
        return metric_name("representativeness")

    def _lines(self) -> list[tuple[str, str]]:
        lines = [(text("respondents"), text("observed_of", events=f"{self.respondents:,}", n=f"{self.n:,}"))]
        for key in ("none", "under"):
            rows = self.table[self.table["heard"] == key]
            names = [f"{variable} {'—' if pd.isna(group) else group}"
                     for variable, group in zip(rows["variable"], rows["group"], strict=True)]  # fmt: skip
            lines.append((text(f"heard_{key}"), ", ".join(names) or "—"))
        if self.design_effect is not None:
            lines.append((text("design_effect"), f"{self.design_effect:.2f}"))
        both = (("raw", self.raw), ("weighted", self.weighted))
        return [
            *lines,
            *((text(f"mean_{name}"), in_words(found)) for name, found in both if found is not None),
        ]

    def _table(self) -> pd.DataFrame:
        shown = ["variable", "group", "customers", "respondents", "base_share", "share", "ratio", "heard"]
        return self.table[shown].assign(heard=[text(f"is_heard_{heard}") for heard in self.table["heard"]])


def representativeness(
    df: Any,
    variables: Sequence[str],
    *,
    answered: str = "answered",
    score: str | None = None,
    scale: tuple[float, float] | None = None,
    confidence: float = 0.95,
) -> Representativeness:
    """Compare those who answered with all customers, and weight them to match.

    ratio = share of the group among respondents ÷ its share among all customers. Test of each variable: are
    the response rates of its groups equal (χ² and G on answered × group)? Of each group: Fisher's exact test
    against all others; under or over where the adjusted p < 1 − confidence. Weights: raking (iterative
    proportional fitting) until the respondents match the base in every variable; groups without respondents
    are left out of the match.

    Args:
        df: one row a customer of the whole base; any engine.
        variables: columns that group the customers, such as age band and region. A missing value is a group
            of its own.
        answered: column that says whether the customer answered.
        score: column with the answer, to see what weighting changes.
        scale: the lowest and the highest answer that could be given, to refuse others.
        confidence: of intervals and tests.

    Raises:
        KpiError: a column is missing or of the wrong type, there are no customers, nobody answered, or a
            score is off the scale.

    References:
        B. Schouten, F. Cobben & J. Bethlehem (2009). Indicators for the representativeness of survey
        response. Survey Methodology 35, 101–113. W. E. Deming & F. F. Stephan (1940). On a least squares
        adjustment of a sampled frequency table when the expected marginal totals are known. Annals of
        Mathematical Statistics 11, 427–444. P. C. Austin (2009). Using the standardized difference.
        Communications in Statistics 38, 1228–1234. L. Kish (1992). Weighting for unequal Pᵢ. Journal of
        Official Statistics 8, 183–200.

    >>> answered = [1] * 6 + [0] * 54 + [1] * 24 + [0] * 16
    >>> base = pd.DataFrame({"age": ["young"] * 60 + ["old"] * 40, "answered": answered})
    >>> found = representativeness(base, ["age"])
    >>> found.table[["group", "ratio", "heard"]]
       group     ratio  heard
    0    old  2.000000   over
    1  young  0.333333  under
    >>> found.weights["weight"].round(2).tolist()
    [0.5, 3.0]
    """
    names = list(variables)
    if not names:
        raise KpiError("columns_none", option="variables")
    frame = admit(df, flags=[answered], numbers=[score] if score else [], by=names)
    counts = tally(frame, names, [answered, *([score] if score else [])])
    check_flag(counts, answered)
    if score and scale:
        check_scale(counts, score, scale)
    known, yes = ~np.isnan(counts.values[answered]), counts.values[answered] == 1
    base, heard = counts.total(known), counts.total(yes)
    if not heard.sum():
        raise AnalysisError("nobody_answered", column=answered)
    places = [split_groups(counts.groups[[name]], [name]) for name in names]
    parts = [
        _variable(name, place, base, heard, confidence) for name, place in zip(names, places, strict=True)
    ]
    table = pd.concat([rows for rows, _ in parts], ignore_index=True)
    table["p"] = holm(table["p"])
    sure, more = table["p"] < 1 - confidence, table["ratio"] > 1
    table["heard"] = np.select(
        [table["respondents"] == 0, sure & ~more, sure & more], ["none", "under", "over"], "fair"
    )
    weight = _rake([place for _, place in places], base, heard)
    weights = design = None
    if weight is not None:
        cells = counts.groups.assign(respondents=heard.astype(int), weight=weight)
        weights = cells[heard > 0].reset_index(drop=True)
        design = float(heard.sum() * (heard @ weight**2) / (heard @ weight) ** 2)
    raw = weighted = None
    if score:
        raw, weighted = _scores(counts, yes, counts.values[score], weight, confidence)
    missing = int(counts.total(~known).sum())
    return Representativeness(
        table, pd.DataFrame([test for _, test in parts]), weights, design, int(base.sum()), int(heard.sum()), missing,
        raw, weighted,
    )  # fmt: skip


def _variable(
    name: str, place: tuple[pd.DataFrame, NDArray[np.intp]], base: Floats, heard: Floats, confidence: float
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The rows of one variable, and its test."""
    from scipy.special import chdtrc, xlogy
    from scipy.stats import fisher_exact

    groups, position = place
    customers, respondents = (np.bincount(position, cells, len(groups)) for cells in (base, heard))
    groups, customers, respondents = (
        groups[customers > 0],
        customers[customers > 0],
        respondents[customers > 0],
    )
    n, r = customers.sum(), respondents.sum()
    share, base_share = respondents / r, customers / n
    spread = np.sqrt((share * (1 - share) + base_share * (1 - base_share)) / 2)
    low, high = wilson(respondents, customers, confidence)
    outside = np.stack(
        [respondents, customers - respondents, r - respondents, n - customers - r + respondents]
    )
    p = [fisher_exact(cell.reshape(2, 2).astype(np.int64)).pvalue for cell in outside.T]
    rows = pd.DataFrame({
        "variable": name, "group": groups[name].to_numpy(), "customers": customers.astype(int),
        "respondents": respondents.astype(int), "base_share": 100 * base_share, "share": 100 * share,
        "ratio": share / base_share, "difference": 100 * (share - base_share),
        "standardised": np.divide(share - base_share, spread, out=np.zeros_like(share), where=spread > 0),
        "response_rate": 100 * respondents / customers, "low": 100 * low, "high": 100 * high, "p": p,
    })  # fmt: skip
    seen = np.stack([respondents, customers - respondents])
    expected = np.outer(seen.sum(axis=1), customers) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2, g = (
            float(((seen - expected) ** 2 / expected).sum()),
            float(2 * xlogy(seen, seen / expected).sum()),
        )
    degrees, rates = customers.size - 1, respondents / customers
    testable = degrees > 0 and bool((expected > 0).all())
    test = {
        "variable": name, "chi2": chi2 if testable else np.nan, "g": g if testable else np.nan, "degrees": degrees,
        "p_chi2": float(chdtrc(degrees, chi2)) if testable else np.nan,
        "p_g": float(chdtrc(degrees, g)) if testable else np.nan, "smallest_expected": float(expected.min()),
        "r_indicator": 1 - 2 * float(np.sqrt(np.sum(base_share * (rates - r / n) ** 2))),
    }  # fmt: skip
    return rows, test


def _rake(places: Sequence[NDArray[np.intp]], base: Floats, heard: Floats) -> Floats | None:
    """A weight for each cell, so that respondents match the base in every variable; mean 1 over respondents."""
    weight = np.where(heard > 0, 1.0, 0.0)
    targets = []
    for place in places:
        answered = np.bincount(place, heard) > 0
        goal = np.where(answered, np.bincount(place, base), 0)
        targets.append(goal / goal.sum() * heard.sum())
    for _ in range(1000):
        farthest = 0.0
        for place, goal in zip(places, targets, strict=True):
            now = np.bincount(place, weight * heard)
            factor = np.divide(goal, now, out=np.ones_like(goal), where=now > 0)
            farthest = max(farthest, float(np.abs(np.where(now > 0, factor - 1, 0)).max()))
            weight = weight * factor[place]
        if farthest < 1e-10:
            return weight
    return None


def _scores(
    counts: Tally, yes: NDArray[np.bool_], score: Floats, weight: Floats | None, confidence: float
) -> tuple[Estimate, Estimate | None]:
    """The mean score of the respondents, without and with the weights."""
    given, y = yes & ~np.isnan(score), np.nan_to_num(score)
    n, total, squares = (counts.total(given * power) for power in (np.ones_like(y), y, y**2))
    size, missing = int(n.sum()), int(counts.total(yes & np.isnan(score)).sum())

    def mean(w: Floats) -> Estimate:
        value = float(w @ total / (w @ n)) if size else 0.0
        scatter = float(w**2 @ (squares - 2 * value * total + value**2 * n))
        # As the standard deviation whose standard error of a plain mean is that of the weighted mean.
        deviation = (max(scatter, 0.0) / max(size - 1, 1)) ** 0.5 * size / float(w @ n) if size else 0.0
        return mean_of("representativeness", value, deviation, size, missing, "score", confidence)

    return mean(np.ones_like(n)), None if weight is None else mean(weight)
