"""Every point of the sources has a place in the course, or is named here as one that has none yet."""

import importlib.util

import cxassess as cx
from cxassess.reports.reference import uses_of_points
from tests.conftest import ROOT

WITHOUT_A_HOME = {
    "start.tools",
    "centric.benefit.1",
    "centric.benefit.2",
    "centric.benefit.3",
    "centric.benefit.6",
    "centric.benefit.7",
    "first.benefit.1",
    "first.benefit.3",
    "first.benefit.4",
    "first.examples",
}


def cited() -> dict[str, list[str]]:
    spec = importlib.util.spec_from_file_location("model_pages", ROOT / "book" / "_ext" / "model_pages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.cited_by_pages(ROOT)


def test_every_point_has_a_home_but_those_that_are_known_to_have_none(model: cx.Model) -> None:
    uses = uses_of_points(model, cited())
    homeless = {id for id, places in uses.items() if not places}
    assert homeless - WITHOUT_A_HOME == set(), "these points of the sources are used nowhere"
    assert WITHOUT_A_HOME - homeless == set(), "these have found a home: take them off the list"


def test_pages_cite_only_points_that_exist(model: cx.Model) -> None:
    for page, points in cited().items():
        assert set(points) <= set(model.records["point"]), page


def test_points_belong_to_the_article_that_their_id_names(model: cx.Model) -> None:
    for point in model.records["point"].values():
        assert point.id.startswith(f"{point.article}.")
