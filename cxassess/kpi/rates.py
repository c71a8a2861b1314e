"""Shares of customers, leads, contacts and staff: the share of rows, or of ids, whose flag is true.

A flag column holds true and false, or 1 and 0. A blank flag is not a “no”: it is left out and counted as
missing. With `by` every function returns a pandas frame with one row a group.
"""

from typing import Any

import narwhals as nw
import numpy as np

from cxassess.kpi import entry
from cxassess.kpi.entry import By, Frame
from cxassess.kpi.estimate import Result, proportion, results


def share(
    metric: str,
    df: Any,
    flag: str,
    *,
    once_per: str | None = None,
    by: By = None,
    confidence: float = 0.95,
    everybody: bool = False,
) -> Result:
    """The share of rows, or of ids, whose flag is true, with Wilson's interval.

    Formula: 100 × true ÷ (true + false). Unit: %.

    Args:
        metric: the metric's id.
        df: one row an event or an id (any engine; see `entry.admit`).
        flag: the column of true and false, or 1 and 0.
        once_per: an id column: each id then counts once in its group, true where any of its rows is.
            Rows without an id are missing.
        by: group columns and periods.
        confidence: of the interval.
        everybody: the rows are all there are, no sample: the share then has no sampling error and no interval.

    Raises:
        KpiError: no such column, no rows, or something else than true and false in it.

    >>> import pandas as pd
    >>> calls = pd.DataFrame({"case": ["a", "a", "b"], "solved": [0, 1, 0]})
    >>> share("solved", calls, "solved", once_per="case").estimate
    50.0
    """
    frame = entry.admit(df, flags=[flag], others=[once_per] if once_per else [], by=by, as_floats=False)
    counts = entry.tally(frame, by, [flag])
    entry.check_flag(counts, flag)
    rows = np.ones(len(counts.count))
    if once_per:
        per_id = _one_row_per_id(frame, entry.group_names(by), once_per, flag)
        counts = entry.tally(per_id, by, [flag, "rows"])
        rows = counts.values["rows"]
    value = counts.values[flag]
    yes, no = counts.total(value == 1), counts.total(value == 0)
    missing = counts.total(np.where(np.isnan(value), rows, 0))
    if everybody:
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate = 100 * yes / (yes + no)
        return results(metric, counts.groups, estimate=estimate, n=yes + no, missing=missing, unit="%")
    return proportion(metric, counts.groups, yes, yes + no, missing, confidence=confidence)


def _one_row_per_id(frame: Frame, names: list[str], identity: str, flag: str) -> Frame:
    """Each id's largest flag; `rows` is 1, or for the rows without an id their number."""
    nobody = nw.col(identity).is_null()
    known = frame.with_columns(nw.when(~nobody).then(nw.col(flag)).alias(flag))
    per_id = known.group_by(*names, identity).agg(nw.col(flag).max(), nw.len().alias("rows"))
    return per_id.with_columns(
        nw.when(nobody).then(nw.col("rows").cast(nw.Float64)).otherwise(1.0).alias("rows")
    )


def feedback_collection_rate(
    df: Any,
    responded: str = "responded",
    *,
    customer: str | None = None,
    by: By = None,
    confidence: float = 0.95,
) -> Result:
    """Feedback collection rate: the share of those asked who gave feedback.

    Formula: 100 × responses ÷ invitations, or with `customer` 100 × customers who responded at least once ÷
    customers who were invited. Unit: %. Denominator: everyone asked, also those whom the invitation did not
    reach where the frame has a row for them (AAPOR's response rate 1 keeps them in, too).
    Edges: nobody asked in a group gives null with a reason. A blank is missing, not a refusal.

    Args:
        df: one row an invitation.
        responded: whether it was answered, true or false.
        customer: customer ids, to count each customer once.
        by: groups, such as the channel or `month("sent_at")`.
        confidence: of the interval.

    Returns:
        An `Estimate` with Wilson's interval, or with `by` a pandas frame.

    Raises:
        KpiError: no such column, no rows, or something else than true and false in it.

    References:
        American Association for Public Opinion Research (2023), Standard Definitions, 10th ed.

    >>> import pandas as pd
    >>> sent = pd.DataFrame({"customer": ["a", "a", "b", "c"], "responded": [False, True, False, True]})
    >>> feedback_collection_rate(sent).estimate
    50.0
    >>> feedback_collection_rate(sent, customer="customer")
    feedback_collection_rate: 66.7 % (20.8 to 93.9 at 95 % confidence, Wilson; n = 3, missing 0)
    """
    return share("feedback_collection_rate", df, responded, once_per=customer, by=by, confidence=confidence)


def conversion_rate(
    df: Any,
    converted: str = "converted",
    *,
    lead: str | None = None,
    by: By = None,
    confidence: float = 0.95,
) -> Result:
    """Conversion rate: the share of leads that became customers.

    Formula: 100 × leads converted ÷ leads. Unit: %. Denominator: the leads that came in, not the visits; leads
    that are too young to have converted pull the rate down, so pass leads of one age, or group by the
    month in which they came in and leave the latest months out.
    Edges: no leads in a group gives null with a reason; a blank is missing.

    Args:
        df: one row a lead, or one row an event of a lead with `lead`.
        converted: whether the lead became a customer, true or false.
        lead: lead ids, to count each lead once.
        by: groups, such as the source or `month("created_at")`.
        confidence: of the interval.

    Returns:
        An `Estimate` with Wilson's interval, or with `by` a pandas frame.

    Raises:
        KpiError: no such column, no rows, or something else than true and false in it.

    References:
        N. T. Bendle et al. (2020), Marketing Metrics, 4th ed., Pearson.

    >>> import pandas as pd
    >>> conversion_rate(pd.DataFrame({"converted": [1, 0, 0, 0, 1, None]}))
    conversion_rate: 40.0 % (11.8 to 76.9 at 95 % confidence, Wilson; n = 5, missing 1)
    """
    return share("conversion_rate", df, converted, once_per=lead, by=by, confidence=confidence)


def proactive_contact_rate(
    df: Any,
    proactive: str = "proactive",
    *,
    customer: str | None = None,
    by: By = None,
    confidence: float = 0.95,
) -> Result:
    """Proactive contact rate: the share of contacts in which we came to the customer before being asked.

    Formula: 100 × contacts that we began ÷ contacts, or with `customer` 100 × customers whom we contacted at
    least once of our own accord ÷ customers with a contact. Unit: %. Denominator: contacts about service in
    both directions; sales calls and newsletters are not service and have to be left out before.
    Edges: no contacts in a group gives null with a reason; a blank is missing.

    Args:
        df: one row a contact.
        proactive: whether we began it, true or false.
        customer: customer ids, to count each customer once.
        by: groups, such as the channel.
        confidence: of the interval.

    Returns:
        An `Estimate` with Wilson's interval, or with `by` a pandas frame.

    Raises:
        KpiError: no such column, no rows, or something else than true and false in it.

    References:
        Gartner (2022), Two-thirds of customers contact customer service after receiving proactive outreach,
        press release of 4 April: count the contacts that ours set off, too.

    >>> import pandas as pd
    >>> proactive_contact_rate(pd.DataFrame({"proactive": [True, False, False, False]})).estimate
    25.0
    """
    return share("proactive_contact_rate", df, proactive, once_per=customer, by=by, confidence=confidence)


def training_participation_rate(
    df: Any, attended: str = "attended", *, employee: str | None = None, by: By = None
) -> Result:
    """Training participation rate: the share of employees who took part in training on customer-centricity.

    Formula: 100 × employees who took part ÷ employees who should. Unit: %. Denominator: all employees whom
    the training is meant for, also those who were not invited. A staff list is everybody, not a sample:
    there is no interval.
    Edges: no employees in a group gives null with a reason; a blank is missing.

    Args:
        df: one row an employee, or one row an employee and course with `employee`.
        attended: whether the employee took part, true or false.
        employee: employee ids, to count each employee once, as taking part in at least one course.
        by: groups, such as the department.

    Returns:
        An `Estimate`, or with `by` a pandas frame.

    Raises:
        KpiError: no such column, no rows, or something else than true and false in it.

    References:
        D. L. Kirkpatrick and J. D. Kirkpatrick (2006), Evaluating Training Programs, 3rd ed.,
        Berrett-Koehler: taking part is not yet learning, let alone doing.

    >>> import pandas as pd
    >>> courses = pd.DataFrame({"employee": ["a", "a", "b"], "attended": [True, False, False]})
    >>> training_participation_rate(courses, employee="employee")
    training_participation_rate: 50.0 % (n = 2, missing 0)
    """
    return share("training_participation_rate", df, attended, once_per=employee, by=by, everybody=True)
