"""Ratios of sums: engagement by impression, cost by customer won, our sales in the market's.

A ratio of sums is not the mean of the rows' ratios: large rows weigh more, as they should. A row in which
a figure is missing is left out, above the line and below, and counted as missing.
"""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np

from cxassess.kpi import engines, entry, intervals
from cxassess.kpi.entry import By, Frame
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Result, results


def social_engagement_rate(
    df: Any,
    engagements: Sequence[str] = ("likes", "comments", "shares"),
    *,
    base: str,
    by: By = None,
    confidence: float = 0.95,
) -> Result:
    """Social engagement rate: how often people react to what they are shown.

    Formula: 100 × sum of reactions ÷ sum of `base`. Unit: %. Denominator: `base`, which has to be named,
    because rates by impressions, by reach and by followers differ many times over and are all in use.
    Edges: a sum of zero below the line gives null with a reason. Over 100 % is possible, since one person
    may react several times.

    Args:
        df: one row a post.
        engagements: columns of reactions that are added up.
        base: the column of impressions, of reach or of followers.
        by: groups, such as the network or `month("posted_at")`.
        confidence: of the interval, which takes the posts for a random sample of posts like these.

    Returns:
        An `Estimate` with Fieller's interval, or with `by` a pandas frame.

    Raises:
        KpiError: no such column, no numbers, no rows, or a negative number.

    References:
        K. Peters et al. (2013), Social media metrics, Journal of Interactive Marketing 27, 281–298.
        E. C. Fieller (1954), Journal of the Royal Statistical Society B 16, 175–185.

    >>> import pandas as pd
    >>> likes, shares, seen = [30, 50, 10, 44], [3, 6, 2, 2], [900, 1500, 500, 1400]
    >>> posts = pd.DataFrame({"likes": likes, "shares": shares, "seen": seen})
    >>> social_engagement_rate(posts, ["likes", "shares"], base="seen")
    social_engagement_rate: 3.4 % (1.8 to 3.9 at 95 % confidence, Fieller; n = 4, missing 0)
    """
    if not engagements:
        raise KpiError("columns_none", option="engagements")
    frame = entry.admit(df, numbers=[*engagements, base], by=by)
    return _ratio(
        "social_engagement_rate", frame, engagements, base, by, confidence,
        unit="%", factor=100, not_negative=[*engagements, base],
    )  # fmt: skip


def customer_acquisition_cost(
    df: Any,
    spend: str = "spend",
    customers: str = "new_customers",
    *,
    unit: str,
    by: By = None,
    confidence: float = 0.95,
) -> Result:
    """Customer acquisition cost: what it costs, on average, to win one new customer.

    Formula: sum of spending on acquisition ÷ sum of new customers. Unit: the money of `spend`, named by `unit`.
    Denominator: new customers won by that spending; where it works with a delay, shift the periods. Spending
    is all of it: media, tools, salaries, commissions; media alone gives a cost of media, not of acquisition.
    Edges: no new customers gives null with a reason, not an infinite cost.

    Args:
        df: one row a period, or a period and channel.
        spend: money spent; credits are negative.
        customers: new customers won, not negative.
        unit: the currency, such as `"JPY"`; it is printed and changes no number.
        by: groups, such as the channel.
        confidence: of the interval, which takes the rows for a random sample of periods like these.

    Returns:
        An `Estimate` with Fieller's interval, or with `by` a pandas frame; no interval where the number of
        new customers cannot be told from zero.

    Raises:
        KpiError: no such column, no numbers, no rows, or a negative number of customers.

    References:
        N. T. Bendle et al. (2020), Marketing Metrics, 4th ed., Pearson, chapter 5 (acquisition cost).
        E. C. Fieller (1954), Journal of the Royal Statistical Society B 16, 175–185.

    >>> import pandas as pd
    >>> months = pd.DataFrame({"spend": [90_000, 120_000, 105_000], "new_customers": [30, 42, 33]})
    >>> customer_acquisition_cost(months, unit="JPY")
    customer_acquisition_cost: 3,000 JPY (2,665 to 3,674 at 95 % confidence, Fieller; n = 3, missing 0)
    """
    frame = entry.admit(df, numbers=[spend, customers], by=by)
    return _ratio(
        "customer_acquisition_cost", frame, [spend], customers, by, confidence,
        unit=unit, factor=1, not_negative=[customers],
    )  # fmt: skip


def _ratio(
    metric: str,
    frame: Frame,
    tops: Sequence[str],
    bottom: str,
    by: By,
    confidence: float,
    *,
    unit: str,
    factor: float,
    not_negative: Sequence[str],
) -> Result:
    """Σ tops ÷ Σ bottom from one table of sums and sums of products, made on the frame's engine."""
    names = entry.group_names(by)
    top, below = sum((nw.col(column) for column in tops[1:]), nw.col(tops[0])), nw.col(bottom)
    known = ~(top.is_null() | below.is_null())
    entry.check_finite(frame, list(dict.fromkeys([*tops, bottom])))
    products = {
        "top": top, "below": below, "top2": top * top, "below2": below * below, "both": top * below,
    }  # fmt: skip
    rows = frame.select(
        *names,
        *(nw.when(known).then(product).alias(f"__{name}") for name, product in products.items()),
        *(nw.col(column).alias(f"__least_{column}") for column in not_negative),
    )
    sums = [nw.col(f"__{name}").sum() for name in products]
    least = [nw.col(f"__least_{column}").min() for column in not_negative]
    size = [nw.len().alias("__rows"), nw.col("__top").count().alias("__n")]
    table = engines.to_pandas(entry.reduce(rows, names, [*sums, *least, *size]))
    if not table["__rows"].sum():
        raise KpiError("frame_empty")
    for column in not_negative:
        if (lowest := table[f"__least_{column}"].min()) < 0:
            raise KpiError("negative", column=column, found=f"{lowest:g}")
    groups, place = entry.split_groups(table, names)
    table = table.iloc[np.argsort(place)]
    n = table["__n"].to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b, aa, bb, ab = (table[f"__{name}"].to_numpy(dtype=np.float64) / n for name in products)
        estimate = np.where(b > 0, a / b, np.nan)
        # Variances and covariance of the two means.
        va, vb, vab = (
            np.maximum(aa - a * a, 0) / (n - 1),
            np.maximum(bb - b * b, 0) / (n - 1),
            (ab - a * b) / (n - 1),
        )
        low, high = intervals.fieller(a, b, va, vb, vab, confidence, n - 1)
    return results(
        metric, groups, estimate=factor * estimate, low=factor * low, high=factor * high, n=n,
        missing=table["__rows"].to_numpy() - n, unit=unit, method="fieller", confidence=confidence,
        reason=["zero_denominator" if size else "no_rows" for size in n],
    )  # fmt: skip


def market_share(
    df: Any,
    own: Any,
    *,
    sales: str = "sales",
    brand: str = "brand",
    sample: str | None = None,
    by: By = None,
    confidence: float = 0.95,
) -> Result:
    """Market share: our part of all that the market bought.

    Formula: 100 × sum of our sales ÷ sum of all sales. Unit: %. Denominator: the market as the frame holds
    it; which products, regions and channels belong to the market decides the share more than anything we
    do, so say it beside the figure. By money or by pieces: whichever `sales` holds.
    A rival's missing figure is not guessed: its row counts as missing, and our share is of what is known,
    thus too high. A rival without a row leaves no trace: give each brand a row in each period, if an empty one.
    Edges: no sales in a group gives null with a reason; returns are negative sales; rows without a brand
    or without sales are missing. Sums of money differ from engine to engine in the last digit unless they
    are whole numbers (minor units such as cents).

    Args:
        df: one row a sale, or a sum of sales by brand.
        own: our brand, or a list of our brands, as written in `brand`.
        sales: the column of sales.
        brand: the column of brands.
        sample: ids of what was sampled, such as the panel's shops or households: the interval is then
            the BCa bootstrap with these drawn. Without it the frame is the whole market, and no sampling
            error exists.
        by: groups, such as `quarter("month")`.
        confidence: of the interval.

    Returns:
        An `Estimate`, or with `by` a pandas frame; `n` counts rows, or with `sample` what was sampled.

    Raises:
        KpiError: no such column, no numbers, no rows, or no row with our brand.

    References:
        N. T. Bendle et al. (2020), Marketing Metrics, 4th ed., Pearson, chapter 2 (market share).
        B. Efron (1987), Journal of the American Statistical Association 82, 171–185.

    >>> import pandas as pd
    >>> market = pd.DataFrame({"brand": ["us", "A", "B"], "sales": [30, 50, 20]})
    >>> market_share(market, "us")
    market_share: 30.0 % (n = 3, missing 0)
    """
    ours = [own] if isinstance(own, str) or not isinstance(own, Sequence) else list(own)
    frame = entry.admit(df, numbers=[sales], others=[brand, *([sample] if sample else [])], by=by)
    entry.check_finite(frame, [sales])
    names = entry.group_names(by)
    known = ~(nw.col(sales).is_null() | nw.col(brand).is_null())
    if sample:
        known &= ~nw.col(sample).is_null()
    mine = entry.among(frame, brand, ours)
    rows = frame.select(
        *names,
        *([nw.col(sample).alias("__unit")] if sample else []),
        nw.when(known & mine).then(nw.col(sales)).alias("__own"),
        nw.when(known).then(nw.col(sales)).alias("__all"),
        nw.when(known).then(0.0).otherwise(1.0).alias("__missing"),
    )
    sums = [nw.col("__own").sum(), nw.col("__all").sum(), nw.col("__missing").sum()]
    size = [nw.len().alias("__rows"), nw.col("__own").count().alias("__ours")]
    table = engines.to_pandas(entry.reduce(rows, [*names, *(["__unit"] if sample else [])], [*sums, *size]))
    if not table["__rows"].sum():
        raise KpiError("frame_empty")
    if not table["__ours"].sum():
        raise KpiError("value_missing", column=brand, found=", ".join(map(str, ours)))
    table = table.sort_values(["__own", "__all"])
    groups, group = entry.split_groups(table, names)
    own_sales, all_sales, missing = (
        np.bincount(group, weights=table[name].fillna(0), minlength=len(groups))
        for name in ("__own", "__all", "__missing")
    )
    low = high = np.full(len(groups), np.nan)
    if sample:
        drawn = table["__rows"] > table["__missing"]
        n = np.bincount(group, weights=drawn, minlength=len(groups))
        low, high = _bounds_by_unit(table[drawn], group[drawn], len(groups), confidence)
    else:
        n = np.bincount(group, weights=table["__rows"], minlength=len(groups)) - missing
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.where(all_sales > 0, 100 * own_sales / all_sales, np.nan)
    return results(
        "market_share", groups, estimate=estimate, low=100 * low, high=100 * high, n=n, missing=missing,
        unit="%", method="bca", confidence=confidence, reason="zero_denominator",
    )  # fmt: skip


def _bounds_by_unit(table: Any, group: Any, groups: int, confidence: float) -> intervals.Bounds:
    bounds = [
        intervals.bca_ratio(table["__own"][group == one].fillna(0), table["__all"][group == one], confidence)
        for one in range(groups)
    ]
    low, high = np.array(bounds).T
    return low, high
