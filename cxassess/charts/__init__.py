"""Pictures of results, each with a text alternative worked out from the same data."""

from cxassess.charts.assessment import elements, practices, readiness, themes
from cxassess.charts.change import change
from cxassess.charts.chart import Chart
from cxassess.charts.cohort import cohort, cohort_practices, cohort_progress
from cxassess.charts.journey import journey
from cxassess.charts.plan import plan

__all__ = [
    "Chart",
    "change",
    "cohort",
    "cohort_practices",
    "cohort_progress",
    "elements",
    "journey",
    "plan",
    "practices",
    "readiness",
    "themes",
]
