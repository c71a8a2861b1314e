"""Every metric of the course as a function: data frame in, estimate with its interval out.

    >>> import pandas as pd
    >>> from cxassess import kpi
    >>> answers = pd.DataFrame({"segment": ["A", "A", "B", "B"], "score": [10, 9, 6, None]})
    >>> kpi.nps(answers, by="segment")[["segment", "n", "n_missing", "estimate"]]
      segment  n  n_missing  estimate
    0       A  2          0     100.0
    1       B  1          1    -100.0

Frames may be of pandas, Polars (eager or lazy), DuckDB, PySpark or Dask: they are reduced where they lie,
and the answer is the same. Names are imported when they are first used.
"""

from importlib import import_module
from typing import Any

_EXPORTS = {
    # core
    "Estimate": "estimate",
    "KpiError": "errors",
    "day": "periods",
    "week": "periods",
    "month": "periods",
    "quarter": "periods",
    "year": "periods",
    "spec": "definition",
    # surveys
    "csat": "surveys",
    "nps": "surveys",
    "ces": "surveys",
    "support_satisfaction": "surveys",
    "brand_awareness": "surveys",
    "satisfaction_improvement_rate": "improvement",
    "employee_satisfaction": "staff",
    "employee_engagement_score": "staff",
    # rates
    "feedback_collection_rate": "rates",
    "conversion_rate": "rates",
    "training_participation_rate": "rates",
    "proactive_contact_rate": "rates",
    # ratios of sums
    "customer_acquisition_cost": "ratios",
    "market_share": "ratios",
    "social_engagement_rate": "ratios",
    # quality of data
    "data_collection_rate": "quality",
    "data_quality_score": "quality",
    # counts
    "count": "counts",
    "interviews": "activities",
    "personas": "activities",
    "journey_maps": "activities",
    "user_tests": "activities",
    "improvement_proposals": "activities",
    "feature_releases": "activities",
    "tickets": "activities",
    "leads": "activities",
    "personalised_campaigns": "activities",
    "analyses": "activities",
    "data_driven_decisions": "activities",
    "cross_functional_projects": "activities",
    # transactions
    "Transactions": "transactions",
    # analyses
    "churn_rate": "churn",
    "survival": "churn",
    "Survival": "survival_curve",
    "kaplan_meier": "survival_curve",
    "log_rank": "survival_groups",
    "discount_stop_gap": "discount",
    "BusinessHours": "business_hours",
    "first_response_time": "service",
    "resolution_time": "service",
    "hand_overs": "service",
    "clv": "lifetime_value",
    "clv_of_customers": "lifetime_value",
    "expected_purchases": "forecast",
    "fit_bgnbd": "bgnbd",
    "fit_gamma_gamma": "bgnbd",
    "acquisition_retention_ratio": "economics",
    "retention_profit": "economics",
    "ctb": "customers",
    "loyalty_matrix": "customers",
    "segments": "segmentation",
    "place": "segmentation",
    "complaint_causes": "complaints",
    "rising_causes": "complaints",
    "social_listening": "social",
    "representativeness": "respondents",
    "voice_targets": "targets",
    "funnel": "journey",
}

__all__ = list(_EXPORTS)


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS})
