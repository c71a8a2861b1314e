"""Groups of customers: by rules that are written down, or by k-means and then explained by rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxassess.kpi import engines
from cxassess.kpi.analysis import AnalysisError, Shown, text
from cxassess.kpi.entry import Frame, admit, check_finite
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import metric_name
from cxassess.kpi.intervals import wilson
from cxassess.kpi.k_means import Floats, Rule, explain, fits, k_means, silhouette  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Segments(Shown):
    """Customers in groups, and what sets the groups apart.

    Attributes:
        table: one row a segment: segment, customers, share (% of those placed), low, high (Wilson), the mean
            of each feature, rule (in words), and for k-means precision (% of those who fit the rule that are
            in the segment) and recall (% of the segment that fits the rule).
        rules: the rule of each segment, {feature: (from, below)}; can be given to `segments` and `place`
            again.
        assigned: for k-means the segment of each customer, by id or in the frame's order; missing where a
            feature is.
        n: customers placed.
        missing: customers with a missing feature, not placed.
        left_out: features that are the same for all, left out.
        silhouette: mean silhouette, −1 to 1, of a sample: how clearly the groups part.
        stability: mean adjusted Rand index of the other starts with the best, up to 1: do they find the same?
    """

    table: pd.DataFrame
    rules: Mapping[str, Rule]
    assigned: "pd.Series[Any] | None"
    n: int
    missing: int
    left_out: tuple[str, ...] = ()
    silhouette: float | None = None
    stability: float | None = None

    def _heading(self) -> str:
        return metric_name("segments")

    def _lines(self) -> list[tuple[str, str]]:
        lines = [(text("placed"), f"{self.n:,}"), (text("not_placed"), f"{self.missing:,}")]
        if self.left_out:
            lines.append((text("features_left_out"), ", ".join(self.left_out)))
        for name, value in (("silhouette", self.silhouette), ("stability", self.stability)):
            if value is not None:
                lines.append((text(name), f"{value:.2f}"))
        return lines

    def _table(self) -> pd.DataFrame:
        return self.table


def segments(
    df: Any,
    features: Sequence[str] = (),
    *,
    k: int | None = None,
    rules: Mapping[str, Rule] | None = None,
    customer: str | None = None,
    starts: int = 10,
    seed: int = 0,
    confidence: float = 0.95,
) -> Segments:
    """Put every customer into exactly one group: by your own rules, or by k-means.

    Rules: the first that fits; who fits none is in the segment `other`. k-means: the nearest of k centres that
    minimise the squared distance on standardised features (mean 0, standard deviation 1), best of several
    starts; segments are numbered from the largest. Each is then explained by a rule of at most three
    conditions, found greedily for the best F₁, with its precision and recall.

    Args:
        df: one row a customer; any engine. Rules are applied on the engine; k-means brings the features
            here.
        features: columns of numbers; with rules, further columns whose means are wanted.
        k: the number of groups for k-means.
        rules: {segment: {column: (from, below)}}, `None` for an open end, instead of k.
        customer: column of ids, by which `assigned` then goes.
        starts: how often k-means starts anew; with more than 20,000 customers, on a sample of them.
        seed: of the starts; the same seed gives the same groups.
        confidence: of the intervals.

    Raises:
        KpiError: neither or both of k and rules; a column is missing or no number; more groups than distinct
            customers; no customer has all features.

    References:
        S. P. Lloyd (1982). Least squares quantization in PCM. IEEE Trans. Information Theory 28, 129–137.
        D. Arthur & S. Vassilvitskii (2007). k-means++. Proc. SODA, 1027–1035.
        P. J. Rousseeuw (1987). Silhouettes. J. Computational and Applied Mathematics 20, 53–65.
        L. Hubert & P. Arabie (1985). Comparing partitions. Journal of Classification 2, 193–218.

    >>> people = pd.DataFrame({"orders": [1, 2, 1, 9, 8, 30], "days": [200, 150, 300, 10, 20, 5]})
    >>> loyal = {"orders": (5, None), "days": (None, 30)}
    >>> segments(people, rules={"loyal": loyal}).table["customers"].tolist()
    [3, 3]
    >>> segments(people, ["orders", "days"], k=2).table["rule"].tolist()
    ['5 ≤ orders', 'orders < 5']
    """
    if rules is not None and k is None:
        return _by_rules(df, rules, features, confidence)
    if rules is not None or k is None:
        raise AnalysisError("k_or_rules")
    if not features:
        raise KpiError("columns_none", option="features")
    return _by_k_means(df, list(features), k, customer, starts, seed, confidence)


def place(df: Any, rules: Mapping[str, Rule], column: str = "segment") -> Any:
    """The frame, on its own engine, with each customer's segment by the rules; missing where a figure is.

    Args:
        df: one row a customer; any engine.
        rules: as for `segments`.
        column: what the new column is called.

    Raises:
        KpiError: a column is missing or no number.

    >>> people = pd.DataFrame({"orders": [1, 9, None]})
    >>> place(people, {"loyal": {"orders": (5, None)}})["segment"].dropna().tolist()
    ['other', 'loyal']
    """
    used = _columns(rules)
    admitted, segment = admit(df, numbers=used), _first_fit(rules, used).alias(column)
    if isinstance(df, pd.DataFrame):  # whose columns may be kept in a way that cannot be compared
        found = admitted.with_columns(segment).collect().to_native()
        return df.assign(**{column: found[column].to_numpy()})
    return nw.from_native(df).with_columns(segment).to_native()


def _columns(rules: Mapping[str, Rule]) -> list[str]:
    used = list(dict.fromkeys(column for rule in rules.values() for column in rule))
    if not used:
        raise KpiError("columns_none", option="rules")
    return used


def _first_fit(rules: Mapping[str, Rule], used: Sequence[str]) -> nw.Expr:
    result: nw.Expr = nw.lit("other")
    for name, rule in reversed(list(rules.items())):
        fits: nw.Expr = nw.lit(True)
        for column, (low, high) in rule.items():
            if low is not None:
                fits &= nw.col(column) >= low
            if high is not None:
                fits &= nw.col(column) < high
        result = nw.when(fits).then(nw.lit(name)).otherwise(result)
    known: nw.Expr = nw.lit(True)
    for column in used:
        known &= ~(nw.col(column).is_null() | nw.col(column).cast(nw.Float64).is_nan())
    return nw.when(known).then(result)


def _by_rules(df: Any, rules: Mapping[str, Rule], features: Sequence[str], confidence: float) -> Segments:
    used = _columns(rules)
    shown = list(dict.fromkeys([*used, *features]))
    admitted = admit(df, numbers=shown)
    check_finite(admitted, shown)
    frame: Frame = admitted.with_columns(_first_fit(rules, used).alias("__segment"))
    means = [nw.col(column).mean() for column in shown]
    counts = engines.to_pandas(frame.group_by("__segment").agg(nw.len().alias("customers"), *means))
    counts = counts.set_index("__segment")
    if counts.empty:
        raise KpiError("frame_empty")
    missing = int(counts.loc[counts.index.isna(), "customers"].sum())
    order = [*rules, *(["other"] if "other" not in rules else [])]
    counts = counts[counts.index.notna()].reindex(order)
    customers = counts["customers"].fillna(0).to_numpy(np.float64)
    table = _shares(order, customers, confidence)
    table = table.assign(
        **{column: counts[column].to_numpy() for column in shown},
        rule=[
            *(_in_words(rule) for rule in rules.values()),
            *([text("rule_other")] if "other" not in rules else []),
        ],
    )
    return Segments(table, rules, None, int(customers.sum()), missing)


def _shares(names: Sequence[Any], customers: Floats, confidence: float) -> pd.DataFrame:
    low, high = wilson(customers, customers.sum(), confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 100 * customers / customers.sum()
    return pd.DataFrame(
        {
            "segment": names,
            "customers": customers.astype(int),
            "share": share,
            "low": 100 * low,
            "high": 100 * high,
        }
    )


def _by_k_means(
    df: Any, features: list[str], k: int, customer: str | None, starts: int, seed: int, confidence: float
) -> Segments:
    frame = admit(df, numbers=features, others=[customer] if customer else [])
    check_finite(frame, features)
    table = engines.to_pandas(frame)
    raw = table[features].to_numpy(np.float64)
    known = ~np.isnan(raw).any(axis=1)
    points = raw[known]
    if not known.any():
        raise AnalysisError("no_complete_row", found=", ".join(features))
    spread = points.std(axis=0)
    varied = spread > 0
    left_out = tuple(name for name, kept in zip(features, varied, strict=True) if not kept)
    scaled = (points[:, varied] - points[:, varied].mean(axis=0)) / spread[varied]
    distinct = len(np.unique(scaled, axis=0))
    if not 1 <= k <= distinct:
        raise AnalysisError("too_many_groups", found=k, distinct=distinct)
    random = np.random.default_rng(seed)
    found = k_means(scaled, k, starts, random)
    if found is None:
        raise AnalysisError("too_many_groups", found=k, distinct=distinct)
    best, stability = found
    rules = {str(one + 1): explain(points, features, best == one) for one in range(k)}
    result = _shares(list(rules), np.bincount(best, minlength=k).astype(float), confidence)
    for position, name in enumerate(features):
        result[name] = [points[best == one, position].mean() for one in range(k)]
    fitting = np.stack([fits(points, features, rule) for rule in rules.values()])
    inside = np.stack([best == one for one in range(k)])
    hits = (fitting & inside).sum(axis=1)
    result["rule"] = [_in_words(rule) or text("rule_all") for rule in rules.values()]
    result["precision"], result["recall"] = 100 * hits / fitting.sum(axis=1), 100 * hits / inside.sum(axis=1)
    numbers = np.where(known, 0.0, np.nan)
    numbers[known] = best + 1
    assigned = pd.Series(
        numbers, index=table[customer] if customer else table.index, dtype="Int64", name="segment"
    )
    return Segments(
        result, rules, assigned, int(known.sum()), int((~known).sum()), left_out,
        silhouette(scaled, best, random) if k > 1 else None, stability,
    )  # fmt: skip


def _in_words(rule: Rule) -> str:
    parts = []
    for name, (low, high) in rule.items():
        start = "" if low is None else f"{low:.6g} ≤ "
        parts.append(f"{start}{name}" + ("" if high is None else f" < {high:.6g}"))
    return ", ".join(parts)
