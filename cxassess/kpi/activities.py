"""What each counted thing is: interviews, personas, tests, tickets, leads, analyses, decisions, projects.

One function counts (`counts.count`); these say what counts as one. The options `time`, `start`, `end`, `tz`,
`where`, `by` and `confidence` are those of `count`, and so are edges, errors and the exact Poisson interval.
Unit: count. A count says how busy we were, not what came of it: read each beside a metric of results.
"""

from typing import Any, Literal, Unpack

import narwhals as nw

from cxassess.kpi import entry
from cxassess.kpi.counts import COUNTED, MISSING, OUTSIDE, ROWS, STATE, CountOptions, count, marked, total
from cxassess.kpi.estimate import Result, proportion


def interviews(df: Any, id: str | None = "id", **options: Unpack[CountOptions]) -> Result:
    """Customer interviews held.

    One interview: one conversation with a customer that took place, had a question to answer, and left notes. A call
    to sell, a survey and a date that was cancelled are none. Formula: different ids in the period.
    Trap: ten talks with one friendly customer count ten and teach as much as one; count customers as well.

    Args:
        df: one row an interview.
        id: the id column; `None` to count every row.
        **options: those of `counts.count`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> log = pd.DataFrame({"id": [1, 2, 3], "held": pd.to_datetime(["2024-01-09", "2024-02-02", None])})
    >>> interviews(log, time="held", start="2024-01-01", end="2024-04-01")
    interviews: 2 in all (0.24 to 7.22 at 95 % confidence, exact Poisson; n = 2, missing 1)
    """
    return count(df, id, metric="interviews", **options)


def personas(df: Any, id: str | None = "id", **options: Unpack[CountOptions]) -> Result:
    """Customer personas made.

    One persona: one description of a kind of customer, resting on evidence, that is in use. A new version of it is
    the same persona: give it the same id. Formula: different ids in the period.
    Trap: more personas are not more understanding; beyond a handful nobody remembers them.

    Args:
        df: one row a persona, or a version of one.
        id: the id column; `None` to count every row.
        **options: those of `counts.count`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> personas(pd.DataFrame({"id": ["buyer", "buyer", "user"]})).estimate
    2.0
    """
    return count(df, id, metric="personas", **options)


def journey_maps(df: Any, id: str | None = "id", **options: Unpack[CountOptions]) -> Result:
    """Customer journey maps made.

    One map: one persona's way through one journey, checked with customers. A new version is the same map.
    Formula: different ids in the period.
    Trap: a map on the wall changes nothing; count the improvements that came of it as well.

    Args:
        df: one row a map, or a version of one.
        id: the id column; `None` to count every row.
        **options: those of `counts.count`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> journey_maps(pd.DataFrame({"id": ["first order", "return"]})).estimate
    2.0
    """
    return count(df, id, metric="journey_maps", **options)


def user_tests(df: Any, id: str | None = "id", **options: Unpack[CountOptions]) -> Result:
    """User tests carried out.

    One test: one round in which users worked with a product or a draft of it while somebody watched. Several users on
    the same tasks are one test; an internal trial is none. Formula: different ids in the period.
    Trap: a test after the release finds what can no longer be changed; count those before it apart.

    Args:
        df: one row a test, or a session of one.
        id: the id column; `None` to count every row.
        **options: those of `counts.count`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> user_tests(pd.DataFrame({"id": ["T1", "T1", "T1", "T2"]})).estimate
    2.0
    """
    return count(df, id, metric="user_tests", **options)


def improvement_proposals(
    df: Any, id: str | None = "id", *, from_feedback: str, **options: Unpack[CountOptions]
) -> Result:
    """Proposals to improve a product that rest on customers' feedback.

    One proposal: one change put forward that names the feedback it answers. Formula: different ids in the period whose
    `from_feedback` is true.
    Trap: proposals are easily made; follow them to release with `from_feedback` kept.

    Args:
        df: one row a proposal.
        id: the id column; `None` to count every row.
        from_feedback: whether it rests on customers' feedback, true or false.
        **options: those of `counts.count`, without `where`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> log = pd.DataFrame({"id": [1, 2, 3], "voc": [True, False, None]})
    >>> improvement_proposals(log, from_feedback="voc")
    improvement_proposals: 1 in all (0.03 to 5.57 at 95 % confidence, exact Poisson; n = 1, missing 1)
    """
    options["where"] = from_feedback
    return count(df, id, metric="improvement_proposals", **options)


def feature_releases(df: Any, id: str | None = "id", **options: Unpack[CountOptions]) -> Result:
    """New features released.

    One release: one new thing that customers can do, in their hands in the period. Repairs, and the
    same feature on a further platform, are none. Formula: different ids in the period.
    Trap: cutting one feature into three triples the count; put the share of customers who use it beside.

    Args:
        df: one row a feature, or a release of one.
        id: the id column; `None` to count every row.
        **options: those of `counts.count`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> feature_releases(pd.DataFrame({"id": ["search", "search", "export"]})).estimate
    2.0
    """
    return count(df, id, metric="feature_releases", **options)


def tickets(df: Any, id: str | None = "id", **options: Unpack[CountOptions]) -> Result:
    """Support tickets received.

    One ticket: one request by a customer, through whatever channel; a request that is merged into another or
    opened again keeps its id. Formula: different ids in the period in which they came in.
    Trap: fewer tickets may be fewer problems, fewer customers or a hidden phone number; divide by active
    customers before comparing periods.

    Args:
        df: one row a ticket, or a message of one.
        id: the id column; `None` to count every row.
        **options: those of `counts.count`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> tickets(pd.DataFrame({"id": [7, 8, 8], "channel": ["mail", "phone", "mail"]})).estimate
    2.0
    """
    return count(df, id, metric="tickets", **options)


def leads(df: Any, id: str | None = "id", **options: Unpack[CountOptions]) -> Result:
    """New leads.

    One lead: one person or company that could buy and whom we may contact, counted when first seen; the same one
    through a second form is no new lead. Formula: different ids in the period.
    Trap: bought addresses raise the count and sink the conversion rate; read the two together.

    Args:
        df: one row a lead, first seen.
        id: the id column; `None` to count every row.
        **options: those of `counts.count`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> leads(pd.DataFrame({"id": ["a", "b", "b"]})).estimate
    2.0
    """
    return count(df, id, metric="leads", **options)


def personalised_campaigns(
    df: Any, id: str | None = "id", *, personalised: str, **options: Unpack[CountOptions]
) -> Result:
    """Personalised campaigns carried out.

    One campaign: one planned action in which what people get depends on what we know of them (content, offer or
    moment, not only their name). Waves of one campaign share its id. Formula: different ids in the period whose
    `personalised` is true.
    Trap: a name in the greeting is no personalisation; compare results with a group that got the same for all.

    Args:
        df: one row a campaign, or a wave of one.
        id: the id column; `None` to count every row.
        personalised: whether it was personalised, true or false.
        **options: those of `counts.count`, without `where`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> waves = pd.DataFrame({"id": ["spring", "spring", "sale"], "personal": [1, 1, 0]})
    >>> personalised_campaigns(waves, personalised="personal").estimate
    1.0
    """
    options["where"] = personalised
    return count(df, id, metric="personalised_campaigns", **options)


def analyses(df: Any, id: str | None = "id", **options: Unpack[CountOptions]) -> Result:
    """Analyses of customer data carried out.

    One analysis: one question put to the data and answered in writing. A report that runs by itself every
    week is one analysis, not fifty-two: give its runs one id. Formula: different ids in the period.
    Trap: an analysis that nobody decides on is an expense; read beside `data_driven_decisions`.

    Args:
        df: one row an analysis, or a run of one.
        id: the id column; `None` to count every row.
        **options: those of `counts.count`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> analyses(pd.DataFrame({"id": ["why they leave", "weekly", "weekly"]})).estimate
    2.0
    """
    return count(df, id, metric="analyses", **options)


def data_driven_decisions(
    df: Any,
    id: str | None = "id",
    *,
    data_driven: str,
    measure: Literal["count", "share"] = "count",
    **options: Unpack[CountOptions],
) -> Result:
    """Decisions that rest on an analysis of data, as a count or as a share of all decisions.

    One decision: one entry of the decision log. It is data-driven where an analysis was there before it was
    taken and is named in the log. Formula: different ids in the period whose `data_driven` is true; the share is 100 ×
    these ÷ decisions in the log. Unit: count, or %.
    Trap: the count grows with the length of the log; the share does not, so report both.

    Args:
        df: one row a decision.
        id: the id column; `None` to count every row.
        data_driven: whether it rests on an analysis, true or false.
        measure: `count` or `share`.
        **options: those of `counts.count`, without `where`.

    Returns:
        An `Estimate`, or with `by` a pandas frame; Wilson's interval for the share.

    Raises:
        KpiError: as `counts.count`, or an unknown measure.

    >>> import pandas as pd
    >>> log = pd.DataFrame({"id": [1, 2, 3, 4], "by_data": [True, True, True, False]})
    >>> data_driven_decisions(log, data_driven="by_data").estimate
    3.0
    >>> data_driven_decisions(log, data_driven="by_data", measure="share")
    data_driven_decisions: 75.0 % (30.1 to 95.4 at 95 % confidence, Wilson; n = 4, missing 0)
    """
    entry.check_option("measure", measure, ("count", "share"))
    if measure == "count":
        options["where"] = data_driven
        return count(df, id, metric="data_driven_decisions", **options)
    by, confidence = options.get("by"), options.get("confidence", 0.95)
    ids = [id] if id else []
    rows = marked(df, ids, flags=[data_driven], **options).with_columns(nw.lit(1).alias(ROWS))
    if id:
        keys = [*entry.group_names(by), id, STATE]
        rows = rows.group_by(*keys).agg(nw.col(data_driven).max(), nw.col(ROWS).sum())
    lost = nw.when(nw.col(STATE) == MISSING).then(nw.col(ROWS)).otherwise(0).alias(ROWS)
    counts = entry.tally(rows.with_columns(lost), by, [STATE, data_driven, ROWS])
    inside = counts.values[STATE] == COUNTED
    return proportion(
        "data_driven_decisions", counts.groups, counts.total(inside & (counts.values[data_driven] == 1)),
        counts.total(inside), counts.total(counts.values[ROWS]), confidence=confidence, reason="none_in_period",
    )  # fmt: skip


def cross_functional_projects(
    df: Any,
    project: str = "project",
    *,
    department: str = "department",
    at_least: int = 2,
    **options: Unpack[CountOptions],
) -> Result:
    """Projects in which several departments worked together.

    One project: one piece of work with an aim and an end, in which people of at least `at_least` departments
    did some of the work; being told about it does not count. Formula: different ids in the period with
    so many different departments in it.
    Trap: a list of departments on the first page is not work done together; take the rows from time sheets
    or tasks, not from the charter.

    Args:
        df: one row a project and department.
        project: the column of project ids.
        department: the column of departments; rows without one add none.
        at_least: how many departments make a project cross-functional.
        **options: those of `counts.count`.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    >>> import pandas as pd
    >>> work = pd.DataFrame({"project": ["P", "P", "Q", "Q"], "department": ["IT", "sales", "HR", "HR"]})
    >>> cross_functional_projects(work)
    cross_functional_projects: 1 in all (0.03 to 5.57 at 95 % confidence, exact Poisson; n = 1, missing 0)
    """
    by, names = options.get("by"), entry.group_names(options.get("by"))
    rows = marked(df, [project], others=[department], **options)
    departments = rows.group_by(*names, project, STATE, department).agg(nw.len().alias(ROWS))
    there = nw.when(~nw.col(department).is_null()).then(1).otherwise(0).alias("__departments")
    projects = (
        departments.with_columns(there)
        .group_by(*names, project, STATE)
        .agg(nw.col(ROWS).sum(), nw.col("__departments").sum())
    )
    too_few = (nw.col(STATE) == COUNTED) & (nw.col("__departments") < at_least)
    state = nw.when(too_few).then(OUTSIDE).otherwise(nw.col(STATE)).alias(STATE)
    return total(
        "cross_functional_projects", projects.with_columns(state), by, options.get("confidence", 0.95)
    )
