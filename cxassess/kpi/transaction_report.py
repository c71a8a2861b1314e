"""What `Transactions` returns that has several parts."""

from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

import pandas as pd

from cxassess.kpi.analysis import Shown
from cxassess.kpi.estimate import Estimate, figure, metric_name
from cxassess.kpi.ledger import LeftOut
from cxassess.language import interface_texts


@dataclass(frozen=True, repr=False)
class Pareto(Shown):
    """How unevenly customers bring the money.

    Attributes:
        top: a share of the customers, the best.
        share: the share of the money that they bring, in %.
        gini: Gini's coefficient: 0 where all bring the same, near 1 where one brings everything.
        lorenz: for every percent of the customers, the best first, the percent of the money (`customers`,
            `money`).
    """

    top: float
    share: Estimate
    gini: Estimate
    lorenz: pd.DataFrame

    def _heading(self) -> str:
        return metric_name("pareto")

    def _lines(self) -> list[tuple[str, str]]:
        return [(_text("label_top", top=f"{100 * self.top:g}"), _shown(self.share)),
                (_text("label_gini"), _shown(self.gini))]  # fmt: skip


@dataclass(frozen=True, repr=False)
class TransactionReport(Shown):
    """All that `Transactions` works out.

    Attributes:
        as_of: the last day that counts.
        customers: how many bought.
        purchases: how many there were.
        money: their net money.
        left_out: rows that do not count.
        repeat_purchase_rate, retention_rate, clv, pareto, deciles, cohorts, retention, summary, rfm: what the
            methods of these names return.
    """

    as_of: date
    customers: int
    purchases: int
    money: float
    left_out: LeftOut
    repeat_purchase_rate: Estimate
    retention_rate: Estimate
    clv: Estimate
    pareto: Pareto
    deciles: pd.DataFrame
    cohorts: pd.DataFrame
    retention: pd.DataFrame
    summary: pd.DataFrame
    rfm: pd.DataFrame

    def _heading(self) -> str:
        return _text("label_report", as_of=self.as_of.isoformat())

    def _lines(self) -> list[tuple[str, str]]:
        estimates = (self.repeat_purchase_rate, self.retention_rate, self.clv)
        return [
            (_text("label_customers"), f"{self.customers:,}"),
            (_text("label_purchases"), f"{self.purchases:,}"),
            (_text("label_money"), f"{figure(self.money)} {self.clv.unit}".strip()),
            (_text("label_left_out"), f"{sum(astuple(self.left_out)):,}"),
            *((metric_name(one.metric), _shown(one)) for one in estimates),
            *self.pareto._lines(),
        ]

    def _table(self) -> pd.DataFrame:
        return self.deciles.reset_index()


def _shown(estimate: Estimate) -> str:
    return repr(estimate).removeprefix(f"{estimate.metric}: ")


def _text(key: str, **values: Any) -> str:
    return interface_texts("kpi_transactions")[key].format(**values)
