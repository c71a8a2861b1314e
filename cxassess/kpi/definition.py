"""What a metric is: its record in the model, readable at a prompt and in a notebook."""

import difflib
from dataclasses import dataclass
from html import escape
from typing import Any

from cxassess.kpi.errors import KpiError
from cxassess.language import interface_texts, say
from cxassess.model import load_model
from cxassess.model.records import Metric


@dataclass(frozen=True, slots=True, repr=False)
class Spec:
    """A metric's definition; the fields of the model's record are attributes: `formula`, `unit`, `traps`, …"""

    record: Metric

    def __getattr__(self, name: str) -> Any:
        return getattr(self.record, name)

    def _rows(self) -> list[tuple[str, list[str]]]:
        record, heads = self.record, interface_texts("kpi")
        inputs = [f"{one.name} [{one.unit}]: {one.meaning}" for one in record.inputs]
        named = {
            "question": [str(record.question)],
            "meaning": [str(record.meaning)],
            "formula": [str(record.formula)],
            "unit": [say(f"reference.unit_{record.unit}")],
            "inputs": inputs,
            "nulls": [str(record.nulls)],
            "traps": [str(trap) for trap in record.traps],
            "sources": [*map(_source, record.sources), *record.references],
        }
        return [(heads[f"spec_{name}"], lines) for name, lines in named.items() if lines]

    def __repr__(self) -> str:
        rows = [f"{name}: {'; '.join(lines)}" for name, lines in self._rows()]
        return "\n".join([f"{self.record.name} ({self.record.id})", *(f"  {row}" for row in rows)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<dt>{escape(name)}</dt><dd>{'<br>'.join(map(escape, lines))}</dd>"
            for name, lines in self._rows()
        )
        heading = f"{escape(str(self.record.name))} <code>{escape(self.record.id)}</code>"
        return f"<section class='cx-spec'><h4>{heading}</h4><dl>{rows}</dl></section>"


def _source(point: str) -> str:
    model = load_model()
    record = model.records["point"].get(point)
    article = model.records["article"].get(record.article) if record else None
    return f"{record.name} ({article.publisher}, {article.title})" if record and article else point


def find(metric: str) -> Metric | None:
    """The model's record of a metric, or `None` where the model has no such metric."""
    found: Metric | None = load_model().records["metric"].get(metric)
    return found


def spec(metric: str) -> Spec:
    """What a metric is: question, formula, unit, inputs, rule for missing values, traps, sources.

    Args:
        metric: the metric's id, mostly the name of its function.

    Returns:
        The definition, in the current language.

    Raises:
        KpiError: the model has no such metric.

    >>> spec("nps").unit
    'points'
    """
    record = find(metric)
    if record is None:
        known = list(load_model().records["metric"])
        near = difflib.get_close_matches(metric, known, n=1) or known
        raise KpiError("metric_unknown", found=metric, known=", ".join(near))
    return Spec(record)
