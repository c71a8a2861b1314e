"""What was done: the programme's activities, projects of the functions, and mailings."""

import tomllib
from pathlib import Path

from datasets.make.draws import Draws
from datasets.make.package import Row

TEXTS = tomllib.loads((Path(__file__).parent / "programme.toml").read_text("utf-8"))
SPACED = 3


def programme_rows() -> list[Row]:
    """The programme's activities by step, and what came of each."""
    return [
        {
            "activity_id": f"A{number:02}",
            "step": one["step"],
            "started": one["started"],
            "ended": one.get("ended"),
            "done_en": one["done"]["en"],
            "done_ja": one["done"]["ja"],
            "result_en": one["result"]["en"],
            "result_ja": one["result"]["ja"],
        }
        for number, one in enumerate(TEXTS["activity"], 1)
    ]


def project_rows() -> list[Row]:
    """Projects and the functions that took part, the leading one first."""
    rows: list[Row] = [
        {
            "project_id": f"F{number:02}",
            "started": one["started"],
            "ended": one.get("ended"),
            "title_en": one["en"],
            "title_ja": one["ja"],
            "functions": ";".join(one["functions"]),
        }
        for number, one in enumerate(TEXTS["project"], 1)
    ]
    draws = Draws("company_a/projects")
    for row in draws.sample([row for row in rows if ";" in row["functions"]], SPACED):
        row["functions"] = row["functions"].replace(";", "; ")
    return rows


def campaign_rows() -> list[Row]:
    """Mailings to customers: to everyone, and since the customer records are joined, to whom they suit."""
    draws = Draws("company_a/campaigns")
    rows = []
    for number, one in enumerate(TEXTS["campaign"], 1):
        personal = one["personalised"]
        sent = int(draws.lognormal(one["recipients"], 0.05))
        opened = int(sent * draws.lognormal(0.41 if personal else 0.19, 0.1))
        rows.append(
            {
                "campaign_id": f"M{number:02}",
                "sent": one["sent"],
                "personalised": personal,
                "title_en": one["en"],
                "title_ja": one["ja"],
                "recipients": sent,
                "opened": opened,
                "bought": int(opened * draws.lognormal(0.034 if personal else 0.013, 0.15)),
            }
        )
    return rows
