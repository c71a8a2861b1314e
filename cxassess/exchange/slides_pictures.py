"""Bars for slides, worked out from the example data when the slides are made.

A slide names its picture as `name:folder`, such as `elements:teams/customer-support/2026-04`; the folder lies in
`datasets/`, the name in `PICTURES`. Each is a handful of bars, so that it can be read from the back of a room.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from cxassess import kpi
from cxassess.answers import read_answers
from cxassess.change import compare
from cxassess.charts.labels import names
from cxassess.exchange.slides_deck import SlidesError
from cxassess.kpi import rates
from cxassess.kpi.estimate import label
from cxassess.language import say
from cxassess.model import load_model
from cxassess.scoring import score

MOST = 10
"""Bars on one slide."""
ENDS = 3
"""Elements shown from the top and from the bottom of a result."""
AS_OF, ZONE = "2025-04-01", "Asia/Tokyo"
HEARD_TOO_LITTLE = 0.8
PROMOTER, OFTEN = 9, 5
STAYED_ANYWAY = 0.9


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar; `strong` is one that the slide is about."""

    label: str
    value: float
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """A picture: bars from zero, and how their values are written."""

    bars: tuple[Bar, ...]
    unit: str = ""
    decimals: int = 0

    @property
    def top(self) -> float:
        """The longest bar's value."""
        return max(bar.value for bar in self.bars)

    def shown(self, bar: Bar) -> str:
        """A bar's value with its unit.

        >>> Bars((), "%", 1).shown(Bar("Support", 12.34))
        '12.3%'
        """
        return f"{bar.value + 1e-9:,.{self.decimals}f}{self.unit}"


def picture(name: str, source: str | Path = ".") -> Bars:
    """The bars that a slide names, in the current language.

    Args:
        name: what to show and of whom: `elements:teams/customer-support/2026-04`.
        source: the repository, in which `datasets/` lies.

    Raises:
        SlidesError: there is no such picture, or no such folder.
        CxError: what lies in the folder cannot be read.
    """
    kind, _, place = name.partition(":")
    folder = Path(source) / "datasets" / place
    if kind not in PICTURES:
        raise SlidesError("unknown_picture", found=kind, known=", ".join(PICTURES))
    if not place or not folder.is_dir():
        raise SlidesError("no_data", found=name, folder=folder)
    return PICTURES[kind](folder)


def _elements(folder: Path) -> Bars:
    elements = score(read_answers(folder)).elements.values()
    ranked = sorted(((one.score, one.id) for one in elements if one.score is not None), reverse=True)
    return Bars(
        tuple(
            Bar(_element(id), mean, place >= len(ranked) - ENDS)
            for place, (mean, id) in enumerate(ranked)
            if place < ENDS or place >= len(ranked) - ENDS
        ),
        decimals=1,
    )


def _spread(folder: Path) -> Bars:
    wide = score(read_answers(folder)).disagreements[: 2 * ENDS]
    return Bars(
        tuple(Bar(_element(one.id), one.spread or 0, not place) for place, one in enumerate(wide)), decimals=2
    )


def _gaps(folder: Path) -> Bars:
    gaps = score(read_answers(folder)).gaps[: 2 * ENDS]
    return Bars(
        tuple(
            Bar(_element(one.id), (one.gap or 0) * one.weight, place < ENDS) for place, one in enumerate(gaps)
        ),
        decimals=1,
    )


def _change(folder: Path) -> Bars:
    before, after = (score(read_answers(one)) for one in _rounds(folder))
    moved = compare(before, after)
    verdicts = ("improved", "worse", "cannot_tell")
    return Bars(
        tuple(
            Bar(say(f"slides.{one}"), len(moved.having(one)), one == "cannot_tell")  # type: ignore[arg-type]
            for one in verdicts
        )
    )


def _rounds(folder: Path) -> list[Path]:
    """The first and the last round of a team."""
    rounds = sorted(one for one in folder.iterdir() if one.is_dir())
    return [rounds[0], rounds[-1]]


def _satisfaction(folder: Path) -> Bars:
    survey = pd.read_csv(folder / "customer_survey.csv", na_values=["99"])
    known = names(folder.parent / "datapackage.json", "company_a.customer_survey", "wave")
    found = kpi.csat(survey.astype({"wave": str}), "csat", by="wave")
    return Bars(
        tuple(
            Bar(str(known.get(wave, wave)), value, place == len(found) - 1)
            for place, (wave, value) in enumerate(zip(found["wave"], found["estimate"], strict=True))
        ),
        "%",
    )


def _deciles(folder: Path) -> Bars:
    tenths = _log(folder).deciles()
    return Bars(
        tuple(
            Bar(say("slides.tenth", n=place), share, place == 1)
            for place, share in enumerate(tenths["share"], 1)
        ),
        "%",
        1,
    )


def _loyalty(folder: Path) -> Bars:
    survey = pd.read_csv(folder / "surveys.csv", parse_dates=["invited"], na_values=["99"])
    said = survey.dropna(subset=["nps"]).sort_values("invited").groupby("customer_id")["nps"].last()
    people = pd.read_csv(folder / "customers.csv").set_index("customer_id")
    bought = (_log(folder).summary()["frequency"] + 1).reindex(people.index).fillna(0)
    base = people[[]].assign(attitude=said, behaviour=bought)
    table = kpi.loyalty_matrix(base, attitude_mark=PROMOTER, behaviour_mark=OFTEN).table
    return Bars(
        tuple(
            Bar(label("loyalty", kind), share, kind == "spurious")
            for kind, share in zip(table["loyalty"], table["share"], strict=True)
        ),
        "%",
    )


def _causes(folder: Path) -> Bars:
    complaints = pd.read_csv(folder / "complaints.csv")
    known = names(folder.parent / "datapackage.json", "shop.complaints", "cause")
    table = kpi.complaint_causes(complaints, complaint="complaint_id").table.dropna(subset=["cause"])
    rows = list(zip(table["cause"], table["share"], strict=True))[: 2 * ENDS]
    return Bars(
        tuple(Bar(str(known.get(cause, cause)), share, not n) for n, (cause, share) in enumerate(rows)), "%"
    )


def _heard(folder: Path) -> Bars:
    survey = pd.read_csv(folder / "surveys.csv", na_values=["99"])
    asked = survey[survey["occasion"] == "relationship"]
    base = pd.read_csv(folder / "customers.csv", na_values=["unknown"])
    answered = base["customer_id"].isin(asked.loc[asked["answered"].notna(), "customer_id"])
    known = names(folder.parent / "datapackage.json", "shop.customers", "age_band")
    table = kpi.representativeness(base.assign(answered=answered), ["age_band"]).table.dropna(
        subset=["group"]
    )
    rows = sorted(zip(table["group"], table["ratio"], strict=True))
    return Bars(
        tuple(Bar(str(known.get(group, group)), ratio, ratio < HEARD_TOO_LITTLE) for group, ratio in rows),
        decimals=2,
    )


def _told_again(folder: Path) -> Bars:
    handed = pd.read_csv(folder / "hand_overs.csv", parse_dates=["passed", "taken_on"])
    noted = handed.astype({"told_again": "boolean"}).dropna(subset=["told_again"])
    noted = noted[noted["to_function"] != "support"]
    sees, late = noted["to_function"].isin(["logistics", "quality"]), noted["passed"] >= "2024-07-01"
    return Bars(
        tuple(
            Bar(
                say(f"slides.{who}_{when}"),
                rates.share("told_again", noted[one & time], "told_again").estimate or 0,
                who == "sees" and when == "after",
            )
            for who, one in (("sees", sees), ("blind", ~sees))
            for when, time in (("before", ~late), ("after", late))
        ),
        "%",
    )


def _proactive(folder: Path) -> Bars:
    ahead = pd.read_csv(folder / "proactive_contacts.csv", parse_dates=["date"]).assign(proactive=True)
    tickets = pd.read_csv(folder / "tickets.csv").assign(proactive=False)
    ours = {"service": ahead[ahead["reason"] != "advertising"], "with_advertising": ahead}
    columns = ["customer_id", "proactive"]
    return Bars(
        tuple(
            Bar(
                say(f"slides.{name}"),
                kpi.proactive_contact_rate(pd.concat([rows[columns], tickets[columns]])).estimate or 0,
                name == "service",
            )
            for name, rows in ours.items()
        ),
        "%",
    )


def _waiting(folder: Path) -> Bars:
    tickets = pd.read_csv(folder / "tickets.csv", parse_dates=["opened", "first_response"])
    right = tickets[~(tickets["first_response"] < tickets["opened"])]
    waits = kpi.first_response_time(right, responded="first_response", as_of=AS_OF, tz=ZONE)
    hours = (right["first_response"] - right["opened"]).dt.total_seconds() / 3600
    values = {
        "wait_half": waits.median.estimate,
        "wait_mean": hours.mean(),
        "wait_nine": waits.percentile(0.9).estimate,
    }
    return Bars(
        tuple(Bar(say(f"slides.{name}"), value or 0, name != "wait_mean") for name, value in values.items()),
        say("slides.hours"),
        1,
    )


def _cost(folder: Path) -> Bars:
    """Winning a customer beside saving one, by how many would have stayed anyway."""
    spend = pd.read_csv(folder / "spend.csv").query("month >= '2024-04'")
    paid = spend.groupby("purpose")["amount_jpy"].sum()
    people = pd.read_csv(folder / "customers.csv", parse_dates=["joined"])
    log = _receipts(folder)
    first, second = (set(log.loc[part, "customer_id"].dropna()) for part in _years(log))
    given = {
        "acquisition_spend": paid["acquisition"],
        "retention_spend": paid["retention"],
        "new_customers": int((people["joined"] >= "2024-04-01").sum()),
        "kept_customers": len(first & second),
    }
    bars = {}
    for name, anyway in (("saved_all", 0.0), ("saved_few", STAYED_ANYWAY)):
        ratio = kpi.acquisition_retention_ratio(**given, kept_anyway=anyway, unit="JPY")
        bars["won"], bars[name] = ratio.cost_to_win, ratio.cost_to_keep
    share = f"{STAYED_ANYWAY:.0%}"
    return Bars(
        tuple(
            Bar(say(f"slides.{name}", share=share), value, name == "saved_few")
            for name, value in bars.items()
        ),
        say("slides.yen"),
    )


def _years(log: pd.DataFrame) -> Iterable["pd.Series[bool]"]:
    turn = pd.Timestamp("2024-04-01", tz=ZONE)
    sold = log["kind"] == "sale"
    return sold & (log["time"] < turn), sold & (log["time"] >= turn)


@cache
def _receipts(folder: Path) -> pd.DataFrame:
    """One row for each visit: the till writes one for each product, and sent a few rows twice."""
    lines = pd.read_csv(folder / "transactions.csv", parse_dates=["time"])
    lines = lines[~lines.drop(columns="transaction_id").duplicated()]
    visit = ["customer_id", "time", "kind"]
    return lines.groupby(visit, dropna=False)["amount_jpy"].sum().reset_index()


def _log(folder: Path) -> kpi.Transactions:
    columns = {"customer": "customer_id", "time": "time", "amount": "amount_jpy"}
    return kpi.Transactions(_receipts(folder), **columns, as_of="2025-03-31", tz=ZONE, currency="JPY")


def _element(id: str) -> str:
    return str(load_model().elements[id].name)


PICTURES: Mapping[str, Callable[[Path], Bars]] = {
    "elements": _elements,
    "spread": _spread,
    "gaps": _gaps,
    "change": _change,
    "satisfaction": _satisfaction,
    "deciles": _deciles,
    "loyalty": _loyalty,
    "causes": _causes,
    "heard": _heard,
    "told_again": _told_again,
    "proactive": _proactive,
    "waiting": _waiting,
    "cost": _cost,
}
"""What a slide can show, by name; each is given the folder of the data."""
