"""The worth of a plan in words."""

from cxassess.language import say
from cxassess.planning_money import UNITS, Assumption, Worth


def summary(worth: Worth) -> str:
    """The worth with its chain, its assumptions, and the two rules with their conditions."""
    before, after = worth.retention
    money = {
        key: _money(values[case], worth.unit)
        for name, values in (("value", worth.value), ("all", worth.total))
        for key, case in ((f"{name}_low", 0), (name, 1), (f"{name}_high", 2))
    }
    low, likely, high = (_money(one, worth.unit) for one in worth.profit)
    lines = [
        say("plan.money_heading", years=worth.years, low=low, likely=likely, high=high),
        say(
            "plan.money_chain", gain=f"{worth.gain:.2f}", before=f"{before[1]:.1%}", after=f"{after[1]:.1%}",
            after_low=f"{after[0]:.1%}", after_high=f"{after[2]:.1%}", cost=_money(worth.cost[1], worth.unit), **money,
        ),
        say("plan.money_even", points=f"{worth.break_even:.2f}") if worth.break_even is not None
        else say("plan.money_never"),
        say("plan.money_assumed"),
        *(_assumption(one, worth.unit) for one in worth.assumptions),
        say("plan.money_kept"),
        repr(worth.one_to_five) if worth.one_to_five else say("plan.money_no_1_5"),
        repr(worth.five_to_twenty_five) if worth.five_to_twenty_five else say("plan.money_no_5_25"),
    ]  # fmt: skip
    return "\n".join(lines)


def unit_of(name: str, currency: str) -> str:
    """The unit of an assumption, with the currency where it is money.

    >>> unit_of("margin", "EUR"), unit_of("points_per_level", "EUR")
    ('EUR a year', 'percentage points')
    """
    return say(f"plan.unit_{UNITS[name]}", unit=currency).strip()


def _assumption(one: Assumption, currency: str) -> str:
    low, likely, high = (f"{value:,g}" if abs(value) < 1e6 else f"{value:,.0f}" for value in one.values)
    profit_low, profit_high = (_money(value, currency) for value in one.profit)
    key = "plan.money_fixed" if len(set(one.values)) == 1 else "plan.money_assumption"
    return say(key, name=say(f"plan.money_{one.name}"), low=low, likely=likely, high=high,
               unit=_glued(unit_of(one.name, currency)), profit_low=profit_low, profit_high=profit_high)  # fmt: skip


def _money(value: float, currency: str) -> str:
    """An amount, rounded so far that nobody takes it for exact.

    >>> _money(-1234567, "JPY")
    '−1,230,000 JPY'
    >>> _money(250, "円")
    '250円'
    """
    text = f"{float(f'{abs(value):.3g}'):,.0f}" if abs(value) >= 100 else f"{abs(value):.3g}"
    return f"{'−' if value < 0 else ''}{text}{_glued(currency)}"


def _glued(unit: str) -> str:
    """A unit as it stands after a number: with a space before it only where it begins with a Latin letter."""
    return f" {unit}" if unit[:1].isascii() and unit else unit
