"""Pictures of results, each with a text alternative worked out from the same data."""

from cxassess.charts.assessment import elements, practices, readiness, themes
from cxassess.charts.change import change
from cxassess.charts.chart import Chart
from cxassess.charts.journey import journey
from cxassess.charts.plan import plan

__all__ = ["Chart", "change", "elements", "journey", "plan", "practices", "readiness", "themes"]
