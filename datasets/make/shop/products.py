"""What the company sells."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from datasets.make.package import Row


@dataclass(frozen=True, slots=True)
class Product:
    """Something the company sells; prices in yen."""

    id: str
    name_en: str
    name_ja: str
    category: str
    taste: str
    brand: str
    price: int
    cost: int


def products() -> list[Product]:
    """The range, in the order of the catalogue."""
    catalogue = tomllib.loads((Path(__file__).parent / "products.toml").read_text("utf-8"))["product"]
    return [
        Product(f"P{at:02}", names["en"], names["ja"], **rest)
        for at, (names, rest) in enumerate(((one.pop("name"), one) for one in catalogue), 1)
    ]


def product_rows(range_: Sequence[Product]) -> list[Row]:
    """The table of products."""
    return [
        {
            "product_id": one.id,
            "name_en": one.name_en,
            "name_ja": one.name_ja,
            "category": one.category,
            "taste": one.taste,
            "brand": one.brand,
            "price_jpy": one.price,
            "cost_jpy": one.cost,
        }
        for one in range_
    ]
