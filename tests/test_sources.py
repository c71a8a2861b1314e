"""Every point of the sources has a place in the course."""

import importlib.util

import cxassess as cx
from cxassess.reports.reference import uses_of_points
from tests.conftest import ROOT


def cited() -> dict[str, list[str]]:
    spec = importlib.util.spec_from_file_location("model_pages", ROOT / "book" / "_ext" / "model_pages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.cited_by_pages(ROOT)


def test_every_point_has_a_home(model: cx.Model) -> None:
    uses = uses_of_points(model, cited())
    homeless = {id for id, places in uses.items() if not places}
    assert not homeless, "these points of the sources are used nowhere"


def test_pages_cite_only_points_that_exist(model: cx.Model) -> None:
    for page, points in cited().items():
        assert set(points) <= set(model.records["point"]), page


def test_points_belong_to_the_article_that_their_id_names(model: cx.Model) -> None:
    for point in model.records["point"].values():
        assert point.id.startswith(f"{point.article}.")
