"""Pictures of results, each with a text alternative worked out from the same data."""

from cxassess.charts.assessment import elements, practices, readiness, themes
from cxassess.charts.chart import Chart

__all__ = ["Chart", "elements", "practices", "readiness", "themes"]
