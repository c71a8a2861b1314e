"""What customers complain about: the few causes behind most complaints, and those on the rise."""

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxassess.kpi import engines
from cxassess.kpi.analysis import AnalysisError, Findings, check_range, holm, size_of
from cxassess.kpi.entry import admit, check_finite
from cxassess.kpi.errors import KpiError
from cxassess.kpi.intervals import wilson
from cxassess.kpi.moments import moment, with_days


def complaint_causes(
    df: Any,
    *,
    cause: str = "cause",
    complaint: str | None = None,
    weight: str | None = None,
    vital: float = 80.0,
    confidence: float = 0.95,
) -> Findings:
    """Complaints by cause, the most frequent first, with the running total (Pareto chart).

    share = complaints of the cause ÷ all complaints. Complaints without a cause are the last row, with the
    cause missing, and stay in the denominator.

    Args:
        df: one row a complaint; any engine.
        cause: column with the cause.
        complaint: column of ids: each then counts once a cause, and rows without one are left out and
            counted.
        weight: column with what a complaint weighs, such as its severity or cost: frequent is not grave.
        vital: the running total, %, that the vital few reach.
        confidence: of the intervals.

    Returns:
        Findings with the columns cause, complaints, share (%), low, high (Wilson), cumulative_share (%),
        vital (whether the cause is among the fewest that reach `vital`), and with `weight` its sum and
        weight_share (%).

    Raises:
        KpiError: a column is missing, a weight is no number or negative, or there are no complaints.

    References:
        J. M. Juran (1975). The non-Pareto principle; mea culpa. Quality Progress 8(5), 8–9.

    >>> post = pd.DataFrame({"cause": ["late"] * 6 + ["broken"] * 3 + [None]})
    >>> complaint_causes(post).table[["cause", "complaints", "cumulative_share", "vital"]]
        cause  complaints  cumulative_share  vital
    0    late           6              60.0   True
    1  broken           3              90.0   True
    2    None           1             100.0  False
    """
    check_range("vital", vital, 0, 100, open_low=True)
    frame = admit(df, numbers=[weight] if weight else [], others=[cause, *([complaint] if complaint else [])])
    check_finite(frame, [weight] if weight else [])
    rows = size_of(frame)
    if complaint:
        known = frame.filter(~nw.col(complaint).is_null())
        sums = [nw.len().alias("__rows"), *([nw.col(weight).max()] if weight else [])]
        frame = known.group_by(cause, complaint).agg(*sums)
    else:
        frame = frame.with_columns(nw.lit(1).alias("__rows"))
    sums = [nw.len().alias("complaints"), nw.col("__rows").sum()]
    if weight:
        sums += [nw.col(weight).sum(), nw.col(weight).min().alias("__least")]
    table = engines.to_pandas(frame.group_by(cause).agg(*sums)).rename(columns={cause: "cause"})
    if table.empty:
        raise KpiError("frame_empty")
    if weight and (least := table["__least"].min()) < 0:
        raise KpiError("negative", column=weight, found=f"{least:g}")
    table["__unknown"] = table["cause"].isna()
    order = ["__unknown", "complaints", "cause"]
    table = table.sort_values(order, ascending=[True, False, True], ignore_index=True)
    n = table["complaints"].sum()
    low, high = wilson(table["complaints"], n, confidence)
    share = 100 * table["complaints"] / n
    before = share.cumsum() - share
    columns = {
        "cause": table["cause"], "complaints": table["complaints"], "share": share, "low": 100 * low,
        "high": 100 * high, "cumulative_share": share.cumsum(),
        "vital": (before < vital - 1e-9) & ~table["__unknown"],
    }  # fmt: skip
    if weight:
        columns |= {weight: table[weight], "weight_share": 100 * table[weight] / table[weight].sum()}
    missing = rows - int(table["__rows"].sum())
    return Findings("complaint_causes", pd.DataFrame(columns), int(n), missing)


def rising_causes(
    df: Any,
    *,
    since: Any,
    split: Any,
    until: Any,
    cause: str = "cause",
    time: str = "time",
    tz: str | None = None,
    confidence: float = 0.95,
) -> Findings:
    """Sparks of bigger trouble: causes that have become more frequent.

    Compares the rate of each cause in `since` ≤ day < `split` with that in `split` ≤ day < `until`. Given the
    number of both together, the later one is binomial with the later period's part of the days, if nothing has
    changed (Przyborowski & Wilenski 1940). p is one-sided and adjusted by Holm for all causes together.

    Args:
        df: one row a complaint; any engine.
        since: first day of the period before.
        split: first day of the period after.
        until: the day after its last.
        cause: column with the cause.
        time: column with the day of the complaint.
        tz: zone to read times with a zone in.
        confidence: of the intervals; a cause is rising where p ≤ 1 − confidence.

    Returns:
        Findings with the columns `cause`, `before`, `after` (numbers), `ratio` (of the daily rates; infinite
        where there was none before), `low`, `high` (exact, Clopper–Pearson), `p` (adjusted) and `rising`. The
        smallest `p` first. Complaints without cause or time are left out and counted.

    Raises:
        KpiError: a column is missing or no time, the days are not in order, or no complaint lies within.

    References:
        J. Przyborowski & H. Wilenski (1940). Homogeneity of results in testing samples from Poisson series.
        Biometrika 31, 313–323.

    >>> days = pd.to_datetime(["2024-03-02"] * 2 + ["2024-03-20"] * 9 + ["2024-03-03", "2024-03-21"])
    >>> post = pd.DataFrame({"time": days, "cause": ["battery"] * 11 + ["late"] * 2})
    >>> found = rising_causes(post, since="2024-03-01", split="2024-03-16", until="2024-03-31")
    >>> found.table[["cause", "before", "after", "ratio", "rising"]]
         cause  before  after  ratio  rising
    0  battery       2      9    4.5   False
    1     late       1      1    1.0   False
    """
    from scipy.special import betainc

    first, middle, last = (moment(day, tz) // 86400 for day in (since, split, until))
    if not first < middle < last:
        raise AnalysisError("days_in_order", since=since, split=split, until=until)
    frame = with_days(admit(df, times={time: tz}, others=[cause]), time)
    day = nw.col(time)
    known = ~day.is_null() & ~nw.col(cause).is_null()
    gaps = size_of(frame.filter(~known))
    within = frame.filter(known & (day >= first) & (day < last))
    later = within.with_columns((day >= middle).cast(nw.Float64).alias("__later"))
    counts = engines.to_pandas(later.group_by(cause, "__later").agg(nw.len().alias("n")))
    if counts.empty:
        raise KpiError("frame_empty")
    table = counts.pivot(index=cause, columns="__later", values="n").reindex(columns=[0.0, 1.0]).fillna(0)
    before, after = (table[side].to_numpy(np.float64) for side in (0.0, 1.0))
    part = (last - middle) / (last - first)
    low, high = (_odds(share, part) for share in _clopper_pearson(after, before + after, confidence))
    with np.errstate(divide="ignore"):
        ratio = after / before * (middle - first) / (last - middle)
    p = holm(np.where(after > 0, betainc(np.maximum(after, 1), before + 1, part), 1.0))
    result = pd.DataFrame({
        "cause": table.index, "before": before.astype(int), "after": after.astype(int), "ratio": ratio,
        "low": low, "high": high, "p": p, "rising": p <= 1 - confidence,
    })  # fmt: skip
    result = result.sort_values(["p", "after", "cause"], ascending=[True, False, True], ignore_index=True)
    return Findings("rising_causes", result, int(counts["n"].sum()), gaps)


def _odds(share: Any, part: float) -> Any:
    """The ratio of two rates from the later one's share of the count and its part of the time."""
    with np.errstate(divide="ignore"):
        return share / (1 - share) * (1 - part) / part


def _clopper_pearson(count: Any, n: Any, confidence: float) -> tuple[Any, Any]:
    from scipy.special import betaincinv

    alpha = (1 - confidence) / 2
    low = np.where(count > 0, betaincinv(np.maximum(count, 1), n - count + 1, alpha), 0.0)
    high = np.where(count < n, betaincinv(count + 1, np.maximum(n - count, 1), 1 - alpha), 1.0)
    return low, high
