"""Transactions: against an independent brute force, against the literature, and the same on every engine."""

import dataclasses
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import lifetimes
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifetimes.utils import summary_data_from_transaction_data
from pandas.testing import assert_frame_equal, assert_index_equal

from cxassess.kpi import KpiError, Transactions, engines, rfm
from cxassess.kpi.columns import order_of
from cxassess.kpi.ledger import LeftOut, period_of, start_of
from cxassess.kpi.ledger_engine import EngineLedger
from cxassess.kpi.transaction_report import Pareto
from cxassess.language import interface_texts, language

UNITS = ("day", "week", "month", "quarter", "year")
SLOW = {"dask", "pyspark"}
ZONES = ("UTC", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo")


# A reference that shares nothing with the package: dictionaries, datetimes and fractions.


class Reference:
    """The same metrics the slow way."""

    def __init__(self, rows, *, zone, as_of, decimals=0, on_negative="net"):
        self.left = Counter()
        days = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        kept = []
        for customer, moment, amount in rows:
            missing = [customer is None, moment is None, amount is None or np.isnan(amount)]
            if any(missing):
                self.left[("missing_customer", "missing_time", "missing_amount")[missing.index(True)]] += 1
                continue
            day = moment.astimezone(ZoneInfo(zone)).date() if isinstance(moment, datetime) else moment
            kept.append((customer, day, int(np.floor(amount * 10**decimals + 0.5))))
        self.as_of = as_of or max((day for _, day, _ in kept), default=None)
        self.rows = 0
        for customer, day, money in kept:
            if day > self.as_of:
                self.left["after_as_of"] += 1
            elif money < 0 and on_negative == "drop":
                self.left["negative"] += 1
            else:
                self.rows += 1
                days[customer][day][0] += money
                days[customer][day][1] += money >= 0
        self.days = {c: dict(sorted(d.items())) for c, d in days.items() if any(n for _, n in d.values())}
        self.bought = {c: [day for day, (_, n) in d.items() if n] for c, d in self.days.items()}
        self.money = {c: sum(m for m, _ in d.values()) for c, d in self.days.items()}
        self.purchases = {c: sum(n for _, n in d.values()) for c, d in self.days.items()}
        self.scale = 10**decimals

    def summary(self):
        out = {}
        for c, days in self.bought.items():
            x = len(days) - 1
            after = self.money[c] - self.days[c][days[0]][0]
            mean = Fraction(after, x * self.scale) if x else None
            out[c] = (x, (days[-1] - days[0]).days, (self.as_of - days[0]).days, mean)
        return out

    def rfm(self, bins):
        def scores(values):
            n = len(values)
            return {c: 1 + bins * sum(v < mine for v in values.values()) // n for c, mine in values.items()}

        last = {c: days[-1] for c, days in self.bought.items()}
        r, f, m = scores(last), scores(self.purchases), scores(self.money)
        return {
            c: ((self.as_of - last[c]).days, self.purchases[c], self.money[c], r[c], f[c], m[c]) for c in last
        }

    def deciles(self):
        n, groups = len(self.money), defaultdict(list)
        for c, mine in self.money.items():
            groups[1 + 10 * sum(other > mine for other in self.money.values()) // n].append(c)
        return {d: (len(groups[d]), sum(self.money[c] for c in groups[d])) for d in range(1, 11)}

    def gini(self):
        values = list(self.money.values())
        return Fraction(sum(abs(a - b) for a in values for b in values), 2 * len(values) * sum(values))

    def best(self, top):
        """The money share of the best customers, a customer being divisible."""
        values, left, got = sorted(self.money.values(), reverse=True), top * len(self.money), Fraction(0)
        for value in values:
            part = min(left, Fraction(1))
            got, left = got + part * value, left - part
        return got / sum(values)

    def period(self, day, unit):
        match unit:
            case "day":
                return day
            case "week":
                return day - timedelta(days=day.weekday())
            case "month":
                return day.replace(day=1)
            case "quarter":
                return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        return day.replace(month=1, day=1)

    def periods(self, first, unit):
        """All complete periods from that of a day on."""
        found, day = [], first
        while True:
            start = self.period(day, unit)
            after = start
            while self.period(after, unit) == start:
                after += timedelta(days=1)
            if after - timedelta(days=1) > self.as_of:
                return found
            found.append(start)
            day = after

    def active(self, unit):
        return {c: {self.period(day, unit) for day in days} for c, days in self.bought.items()}

    def cohorts(self, unit):
        """Customers and money by cohort and age, complete periods only."""
        active = self.active(unit)
        cells = {}
        for cohort in sorted({min(p) for p in active.values()}):
            members = [c for c, p in active.items() if min(p) == cohort]
            for age, period in enumerate(self.periods(cohort, unit)):
                money = sum(
                    m
                    for c in members
                    for day, (m, _) in self.days[c].items()
                    if self.period(day, unit) == period
                )
                cells[cohort, age] = (sum(period in active[c] for c in members), money)
        return cells

    def retention(self, unit):
        active = self.active(unit)
        out = {}
        periods = self.periods(min(map(min, self.bought.values())), unit)
        for period, after in pairwise(periods):
            now = [c for c in active if period in active[c]]
            out[period] = (len(now), sum(after in active[c] for c in now))
        return out

    def clv(self, unit, horizon):
        """Undiscounted, or None where no cohort is that old."""
        cells = self.cohorts(unit)
        value = Fraction(0)
        for age in range(horizon):
            lived = [cohort for cohort, k in cells if k == age]
            n = sum(cells[cohort, 0][0] for cohort in lived)
            if not n:
                return None
            value += Fraction(sum(cells[cohort, age][1] for cohort in lived), n * self.scale)
        return value


def plain(frame):
    """A pandas frame as a dictionary of tuples, null as None."""
    return {
        key.date() if isinstance(key, pd.Timestamp) else key: tuple(None if pd.isna(v) else v for v in values)
        for key, values in zip(frame.index, frame.itertuples(index=False, name=None), strict=True)
    }


# Random logs around midnights, month ends and changes of the clock.

ANCHORS = [
    datetime(2023, 12, 31, 15, tzinfo=UTC), datetime(2024, 3, 10, 5, tzinfo=UTC), datetime(2024, 3, 10, 7, tzinfo=UTC),
    datetime(2024, 11, 3, 6, tzinfo=UTC), datetime(2024, 2, 29, 0, tzinfo=UTC), datetime(1969, 12, 31, 23, tzinfo=UTC),
    datetime(2018, 11, 4, 3, tzinfo=UTC), datetime(2024, 4, 6, 15, tzinfo=UTC),
]  # fmt: skip
moments = st.builds(
    lambda anchor, minutes, days: anchor + timedelta(minutes=minutes, days=days),
    st.sampled_from(ANCHORS[:4] + ANCHORS[6:]), st.integers(-90, 90), st.sampled_from([0, 0, 1, 30, 400]),
)  # fmt: skip
amounts = st.one_of(st.integers(0, 5), st.integers(-300, 1000)).map(lambda quarters: quarters / 4)


def logs(customers, *, missing=True):
    gap = [st.none()] if missing else []
    row = st.tuples(st.one_of(customers, *gap), st.one_of(moments, *gap), st.one_of(amounts, *gap))
    return st.lists(row, min_size=1, max_size=30)


def frame_of(rows):
    customer, moment, amount = zip(*rows, strict=True)
    return pd.DataFrame({
        "who": pd.Series(customer, dtype=object),
        "at": pd.Series(pd.to_datetime(list(moment), utc=True)).astype("datetime64[ns, UTC]"),
        "paid": pd.Series(amount, dtype=float),
    })  # fmt: skip


def transactions(frame, **options):
    return Transactions(frame, customer="who", time="at", amount="paid", **{"tz": "UTC"} | options)


@settings(max_examples=60, deadline=None)
@given(
    rows=logs(st.sampled_from(["a", "b", "c", "d", "é"])), zone=st.sampled_from(ZONES),
    decimals=st.integers(0, 2), on_negative=st.sampled_from(["net", "drop"]),
    as_of=st.sampled_from([None, date(2024, 3, 9), date(2024, 11, 3), date(2025, 12, 31)]),
)  # fmt: skip
def test_everything_is_what_a_brute_force_finds(rows, zone, decimals, on_negative, as_of):
    slow = Reference(rows, zone=zone, as_of=as_of, decimals=decimals, on_negative=on_negative)
    options = {"tz": zone, "as_of": as_of, "minor_units": decimals, "on_negative": on_negative}

    def fresh():
        return transactions(frame_of(rows), **options)

    if not slow.days:  # nothing, or nothing but refunds
        with pytest.raises(KpiError):
            fresh().summary()
        return
    tx = fresh()
    assert tx.left_out == LeftOut(**slow.left)
    assert tx.as_of == slow.as_of
    expected = {c: (*row[:3], row[3] and pytest.approx(float(row[3]))) for c, row in slow.summary().items()}
    assert plain(tx.summary()) == expected
    assert list(tx.summary().index) == sorted(expected)

    for one in (tx, fresh()):  # with the days sorted already, and without
        scored = {c: (*row[:2], row[2] / slow.scale, *row[3:]) for c, row in slow.rfm(3).items()}
        assert plain(one.rfm(3)) == scored
        deciles = plain(one.deciles()[["customers", "money"]])
        assert deciles == {d: (n, money / slow.scale) for d, (n, money) in slow.deciles().items()}
        for unit in ("week", "month", "quarter", "year"):
            check_periods(one, slow, unit)

    total = sum(slow.money.values())
    if total > 0:
        assert tx.pareto(0.3).share.estimate == pytest.approx(float(100 * slow.best(Fraction(3, 10))))
        if min(slow.money.values()) >= 0:
            assert tx.pareto(0.3).gini.estimate == pytest.approx(float(slow.gini()))

    again = sum(len(days) > 1 for days in slow.bought.values())
    assert tx.repeat_purchase_rate().estimate == pytest.approx(100 * again / len(slow.bought))
    seen = [days for days in slow.bought.values() if days[0] + timedelta(days=30) <= slow.as_of]
    soon = sum(len(days) > 1 and (days[1] - days[0]).days <= 30 for days in seen)
    rate = fresh().repeat_purchase_rate(within=30)
    assert (rate.n, rate.missing) == (len(seen), len(slow.bought) - len(seen))
    assert rate.estimate == (pytest.approx(100 * soon / len(seen)) if seen else None)
    late = [[day for day in days if day >= date(2024, 2, 1)] for days in slow.bought.values()]
    late = [days for days in late if days]
    rate = fresh().repeat_purchase_rate(since="2024-02-01")
    assert (rate.n, rate.estimate) == (
        len(late), pytest.approx(100 * sum(len(days) > 1 for days in late) / len(late)) if late else None
    )  # fmt: skip


def check_periods(tx, slow, unit):
    cells = slow.cohorts(unit)
    customers, money, rate = (tx.cohorts(unit, value) for value in ("customers", "money", "rate"))
    for table, part in ((customers, 0), (money, 1)):
        found = {
            (cohort.date(), age): table.loc[cohort, age]
            for cohort in table.index for age in table.columns if not pd.isna(table.loc[cohort, age])
        }  # fmt: skip
        assert found == {cell: pair[part] / (slow.scale if part else 1) for cell, pair in cells.items()}
    assert rate.empty or (rate.mul(customers[0], axis=0) / 100 - customers).abs().max(axis=None) < 1e-9
    retained = tx.retention(unit)
    assert plain(retained[["customers", "retained"]]) == slow.retention(unit)
    for horizon in (1, 3):
        value, expected = tx.clv(period=unit, horizon=horizon), slow.clv(unit, horizon)
        assert value.estimate == (None if expected is None else pytest.approx(float(expected)))


@given(
    st.lists(st.integers(-5, 5) | st.integers(-(10**15), 10**15), min_size=1, max_size=60), st.integers(2, 12)
)
def test_a_score_is_one_plus_bins_times_rank_below_by_n(values, bins):
    found = rfm.score(np.array(values), bins)
    assert found.tolist() == [
        1 + bins * sum(other < mine for other in values) // len(values) for mine in values
    ]


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.sampled_from(UNITS))
def test_a_period_holds_its_days(day, unit):
    number = (day - date(1970, 1, 1)).days
    period = period_of(number, unit)
    assert start_of(period, unit) <= number < start_of(period + 1, unit)
    start = date(1970, 1, 1) + timedelta(days=int(start_of(period, unit)))
    assert start == Reference([], zone="UTC", as_of=day).period(day, unit)


# Truth from outside.


CDNOW = Path(lifetimes.__file__).parent / "datasets"


@cache
def cdnow():
    names = ["_", "who", "at", "discs", "paid"]
    log = pd.read_csv(CDNOW / "CDNOW_sample.txt", header=None, sep=r"\s+", names=names)
    return log.assign(at=pd.to_datetime(log["at"].astype(str)))


def test_cdnow_has_946_repeaters_among_2357_customers():
    rate = transactions(cdnow(), as_of="1997-09-30", minor_units=2).repeat_purchase_rate()
    assert (rate.n, round(rate.estimate * rate.n / 100)) == (2357, 946)


def test_cdnow_summary_is_the_published_one():
    tx = transactions(cdnow(), as_of="1997-09-30", minor_units=2)
    published = pd.read_csv(CDNOW / "cdnow_customers_summary_with_transactions.csv", index_col=0)
    published.columns = ["frequency", "recency", "T", "monetary"]
    found = tx.summary()
    assert_index_equal(found.index, published.index, check_names=False)
    assert (found["frequency"] == published["frequency"]).all()
    assert np.allclose(found["recency"] / 7, published["recency"], atol=0.005)
    assert np.allclose(found["T"] / 7, published["T"], atol=0.005)
    assert np.allclose(found["monetary"].fillna(0), published["monetary"], atol=0.005)


def test_the_summary_is_that_of_lifetimes():
    log = cdnow()
    theirs = summary_data_from_transaction_data(log, "who", "at", "paid", observation_period_end="1998-06-30")
    ours = (
        transactions(log, as_of="1998-06-30", minor_units=2).summary().astype(float).fillna({"monetary": 0.0})
    )
    assert np.allclose(ours.to_numpy(), theirs.to_numpy())


def test_the_interval_of_clv_is_that_of_a_bootstrap_by_customer():
    random = np.random.default_rng(5)
    n = 400
    first, count = random.integers(0, 300, n), 1 + random.poisson(3, n)
    who = np.repeat(np.arange(n), count)
    day = np.minimum(
        first[who] + np.where(np.append(True, who[1:] != who[:-1]), 0, random.integers(0, 365, len(who))), 364
    )
    log = pd.DataFrame(
        {"who": who, "at": np.datetime64("2023-01-01") + day, "paid": random.gamma(2, 50, len(who)).round()}
    )
    value = transactions(log, as_of="2023-12-31").clv(horizon=4, discount=0.1)
    rows = np.split(np.arange(len(who)), np.cumsum(count)[:-1])
    drawn = []
    for _ in range(200):
        sample = [rows[c] for c in random.integers(0, n, n)]
        again = log.iloc[np.concatenate(sample)].assign(
            who=np.repeat(np.arange(n), [len(part) for part in sample])
        )
        drawn.append(transactions(again, as_of="2023-12-31").clv(horizon=4, discount=0.1).estimate)
    assert value.high - value.low == pytest.approx(2 * 1.96 * np.std(drawn), rel=0.2)
    assert value.estimate == pytest.approx(np.mean(drawn), rel=0.02)


# Engines.


def nasty(n, seed, *, refunds, gaps):
    """Ties, refunds, gaps, and most purchases within an hour of some midnight."""
    random = np.random.default_rng(seed)
    anchor = pd.to_datetime([moment.replace(tzinfo=None) for moment in ANCHORS[:4]]).to_numpy()
    at = anchor[random.integers(0, 4, n)] + random.integers(-5400, 5400, n).astype("m8[s]")
    paid = random.integers(-400 if refunds else 0, 2000, n) / 4
    frame = pd.DataFrame({
        "who": np.array([f"c{i:03}" for i in random.integers(0, max(1, n // 4), n)], dtype=object),
        "at": at.astype("datetime64[us]"),
        "paid": np.where(random.random(n) < 0.5, 25.0, paid),
    })  # fmt: skip
    if gaps:
        frame.loc[random.random(n) < 0.1, "who"] = None
        frame.loc[random.random(n) < 0.1, "at"] = pd.NaT
        frame.loc[random.random(n) < 0.1, "paid"] = np.nan
    return frame


FRAMES = {
    "plain": nasty(300, 1, refunds=False, gaps=False),
    "dirty": nasty(300, 2, refunds=True, gaps=True),
    "one customer": nasty(3, 3, refunds=False, gaps=False),
    "one row": nasty(1, 4, refunds=False, gaps=False),
    "numbers as ids": nasty(200, 5, refunds=True, gaps=True).assign(
        who=lambda frame: frame["who"].str[1:].astype(float)
    ),
}


def everything(tx, *, quick=False):
    report = tx.report("month", horizon=2, discount=0.1)
    within = tx.repeat_purchase_rate(within=20)
    if quick:
        return {
            "report": [getattr(report, field.name) for field in dataclasses.fields(report)],
            "within": within,
        }
    return {
        "left_out": tx.left_out,
        "as_of": tx.as_of,
        "estimates": [
            report.repeat_purchase_rate,
            report.retention_rate,
            report.pareto.share,
            report.pareto.gini,
        ],
        "within": within,
        "since": tx.repeat_purchase_rate(since="2024-02-01"),
        "tables": [report.summary, report.rfm, report.deciles, report.cohorts, report.retention],
        "weeks": tx.cohorts("week", "customers"),
        "quarters": tx.cohorts("quarter", "money", partial=True),
        "years": tx.retention("year"),
        "clv": report.clv,
        "lorenz": report.pareto.lorenz,
    }


def assert_same(found, expected):
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name in expected:
            assert_same(found[name], expected[name])
    elif isinstance(expected, list):
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, pd.DataFrame):
        found = found.set_axis(pd.Index(list(found.index), name=found.index.name))  # ids keep their own type
        expected = expected.set_axis(pd.Index(list(expected.index), name=expected.index.name))
        assert_frame_equal(found, expected, check_exact=True, check_index_type=False)
    elif isinstance(expected, Pareto):
        assert_same([found.share, found.gini, found.lorenz], [expected.share, expected.gini, expected.lorenz])
    elif getattr(expected, "metric", "") == "clv":  # its interval adds up floats, in any order
        for name in ("estimate", "low", "high"):
            value = getattr(expected, name)
            assert getattr(found, name) == (None if value is None else pytest.approx(value, rel=1e-12))
        assert (found.n, found.missing, found.reason) == (expected.n, expected.missing, expected.reason)
    else:
        assert found == expected


@pytest.fixture
def quick(request):
    """Whether the engine at hand takes so long that it gets fewer questions."""
    return request.node.callspec.params["native"] in SLOW


@pytest.mark.parametrize("name", FRAMES)
def test_the_answers_are_the_same_on_every_engine(native, quick, name):
    if quick and name != "dirty":
        pytest.skip("slow engines get the worst frame only")
    # Spark takes times without a zone for instants of its session's zone, which is this one.
    frame, options = FRAMES[name], {"minor_units": 2, "as_of": "2024-11-02", "tz": "America/New_York"}
    expected, found = (
        everything(transactions(one, **options), quick=quick) for one in (frame, native(frame))
    )
    assert_same(found, expected)


def test_instants_are_read_in_the_zone_on_every_engine(native, quick):
    frame = nasty(200, 5, refunds=False, gaps=True)
    frame["at"] = frame["at"].dt.tz_localize("UTC")
    options = {"minor_units": 1, "tz": "America/New_York"}
    expected, found = (
        everything(transactions(one, **options), quick=quick) for one in (frame, native(frame))
    )
    assert_same(found, expected)


def test_whole_amounts_and_dates_are_the_same_on_every_engine(native, quick, request):
    frame = nasty(200, 6, refunds=True, gaps=False)
    frame = frame.assign(paid=frame["paid"].astype("int64"), at=frame["at"].dt.date)
    if request.node.callspec.params["native"] == "dask":  # which makes text of date objects
        frame = frame.assign(at=frame["at"].astype(pd.ArrowDtype(pa.date32())))
    options = {"tz": None, "on_negative": "drop"}
    expected, found = (
        everything(transactions(one, **options), quick=quick) for one in (frame, native(frame))
    )
    assert_same(found, expected)


def test_a_frame_on_an_engine_is_never_pulled_into_memory_whole(native, quick, monkeypatch):
    frame = nasty(3000, 7, refunds=True, gaps=True)
    frame["who"] = frame["who"].str[:3]
    tx = transactions(native(frame), minor_units=2)
    if not isinstance(tx._ledger, EngineLedger):
        pytest.skip("lies in memory already")
    lengths = []

    def watch(owner, name):
        take = getattr(owner, name)

        def watched(*args, **kwargs):
            table = take(*args, **kwargs)
            lengths.append(len(table))
            return table

        monkeypatch.setattr(owner, name, watched)

    watch(engines, "to_pandas")
    watch(nw.LazyFrame, "collect")
    watch(pl.LazyFrame, "collect")
    everything(tx, quick=quick)
    assert len(lengths) > 4
    assert max(lengths) <= frame["who"].nunique()


# The forms that pandas columns take.


def test_ids_times_and_amounts_may_take_any_form():
    base = nasty(400, 8, refunds=True, gaps=False)
    whole = base.assign(paid=(base["paid"] * 4).astype("int64"), who=base["who"].str[1:].astype("int64"))
    expected = everything(transactions(whole))
    forms = {
        "time in s": whole.assign(at=whole["at"].astype("datetime64[s]")),
        "time in ns": whole.assign(at=whole["at"].astype("datetime64[ns]")),
        "arrow times": whole.assign(at=whole["at"].astype(pd.ArrowDtype(pa.timestamp("us")))),
        "arrow instants": whole.assign(at=whole["at"].astype(pd.ArrowDtype(pa.timestamp("us", tz="UTC")))),
        "datetimes": whole.assign(
            at=pd.Series([moment.to_pydatetime() for moment in whole["at"]], dtype=object)
        ),
        "nullable amounts": whole.assign(paid=whole["paid"].astype("Int64")),
        "small amounts": whole.assign(paid=whole["paid"].astype("int32")),
        "arrow amounts": whole.assign(paid=whole["paid"].astype(pd.ArrowDtype(pa.int64()))),
        "decimals": whole.assign(paid=whole["paid"].astype(str).astype(pd.ArrowDtype(pa.decimal128(12, 2)))),
        "nullable ids": whole.assign(who=whole["who"].astype("Int64")),
        "unsigned ids": whole.assign(who=whole["who"].astype("uint64")),
        "another index": whole.set_index(whole.index[::-1]),
        "every other row of two": pd.concat([whole, whole]).sort_index(kind="stable").iloc[::2],
    }
    for name, form in forms.items():
        found = everything(transactions(form))
        for table in found["tables"][:2]:
            table.index = table.index.astype("int64")
        assert_same((name, found)[1], expected)


@pytest.mark.parametrize(
    "rename",
    [
        lambda i: f"customer {i}",
        lambda i: "".join(["customer ", str(i)]),
        lambda i: i * 10**12 - 5 * 10**13,
        lambda i: -i,
        float,
        lambda i: i if i % 2 else str(i),
        lambda i: (i, "tuple"),
    ],
)
def test_what_ids_are_changes_nothing_but_the_index(rename):
    base = nasty(400, 9, refunds=True, gaps=True)
    numbers = base["who"].map(lambda name: None if name is None else int(name[1:]))
    named = base.assign(who=[None if pd.isna(i) else rename(int(i)) for i in numbers])
    expected = transactions(base).rfm()
    found = transactions(named).rfm()
    expected.index = [rename(int(name[1:])) for name in expected.index]
    assert len(found) == len(expected)
    assert plain(found) == plain(expected)
    kinds = {type(i) for i in found.index}
    if len(kinds) == 1 and kinds != {tuple}:
        assert list(found.index) == sorted(found.index)


@given(
    st.lists(
        st.text("AZaz09é\0") | st.text("AB").map("customer-".__add__) | st.text(), max_size=20, unique=True
    )
)
def test_ids_are_sorted_as_text(names):
    ids = pd.Index(names, dtype=object)
    assert [names[i].rstrip("\0") for i in order_of(ids)] == sorted(name.rstrip("\0") for name in names)


def test_string_and_category_columns_serve_as_ids():
    base = nasty(400, 10, refunds=False, gaps=True)
    expected = plain(transactions(base).summary())
    for kind in ("string", "category", pd.ArrowDtype(pa.string()), pd.StringDtype("pyarrow")):
        assert plain(transactions(base.assign(who=base["who"].astype(kind))).summary()) == expected


def test_the_frame_is_not_changed():
    frame = nasty(100, 11, refunds=True, gaps=True)
    before = frame.copy(deep=True)
    everything(transactions(frame, on_negative="drop"))
    assert_frame_equal(frame, before)


@pytest.mark.parametrize("zone", ZONES)
def test_days_begin_at_local_midnight(zone):
    hours = pd.date_range("2018-01-01", "2025-01-01", freq="17min", tz="UTC")
    log = pd.DataFrame({"who": 1, "at": hours, "paid": 1})
    days = {moment.astimezone(ZoneInfo(zone)).date() for moment in hours.to_pydatetime()}
    assert transactions(log, tz=zone).summary()["frequency"].item() == len(days) - 1
    last = transactions(log, tz=zone).as_of
    assert last == max(days)


def test_times_without_a_zone_are_local_and_not_shifted():
    log = pd.DataFrame(
        {"who": [1, 1], "at": pd.to_datetime(["2024-01-01 23:59", "2024-01-02 00:00"]), "paid": 1}
    )
    for zone in ZONES:
        assert transactions(log, tz=zone).summary()["frequency"].item() == 1


def test_cents_are_added_up_exactly():
    log = pd.DataFrame({"who": [1] * 10 + [2], "at": pd.Timestamp("2024-01-01"), "paid": [0.1] * 10 + [1.0]})
    assert transactions(log, minor_units=2).rfm(2)["m"].tolist() == [1, 1]  # a float sum is below 1.0


def test_a_purchase_of_nothing_is_a_purchase_and_a_refund_is_none():
    log = pd.DataFrame({
        "who": [1, 1, 1, 2], "paid": [100, 0, -30, -5],
        "at": pd.to_datetime(["2024-01-01", "2024-01-03", "2024-01-09", "2024-01-01"]),
    })  # fmt: skip
    summary = transactions(log).summary()
    assert plain(summary) == {1: (1, 2, 8, -30.0)}
    assert transactions(log).rfm()["recency"].item() == 6
    assert plain(transactions(log, on_negative="drop").summary()) == {1: (1, 2, 8, 0.0)}


def test_a_stray_date_costs_neither_time_nor_memory():
    frame = nasty(50, 12, refunds=True, gaps=False).astype({"at": "datetime64[s]"})
    frame.loc[0, "at"] = pd.Timestamp("1900-01-01")
    tx = transactions(frame, minor_units=2)
    assert tx.cohorts("week").index[0] == pd.Timestamp("1900-01-01")
    assert tx.summary()["T"].max() > 45_000


def test_the_last_period_counts_only_when_it_is_complete():
    log = pd.DataFrame(
        {"who": [1, 1, 2], "paid": 1, "at": pd.to_datetime(["2024-01-05", "2024-02-03", "2024-02-04"])}
    )
    assert transactions(log, as_of="2024-02-28").cohorts("month", "customers").to_numpy().tolist() == [[1]]
    shown = transactions(log, as_of="2024-02-28").cohorts("month", "customers", partial=True)
    assert shown.to_numpy().tolist() == [[1, 1], [1, pd.NA]]
    assert transactions(log, as_of="2024-02-29").cohorts("month", "customers").shape == (2, 2)
    assert transactions(log, as_of="2024-02-28").retention_rate().reason == "no_two_periods"
    assert transactions(log, as_of="2024-02-29").retention_rate().estimate == 100


# Errors.

GOOD = {"customer": "who", "time": "at", "amount": "paid", "tz": "UTC"}


def log(**columns):
    return pd.DataFrame({"who": ["a"], "at": pd.to_datetime(["2024-01-01"]), "paid": [5]} | columns)


@pytest.mark.parametrize("place", ["pandas", "polars", "duckdb"])
@pytest.mark.parametrize(
    ("frame", "options", "key", "named"),
    [
        (log(), {"customer": "id"}, "column_missing", "“id”"),
        (log(), {"time": "ts"}, "column_missing", "who, at, paid"),
        (log(), {"amount": "amt"}, "column_missing", "“amt”"),
        (log(at=["yesterday"]), {}, "not_times_text", "yesterday"),
        (log(at=[20240101]), {}, "not_times", "20240101"),
        (log(paid=["5 yen"]), {}, "not_numbers_text", "5 yen"),
        (log(paid=[True]), {}, "not_numbers", "True"),
        (log(), {"tz": None}, "zone_needed", "“at”"),
        (log(), {"tz": "Mars/Base"}, "zone_unknown", "Mars/Base"),
        (log(), {"on_negative": "maybe"}, "option", "maybe"),
        (log(), {"minor_units": -1}, "option", "minor_units"),
        (log(), {"as_of": "soon"}, "option", "soon"),
        (log(paid=[-5]), {"on_negative": "error"}, "negative", "1 row"),
        (log(paid=[-5]), {"on_negative": "drop"}, "none_left", "negative 1"),
        (log(who=[None]), {}, "none_left", "without a customer 1"),
        (log(), {"as_of": "2023-12-31"}, "none_left", "after as_of 1"),
        (log().head(0), {}, "none_left", "without a time 0"),
        (log(paid=[float("inf")]), {}, "too_large", "inf"),
        (log(paid=[1e18]), {"minor_units": 2}, "too_large", "1e+18"),
        (log(paid=[10**17]), {"minor_units": 2}, "too_large", "1e+17"),
        (log(paid=[2**53]), {}, "too_large", "9.01e+15"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(place, frame, options, key, named, duckdb_connection):
    if place == "polars":
        frame = pl.from_pandas(frame)
    elif place == "duckdb":
        frame = duckdb_connection.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))
    with pytest.raises(KpiError) as caught:
        Transactions(frame, **GOOD | options).report()
    assert caught.value.key == key
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)
    with language("ja"):
        assert str(caught.value).endswith("。")


def test_a_dropped_refund_still_shows_how_far_the_log_goes():
    import polars as pl

    rows = {"id": [1, 1], "on": [date(2024, 1, 5), date(2024, 3, 10)], "amt": [5.0, -2.0]}
    for frame in (pd.DataFrame(rows), pl.DataFrame(rows)):
        tx = Transactions(frame, customer="id", time="on", amount="amt", on_negative="drop")
        assert (tx.as_of, tx.left_out.negative) == (date(2024, 3, 10), 1)
        assert tx.summary()["T"].tolist() == [65]


def test_a_column_that_is_there_twice_is_refused():
    with pytest.raises(KpiError) as caught:
        Transactions(pd.concat([log(), log()[["paid"]]], axis=1), **GOOD)
    assert caught.value.key == "column_duplicate"


def test_no_frame_is_refused():
    with pytest.raises(KpiError, match="list"):
        Transactions([1, 2], **GOOD)


@pytest.mark.parametrize(
    "ask",
    [
        lambda tx: tx.rfm(bins=1), lambda tx: tx.pareto(0), lambda tx: tx.pareto(1.5), lambda tx: tx.cohorts("decade"),
        lambda tx: tx.cohorts("month", "visits"), lambda tx: tx.retention("hour"), lambda tx: tx.clv(horizon=0),
        lambda tx: tx.clv(discount=-1), lambda tx: tx.repeat_purchase_rate(0),
        lambda tx: tx.repeat_purchase_rate(3, since="2024-01-01"), lambda tx: tx.repeat_purchase_rate(since="then"),
    ],
)  # fmt: skip
def test_an_option_that_is_none_is_refused(ask):
    with pytest.raises(KpiError) as caught:
        ask(Transactions(log(), **GOOD))
    assert caught.value.key == "option"


def test_results_show_themselves_in_both_languages():
    tx = transactions(FRAMES["dirty"], minor_units=2, currency="EUR<b>")
    for code, heading in (("en", "Transactions up to"), ("ja", "までの取引")):
        with language(code):
            report = tx.report()
            assert heading in repr(report)
            assert "EUR&lt;b&gt;" in report._repr_html_()
            assert str(report.customers) in repr(report)


def test_every_sentence_is_there_in_both_languages():
    english, japanese = (interface_texts("kpi_transactions", code) for code in ("en", "ja"))
    assert english.keys() == japanese.keys()
    for key in english:
        assert english[key] != japanese[key]
        assert set(fields(english[key])) == set(fields(japanese[key]))


def fields(sentence):
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(sentence) if name]
