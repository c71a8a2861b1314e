"""Whether a discount keeps customers, or only puts their leaving off."""

from dataclasses import dataclass
from typing import Any

from cxassess.kpi.analysis import AnalysisError, Shown, in_words, text
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Estimate
from cxassess.kpi.moments import unit_seconds
from cxassess.kpi.spells import curves, spells
from cxassess.kpi.survival_curve import Survival
from cxassess.kpi.survival_groups import LogRank, describe_test, difference_at, log_rank


@dataclass(frozen=True, eq=False, repr=False)
class DiscountEffect(Shown):
    """What became of customers who came with a discount, beside those who did not.

    Attributes:
        discounted: curve of those who had the discount.
        full_price: curve of those who had not.
        during: difference in the share still there when the discount ends, % points (Greenwood).
        afterwards: of those still there then, difference in the share still there at the horizon.
        overall: difference in the share still there at the horizon.
        test: the log-rank test between the two curves.
        verdict: `lasting` (more are left at the horizon), `stop_gap` (not so, and once the discount is over
            they leave faster), `cannot_tell`; each by the intervals of the differences.
    """

    discounted: Survival
    full_price: Survival
    during: Estimate
    afterwards: Estimate
    overall: Estimate
    test: LogRank
    verdict: str

    def _heading(self) -> str:
        return text("discount_heading", verdict=text(f"verdict_{self.verdict}"))

    def _lines(self) -> list[tuple[str, str]]:
        named = {name: getattr(self, name) for name in ("during", "afterwards", "overall")}
        lines = [(text(f"discount_{name}"), in_words(found)) for name, found in named.items()]
        return [*lines, (text("log_rank"), describe_test(self.test))]


def discount_stop_gap(
    df: Any,
    *,
    start: str = "start",
    end: str = "end",
    discounted: str = "discounted",
    discount_lasts: float,
    horizon: float,
    as_of: Any,
    unit: str = "month",
    tz: str | None = None,
    confidence: float = 0.95,
) -> DiscountEffect:
    """Compare customers won with a discount and without: does it keep them, or only put leaving off?

    A comparison, not an experiment: who takes a discount may differ in other ways, too.

    Args:
        df: one row a subscription; any engine.
        start: column with the first day.
        end: column with the day of leaving; missing while the subscription goes on.
        discounted: column that says whether the customer came with the discount.
        discount_lasts: how long it lasts, in `unit`.
        horizon: when to look at the outcome, in `unit` from the start of the subscription; after the
            discount's end.
        as_of: the day before which the data are complete.
        unit: day, week, month or year.
        tz: zone to read times with a zone in.
        confidence: of the intervals.

    Raises:
        KpiError: as for `survival`; the horizon is not after the discount's end; or one of the two
            groups has nobody.
    """
    if not 0 < discount_lasts < horizon:
        raise AnalysisError("horizon_before_end", found=horizon, known=discount_lasts)
    found = spells(df, start, end, clock="day", as_of=as_of, by=discounted, tz=tz)
    flag = found.groups[discounted]
    odd = flag[flag.notna() & ~flag.isin([0, 1])]
    if len(odd):
        raise KpiError("not_flags", column=discounted, found=odd.iloc[0])
    found = found.where(flag.notna().to_numpy()[found.group])
    durations = (found.stop - found.start) / (unit_seconds(unit) / 86400)
    each = curves(found, durations, unit=unit, metric="survival", confidence=confidence)
    sides = {bool(value): curve for value, curve in zip(flag, each, strict=True) if curve.n}
    for side in (True, False):
        if side not in sides:
            raise AnalysisError("group_empty", column=discounted, found=side)
    with_it, without = sides[True], sides[False]
    during = difference_at(with_it, without, discount_lasts)
    afterwards = difference_at(with_it.after(discount_lasts), without.after(discount_lasts), horizon)
    overall = difference_at(with_it, without, horizon)
    test = log_rank(durations, found.ended, found.group, found.count)
    verdict = "lasting" if _sign(overall) > 0 else "stop_gap" if _sign(afterwards) < 0 else "cannot_tell"
    return DiscountEffect(with_it, without, during, afterwards, overall, test, verdict)


def _sign(found: Estimate) -> int:
    if found.low is None or found.high is None:
        return 0
    return 1 if found.low > 0 else -1 if found.high < 0 else 0
