"""Two rules of thumb, worked with one's own figures: 1:5 on costs, and 5:25 on profit.

Winning a customer costs five times as much as keeping one; 5 % less leaving brings 25 % more profit.
Neither is a law. Both hold under conditions, and these can be worked out: that is what the results tell.

References:
    F. F. Reichheld & W. E. Sasser (1990). Zero defections. Harvard Business Review 68(5), 105–111.
    R. Blattberg & J. Deighton (1996). Manage marketing by the customer equity test. HBR 74(4), 136–144.
    P. E. Pfeifer (2005). The optimal ratio of acquisition and retention costs. Journal of Targeting,
    Measurement and Analysis for Marketing 13(2), 179–188.
    R. East, K. Hammond & P. Gendall (2006). Fact and fallacy in retention marketing. Journal of Marketing
    Management 22(1–2), 5–23.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cxassess.kpi.analysis import AnalysisError, Shown, check_range, text
from cxassess.kpi.entry import check_option
from cxassess.kpi.estimate import figure, label, metric_name
from cxassess.kpi.lifetime_value import Booking, FirstPayment, Terms


@dataclass(frozen=True, repr=False)
class CostRatio(Shown):
    """What winning a customer costs beside what keeping one costs.

    Attributes:
        cost_to_win: acquisition spend per customer who would not have come anyway.
        cost_to_keep: retention spend per customer who would not have stayed anyway.
        cost_per_kept: retention spend per customer who stayed, whatever the reason.
        ratio: cost_to_win ÷ cost_to_keep, or `None` with a reason.
        rule: the ratio that the rule claims.
        holds: whether the ratio is at least that.
        saved_needed: share of those kept, %, that the spend must have saved for the rule to hold; over 100:
            it cannot.
        saved_for_parity: the same for keeping to cost just as much as winning.
        spend_limit: the retention spend up to which the rule holds, all else as given.
        unit: the currency.
        reason: why there is no ratio.
    """

    cost_to_win: float | None
    cost_to_keep: float | None
    cost_per_kept: float | None
    ratio: float | None
    rule: float
    holds: bool | None
    saved_needed: float | None
    saved_for_parity: float | None
    spend_limit: float | None
    unit: str
    reason: str | None = None

    def _heading(self) -> str:
        return metric_name("acquisition_retention_ratio")

    def _lines(self) -> list[tuple[str, str]]:
        if self.ratio is None:
            ratio = label("reason", self.reason or "")
        else:
            verdict = text("rule_holds" if self.holds else "rule_fails", rule=f"1:{self.rule:g}")
            ratio = text("ratio_and_verdict", ratio=figure(self.ratio), verdict=verdict)
        money, share = label("unit", self.unit), "%"
        rows = [
            ("cost_to_win", self.cost_to_win, money), ("cost_to_keep", self.cost_to_keep, money),
            ("cost_per_kept", self.cost_per_kept, money), ("saved_needed", self.saved_needed, share),
            ("saved_for_parity", self.saved_for_parity, share), ("spend_limit", self.spend_limit, money),
        ]  # fmt: skip
        lines = [
            (text(f"economics_{name}", rule=f"1:{self.rule:g}"), f"{figure(value, unit)} {unit}".strip())
            for name, value, unit in rows if value is not None
        ]  # fmt: skip
        return [(text("economics_ratio"), ratio), *lines]


def acquisition_retention_ratio(
    *,
    acquisition_spend: float,
    new_customers: float,
    retention_spend: float,
    kept_customers: float,
    kept_anyway: float,
    won_anyway: float = 0.0,
    rule: float = 5.0,
    unit: str = "",
) -> CostRatio:
    """How many times dearer winning a customer is than keeping one, and when the 1:5 rule holds.

    cost to win = acquisition spend ÷ (new customers · (1 − won anyway)); cost to keep = retention spend ÷
    (kept customers · (1 − kept anyway)). The rule holds where the share saved, 1 − kept anyway, is at least
    rule · (retention spend ÷ kept customers) ÷ cost to win. All figures from one period, with the same kinds
    of cost on both sides.

    Args:
        acquisition_spend: spent on winning customers, discounts for entry included.
        new_customers: customers won.
        retention_spend: spent on keeping customers, loyalty discounts included.
        kept_customers: customers who stayed.
        kept_anyway: the share of them who would have stayed without the spend, 0 to 1, best from a group that
            got none. 0 spreads the spend over everyone who stayed, which is how the rule is mostly quoted.
        won_anyway: the share of the new ones who would have come without the spend.
        rule: the ratio that is claimed.
        unit: the currency.

    Returns:
        The costs, their ratio and the conditions; without a ratio, with the reason `zero_denominator`, where
        nobody was won or saved or nothing was spent on keeping.

    Raises:
        KpiError: an amount is negative or a share lies outside 0 to 1.

    >>> both = {"acquisition_spend": 10_000_000, "new_customers": 1000, "retention_spend": 2_000_000,
    ...         "kept_customers": 10_000}
    >>> acquisition_retention_ratio(**both, kept_anyway=0).ratio
    50.0
    >>> acquisition_retention_ratio(**both, kept_anyway=0.99)
    Acquisition to retention cost ratio (the 1:5 rule)
      Ratio: 0.50 (1:5 does not hold)
      Cost of winning a customer: 10,000
      Cost of saving a customer: 20,000
      Retention spend per customer who stayed: 200.0
      1:5 holds if the spend saved at least this share of those who stayed: 10.0 %
      Keeping costs no more than winning from this share saved: 2.0 %
      1:5 holds up to a retention spend of: 200,000
    """
    amounts = {
        "acquisition_spend": acquisition_spend, "new_customers": new_customers,
        "retention_spend": retention_spend, "kept_customers": kept_customers,
    }  # fmt: skip
    for option, amount in amounts.items():
        check_range(option, amount, 0, np.inf, open_high=True)
    check_range("kept_anyway", kept_anyway, 0, 1)
    check_range("won_anyway", won_anyway, 0, 1)
    check_range("rule", rule, 0, np.inf, open_low=True, open_high=True)
    won, saved_share = new_customers * (1 - won_anyway), 1 - kept_anyway
    win = acquisition_spend / won if won else None
    each = retention_spend / kept_customers if kept_customers else None
    keep = each / saved_share if each is not None and saved_share else None
    parity = 100 * each / win if each is not None and win else None
    ratio = win / keep if win is not None and keep else None
    limit = win * kept_customers * saved_share / rule if win is not None else None
    return CostRatio(
        win, keep, each, ratio, rule, None if ratio is None else ratio >= rule,
        None if parity is None else rule * parity, parity, limit, unit,
        "zero_denominator" if ratio is None else None,
    )  # fmt: skip


@dataclass(frozen=True, repr=False)
class RetentionProfit(Shown):
    """What less leaving does to the value of a customer.

    Attributes:
        retention: retention per period now, 0 to 1.
        improved: retention per period after the improvement.
        value: discounted value of a customer now, after the cost of winning.
        improved_value: the same after the improvement, its cost taken off.
        gain: improved_value over value, % more; `None` where the value now is not above 0.
        rule: the gain that the rule claims, %.
        holds: whether the gain is at least that.
        holds_for: the ranges of retention now, 0 to 1, in which the rule holds, all else as given.
        cost_limit: the cost per customer and period up to which the rule holds; `None` if it does not even
            without.
        unit: the currency.
        reason: why there is no gain.
    """

    retention: float
    improved: float
    value: float
    improved_value: float
    gain: float | None
    rule: float
    holds: bool | None
    holds_for: tuple[tuple[float, float], ...]
    cost_limit: float | None
    unit: str
    reason: str | None = None

    def _heading(self) -> str:
        return metric_name("retention_profit")

    def _lines(self) -> list[tuple[str, str]]:
        rule = f"{self.rule:+g} %"
        if self.gain is None:
            gain = label("reason", self.reason or "")
        else:
            verdict = text("rule_holds" if self.holds else "rule_fails", rule=rule)
            gain = text("ratio_and_verdict", ratio=f"{self.gain:+.1f} %", verdict=verdict)
        never, money = text("economics_never"), label("unit", self.unit)
        limit = self.cost_limit
        ranges = ", ".join(f"{100 * low:.1f}–{100 * high:.1f} %" for low, high in self.holds_for)
        return [
            (text("economics_gain"), gain),
            (text("economics_retention"), f"{100 * self.retention:.1f} % → {100 * self.improved:.1f} %"),
            (
                text("economics_value"),
                f"{figure(self.value)} → {figure(self.improved_value)} {money}".strip(),
            ),
            (text("economics_holds_for", rule=rule), ranges or never),
            (
                text("economics_cost_limit", rule=rule),
                never if limit is None else f"{figure(limit)} {money}".strip(),
            ),
        ]


def retention_profit(
    *,
    margin: float,
    retention: float,
    discount: float,
    cost: float,
    first_payment: FirstPayment,
    booking: Booking,
    step: float = 0.05,
    step_as: Literal["points", "part"] = "points",
    periods: int | None = None,
    growth: float = 0.0,
    acquisition_cost: float = 0.0,
    rule: float = 25.0,
    unit: str = "",
) -> RetentionProfit:
    """What a step less leaving adds to the value of a customer, and when the 5:25 rule holds.

    value = margin · V(retention) − acquisition cost, improved value = (margin − cost) · V(improved) −
    acquisition cost, gain = 100 · (improved − value) ÷ value, with V the lifetime value of a margin of 1 (see
    `clv`). `points`: improved = retention + step (the reading of the 1990 study); `part`: the leaving, 1 −
    retention, shrinks by that part. With the first payment now, no end, no cost and no growth the rule holds
    from retention = 1 + discount − step · (1 + 100/rule): from 85 % with 10 % discount and 5 points.

    Args:
        margin: margin of one customer per period.
        retention: chance of staying from one period to the next.
        discount: rate per period.
        cost: of the improvement, per customer and period; 0 has to be said.
        first_payment: `now` or `after_a_period`; see `clv`.
        booking: `start`, `middle` or `end`; see `clv`.
        step: how much less leaving.
        step_as: `points` or `part`.
        periods: how many payments count; without end if not given.
        growth: by which part the margin grows per period. The study's gains came mostly from this.
        acquisition_cost: cost of winning the customer; it makes the value now smaller and the gain larger.
        rule: the gain that is claimed, %.
        unit: the currency.

    Returns:
        Both values, the gain and the conditions; without a gain, with the reason `no_value_now`, where the
        customer is worth nothing now.

    Raises:
        KpiError: a rate outside its range, a retention that would rise above 1, or a sum that is not finite.

    >>> now = {"margin": 100, "discount": 0.1, "cost": 0, "first_payment": "now", "booking": "start"}
    >>> found = retention_profit(retention=0.85, **now)
    >>> round(found.gain, 9), [[round(end, 6) for end in ends] for ends in found.holds_for]
    (25.0, [[0.85, 0.95]])
    >>> round(retention_profit(retention=0.6, **now).gain, 1)
    11.1
    """
    check_option("step_as", step_as, ("points", "part"))
    check_range("step", step, 0, 1, open_low=True)
    check_range("retention", retention, 0, 1)
    check_range("cost", cost, 0, np.inf, open_high=True)
    check_range("acquisition_cost", acquisition_cost, 0, np.inf, open_high=True)
    check_range("rule", rule, 0, np.inf, open_low=True, open_high=True)
    terms = Terms(discount, first_payment, booking, periods, growth)
    highest = 1 - step if step_as == "points" else 1.0
    if retention > highest + 1e-12:
        raise AnalysisError("retention_above_one", found=f"{retention:g}", step=f"{step:g}")

    def improve(rate: float) -> float:
        return min(rate + step if step_as == "points" else 1 - (1 - rate) * (1 - step), 1.0)

    def values(rate: float) -> tuple[float, float]:
        return (
            margin * terms.value(rate) - acquisition_cost,
            (margin - cost) * terms.value(improve(rate)) - acquisition_cost,
        )

    def surplus(rate: float) -> float:
        """By how much the improved value passes what the rule claims; NaN where it can claim nothing."""
        try:
            now, then = values(rate)
        except AnalysisError:
            return np.nan
        return then - (1 + rule / 100) * now if now > 0 else np.nan

    improved = improve(retention)
    value, improved_value = values(retention)
    gain = 100 * (improved_value - value) / value if value > 0 else None
    # What the rule leaves over before the cost, spread over the payments that bear it.
    limit = cost + surplus(retention) / terms.value(improved)
    return RetentionProfit(
        retention, improved, value, improved_value, gain, rule, None if gain is None else gain >= rule - 1e-9,
        _where_positive(surplus, highest), limit if limit >= 0 else None, unit,
        "no_value_now" if gain is None else None,
    )  # fmt: skip


def _where_positive(function: Callable[[float], float], highest: float) -> tuple[tuple[float, float], ...]:
    """The ranges between 0 and `highest` in which a function is not below 0, its ends to six digits."""
    from scipy.optimize import brentq

    grid = np.linspace(0, highest, 2001)
    good = np.array([function(float(point)) >= 0 for point in grid])
    ranges: list[tuple[float, float]] = []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(int)))
    for first, after in zip(edges[::2], edges[1::2], strict=True):
        low, high = float(grid[first]), float(grid[after - 1])
        if first and function(float(grid[first - 1])) < 0:
            low = float(brentq(function, grid[first - 1], low, xtol=1e-9))
        if after < grid.size and function(float(grid[after])) < 0:
            high = float(brentq(function, high, grid[after], xtol=1e-9))
        ranges.append((low, high))
    return tuple(ranges)
