"""How complete and how sound the records about customers are.

Both metrics look at every record there is. That is no sample, so they carry no interval: a change from one
month to the next is a change, however small.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxassess.kpi import engines, entry
from cxassess.kpi.counts import Moment, local_moment
from cxassess.kpi.entry import By, Frame
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import Result, results, results_frame

DIMENSIONS = ("completeness", "validity", "uniqueness", "timeliness")

Rule = str | tuple[float, float] | Sequence[Any]


def data_collection_rate(df: Any, fields: Sequence[str], *, by: By = None) -> Result:
    """Data collection rate: how much of what we want to know about customers is on record.

    Formula: 100 × filled cells ÷ (records × fields). Unit: %. Denominator: every cell of the fields named.
    A cell is empty where it is null, `NaN`, or text of nothing but spaces; a code such as “unknown” counts as
    filled, so empty it before.
    Edges: a frame without rows is an error. Filled does not mean true: see `data_quality_score`.

    Args:
        df: one row a customer record.
        fields: the columns that should be filled.
        by: groups, such as the sales office.

    Returns:
        An `Estimate` without interval, or with `by` a pandas frame; `n` counts records.

    Raises:
        KpiError: no fields, no such column, no rows.

    References:
        L. L. Pipino, Y. W. Lee, R. Y. Wang (2002), Data quality assessment, Communications of the ACM 45 (4),
        211–218 (completeness as the simple ratio).

    >>> records = pd.DataFrame({"mail": ["a@b.jp", " ", None], "phone": ["1", "2", None]})
    >>> data_collection_rate(records, ["mail", "phone"])
    data_collection_rate: 50.0 % (n = 3, missing 0)
    """
    if not fields:
        raise KpiError("columns_none", option="fields")
    frame = entry.admit(df, others=fields, by=by)
    filled = {f"__{field}": _filled(frame, field) for field in fields}
    groups, table = _sums(frame, by, filled)
    cells = table["__rows"] * len(fields)
    estimate = 100 * table[list(filled)].sum(axis=1) / cells
    return results("data_collection_rate", groups, estimate=estimate, n=table["__rows"], unit="%")


def data_quality_score(
    df: Any,
    *,
    complete: Sequence[str] = (),
    valid: Mapping[str, Rule] | None = None,
    unique: Sequence[str] = (),
    timely: Mapping[str, int] | None = None,
    as_of: Moment = None,
    tz: str | None = None,
    weights: Mapping[str, float] | None = None,
    by: By = None,
    dimensions: bool = False,
) -> Result:
    """Data quality score: the weighted mean of four shares, by rules that are declared.

    - completeness: filled cells ÷ cells of the columns `complete`;
    - validity: cells that keep their rule ÷ filled cells of the columns `valid`;
    - uniqueness: different keys ÷ records with a key, the key being the columns `unique` together;
    - timeliness: dates no older than so many days at `as_of` ÷ filled dates of the columns `timely`.

    Formula: 100 × Σ weight × share ÷ Σ weight over the dimensions with a rule. Unit: %. Denominator: as above;
    empty cells count once, against completeness, and in no other share.
    Edges: a dimension with nothing to check (all cells empty) is null, and so is the score: there is no
    telling. The score depends on rules and weights: compare only scores with the same ones.

    Args:
        df: one row a record.
        complete: columns that should be filled (see `data_collection_rate`).
        valid: by column a rule: a regular expression that the whole text matches, a tuple (lowest, highest)
            for numbers, or a list of the values allowed.
        unique: columns that together may occur only once.
        timely: by column the greatest age in days.
        as_of: the day at which ages are reckoned; needed with `timely`.
        tz: the zone of instants in the columns `timely` (see `periods`).
        weights: by dimension; 1 each unless told.
        by: groups.
        dimensions: give each dimension's own share, as a frame with a column `dimension`.

    Returns:
        An `Estimate` without interval, or with `by` or `dimensions` a pandas frame; `n` counts records.

    Raises:
        KpiError: no rule, no such column, wrong type, no rows, or weights for other dimensions.

    References:
        L. L. Pipino, Y. W. Lee, R. Y. Wang (2002), Data quality assessment, Communications of the ACM 45 (4),
        211–218. DAMA International (2017), DAMA-DMBOK, 2nd ed., chapter 13.

    >>> records = pd.DataFrame({"id": [1, 2, 2, 4], "mail": ["a@b.jp", "x", None, "c@d.jp"]})
    >>> rules = {"complete": ["mail"], "valid": {"mail": r"[^@ ]+@[^@ ]+"}, "unique": ["id"]}
    >>> data_quality_score(records, **rules)
    data_quality_score: 72.2 % (n = 4, missing 0)
    >>> data_quality_score(records, **rules, dimensions=True)[["dimension", "estimate"]]
          dimension   estimate
    0  completeness  75.000000
    1      validity  66.666667
    2    uniqueness  75.000000
    """
    rules, ages = dict(valid or {}), dict(timely or {})
    used = [name for name, rule in zip(DIMENSIONS, (complete, rules, unique, ages), strict=True) if rule]
    if not used:
        raise KpiError("rules_none")
    weight = dict.fromkeys(used, 1.0) | dict(weights or {})
    for name in weight:
        entry.check_option("weights", name, used)
    ranges = [column for column, rule in rules.items() if isinstance(rule, tuple)]
    others = dict.fromkeys([*complete, *(c for c in rules if c not in ranges), *unique])
    frame = entry.admit(df, numbers=ranges, times=dict.fromkeys(ages, tz), others=list(others), by=by)
    parts: dict[str, nw.Expr] = {}
    for column in complete:
        parts[f"completeness_top_{column}"] = _filled(frame, column)
        parts[f"completeness_below_{column}"] = nw.lit(1.0)
    for column, rule in rules.items():
        parts[f"validity_top_{column}"] = _kept(frame, column, rule)
        parts[f"validity_below_{column}"] = _filled(frame, column)
    for column, days in ages.items():
        if as_of is None:
            raise KpiError("as_of_missing", column=column)
        oldest = local_moment(as_of) - timedelta(days=days)
        parts[f"timeliness_top_{column}"] = _number(nw.col(column) >= oldest)
        parts[f"timeliness_below_{column}"] = _filled(frame, column)
    groups, table = _sums(frame, by, parts)
    if unique:
        table["uniqueness_top_"], table["uniqueness_below_"] = _distinct(frame, by, unique)
    shares = pd.DataFrame({name: _share(table, name) for name in used})
    if dimensions:
        return _by_dimension(groups, shares, table["__rows"])
    total = sum(weight[name] * shares[name] for name in used)
    return results(
        "data_quality_score", groups, estimate=total / sum(weight.values()), n=table["__rows"], unit="%",
        reason="nothing_to_check",
    )  # fmt: skip


def _share(table: pd.DataFrame, name: str) -> "pd.Series[float]":
    top, below = (table.filter(regex=f"^{name}_{part}_").sum(axis=1) for part in ("top", "below"))
    return 100 * top / below.where(below > 0)


def _by_dimension(groups: pd.DataFrame, shares: pd.DataFrame, rows: Any) -> pd.DataFrame:
    long = groups.join(shares).melt(
        id_vars=list(groups.columns),
        value_vars=list(shares.columns),
        var_name="dimension",
        value_name="share",
    )
    kept = long.drop(columns="share")
    n = np.tile(rows, len(shares.columns))
    return results_frame(kept, estimate=long["share"], n=n, unit="%", reason="nothing_to_check")


def _number(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(1.0).otherwise(0.0)


def _filled(frame: Frame, column: str) -> nw.Expr:
    there = ~nw.col(column).is_null()
    if frame.collect_schema()[column] == nw.String:
        there &= nw.col(column).str.strip_chars() != ""
    return _number(there)


def _kept(frame: Frame, column: str, rule: Rule) -> nw.Expr:
    if isinstance(rule, tuple):
        return _number((nw.col(column) >= rule[0]) & (nw.col(column) <= rule[1]))
    if not isinstance(rule, str):
        return _number(entry.among(frame, column, list(rule)))
    if frame.collect_schema()[column] != nw.String:
        if (found := entry.first_value(frame, column)) is not None:
            raise KpiError("not_text", column=column, found=found)
        return nw.lit(0.0)
    return _number(nw.col(column).str.contains(f"^(?:{rule})$"))


def _sums(frame: Frame, by: By, parts: Mapping[str, nw.Expr]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sum of each part in each group, and the number of rows, on the frame's engine."""
    names = entry.group_names(by)
    rows = frame.with_columns(
        nw.lit(1.0).alias("__rows"), *(part.alias(name) for name, part in parts.items())
    )
    table = engines.to_pandas(entry.reduce(rows, names, [nw.col(c).sum() for c in ("__rows", *parts)]))
    if not table["__rows"].sum():
        raise KpiError("frame_empty")
    groups, place = entry.split_groups(table, names)
    return groups, table.iloc[np.argsort(place)].drop(columns=names).reset_index(drop=True)


def _distinct(frame: Frame, by: By, unique: Sequence[str]) -> Any:
    """How many different keys, and how many records with a key, each group has."""
    names = entry.group_names(by)
    keyed = frame.with_columns(
        nw.all_horizontal(*(~nw.col(c).is_null() for c in unique), ignore_nulls=True).alias("__key")
    )
    per_key = keyed.group_by(*names, *unique, "__key").agg(nw.len().alias("__copies"))
    parts = {
        "top": _number(nw.col("__key")),
        "below": nw.when(nw.col("__key")).then(nw.col("__copies")).otherwise(0),
    }
    _, table = _sums(per_key, by, parts)
    return table["top"], table["below"]
