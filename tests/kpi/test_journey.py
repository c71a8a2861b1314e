"""The funnel against following each visitor by hand."""

from statistics import median_low
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxassess import kpi
from cxassess.kpi.intervals import wilson
from tests.kpi.conftest import Native

STAGES = ["see", "cart", "buy"]
EVENTS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(STAGES), st.integers(0, 30)), min_size=1, max_size=50
)
BEGIN = pd.Timestamp("2024-04-01")


def clicks(events: list[tuple[int, str, int]]) -> pd.DataFrame:
    return pd.DataFrame({
        "visitor": [v for v, _, _ in events], "stage": [s for _, s, _ in events],
        "time": [BEGIN + pd.Timedelta(hours=h) for _, _, h in events],
    })  # fmt: skip


def followed(events: list[tuple[int, str, int]], within: float) -> dict[int, list[int]]:
    """When each visitor reached the stages, by going through the visitor's events."""
    reached: dict[int, list[int]] = {}
    for visitor in {v for v, _, _ in events}:
        own = sorted((h, STAGES.index(s)) for v, s, h in events if v == visitor)
        times: list[int] = []
        for stage in range(len(STAGES)):
            later = [h for h, s in own if s == stage and (not times or times[-1] <= h <= times[0] + within)]
            if not later:
                break
            times.append(min(later))
        reached[visitor] = times
    return reached


@settings(max_examples=50)
@given(EVENTS, st.one_of(st.none(), st.integers(0, 30)))
def test_stages_are_reached_in_order(events: list[tuple[int, str, int]], within: int | None) -> None:
    found = kpi.funnel(clicks(events), STAGES, within=within)
    times = followed(events, np.inf if within is None else within).values()
    counts = [sum(len(t) > stage for t in times) for stage in range(3)]
    table = found.table
    assert table["stage"].tolist() == STAGES
    assert table["visitors"].tolist() == counts
    for stage in range(3):
        row = table.iloc[stage]
        took = [t[stage + 1] - t[stage] for t in times if len(t) > stage + 1]
        assert row["median_to_next"] == pytest.approx(median_low(took) if took else np.nan, nan_ok=True)
        if counts[0]:
            assert row["overall"] == pytest.approx(100 * counts[stage] / counts[0])
        if stage and counts[stage - 1]:
            assert row["conversion"] == pytest.approx(100 * counts[stage] / counts[stage - 1])
            low, high = wilson(counts[stage], counts[stage - 1])
            assert (row["low"], row["high"]) == pytest.approx((100 * low, 100 * high))
        else:
            assert np.isnan(row["conversion"])


@settings(max_examples=20)
@given(EVENTS)
def test_the_order_of_the_rows_does_not_matter(events: list[tuple[int, str, int]]) -> None:
    one, other = kpi.funnel(clicks(events), STAGES), kpi.funnel(clicks(events[::-1]), STAGES)
    pd.testing.assert_frame_equal(one.table, other.table)


def test_a_stage_that_nobody_reached_is_zero_and_the_next_has_no_rate() -> None:
    table = kpi.funnel(clicks([(1, "see", 0), (2, "buy", 0)]), STAGES).table
    assert table["visitors"].tolist() == [1, 0, 0]
    assert table["conversion"].isna().tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("stages", "key"),
    [(["see", "cart"], "stage_unknown"), ([], "columns_none"), (["see", "cart", "see"], "stage_twice")],
)
def test_stages_that_do_not_fit_are_refused(stages: list[str], key: str) -> None:
    with pytest.raises(kpi.KpiError) as caught:
        kpi.funnel(clicks([(1, "see", 0), (1, "buy", 2)]), stages)
    assert caught.value.key == key
    assert str(caught.value)


def test_every_engine_follows_the_same_visitors(native: Native) -> None:
    random = np.random.default_rng(3)
    events: Any = [(v, STAGES[s], h) for v, s, h in random.integers(0, (20, 3, 40), (150, 3))]
    frame = clicks(events).astype({"visitor": float})
    frame["device"] = np.where(
        frame["visitor"] % 3 == 0, None, np.where(frame["visitor"] % 2, "phone", "desk")
    )
    frame.loc[::13, "visitor"] = np.nan
    frame.loc[::19, "time"] = pd.NaT
    for options in ({}, {"by": "device"}, {"within": 10}):
        wanted = kpi.funnel(frame, STAGES, tz="America/New_York", **options)
        found = kpi.funnel(native(frame), STAGES, tz="America/New_York", **options)
        pd.testing.assert_frame_equal(found.table, wanted.table)
        assert (found.n, found.missing) == (wanted.n, wanted.missing)
