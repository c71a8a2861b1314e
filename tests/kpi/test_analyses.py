"""What the analyses say: in both languages, with user's texts escaped, by names that can be called."""

import re
import string
import tomllib
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from cxassess import kpi
from cxassess.kpi import engines
from cxassess.kpi.analysis import AnalysisError, holm
from cxassess.kpi.estimate import label
from cxassess.language import language, model_folder
from tests.kpi.conftest import Native

TEXTS = tomllib.loads((model_folder() / "interface" / "kpi_analyses.toml").read_text("utf-8"))


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same_things(key: str) -> None:
    texts = TEXTS[key]
    assert set(texts) == {"en", "ja"}
    assert fields(texts["en"]) == fields(texts["ja"])
    assert bool(texts["en"]) == bool(texts["ja"])


def test_every_text_that_the_code_names_exists() -> None:
    folder = model_folder().parent / "kpi"
    code = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    named = set(re.findall(r'(?:AnalysisError\(|\btext\()\s*"([a-z_0-9]+)"', code))
    assert len(named) > 30
    assert named <= set(TEXTS)


@pytest.mark.parametrize("code", ["en", "ja"])
def test_a_hostile_name_stays_a_name(code: str) -> None:
    bad = "<script>alert(1)</script>"
    base = pd.DataFrame(
        {bad: [bad, "b"] * 40, "answered": [1, 0] * 40, "cause": bad, "time": pd.Timestamp("2024-01-01")}
    )
    features = pd.DataFrame({bad: np.r_[np.zeros(20), np.ones(20)]})
    with language(code):
        for found in (
            kpi.complaint_causes(base),
            kpi.representativeness(base, [bad]),
            kpi.segments(features, [bad], k=2),
            kpi.voice_targets(base.rename(columns={"answered": "rating"}), by=bad, scale=(0, 1)),
            kpi.survival(base.assign(start=base["time"], end=pd.NaT), as_of="2024-02-01", by=bad),
            kpi.funnel(base.assign(visitor=1), [bad], stage="cause"),
        ):
            html = found._repr_html_()
            assert "<script" not in html
            assert "&lt;script" in html
            assert bad in repr(found)


def test_the_language_changes_words_and_no_number() -> None:
    post = pd.DataFrame({"cause": ["late"] * 6 + ["broken"] * 3 + [None]})
    english = kpi.complaint_causes(post)
    with language("ja"):
        japanese = kpi.complaint_causes(post)
        assert "苦情数" in repr(japanese)
        assert label("method", "delta") == "デルタ法"
        assert "日付" in str(AnalysisError("not_a_moment", found="soon"))
    pd.testing.assert_frame_equal(english.table, japanese.table)
    assert "running total" in repr(english)


def test_long_tables_are_cut_and_say_so() -> None:
    many = pd.DataFrame({"cause": [f"cause {number}" for number in range(200)]})
    found = kpi.complaint_causes(many)
    assert len(found.table) == 200
    assert "200 rows in all" in repr(found)
    assert len(repr(found).splitlines()) < 60


def test_names_are_functions_even_after_their_modules_were_imported() -> None:
    for name, module in kpi._EXPORTS.items():
        import_module(f"cxassess.kpi.{module}")
        if module in {"churn", "survival_curve", "survival_groups", "discount", "service", "lifetime_value", "bgnbd",
                      "forecast", "economics", "customers", "segmentation", "complaints", "social", "respondents",
                      "targets", "journey", "business_hours"}:  # fmt: skip
            assert callable(getattr(kpi, name))


def test_holm_holds_the_error_of_all() -> None:
    assert holm([0.02, np.nan, 0.01, 0.5]) == pytest.approx([0.04, np.nan, 0.03, 0.5], nan_ok=True)
    random = np.random.default_rng(2)
    false = [(holm(random.random(8)) < 0.05).any() for _ in range(4000)]
    assert np.mean(false) == pytest.approx(0.05, abs=0.012)


def test_empty_frames_are_refused_everywhere(native: Native) -> None:
    times = pd.to_datetime(pd.Series(["2024-01-01"]))
    one = pd.DataFrame({
        "start": times, "end": times, "time": times, "opened": times, "resolved": times, "customer": [1.0],
        "category": ["a"], "taste": ["b"], "brand": ["c"], "attitude": [1.0], "behaviour": [2.0], "cause": ["x"],
        "tone": ["positive"], "answered": [1.0], "group": ["g"], "rating": [3.0], "visitor": [1.0], "stage": ["s"],
        "margin": [2.0], "retained": [1.0], "discounted": [1.0], "frequency": [1.0], "recency": [1.0], "age": [2.0],
    })  # fmt: skip
    empty, zone = native(one.iloc[:0]), {"tz": "America/New_York"}
    period = {"since": "2024-01-01", "until": "2024-02-01", **zone}
    terms = {"discount": 0.1, "first_payment": "now", "booking": "start"}
    for call in (
        lambda: kpi.survival(empty, as_of="2024-02-01", **zone),
        lambda: kpi.churn_rate(empty, **period),
        lambda: kpi.resolution_time(empty, as_of="2024-02-01", **zone),
        lambda: kpi.ctb(empty),
        lambda: kpi.loyalty_matrix(empty, attitude_mark=1, behaviour_mark=1),
        lambda: kpi.complaint_causes(empty),
        lambda: kpi.social_listening(empty, **period),
        lambda: kpi.representativeness(empty, ["group"]),
        lambda: kpi.voice_targets(empty, by="group"),
        lambda: kpi.funnel(empty, ["s"], **zone),
        lambda: kpi.clv_of_customers(empty, **terms),
        lambda: kpi.expected_purchases(empty, 5, age="age"),
        lambda: kpi.segments(empty, rules={"a": {"margin": (1, None)}}),
    ):
        with pytest.raises(kpi.KpiError, match="no rows"):
            call()


def test_what_lies_on_an_engine_is_reduced_there(native: Native, monkeypatch: pytest.MonkeyPatch) -> None:
    """3,000 rows of few kinds: only tables of kinds come here, never the rows."""
    random = np.random.default_rng(4)
    n = 3000
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 6, n), unit="D")
    rows = pd.DataFrame({
        "start": days, "end": days + pd.to_timedelta(random.integers(0, 5, n), unit="D"), "time": days,
        "customer": random.integers(0, 900, n).astype(float), "category": random.choice(["a", "b"], n),
        "taste": random.choice(["c", "d"], n), "brand": random.choice(["e", "f"], n),
        "attitude": random.integers(0, 11, n).astype(float), "behaviour": random.integers(0, 5, n).astype(float),
        "cause": random.choice(["x", "y"], n), "tone": random.choice(["positive", "negative"], n),
        "answered": random.integers(0, 2, n).astype(float), "rating": random.integers(1, 6, n).astype(float),
        "visitor": random.integers(0, 900, n).astype(float), "stage": random.choice(["s", "t"], n),
        "margin": random.random(n), "retained": random.integers(0, 2, n).astype(float),
    })  # fmt: skip
    frame, zone = native(rows), {"tz": "America/New_York"}
    brought: list[int] = []
    collect = engines.to_pandas

    def watched(small: engines.Frame) -> pd.DataFrame:
        table = collect(small)
        brought.append(len(table))
        return table

    monkeypatch.setattr(engines, "to_pandas", watched)
    period = {"since": "2024-01-01", "until": "2024-02-01", **zone}
    kpi.survival(frame, as_of="2024-02-01", **zone)
    kpi.churn_rate(frame, every="week", **period)
    kpi.resolution_time(frame, opened="start", resolved="end", as_of="2024-02-01", **zone)
    kpi.ctb(frame)
    kpi.loyalty_matrix(frame, attitude_mark=9, behaviour_mark=2)
    kpi.complaint_causes(frame)
    kpi.rising_causes(frame, since="2024-01-01", split="2024-01-04", until="2024-01-08", **zone)
    kpi.social_listening(frame, author="customer", **period)
    kpi.representativeness(frame, ["category", "brand"], answered="answered", score="rating")
    kpi.voice_targets(frame, by="brand")
    kpi.funnel(frame, ["s", "t"], **zone)
    kpi.clv_of_customers(frame, discount=0.1, first_payment="now", booking="start")
    kpi.segments(frame, rules={"a": {"attitude": (9, None)}})
    assert max(brought, default=0) < 100
