"""What a plan is worth: the index's rise → retention → a customer's lifetime value → profit, as a range.

Every link is an assumption that the team can replace. The worst case takes every assumption at its pessimistic
end, the best case at its optimistic one: the truth is rarely as far out as either. The formulas are those of
`cxassess.kpi`: the lifetime value, and the 1:5 and 5:25 rules with the conditions under which they hold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING

from cxassess.language import say
from cxassess.planning import Plan, PlanError

if TYPE_CHECKING:
    from cxassess.kpi.economics import CostRatio, RetentionProfit

Range = tuple[float, float, float]
"""Pessimistic, likely, optimistic."""

UNITS = {
    "customers": "count", "margin": "year", "retention": "share_year", "points_per_level": "points",
    "discount": "share_year", "cost_per_day": "day", "acquisition_cost": "money",}  # fmt: skip
CASES = range(3)
MOST_YEARS = 100


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption, and the profit at its pessimistic and optimistic ends with all else likely."""

    name: str
    values: Range
    profit: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Worth:
    """What a plan is worth, case by case (pessimistic, likely, optimistic); money in `unit`.

    Attributes:
        gain: levels that the index rises by.
        retention: the chance of staying a year, today and after the plan.
        value: by how much a customer's value rises.
        total: that of all customers.
        cost: of the plan.
        profit: the total less the cost.
        break_even: percentage points of retention per level at which the likely case pays for itself, or `None`.
        assumptions: those that move the profit most come first.
        one_to_five: what saving a customer by this plan costs beside winning one, if that is known.
        five_to_twenty_five: what five points more retention would do to the value of a customer.
    """

    gain: float
    retention: tuple[Range, Range]
    value: Range
    total: Range
    cost: Range
    profit: Range
    break_even: float | None
    assumptions: tuple[Assumption, ...]
    years: int
    unit: str
    one_to_five: "CostRatio | None"
    five_to_twenty_five: "RetentionProfit | None"

    def __repr__(self) -> str:
        from cxassess.planning_money_words import summary

        return summary(self)


def worth(
    plan: Plan,
    *,
    customers: float | Sequence[float],
    margin: float | Sequence[float],
    retention: float | Sequence[float],
    cost_per_day: float | Sequence[float],
    points_per_level: float | Sequence[float] | None = None,
    discount: float | Sequence[float] | None = None,
    years: int | None = None,
    acquisition_cost: float | None = None,
    unit: str = "",
) -> Worth:
    """What a plan is worth, as a range. Each figure is one number, or (pessimistic, likely, optimistic).

    profit = customers · margin · (V(retention after) − V(retention)) − person-days · cost of one, where
    retention after = retention + points per level · levels gained ÷ 100, and V is the discounted number of yearly
    margins of a customer within the years that count, the first of them certain (`kpi.clv`, booked in
    mid-year). So nothing is counted before the plan's first year is over.

    Args:
        plan: that is looked at.
        customers: today.
        margin: of a customer and year, after the cost of serving, in `unit`.
        retention: the chance that a customer stays another year, 0 to 1.
        cost_per_day: of a person-day, in `unit`.
        points_per_level: percentage points of retention per level of the index; the declared range if not given.
        discount: rate a year, 0.08 for 8 %; the declared range if not given.
        years: that count, 1 to 100; the declared number if not given.
        acquisition_cost: what winning a customer costs, in `unit`, for the 1:5 rule.
        unit: the currency.

    Raises:
        PlanError: a figure is not a number, or lies where it cannot.
    """
    from cxassess.kpi.lifetime_value import Terms

    money = plan.settings.money
    years = int(money["years"]) if years is None else years
    if isinstance(years, bool) or not isinstance(years, Integral) or not 1 <= years <= MOST_YEARS:
        raise PlanError("bad_years", found=str(years)[:60], most=MOST_YEARS)
    years = int(years)
    figures = {
        "customers": _range("customers", customers, 0),
        "margin": _range("margin", margin),
        "retention": _range("retention", retention, 0, 1),
        "points_per_level": _range("points_per_level", money["points_per_level"] if points_per_level is None else points_per_level),
        "discount": _range("discount", money["discount"] if discount is None else discount, 0),
        "cost_per_day": _range("cost_per_day", cost_per_day, 0),
    }  # fmt: skip
    if acquisition_cost is not None:
        _range("acquisition_cost", acquisition_cost, 0)
    gain = plan.gains[-1]

    def chain(of: dict[str, float]) -> tuple[float, float, float, float]:
        """Retention after, a customer's gain in value, the cost, the profit."""
        terms = Terms(of["discount"], "now", "middle", years)
        after = min(1.0, max(0.0, of["retention"] + of["points_per_level"] * gain / 100))
        value = of["margin"] * (terms.value(after) - terms.value(of["retention"]))
        cost = plan.days * of["cost_per_day"]
        return after, value, cost, of["customers"] * value - cost

    cases = [{name: values[case] for name, values in figures.items()} for case in CASES]
    chains = [chain(case) for case in cases]
    after, value, cost, profit = (_three([one[part] for one in chains]) for part in range(4))
    likely = cases[1]

    def alone(name: str) -> tuple[float, float]:
        low, high = (chain({**likely, name: figures[name][end]})[3] for end in (0, 2))
        return low, high

    told = [Assumption(name, values, alone(name)) for name, values in figures.items()]
    if acquisition_cost is not None:
        told.append(
            Assumption(
                "acquisition_cost", _range("acquisition_cost", acquisition_cost), (profit[1], profit[1])
            )
        )
    return Worth(
        gain=gain,
        retention=(figures["retention"], after),
        value=value,
        total=_three([of["customers"] * one for of, one in zip(cases, value, strict=True)]),
        cost=cost,
        profit=profit,
        break_even=_break_even(lambda points: chain({**likely, "points_per_level": points})[3], gain),
        assumptions=tuple(sorted(told, key=lambda one: -abs(one.profit[1] - one.profit[0]))),
        years=years,
        unit=unit,
        one_to_five=_one_to_five(likely, after[1], cost[1], acquisition_cost, unit),
        five_to_twenty_five=_five_to_twenty_five(likely, cost[1], years, acquisition_cost, unit),
    )


def _range(name: str, given: float | Sequence[float], lowest: float = -1e15, highest: float = 1e15) -> Range:
    from cxassess.planning_money_words import unit_of

    values = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given] * 3
    numbers = [
        one
        for one in values
        if isinstance(one, Real) and not isinstance(one, bool) and lowest <= one <= highest
    ]
    if len(values) != len(CASES) or len(numbers) != len(values):
        raise PlanError(
            "bad_assumption",
            record=name,
            found=repr(given)[:60],
            unit=unit_of(name, say("plan.your_currency")),
        )
    return _three([float(one) for one in numbers])


def _three(values: Sequence[float]) -> Range:
    low, likely, high = values
    return low, likely, high


def _break_even(profit: Callable[[float], float], gain: float) -> float | None:
    """The points per level from which the plan pays for itself, by bisection; none if it never does."""
    low, high = 0.0, 100 / gain if gain > 0 else 0.0
    if profit(high) < 0:
        return None
    if profit(low) >= 0:
        return low
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if profit(middle) < 0 else (low, middle)
    return high


def _one_to_five(
    likely: dict[str, float], after: float, cost: float, acquisition_cost: float | None, unit: str
) -> "CostRatio | None":
    """Winning one customer beside saving one by the plan, whose cost falls on those who stay a year."""
    from cxassess.kpi.economics import acquisition_retention_ratio

    if acquisition_cost is None:
        return None
    return acquisition_retention_ratio(
        acquisition_spend=acquisition_cost,
        new_customers=1,
        retention_spend=cost,
        kept_customers=likely["customers"] * after,
        kept_anyway=min(likely["retention"] / after, 1.0) if after else 1.0,
        unit=unit,
    )


def _five_to_twenty_five(
    likely: dict[str, float], cost: float, years: int, acquisition_cost: float | None, unit: str
) -> "RetentionProfit | None":
    """Five points more retention, bought at the plan's cost per customer and year."""
    from cxassess.kpi.economics import retention_profit

    if likely["retention"] > 0.95 or not likely["customers"]:
        return None
    return retention_profit(
        margin=likely["margin"],
        retention=likely["retention"],
        discount=likely["discount"],
        cost=cost / likely["customers"] / years,
        first_payment="now",
        booking="middle",
        periods=years,
        acquisition_cost=acquisition_cost or 0.0,
        unit=unit,
    )
