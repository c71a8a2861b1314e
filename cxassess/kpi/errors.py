"""The error of `cxassess.kpi`: what is wrong with the data that was given."""

from cxassess.errors import CxError


class KpiError(CxError):
    """A frame, a column or an option cannot be used; the sentence says which, what was found and what to do.

    >>> print(KpiError("column_missing", column="score", found="id, rating"))
    There is no column “score”; the frame has: id, rating. Pass the right column name.
    """

    file = "kpi"
