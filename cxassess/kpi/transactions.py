"""What a log of purchases says about customers: who they are worth, who comes back, who is best.

>>> import pandas as pd
>>> log = pd.DataFrame({
...     "id": ["ann", "bob", "ann", "cy", "ann", "bob"],
...     "ts": pd.to_datetime(["2024-01-05 10:00", "2024-01-20 18:30", "2024-02-03 09:15",
...                           "2024-02-14 12:00", "2024-03-01 20:45", "2024-03-09 11:00"]),
...     "amt": [3000, 1200, 4500, 800, 2500, 900],
... })
>>> tx = Transactions(log, customer="id", time="ts", amount="amt", as_of="2024-03-31", tz="Asia/Tokyo")
>>> tx.summary()
          frequency  recency   T  monetary
customer
ann               2       56  86    3500.0
bob               1       49  71     900.0
cy                0        0  46       NaN
"""

from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxassess.kpi import cohorts, intervals, rfm
from cxassess.kpi.cohorts import Value
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Estimate
from cxassess.kpi.ledger import Ledger, LeftOut, OnNegative, Rules, day_of
from cxassess.kpi.periods import Unit
from cxassess.kpi.transaction_report import Pareto, TransactionReport


class Transactions:
    """A log of purchases, one row each, on any engine.

    A pandas frame is computed on in place. A Polars (eager or lazy), DuckDB, PySpark or Dask frame is reduced
    on its own engine; only tables of a row a customer, or less, come into memory. The answers are the same to
    the integer. Reductions are kept, so that a second metric on the same object costs little.

    Rules, the same on every engine:

    - **Days** are calendar days in the zone `tz`. A time that carries a zone is an instant and is read in `tz`.
      A time without one is local time of `tz` as it stands, and is not shifted. A plain date needs no `tz`.
    - **As of**: transactions on the day `as_of` count, later ones are left out and counted in `left_out`.
    - **Money** is added up in integer minor units: an amount is rounded to `minor_units` decimals, halves up.
    - **Refunds** are rows with a negative amount. `on_negative="net"` takes them off the customer's money; a
      refund is no purchase, so it makes no visit and no customer. One that was booked on another day than the
      first purchase lowers the money of repeat purchases; one before it refunds something the log does not
      show, and enters no cohort. `"drop"` leaves refunds out and counts them; `"error"` refuses them.
    - **Missing**: a row without customer, time or amount (null or `NaN`) is left out and counted.
    - **A purchase of 0** is a purchase.
    - **Customers** are those with at least one purchase that counts. Their tables are sorted by id.

    Args:
        df: the frame, one row a purchase. Where rows are lines of a receipt, add them up to receipts first, or
            read the days (`frequency` of `summary`) rather than the number of purchases.
        customer: column of customer ids, of any type.
        time: column of dates or times.
        amount: column of amounts, in the currency's main unit.
        as_of: the last day that counts, as an ISO date or a date; the last day of the log if not given. The
            end of the log is then taken for the end of observation, which is wrong where sales had stopped.
        tz: the zone in which days begin, as an IANA name.
        minor_units: decimals of the currency: 0 for yen, 2 for euros and dollars.
        on_negative: what becomes of refunds: `"net"`, `"drop"` or `"error"`.
        currency: what money is called in results, such as `"JPY"`.

    Raises:
        KpiError: no frame, a column missing or of the wrong type, times without `tz`, an unknown zone or option;
            and, when something is first asked: refunds where they are refused, nothing left to count, or
            amounts too large to be added up exactly (more than 2⁵² minor units, or 2⁶² ÷ days).
    """

    def __init__(
        self, df: Any, *, customer: str, time: str, amount: str, as_of: str | date | None = None,
        tz: str | None = None, minor_units: int = 0, on_negative: OnNegative = "net", currency: str = "",
    ) -> None:  # fmt: skip
        rules = Rules(customer, time, amount, None, tz, minor_units, on_negative)
        rules.check()
        rules = Rules(customer, time, amount, day_of(as_of, tz), tz, minor_units, on_negative)
        self.currency = currency
        self._scale = 10**minor_units
        self._ledger: Ledger
        if isinstance(df, pd.DataFrame):
            from cxassess.kpi.ledger_memory import MemoryLedger

            self._ledger = MemoryLedger(df, rules)
        else:
            from cxassess.kpi.ledger_engine import EngineLedger

            self._ledger = EngineLedger(df, rules)

    @property
    def as_of(self) -> date:
        """The last day that counts."""
        return date.fromordinal(date(1970, 1, 1).toordinal() + self._ledger.as_of)

    @property
    def left_out(self) -> LeftOut:
        """How many rows do not count, and why.

        >>> log = pd.DataFrame({"id": [1, None], "on": pd.to_datetime(["2024-01-05"] * 2).date, "amt": [5, 6]})
        >>> Transactions(log, customer="id", time="on", amount="amt").left_out
        LeftOut(missing_customer=1, missing_time=0, missing_amount=0, after_as_of=0, negative=0)
        """
        return self._ledger.left_out

    def summary(self) -> pd.DataFrame:
        """Each customer as the literature on customer lifetime value needs it, in days.

        Returns:
            One row a customer, with the columns

            - `frequency`: repeat purchases: days with a purchase, less the first.
            - `recency`: days from the first purchase to the last; 0 without a repeat. (In an RFM analysis
              recency is something else: the days since the last purchase.)
            - `T`: days from the first purchase to `as_of`.
            - `monetary`: mean net money of the days after the first; null without a repeat, not zero.

            For models in weeks divide `recency` and `T` by 7.

        References:
            Fader, Hardie & Lee (2005). “Counting your customers” the easy way. Marketing Science 24(2), 275–284.
            Fader & Hardie (2013). The gamma-gamma model of monetary value. brucehardie.com/notes/025.

        See the module for an example.
        """
        visits = self._ledger.visits()
        repeats = visits.days - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            monetary = np.where(
                repeats > 0, (visits.money - visits.first_money) / (repeats * self._scale), np.nan
            )
        return pd.DataFrame({
            "frequency": repeats,
            "recency": visits.last - visits.first,
            "T": self._ledger.as_of - visits.first,
            "monetary": monetary,
        }, index=visits.ids.rename("customer"), copy=False)  # fmt: skip

    def rfm(self, bins: int = 5) -> pd.DataFrame:
        """Recency, frequency and money of each customer, and their scores from 1 to `bins`, best highest.

        A score is 1 + ⌊bins × (rank − 1) ÷ n⌋, where a customer's rank is 1 + the number of customers who do
        worse. Customers who do equally well share a score, so that bins may differ in size. Money is ranked in
        integer minor units.

        Args:
            bins: how many scores there are; 5 makes quintiles.

        Returns:
            One row a customer, with the columns

            - `recency`: days since the last purchase, at `as_of`; fewer are better.
            - `frequency`: purchases.
            - `money`: net money.
            - `r`, `f`, `m`: the scores.

        References:
            Hughes (1994). Strategic Database Marketing. Probus.
            Bult & Wansbeek (1995). Optimal selection for direct mail. Marketing Science 14(4), 378–394.

        >>> log = pd.DataFrame({"id": [1, 1, 2, 3], "on": pd.to_datetime(
        ...     ["2024-01-01", "2024-01-09", "2024-01-05", "2024-01-05"]).date, "amt": [10, 20, 50, 5]})
        >>> Transactions(log, customer="id", time="on", amount="amt").rfm(bins=3)
                  recency  frequency  money  r  f  m
        customer
        1               0          2     30  3  3  2
        2               4          1     50  1  1  3
        3               4          1      5  1  1  1
        """
        if bins not in range(2, 101):
            raise KpiError("option", option="bins", found=bins, allowed="2–100")
        totals = self._ledger.totals()
        return pd.DataFrame({
            "recency": self._ledger.as_of - totals.last,
            "frequency": totals.purchases,
            "money": self._main(totals.money),
            "r": rfm.score(totals.last, bins),
            "f": rfm.score(totals.purchases, bins),
            "m": rfm.score(totals.money, bins),
        }, index=totals.ids.rename("customer"), copy=False)  # fmt: skip

    def deciles(self) -> pd.DataFrame:
        """Ten groups of customers by money, the best first.

        decile = 1 + ⌊10 × (rank − 1) ÷ n⌋, where a customer's rank is 1 + the number who bring more. Customers
        who bring the same share a decile; a decile may then be empty, with null means.

        Returns:
            Ten rows, with the columns `customers`, `money` (net), `share` and `cumulative_share` (of all money,
            in %; null where all money is not above 0), `money_per_customer`, `purchases_per_customer`, and
            `lowest` and `highest` (money of one customer).

        >>> log = pd.DataFrame({"id": range(10), "on": date(2024, 1, 1), "amt": range(1, 11)})
        >>> Transactions(log, customer="id", time="on", amount="amt").deciles()[["customers", "share"]].head(2)
                customers      share
        decile
        1               1  18.181818
        2               1  16.363636
        """
        totals = self._ledger.totals()
        decile = rfm.score(-totals.money, 10)
        return rfm.decile_table(self._ordered_money, decile, totals.purchases, self._scale)

    def pareto(self, top: float = 0.2) -> Pareto:
        """How much of the money the best customers bring: do 20 % bring 80 %?

        Customers are lined up by net money, the best first, and the money is added up (the Lorenz curve, from
        the top). Between two customers the curve is a straight line, so ties do not matter. All customers are
        counted, so there is no sampling error and no interval.

        Args:
            top: the share of customers, above 0 and below 1.

        Returns:
            A `Pareto`. Its estimates are null where the money does not add up to more than 0 (`no_money`), the
            Gini coefficient also where a customer's refunds exceed the purchases (`net_negative`).

        References:
            Lorenz (1905). Methods of measuring the concentration of wealth. Publications of the American
            Statistical Association 9(70), 209–219. Gini (1912). Variabilità e mutabilità.

        >>> log = pd.DataFrame({"id": range(5), "on": date(2024, 1, 1), "amt": [80, 5, 5, 5, 5]})
        >>> Transactions(log, customer="id", time="on", amount="amt").pareto(0.2).share.estimate
        80.0
        """
        if not 0 < top < 1:
            raise KpiError("option", option="top", found=top, allowed="0 < top < 1")
        money = self._ordered_money
        n, points = len(money), np.linspace(0, 1, 101)
        if money.sum() <= 0:
            share, unequal = _null("pareto", "%", "no_money", n=n), _null("gini", "", "no_money", n=n)
            curve = np.full(101, np.nan)
        else:
            share = Estimate(
                "pareto", float(100 * rfm.lorenz(money, np.array([top]))[0]), None, None, n, 0, "%", "none"
            )
            unequal = _null("gini", "", "net_negative", n=n)
            if money[0] >= 0:
                unequal = Estimate("gini", rfm.gini(money), None, None, n, 0, "", "none")
            curve = 100 * rfm.lorenz(money, points)
        return Pareto(top, share, unequal, pd.DataFrame({"customers": 100 * points, "money": curve}))

    def repeat_purchase_rate(
        self, within: int | None = None, *, since: str | date | None = None, confidence: float = 0.95
    ) -> Estimate:
        """The share of customers who bought again: on at least two days.

        100 × customers with a second purchase day ÷ customers, in %, with Wilson's interval. Two receipts of
        one day are one visit.

        Args:
            within: count only a second day at most so many days after the first. Customers whose first
                purchase is not yet that long ago cannot have been observed in full: they are left out, and
                are the estimate's `missing`. Without it, new customers lower the rate.
            since: count only purchases from this day to `as_of`, such as the last twelve months.
            confidence: of the interval.

        >>> log = pd.DataFrame({"id": [1, 1, 2, 2], "on": pd.to_datetime(
        ...     ["2024-01-01", "2024-01-09", "2024-01-05", "2024-01-05"]).date, "amt": [10, 20, 50, 5]})
        >>> Transactions(log, customer="id", time="on", amount="amt").repeat_purchase_rate()
        repeat_purchase_rate: 50.0 % (9.5 to 90.5 at 95 % confidence, Wilson; n = 2, missing 0)
        """
        if within is not None and since is not None:
            raise KpiError("option", option="since", found=since, allowed="within, since")
        young = 0
        if since is not None:
            days = self._ledger.days_since(day_of(since, self._ledger.rules.tz, "since") or 0)
            again = days > 1
        elif within is None:
            again = self._ledger.visits().days > 1
        else:
            if within < 1:
                raise KpiError("option", option="within", found=within, allowed="1–")
            first, second = self._ledger.second_days()
            observed = first + within <= self._ledger.as_of
            young = int(np.count_nonzero(~observed))
            again = ((second > first) & (second - first <= within))[observed]
        return _proportion("repeat_purchase_rate", int(again.sum()), len(again), young, confidence)

    def retention(self, period: Unit = "month", *, confidence: float = 0.95) -> pd.DataFrame:
        """Period by period, the share of customers who bought in the next period too.

        rate = 100 × customers who bought in this period and in the next ÷ customers who bought in this one.
        Only complete periods count: the last row's next period ends by `as_of`.

        Args:
            period: `"week"` (Monday to Sunday), `"month"`, `"quarter"` or `"year"`.
            confidence: of the interval.

        Returns:
            One row a period, by its first day, with the columns `customers`, `retained`, `rate` (%; null
            where nobody bought), `low` and `high` (Wilson).
        """
        return cohorts.retention_table(self._ledger, period, confidence)

    def retention_rate(self, period: Unit = "month", *, confidence: float = 0.95) -> Estimate:
        """The last row of `retention`: of the customers of the last complete period but one, who came back.

        The churn rate is 100 less this. For what is not bought every period choose a longer period: a customer
        who buys every six weeks is not lost in between.

        >>> log = pd.DataFrame({"id": [1, 2, 1], "on": pd.to_datetime(
        ...     ["2024-01-01", "2024-01-31", "2024-02-05"]).date, "amt": [10, 20, 50]})
        >>> tx = Transactions(log, customer="id", time="on", amount="amt", as_of="2024-02-29")
        >>> tx.retention_rate()
        retention_rate: 50.0 % (9.5 to 90.5 at 95 % confidence, Wilson; n = 2, missing 0)
        """
        return _last_rate(self.retention(period, confidence=confidence), confidence)

    def cohorts(
        self, period: Unit = "month", value: Value = "rate", *, partial: bool = False
    ) -> pd.DataFrame:
        """Customers by the period of their first purchase (rows) and how many periods later (columns).

        A cell that has not happened by `as_of` is null; one in which nobody bought is 0. The last period counts
        only when it is complete, else its few days would look like a fall. The first rows of a log that begins
        in mid-business hold old customers among the new.

        Args:
            period: `"week"` (Monday to Sunday), `"month"`, `"quarter"` or `"year"`.
            value: `"rate"` for the share of the cohort that bought, in %; `"customers"` for their number;
                `"money"` for the cohort's net money.
            partial: show the last period although it is not complete.

        Returns:
            One row a cohort, by its period's first day, one column an age in periods, 0 being the first.

        >>> log = pd.DataFrame({"id": [1, 2, 1, 3], "on": pd.to_datetime(
        ...     ["2024-01-01", "2024-01-31", "2024-03-05", "2024-03-06"]).date, "amt": [10, 20, 50, 5]})
        >>> Transactions(log, customer="id", time="on", amount="amt", as_of="2024-03-31").cohorts()
        age             0    1     2
        cohort
        2024-01-01  100.0  0.0  50.0
        2024-03-01  100.0  NaN   NaN
        """
        return cohorts.cohort_table(self._ledger, period, value, partial, self._scale)

    def clv(
        self, *, margin: float = 1.0, horizon: int = 12, period: Unit = "month", discount: float = 0.0,
        confidence: float = 0.95,
    ) -> Estimate:  # fmt: skip
        """Customer lifetime value from cohorts: what a new customer has brought in the first `horizon` periods.

        CLV = Σₖ margin × mₖ ÷ (1 + discount)^(years before age k), k = 0 … horizon − 1, where mₖ is net money at
        age k per customer acquired, over the cohorts old enough to have lived age k to its end. The first
        purchase is in it, and money is booked at the beginning of its period, age 0 undiscounted. It looks
        back: it says what customers were worth, and forecasts only as far as new ones are like old ones. It
        is cut at the horizon, so that it is below the value of a lifetime. Costs of acquisition are not in it.

        Args:
            margin: the part of money that is left after the cost of what was sold. With 1 it is sales, not
                value.
            horizon: how many periods, at least 1.
            period: `"week"`, `"month"`, `"quarter"` or `"year"`.
            discount: rate a year, 0.1 for 10 %.
            confidence: of the interval, which is Student's with the customer as the unit: the sum of
                independent influences (xᵢ − its expectation at its age) of the customers.

        Returns:
            The estimate in money; `n` is the customers acquired in complete periods, `missing` those of the
            running one. Null (`horizon_unseen`) where no cohort is `horizon` periods old.

        References:
            Gupta, Hanssens, Hardie et al. (2006). Modeling customer lifetime value. Journal of Service Research
            9(2), 139–155. Berger & Nasr (1998). Customer lifetime value: marketing models and applications.
            Journal of Interactive Marketing 12(1), 17–30.

        >>> log = pd.DataFrame({"id": [1, 2, 1, 3], "on": pd.to_datetime(
        ...     ["2024-01-01", "2024-01-31", "2024-02-05", "2024-02-06"]).date, "amt": [10, 20, 60, 30]})
        >>> tx = Transactions(log, customer="id", time="on", amount="amt", as_of="2024-02-29")
        >>> tx.clv(horizon=2).estimate  # (10 + 20 + 30) / 3 + 60 / 2
        50.0
        """
        if horizon < 1:
            raise KpiError("option", option="horizon", found=horizon, allowed="1–")
        if not discount > -1:
            raise KpiError("option", option="discount", found=discount, allowed="> −1")
        return cohorts.lifetime_value(
            self._ledger, period, horizon=horizon, margin=margin, discount=discount, scale=self._scale,
            confidence=confidence, currency=self.currency,
        )  # fmt: skip

    def report(
        self, period: Unit = "month", *, bins: int = 5, top: float = 0.2, margin: float = 1.0, horizon: int = 12,
        discount: float = 0.0, confidence: float = 0.95,
    ) -> TransactionReport:  # fmt: skip
        """All metrics of this class from one reading of the log; the arguments are those of the metrics."""
        visits = self._ledger.visits()
        clv = self.clv(
            margin=margin, horizon=horizon, period=period, discount=discount, confidence=confidence
        )
        retention = self.retention(period, confidence=confidence)
        return TransactionReport(
            as_of=self.as_of,
            customers=len(visits.ids),
            purchases=int(visits.purchases.sum()),
            money=float(visits.money.sum()) / self._scale,
            left_out=self.left_out,
            repeat_purchase_rate=self.repeat_purchase_rate(confidence=confidence),
            retention_rate=_last_rate(retention, confidence),
            clv=clv,
            pareto=self.pareto(top),
            deciles=self.deciles(),
            cohorts=self.cohorts(period),
            retention=retention,
            summary=self.summary(),
            rfm=self.rfm(bins),
        )

    @cached_property
    def _ordered_money(self) -> NDArray[np.int64]:
        """The customers' money, ascending."""
        return np.sort(self._ledger.totals().money)

    def _main(self, money: NDArray[np.int64]) -> NDArray[Any]:
        """Minor units as money of the main unit."""
        return money if self._scale == 1 else money / self._scale


def _proportion(metric: str, successes: int, n: int, missing: int, confidence: float) -> Estimate:
    if n == 0:
        return _null(metric, "%", "no_customers", missing=missing)
    low, high = intervals.wilson(successes, n, confidence)
    return Estimate(
        metric,
        100 * successes / n,
        100 * float(low),
        100 * float(high),
        n,
        missing,
        "%",
        "wilson",
        confidence,
    )


def _last_rate(retention: pd.DataFrame, confidence: float) -> Estimate:
    if retention.empty:
        return _null("retention_rate", "%", "no_two_periods")
    customers, retained = (int(retention[name].iloc[-1]) for name in ("customers", "retained"))
    return _proportion("retention_rate", retained, customers, 0, confidence)


def _null(metric: str, unit: str, reason: str, *, n: int = 0, missing: int = 0) -> Estimate:
    return Estimate(metric, None, None, None, n, missing, unit, "none", reason=reason)
