"""How well known the brand is, and what the market buys from whom."""

from datasets.make.draws import Draws
from datasets.make.japan import AGE_BANDS, REGION_OF, RESIDENTS, quarter
from datasets.make.package import Row
from datasets.make.shop.story import QUARTERS

ASKED_A_QUARTER = 300
CONTRADICTIONS = 6
UNANSWERED = 18
# Quarterly sales in thousand yen when the data begins, and growth by quarter.
SALES = {
    "gear": {"tomoshibi": (71_000, 0.012), "rival_a": (240_000, 0.004), "rival_b": (165_000, -0.006),
             "rival_c": (82_000, 0.03), "others": (410_000, 0.002)},
    "beans": {"tomoshibi": (26_000, 0.035), "rival_a": (95_000, 0.01), "rival_b": (210_000, 0.005),
              "rival_c": (38_000, 0.045), "others": (690_000, 0.003)},
}  # fmt: skip
SEASON = {4: 0.98, 7: 0.9, 10: 1.16, 1: 0.96}


def brand_rows() -> list[Row]:
    """A fresh sample of coffee drinkers each quarter: who names the brand, and who knows its name."""
    draws = Draws("brand_tracking")
    rows: list[Row] = []
    for number, begin in enumerate(QUARTERS):
        for _ in range(ASKED_A_QUARTER):
            age_band = draws.choose(AGE_BANDS)
            known = 0.25 + 0.009 * number + (0.06 if age_band in ("18-29", "30-39") else 0)
            aided = draws.chance(known)
            rows.append(
                {
                    "respondent_id": f"D{len(rows) + 1:04}",
                    "quarter": quarter(begin),
                    "age_band": age_band,
                    "region": REGION_OF[draws.choose(RESIDENTS)],
                    "unaided": aided and draws.chance(0.24 + 0.01 * number),
                    "aided": aided,
                }
            )
    for row in draws.sample([row for row in rows if not row["unaided"]], UNANSWERED):
        row["aided"] = None
    for row in draws.sample([row for row in rows if row["unaided"]], CONTRADICTIONS):
        row["aided"] = False
    return rows


def market_rows() -> list[Row]:
    """Sales by quarter, company and category; rivals' figures are partly estimates."""
    draws = Draws("market_sales")
    rows: list[Row] = []
    for number, begin in enumerate(QUARTERS):
        for category, companies in SALES.items():
            for company, (start, growth) in companies.items():
                level = start * SEASON[begin.month] * (1 + number * growth)
                own = company == "tomoshibi"
                hurt = 0.93 if own and category == "gear" and quarter(begin) in ("2024Q2", "2024Q3") else 1.0
                known = company != "rival_c" or number < len(QUARTERS) - 1
                rows.append(
                    {
                        "quarter": quarter(begin),
                        "category": category,
                        "company": company,
                        "sales_thousand_jpy": int(draws.lognormal(level * hurt, 0.02)) if known else None,
                        "estimated": not own and (company != "rival_a" or number == len(QUARTERS) - 1),
                    }
                )
    return rows
