"""A browser's scores are the package's: 1,000 random teams, the ones that Excel's formulas are checked with."""

import pytest
from playwright.sync_api import Page

import cxassess as cx
from cxassess.answers import Answers
from tests.test_questionnaire_excel import SETS, as_files, random_teams

CLOSE = 1e-9
ASK = """async ([site, teams]) => {
  const { startPython } = await import(`${site}/_static/live/python.js`);
  const python = startPython({ pyodide: `${site}/../pyodide/`, package: `${site}/_static/live/cxassess.zip`, language: "en" });
  const found = [];
  for (const files of teams) found.push((await python.call("result", { files })).numbers);
  return found;
}"""


def test_the_browser_scores_as_the_package_does(chromium_page: Page, site: str) -> None:
    page = chromium_page
    page.goto(f"{site}/book/assess-here.html")
    teams = [team for sets in SETS for team in random_teams(*sets)]
    found = page.evaluate(ASK, [site, [as_files(*one) for one in teams]])
    assert len(found) == len(teams) == 1000
    for (people, team), numbers in zip(teams, found, strict=True):
        result = cx.score(Answers(team, tuple(people)))
        assert numbers["stage"] == (result.stage.id if result.stage else None)
        wanted = {"index": result.index.score, "coverage": result.coverage, "agreement": result.agreement}
        assert {key: numbers[key] for key in wanted} == pytest.approx(wanted, abs=CLOSE, nan_ok=True)
        scores = {id: one.score for id, one in result.elements.items()}
        assert numbers["elements"] == pytest.approx(scores, abs=CLOSE)
