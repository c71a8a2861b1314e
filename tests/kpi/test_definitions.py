"""What the model says of a metric, and what its function takes."""

from inspect import Parameter, signature
from typing import Any

import pandas as pd
import pytest

from cxassess import kpi, set_language
from cxassess.kpi.counts import CountOptions
from cxassess.model import load_model

METRICS = list(load_model().records["metric"].values())


def _function(path: str) -> Any:
    found: Any = kpi
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _takes(path: str) -> set[str]:
    """What a caller can name, also of the log whose method it is, and of the options that are handed on."""
    known = dict(signature(_function(path)).parameters)
    if path.startswith("Transactions."):
        known |= signature(kpi.Transactions).parameters
    handed_on = any(one.kind is Parameter.VAR_KEYWORD for one in known.values())
    return {*known, *(CountOptions.__annotations__ if handed_on else ())}


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.id)
def test_the_inputs_of_a_metric_are_parameters_of_its_function(metric: Any) -> None:
    assert metric.inputs
    assert {one.name for one in metric.inputs} <= _takes(metric.function)


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.id)
def test_a_definition_is_in_the_readers_language(metric: Any) -> None:
    for language in ("en", "ja"):
        set_language(language)
        text = repr(kpi.spec(metric.id))
        assert metric.formula.to(language) in text
        assert f": {metric.unit}\n" not in text or language == "en"
    assert metric.formula.to("en") != metric.formula.to("ja")


def test_an_estimate_in_japanese_names_metric_and_currency_in_japanese() -> None:
    months = pd.DataFrame({"spend": [90_000, 120_000, 105_000], "new_customers": [30, 42, 33]})
    found = kpi.customer_acquisition_cost(months, unit="JPY")
    set_language("ja")
    assert repr(found).startswith("顧客獲得コスト（CAC）：3,000円")
    assert "JPY" not in repr(found)
    assert "JPY" not in found._repr_html_()  # type: ignore[operator]
