"""Writes every company's tables and the data package that describes them."""

import sys
from pathlib import Path

from datasets.make import package, shop

COMPANIES = {"shop": shop.tables}


def write(folder: Path) -> None:
    """Write `<company>/<table>.csv` for each table, and `datapackage.json`, into `folder`."""
    resources = []
    for company, tables in COMPANIES.items():
        (folder / company).mkdir(parents=True, exist_ok=True)
        resources += package.write_tables(folder, company, tables())
    package.write_descriptor(folder, resources)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent)
