"""Writes the companies' tables with the data package that describes them, and answers to the assessment.

Without a folder it writes to where they belong, and company A's playbook into `templates/examples`.
"""

import sys
from pathlib import Path

from datasets.make import cohort, company_a, package, shop, survey_tools, teams

COMPANIES = {"shop": shop.tables, "company_a": company_a.tables}


def write(folder: Path) -> None:
    """Write `<company>/<table>.csv` for each table, `datapackage.json` and the teams' answers into `folder`."""
    companies = []
    resources = []
    for company, tables in COMPANIES.items():
        defined = package.read_definitions(Path(__file__).parent / company / "definitions")
        (folder / company).mkdir(parents=True, exist_ok=True)
        companies.append(package.describe(defined["company"]))
        resources += package.write_tables(folder, defined, tables())
    package.write_descriptor(folder, companies, resources, cohort.write(folder / "cohort"))
    for story in sorted(Path(__file__).parent.glob("*/story.toml")):
        teams.write(story, folder / story.parent.name)
    survey_tools.write(folder / "survey-tools")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
    else:
        from datasets.make.company_a import playbook

        data = Path(__file__).parent.parent
        write(data)
        playbook.write(data, data.parent / "templates" / "examples")
