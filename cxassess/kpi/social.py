"""What people say unasked: mentions, their tone, how fast we answer, and days that stand out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from cxassess.kpi import engines
from cxassess.kpi.analysis import Shown, check_range, in_words, size_of, text
from cxassess.kpi.entry import admit
from cxassess.kpi.errors import KpiError
from cxassess.kpi.estimate import metric_name
from cxassess.kpi.intervals import wilson
from cxassess.kpi.moments import day_edges, moment, with_days
from cxassess.kpi.spells import curves, spells
from cxassess.kpi.survival_curve import Survival


@dataclass(frozen=True, eq=False, repr=False)
class Listening(Shown):
    """Mentions over time.

    Attributes:
        table: one row a period: period (first day), mentions, classified, favourable, favourable_low,
            favourable_high, unfavourable, unfavourable_low, unfavourable_high (% of those classified,
            Wilson), expected (mentions, from the periods before), p, spike. A period in which nobody listened
            has no figures.
        n: posts within the time.
        missing: posts without a time.
        authors: how many different people posted; `None` if not asked for.
        response: how long posts wait for an answer (hours), open ones right-censored; `None` if not asked
            for.
    """

    table: pd.DataFrame
    n: int
    missing: int
    authors: int | None
    response: Survival | None

    def _heading(self) -> str:
        return metric_name("social_listening")

    def _lines(self) -> list[tuple[str, str]]:
        lines = [(text("n"), f"{self.n:,}"), (text("missing"), f"{self.missing:,}")]
        if self.authors is not None:
            lines.append((text("authors"), f"{self.authors:,}"))
        if self.response is not None:
            lines.append((text("response_median"), in_words(self.response.median)))
        spikes = self.table.loc[self.table["spike"] == 1, "period"]
        return [*lines, (text("spikes"), ", ".join(f"{day:%Y-%m-%d}" for day in spikes) or "—")]

    def _table(self) -> pd.DataFrame:
        return self.table[["period", "mentions", "favourable", "unfavourable", "expected", "p", "spike"]]


def social_listening(
    df: Any,
    *,
    since: Any,
    until: Any,
    time: str = "time",
    tone: str = "tone",
    favourable: str = "positive",
    unfavourable: str = "negative",
    replied: str | None = None,
    author: str | None = None,
    every: str = "day",
    baseline: int = 28,
    false_alarm: float = 0.001,
    not_listening: Sequence[tuple[Any, Any]] = (),
    tz: str | None = None,
    confidence: float = 0.95,
) -> Listening:
    """Mentions per period, the share of each tone, response times, and spikes by an exact Poisson rule.

    A period is a spike where, if posts came at the rate of the baseline before it, so many would be seen with
    probability p < false_alarm. Given x posts now and b in the baseline, p = P(X ≥ x) with X binomial(x + b,
    the period's part of all days): that allows for the baseline being a count itself. The baseline is the
    last `baseline` periods that were listened to and were no spikes; without at least seven there is no p.
    Posts that come in bursts raise more alarms than this.

    Args:
        df: one row a post that mentions us (not our own); any engine.
        since: the first day.
        until: the day after the last.
        time: column with the time of the post.
        tone: column with its tone; posts without one are unclassified and leave the denominator.
        favourable: what the column says for a favourable post.
        unfavourable: what it says for an unfavourable one.
        replied: column with the time of our answer, missing while there is none.
        author: column with who posted.
        every: day, week (from Monday), month, quarter or year.
        baseline: how many periods before are compared with.
        false_alarm: the chance of a spike where nothing has changed, per period.
        not_listening: spans (first day, day after the last) without collection. Periods that touch one have
            no figures; a listened-to period without posts is zero.
        tz: zone to read times with a zone in.
        confidence: of the intervals.

    Raises:
        KpiError: a column is missing or no time, `until` is not after `since`, an answer precedes its post,
            or no post lies within.

    References:
        J. Przyborowski & H. Wilenski (1940). Homogeneity of results in testing samples from Poisson series.
        Biometrika 31, 313–323.

    >>> days = pd.date_range("2024-04-01", periods=10).repeat([3, 2, 4, 3, 2, 3, 4, 3, 20, 3])
    >>> posts = pd.DataFrame({"time": days, "tone": "positive"})
    >>> social_listening(posts, since="2024-04-01", until="2024-04-11").table["spike"].tolist()[7:]
    [False, True, False]
    """
    edges = day_edges(since, until, every, tz)
    check_range("false_alarm", false_alarm, 0, 1, open_low=True, open_high=True)
    first, last = edges[0], edges[-1]
    others = [tone, *([author] if author else [])]
    frame = with_days(admit(df, times={time: tz}, others=others), time)
    day = nw.col(time)
    within = frame.filter((day >= first) & (day < last))
    counts = engines.to_pandas(within.group_by(time, tone).agg(nw.len().alias("n")))
    missing = size_of(frame.filter(day.is_null()))
    if counts.empty:
        raise KpiError("frame_empty")
    place = np.searchsorted(edges, counts[time].to_numpy(), side="right") - 1

    def per_period(rows: Any) -> Any:
        return np.bincount(place[rows], counts["n"].to_numpy()[rows], minlength=edges.size - 1)

    heard = np.ones(edges.size - 1, dtype=bool)
    for start, stop in not_listening:
        heard &= ~((edges[:-1] < moment(stop, tz) // 86400) & (edges[1:] > moment(start, tz) // 86400))
    mentions = per_period(counts[tone].notna() | counts[tone].isna())
    classified = per_period(counts[tone].notna())
    table = pd.DataFrame({
        "period": pd.to_datetime(edges[:-1], unit="D").astype("datetime64[ns]"),
        "mentions": np.where(heard, mentions, np.nan), "classified": np.where(heard, classified, np.nan),
    })  # fmt: skip
    for name, value in (("favourable", favourable), ("unfavourable", unfavourable)):
        said = per_period((counts[tone] == value).to_numpy())
        low, high = wilson(said, classified, confidence)
        with np.errstate(invalid="ignore"):
            shares = {name: said / classified, f"{name}_low": low, f"{name}_high": high}
        for column, share in shares.items():
            table[column] = np.where(heard, 100 * share, np.nan)
    table["expected"], table["p"] = _against_baseline(mentions, np.diff(edges), heard, baseline, false_alarm)
    table["spike"] = (table["p"] < false_alarm).astype(bool)
    response = None
    if replied:
        waits = spells(df, time, replied, clock="second", as_of=until, tz=tz)
        waits = waits.where(waits.start >= first * 86400)
        hours = (waits.stop - waits.start) / 3600
        response = curves(waits, hours, unit="hour", metric="first_response_time", confidence=confidence)[0]
    people = None
    if author:
        named = within.filter(~nw.col(author).is_null()).group_by(author).agg(nw.len().alias("n"))
        people = size_of(named)
    return Listening(table, int(counts["n"].sum()), missing, people, response)


def _against_baseline(
    mentions: Any, days: Any, heard: Any, baseline: int, false_alarm: float
) -> tuple[Any, Any]:
    """For each period the mentions to expect from those before, and p."""
    from scipy.special import betainc

    expected, p = np.full(mentions.size, np.nan), np.full(mentions.size, np.nan)
    usual: list[int] = []
    for now in np.flatnonzero(heard):
        before = usual[-baseline:]
        if len(before) >= min(baseline, 7):
            count, time = mentions[before].sum(), days[before].sum()
            expected[now] = count / time * days[now]
            part = days[now] / (days[now] + time)
            p[now] = betainc(mentions[now], count + 1, part) if mentions[now] else 1.0
        if not p[now] < false_alarm:
            usual.append(int(now))
    return expected, p
