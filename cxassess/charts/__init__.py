"""Pictures of results, each with a text alternative worked out from the same data."""

from cxassess.charts.assessment import elements, practices, readiness, themes
from cxassess.charts.chart import Chart
from cxassess.charts.journey import journey

__all__ = ["Chart", "elements", "journey", "practices", "readiness", "themes"]
