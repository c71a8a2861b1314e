"""Counting rows by whole numbers against counting them one by one."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxassess.kpi import counting

LABELS = ["a", "b", "ü", "a" * 40]
COLUMNS = {
    "label": st.lists(st.sampled_from([*LABELS, None]), min_size=30, max_size=30),
    "known": st.lists(st.sampled_from(LABELS), min_size=30, max_size=30),
    "small": st.lists(st.integers(-3, 9), min_size=30, max_size=30),
    "far": st.lists(st.sampled_from([2**60, 2**60 + 1, -5]), min_size=30, max_size=30),
    "rating": st.lists(st.sampled_from([1.0, 5.0, np.nan]), min_size=30, max_size=30),
    "half": st.lists(st.sampled_from([0.5, 1.0, np.nan, 1e300]), min_size=30, max_size=30),
    "flag": st.lists(st.booleans(), min_size=30, max_size=30),
}


def plain(value: Any) -> Any:
    return None if pd.isna(value) else value


@settings(max_examples=60)
@given(st.data(), st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=4, unique=True))
@pytest.mark.parametrize("most_cells", [1 << 22, 8])
def test_rows_are_counted_as_one_by_one(most_cells: int, data: st.DataObject, names: list[str]) -> None:
    table = pd.DataFrame({name: data.draw(COLUMNS[name], label=name) for name in names})
    if "known" in table:
        table["known"] = table["known"].astype("category")
    expected = Counter(tuple(map(plain, row)) for row in table.astype(object).to_numpy().tolist())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_MOST_CELLS", most_cells)
        patch.setattr(counting, "_BLOCK", 7)
        found = counting.count_rows(table, names, "rows")
    rows = found[names].astype(object).to_numpy().tolist()
    assert dict(zip([tuple(map(plain, row)) for row in rows], found["rows"], strict=True)) == expected


@pytest.mark.parametrize(
    "values",
    [
        np.array([-128, 127, 0, 127], dtype=np.int8),
        np.array([255, 0, 255], dtype=np.uint8),
        np.array([-(2**63), 2**63 - 1, 5, 5]),
        np.array([-5, 2**63 - 1, -5]),
        np.array([2**64 - 1, 0, 0], dtype=np.uint64),
        np.array([np.inf, -np.inf, np.inf, np.nan]),
        np.array([np.inf, np.inf]),
        np.array([np.nan, np.nan]),
        np.array([2.0**24, 2.0**24 + 2, 1.0], dtype=np.float32),
        np.array([], dtype=np.int64),
    ],
    ids=str,
)
def test_numbers_at_the_ends_of_their_type_are_counted(values: Any) -> None:
    found = counting.count_rows(pd.DataFrame({"value": values}), ["value"], "rows")
    expected = Counter(plain(value) for value in values.tolist())
    assert {
        plain(v): rows for v, rows in zip(found["value"].tolist(), found["rows"], strict=True)
    } == expected


def test_too_many_combinations_for_one_number_are_counted_all_the_same() -> None:
    table = pd.DataFrame({name: np.arange(3000) ** 3 for name in "abcdef"})
    found = counting.count_rows(pd.concat([table, table]), list(table), "rows")
    assert len(found) == 3000
    assert set(found["rows"]) == {2}
