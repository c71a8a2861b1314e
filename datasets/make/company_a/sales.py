"""Products, what was sold of them, and how well that had been foreseen."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from datasets.make.company_a.story import (
    DEMAND_MODEL,
    MONTHS,
    NEW_INTERFACE,
    SECOND_YEAR,
    month,
    months_between,
)
from datasets.make.draws import Draws
from datasets.make.package import Row

TEXTS = tomllib.loads((Path(__file__).parent / "products.toml").read_text("utf-8"))
NEW_FOR = 12
"""How many months from its launch a product counts as new."""
GROWTH = 50
"""New-product sales of the second year above those of the first, in per cent."""
# Share of a product's pieces that each channel sells, and what is left of the list price there.
CHANNELS = {"retail": (0.68, 0.74), "web": (0.32, 0.93)}
SEASON = {
    "dehumidifier": {5: 1.5, 6: 2.3, 7: 1.7, 8: 0.9, 12: 0.8, 1: 0.7, 2: 0.6},
    "air_purifier": {2: 1.6, 3: 1.9, 4: 1.3, 7: 0.7, 8: 0.6, 11: 1.1},
    "rice_cooker": {3: 1.35, 4: 1.2, 8: 0.8, 12: 1.2},
    "robot_vacuum": {6: 1.15, 12: 1.5, 2: 0.8},
    "ceiling_light": {3: 1.5, 4: 1.2, 12: 1.3, 8: 0.8},
}
LOADED_TWICE = 5
MISCOUNTED = 3


@dataclass(frozen=True, slots=True)
class Product:
    """Something the company sells; yen without tax, `monthly` in pieces."""

    id: str
    en: str
    ja: str
    category: str
    launched: date
    price: int
    cost: int
    monthly: int

    @property
    def new_interface(self) -> bool:
        return self.launched >= NEW_INTERFACE

    def age(self, day: date) -> int:
        """In whole months; negative before the launch."""
        return months_between(self.launched, day)


def products() -> list[Product]:
    """The range, by launch."""
    return [Product(f"P{number:02}", **one) for number, one in enumerate(TEXTS["product"], 1)]


def product_rows() -> list[Row]:
    """The table of products."""
    return [
        {
            "product_id": one.id,
            "name_en": one.en,
            "name_ja": one.ja,
            "category": one.category,
            "launched": one.launched,
            "interface": "new" if one.new_interface else "old",
            "price_jpy": one.price,
            "cost_jpy": one.cost,
        }
        for one in products()
    ]


def is_new(row: Row) -> bool:
    """Whether a row of sales is of a product in its first year."""
    day, launched = (date.fromisoformat(f"{row[name]}-01") for name in ("month", "launched"))
    return months_between(launched, day) < NEW_FOR


def sales_rows() -> list[Row]:
    """One row a month, product and channel; some were loaded twice."""
    draws = Draws("company_a/sales")
    rows = [
        row for day in MONTHS for one in products() if one.age(day) >= 0 for row in _month(draws, one, day)
    ]
    _grow([row for row in rows if is_new(row)])
    twice = [dict(row) for row in draws.sample(rows, LOADED_TWICE)]
    rows = sorted(rows + twice, key=lambda row: (row["month"], row["product_id"], row["channel"]))
    return [
        {"sale_id": f"S{number:03}", **row, "amount_jpy": row["units"] * row["unit_price"]}
        for number, row in enumerate(rows, 1)
    ]


def _month(draws: Draws, product: Product, day: date) -> Iterator[Row]:
    age = product.age(day)
    # A launch builds up over three months; after the first year interest and price fall.
    life = 0.55 + 0.15 * age if age < 3 else 1.0 if age < NEW_FOR else max(1.0 - 0.022 * (age - 11), 0.3)
    replaced = sum(one.category == product.category and 0 <= one.age(day) < age for one in products())
    level = product.monthly * life * SEASON[product.category].get(day.month, 1.0) * (0.5 if replaced else 1.0)
    price = product.price * (100 - (min(age - 11, 24) // 2 if age >= NEW_FOR else 0)) // 100
    for channel, (share, left) in CHANNELS.items():
        yield {
            "month": month(day),
            "product_id": product.id,
            "launched": month(product.launched),
            "channel": channel,
            "units": int(draws.lognormal(level * share, 0.09)),
            "unit_price": int(price * left) // 10 * 10,
        }


def _grow(new: Sequence[Row]) -> None:
    """Scale the second year's pieces until the new products' sales have grown by `GROWTH` per cent."""
    first = sum(_amount(row) for row in new if row["month"] < month(SECOND_YEAR))
    second = [row for row in new if row["month"] >= month(SECOND_YEAR)]
    target = first * (100 + GROWTH) // 100
    scale = target / sum(_amount(row) for row in second)
    for row in second:
        row["units"] = int(row["units"] * scale)
    # Rounding down left a little; the cheapest offer has the finest step.
    last = min(second, key=lambda row: row["unit_price"])
    last["units"] += (target - sum(_amount(row) for row in second)) // last["unit_price"]


def _amount(row: Row) -> int:
    return int(row["units"]) * int(row["unit_price"])


def demand_rows(sales: Sequence[Row]) -> list[Row]:
    """What was forecast a month ahead, sold and left in stock; by a planner, later by a model."""
    draws = Draws("company_a/demand")
    sold: dict[tuple[str, str], int] = {}
    for row in {(one["month"], one["product_id"], one["channel"]): one for one in sales}.values():
        key = (row["month"], row["product_id"])
        sold[key] = sold.get(key, 0) + row["units"]
    rows: list[Row] = []
    for product in products():
        stock = product.monthly // 2
        for day in MONTHS:
            if product.age(day) < 0:
                continue
            units = sold[month(day), product.id]
            by_model = day >= DEMAND_MODEL
            # The planner hopes, above all for new products; the model has no such hopes.
            hope = 1.0 if by_model else 1.2 if product.age(day) < NEW_FOR else 1.04
            forecast = int(draws.lognormal(units * hope, 0.17 if by_model else 0.29)) // 10 * 10
            ready = max(stock, forecast + forecast // 10)
            short = max(units - ready, 0)
            stock = max(ready - units, 0)
            rows.append(
                {
                    "month": month(day),
                    "product_id": product.id,
                    "method": "model" if by_model else "planner",
                    "forecast_units": forecast,
                    "sold_units": units,
                    "stock_units": stock,
                    "days_out_of_stock": min(short * 30 // units, 25),
                }
            )
    for row in draws.sample([row for row in rows if 0 < row["stock_units"] < 240], MISCOUNTED):
        row["stock_units"] = -row["stock_units"]
    return sorted(rows, key=lambda row: (row["month"], row["product_id"]))
