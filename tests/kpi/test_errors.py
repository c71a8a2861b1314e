"""What goes wrong, and the one sentence that says so."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from cxassess import kpi, set_language

GOOD = pd.DataFrame(
    {
        "score": [5.0, 4.0, None],
        "text": ["good", "bad", None],
        "flag": [True, False, None],
        "n": ["a", "b", "c"],
        "id": [1, 2, 3],
        "at": pd.to_datetime(["2024-01-01", "2024-02-01", None]),
        "instant": pd.to_datetime(["2024-01-01", "2024-02-01", None], utc=True),
        "ninety_nine": [5, 99, 99],
        "half": [5.5, 4.0, 3.0],
        "minus": [1, -2, 3],
    }
)

BAD: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: kpi.nps([1, 2, 3]),
        "Expected a data frame, found list: pass a pandas, Polars, DuckDB, PySpark or Dask frame.",
    ),
    (
        lambda: kpi.nps(GOOD[["id", "text"]]),
        "There is no column “score”; the frame has: id, text. Pass the right column name.",
    ),
    (
        lambda: kpi.nps(GOOD, by="shop"),
        "There is no column “shop”; the frame has: score, text, flag, n, id, at, instant, ninety_nine, half, minus. "
        "Pass the right column name.",
    ),
    (
        lambda: kpi.nps(GOOD, "text"),
        "The column “text” must hold numbers, but the text “good” was found: convert it to numbers and leave unreadable "
        "values empty.",
    ),
    (
        lambda: kpi.nps(GOOD, "flag"),
        "The column “flag” must hold numbers, but “True” was found: convert it to numbers and leave unreadable "
        "values empty.",
    ),
    (
        lambda: kpi.csat(GOOD, "ninety_nine"),
        "The column “ninety_nine” has 99 in 2 row(s), off its scale 1 to 5: empty codes such as 99, or give the "
        "scale that was used.",
    ),
    (
        lambda: kpi.nps(GOOD, "half"),
        "The column “half” has 5.5 in 1 row(s), not a whole number from 0 to 10: pass the answers as given, not "
        "averages or codes such as 99.",
    ),
    (lambda: kpi.nps(GOOD.iloc[:0]), "The frame has no rows: check the file or the filter it came from."),
    (
        lambda: kpi.nps(GOOD, by="n"),
        "The group column “n” has the name of a result column: rename it.",
    ),
    (
        lambda: kpi.nps(GOOD, by="score"),
        "The column “score” is asked for twice, as a group and as a value: give the copy to group by another name.",
    ),
    (
        lambda: kpi.nps(GOOD, by=kpi.month("text")),
        "The column “text” must hold dates or times, but the text “good” was found: convert it to dates, for example with "
        "pandas.to_datetime.",
    ),
    (
        lambda: kpi.nps(GOOD, by=kpi.month("instant")),
        'The times in “instant” carry a zone (UTC): say in which zone a day begins, for example tz="Asia/Tokyo".',
    ),
    (
        lambda: kpi.nps(GOOD, by=kpi.month("at", tz="Tokyo")),
        'There is no time zone “Tokyo”: give an IANA name such as "Asia/Tokyo" or "Europe/Paris".',
    ),
    (
        lambda: kpi.conversion_rate(GOOD, "text"),
        "The column “text” must hold true and false (or 1 and 0), but “good” was found: make it a yes-or-no column.",
    ),
    (
        lambda: kpi.conversion_rate(GOOD, "id"),
        "The column “id” must hold true and false (or 1 and 0), but “2” was found: make it a yes-or-no column.",
    ),
    (
        lambda: kpi.csat(GOOD, method="median"),  # type: ignore[arg-type]
        "method cannot be “median”: choose one of top_box, mean.",
    ),
    (
        lambda: kpi.csat(GOOD, top=5),
        "top=5 does not fit the scale 1 to 5: at least one step must count as satisfied and one must not.",
    ),
    (lambda: kpi.employee_engagement_score(GOOD, []), "items names no column: give at least one."),
    (
        lambda: kpi.customer_acquisition_cost(GOOD, "score", "minus", unit="JPY"),
        "The column “minus” must not be negative, but -2 was found: correct the row or leave it out.",
    ),
    (
        lambda: kpi.market_share(GOOD, "we", sales="score", brand="text"),
        "No row has “we” in the column “text”: check how it is written there.",
    ),
    (
        lambda: kpi.data_quality_score(GOOD),
        "No rule is given: name at least one of complete, valid, unique, timely.",
    ),
    (
        lambda: kpi.data_quality_score(GOOD, timely={"at": 30}),
        'The age of “at” needs a day to reckon from: give as_of, for example as_of="2025-01-01".',
    ),
    (
        lambda: kpi.data_quality_score(GOOD, complete=["id"], weights={"beauty": 1}),
        "weights cannot be “beauty”: choose one of completeness.",
    ),
    (
        lambda: kpi.data_quality_score(GOOD, valid={"id": "[0-9]+"}),
        "The column “id” must hold text to match a regular expression, but “1” was found: give a range (lowest, "
        "highest) or a list of values instead.",
    ),
    (
        lambda: kpi.count(GOOD, start="2024-01-01"),
        'A period is given but no time column: name it, for example time="date".',
    ),
    (
        lambda: kpi.count(GOOD, time="at", start="1 April"),
        '“1 April” is no local date or time: give it without a zone, such as "2024-04-01", and the zone as tz.',
    ),
    (
        lambda: kpi.satisfaction_improvement_rate(GOOD, GOOD.assign(id=1), customer="id"),
        "The customer “1” in “id” answers more than once before or after: keep one answer each, such as the latest.",
    ),
    (
        lambda: kpi.spec("npss"),
        "There is no metric “npss” in the model; nearest: nps. Pass a metric's id.",
    ),
    (
        lambda: kpi.nps(pd.concat([GOOD, GOOD], axis=1)),
        "Several columns are called “score”: give each column a name of its own.",
    ),
]


@pytest.mark.parametrize(("call", "sentence"), BAD, ids=[sentence[:40] for _, sentence in BAD])
def test_one_sentence_says_what_was_found_and_what_to_do(call: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(kpi.KpiError) as caught:
        call()
    assert str(caught.value) == sentence
    set_language("ja")
    japanese = str(caught.value)
    assert japanese != sentence
    for value in caught.value.data.values():
        assert str(value) in japanese


def test_frames_on_different_engines_cannot_be_matched() -> None:
    import polars as pl

    with pytest.raises(kpi.KpiError, match="different engines"):
        kpi.satisfaction_improvement_rate(
            pl.DataFrame({"id": [1], "score": [5.0]}), GOOD[["id", "score"]], customer="id"
        )


def test_all_names_can_be_imported_and_the_package_alone_imports_no_engine() -> None:
    import subprocess
    import sys

    for name in kpi.__all__:
        assert getattr(kpi, name) is not None
    code = "import cxassess.kpi, sys; print([m for m in ('numpy', 'pandas', 'narwhals', 'scipy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
