"""Reports in bulk: every team gets its own, whole or not at all, and only what changed is made anew."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import nbformat
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxassess as cx
from cxassess.file_names import safe_name
from cxassess.reports.bulk import PRELOADED, TEMPLATES, Summary, make_reports
from cxassess.reports.bulk_folder import COHORT, file_stems, find_teams
from cxassess.reports.bulk_manifest import MANIFEST, UNFINISHED
from cxassess.reports.bulk_parts import ReportError
from cxassess.reports.warm import ADDRESS, WarmKernels
from tests.conftest import ROOT, TEAMS

ODD = [
    "<img src=x onerror=alert(1)>",
    "営業 🎉",
    "x" * 200,
    "Support",
    "support",
    "a\"b\\n'{name}\n$x$",
    COHORT,
]
"""Folder names that are somebody's data."""


@pytest.fixture(scope="module", autouse=True)
def _warm(first: Summary) -> Iterator[None]:
    """Kernels for all runs but the first, which starts its own."""
    with WarmKernels(PRELOADED):
        yield


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two sample teams, teams of odd names, a broken one, and things that are no teams."""
    folder = tmp_path_factory.mktemp("bulk") / "teams"
    shutil.copytree(TEAMS, folder)
    some = TEAMS / "customer-support" / "2026-07"
    for name in ODD:
        (folder / name).mkdir()
        for respondent in ("fern.json", "hazel.json", "kaede.json"):
            shutil.copy(some / respondent, folder / name)
    (folder / "broken").mkdir()
    (folder / "broken" / "anna.json").write_text("{", "utf-8")
    (folder / "handouts").mkdir()
    (folder / "handouts" / "day-one.txt").write_text("9:00", "utf-8")
    (folder / ".git").mkdir()
    (folder / "left-over.json").write_text("{}", "utf-8")
    return folder


@pytest.fixture(scope="module")
def out(teams: Path) -> Path:
    return teams.parent / "out"


@pytest.fixture(scope="module")
def first(teams: Path, out: Path) -> Summary:
    """The first run, in both languages."""
    return make_reports(teams, out, ("en", "ja"), jobs=2)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The two sample teams alone, to change."""
    return shutil.copytree(TEAMS, tmp_path / "small")


class Page(HTMLParser):
    """What a page says, and what it asks for."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self._open: list[str] = []
        self.text = path.read_text("utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words.append(data)
        if any(re.fullmatch("h[1-6]", tag) for tag in self._open):
            depth, said = self.headings[-1]
            self.headings[-1] = (depth, said + data)

    @property
    def said(self) -> str:
        return " ".join(self.words)


def pages(out: Path) -> list[Path]:
    return sorted(out.glob("*.html"))


def test_every_team_and_the_cohort_have_a_report_in_both_languages(teams: Path, first: Summary) -> None:
    names = [*ODD, "customer-support", "product-development"]
    stems = file_stems([*names, "broken"])
    expected = {f"{stems[name]}.{code}.html" for name in names for code in ("en", "ja")}
    expected |= {f"{COHORT}.{code}.html" for code in ("en", "ja")}
    assert set(first.made) == expected == {path.name for path in pages(first.folder)}, first.lines()


def test_a_broken_team_fails_alone_with_its_name_and_reason(first: Summary) -> None:
    assert set(first.failed) == {"broken.en.html", "broken.ja.html"}
    assert "anna.json is damaged at line 1" in str(first.failed["broken.en.html"])
    assert "anna.json" in str(first.failed["broken.ja.html"])
    assert not first.complete
    assert any("broken.en.html" in line and "anna.json" in line for line in first.lines())


def test_what_is_no_team_is_named(first: Summary) -> None:
    assert first.found.empty == ("handouts",)
    assert first.found.loose == ("left-over.json",)
    assert any("handouts" in line for line in first.lines())
    assert any("left-over.json" in line for line in first.lines())


@pytest.mark.parametrize("name", ODD)
def test_names_are_data(name: str, first: Summary) -> None:
    stem = file_stems([*ODD, "broken", "customer-support", "product-development"])[name]
    page = Page(first.folder / f"{stem}.en.html")
    assert page.headings[0] == (1, name)
    assert not any(attributes.get("onerror") for _, attributes in page.tags)


def test_a_report_is_one_file_that_asks_for_nothing(first: Summary) -> None:
    for path in pages(first.folder):
        page = Page(path)
        assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "base"}, path.name
        for tag, attributes in page.tags:
            for key in ("src", "href", "srcset", "data", "action", "poster"):
                assert (attributes.get(key) or "data:").startswith("data:"), f"{path.name}: {tag} {key}"
        assert not re.search(r"url\(|@import", page.text), path.name


def test_a_report_is_accessible(first: Summary) -> None:
    for path in pages(first.folder):
        page = Page(path)
        code = path.name.split(".")[-2]
        assert dict(page.tags)["html"] == {"lang": code}
        assert re.search(r"<title>[^<]+</title>", page.text), path.name
        for tag, attributes in page.tags:
            assert tag != "img" or attributes.get("alt"), path.name
        depths = [depth for depth, _ in page.headings]
        assert depths.count(1) == 1 and depths[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(depths)), page.headings


def test_the_code_and_the_notes_to_the_trainer_are_hidden(first: Summary) -> None:
    for path in pages(first.folder):
        text = path.read_text("utf-8")
        assert "set_language" not in text and "--templates" not in text and str(TEAMS) not in text, path.name
        assert "Traceback" not in text and "Warning" not in text, path.name


def test_a_report_has_its_parts(first: Summary) -> None:
    page = Page(first.folder / "customer-support.en.html")
    titles = [said for depth, said in page.headings if depth == 2]
    assert titles == [
        "How to read this report", "At a glance", "How you see the elements",
        "What you do already, and what could stop you", "What changed since 2026-04", "Next steps",
    ]  # fmt: skip
    result = cx.score(cx.read_answers(TEAMS / "customer-support" / "2026-07"))
    before = cx.score(cx.read_answers(TEAMS / "customer-support" / "2026-04"))
    for one in result.elements.values():
        assert str(result.model.elements[one.id].name) in page.said
    for one in cx.compare(before, result).elements.values():
        assert f"{one.before + 1e-9:.1f} → {one.after + 1e-9:.1f}" in page.said
    for one in cx.plan(result).actions:
        assert one.phase > 1 or str(result.model.practices[one.id].name) in page.said


def test_no_report_says_who_rated_what(first: Summary) -> None:
    for team in ("customer-support", "product-development"):
        people = {path.stem for path in (TEAMS / team).glob("*/*.json")} - {"team"}
        assert people
        for code in ("en", "ja"):
            text = (first.folder / f"{team}.{code}.html").read_text("utf-8").casefold()
            assert not [name for name in people if re.search(rf"\b{name}\b", text)]


def test_a_language_changes_no_number(first: Summary) -> None:
    scores = {}
    for code in ("en", "ja"):
        text = (first.folder / f"customer-support.{code}.html").read_text("utf-8")
        scores[code] = re.findall(r"[\d.]+", "".join(re.findall(r"cx-score['\"]>(.*?)<", text)))
    assert scores["en"] == scores["ja"] != []


def test_running_again_makes_only_what_failed(teams: Path, first: Summary) -> None:
    again = make_reports(teams, first.folder, ("en", "ja"), jobs=2)
    assert again.made == () and set(again.unchanged) == set(first.made)
    assert set(again.failed) == set(first.failed)
    in_one_language = make_reports(teams, first.folder, ("ja",), jobs=2)
    assert in_one_language.made == () and in_one_language.outdated == ()


def test_a_changed_answer_makes_its_team_and_the_cohort_anew(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert make_reports(small, out, ("en",)).complete
    path = small / "customer-support" / "2026-04" / "hazel.json"
    table = json.loads(path.read_text("utf-8"))
    table["answers"]["element.goals"] = 5
    path.write_text(json.dumps(table), "utf-8")
    assert set(make_reports(small, out, ("en",)).made) == {"customer-support.en.html", "cohort.en.html"}


def test_a_report_that_is_lost_or_was_changed_is_made_anew(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = make_reports(small, out, ("en",))
    whole = {path.name: path.read_bytes() for path in pages(out)}
    (out / "cohort.en.html").unlink()
    (out / "customer-support.en.html").write_text("scribbled over", "utf-8")
    assert set(make_reports(small, out, ("en",)).made) == {"cohort.en.html", "customer-support.en.html"}
    assert {path.name: path.read_bytes() for path in pages(out)} == whole
    (out / MANIFEST).write_text("{", "utf-8")
    assert set(make_reports(small, out, ("en",)).made) == set(made.made)


def test_a_moved_folder_changes_nothing_and_a_gone_team_is_named(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    make_reports(small, out, ("en",))
    moved = small.rename(tmp_path / "moved")
    assert make_reports(moved, out, ("en",)).made == ()
    shutil.rmtree(moved / "product-development")
    later = make_reports(moved, out, ("en",))
    assert later.outdated == ("product-development.en.html",)
    assert any("product-development.en.html" in line for line in later.lines())


def changed_templates(folder: Path, source: str) -> Path:
    """The templates, with a first cell in the team's."""
    folder.mkdir()
    for name in TEMPLATES.values():
        notebook = nbformat.read(ROOT / "templates" / name, as_version=4)
        if name == TEMPLATES["team"]:
            notebook.cells.insert(2, nbformat.v4.new_code_cell(source))
        nbformat.write(notebook, folder / name)
    return folder


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import os\nif 'support' in folder: os._exit(3)", "calculation stopped"),
        ("if 'support' in folder: raise KeyError('x')", "KeyError"),
        (
            "import cxassess as cx\nif 'support' in folder: cx.read_answers('nowhere')",
            "There is no folder nowhere",
        ),
    ],
    ids=["dead kernel", "any error", "our error"],
)
def test_a_cell_that_fails_for_one_team_fails_for_no_other(
    source: str, reason: str, small: Path, tmp_path: Path
) -> None:
    templates = changed_templates(tmp_path / "templates", source)
    done = make_reports(small, tmp_path / "out", ("en",), templates=templates)
    assert set(done.failed) == {"customer-support.en.html"}
    assert reason in str(done.failed["customer-support.en.html"])
    assert set(done.made) == {"product-development.en.html", "cohort.en.html"}


def test_a_trainers_own_words_and_pictures_are_in_the_report(small: Path, tmp_path: Path) -> None:
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('Ours')\nplt.show()\nimport sys; print('TOO LOUD', file=sys.stderr)"
    templates = changed_templates(tmp_path / "templates", source)
    path = templates / TEMPLATES["team"]
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("## Greetings from *Kato*"))
    nbformat.write(notebook, path)
    done = make_reports(small, tmp_path / "out", ("en",), templates=templates)
    page = Page(done.folder / "customer-support.en.html")
    assert "data:image/png;base64," in page.text and "<em>Kato</em>" in page.text
    assert "TOO LOUD" not in page.text
    assert done.complete and all(attributes.get("alt") for tag, attributes in page.tags if tag == "img")


def test_an_interruption_leaves_whole_reports_and_the_rest_is_made_later(small: Path, tmp_path: Path) -> None:
    def interrupted(reports: Iterable[object], total: int) -> Iterator[object]:
        assert total == 3
        yield next(iter(reports))
        raise KeyboardInterrupt

    out = tmp_path / "out"
    stopped = make_reports(small, out, ("en",), jobs=1, progress=interrupted)
    assert stopped.stopped and not stopped.complete and len(stopped.made) == 1
    assert all(path.read_text("utf-8").endswith("</html>\n") for path in pages(out))
    later = make_reports(small, out, ("en",))
    assert later.complete and stopped.made[0] in later.unchanged and len(later.made) == 2


def test_a_killed_run_leaves_whole_reports_and_no_process(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for number in range(12):
        shutil.copytree(small / "customer-support", small / f"team {number}")
    command = [sys.executable, "-m", "cxassess.cli", "report", str(small), "--out", str(out), "--jobs", "2"]
    own = {key: value for key, value in os.environ.items() if key != ADDRESS}
    run = subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while len(pages(out)) < 2 and time.monotonic() < end and run.poll() is None:
        time.sleep(0.02)
    started = psutil.Process(run.pid).children(recursive=True)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert started
    assert not psutil.wait_procs(started, timeout=20)[1]
    assert 2 <= len(pages(out)) < 15
    assert all(path.read_text("utf-8").endswith("</html>\n") for path in pages(out))
    later = make_reports(small, out, ("en",))
    assert later.complete and not (out / UNFINISHED).exists() and len(pages(out)) == 15


def test_rounds_beside_files_and_empty_teams(tmp_path: Path) -> None:
    for place in ("a/round 9/x.json", "a/round 10/x.json", "a/y.json", "b/team.json", "c/set-aside/x.json"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("{}", "utf-8")
    found = find_teams(tmp_path)
    first, second = found.teams
    assert [one.name for one in first.rounds] == ["round 9", "round 10"] and first.beside
    assert second.problem is not None and second.problem.key == "no_answers"
    assert found.empty == ("c",)


@pytest.mark.parametrize(
    ("key", "files"),
    [("no_folder", None), ("no_teams", []), ("no_teams", ["a/b.txt"]), ("one_team", ["anna.json"])],
)
def test_a_folder_that_holds_no_teams_is_refused(key: str, files: list[str] | None, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    if files is not None:
        folder.mkdir()
    for name in files or []:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("{}", "utf-8")
    with pytest.raises(ReportError) as raised:
        make_reports(folder, tmp_path / "out")
    assert raised.value.key == key
    assert str(folder) in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_a_missing_template_and_a_file_in_the_way_are_said(small: Path, tmp_path: Path) -> None:
    with pytest.raises(ReportError) as raised:
        make_reports(small, tmp_path / "out", templates=tmp_path / "none")
    assert raised.value.key == "no_template"
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ReportError) as raised:
        make_reports(small, tmp_path / "file")
    assert raised.value.key == "no_out"


names = st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=120)


@given(st.lists(names, unique=True, max_size=8))
def test_every_name_has_a_file_of_its_own_on_every_system(names: list[str]) -> None:
    stems = file_stems(names)
    assert set(stems) == set(names)
    assert len({stem.casefold() for stem in [*stems.values(), COHORT]}) == len(names) + 1
    assert all(len(os.fsencode(f"{stem}.en.html")) <= 255 for stem in stems.values())
    assert all(safe_name(re.sub("~[0-9a-f]{8}$", "", stem)) for stem in stems.values())
    assert file_stems(reversed(names)) == stems


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        (str(TEAMS / "customer-support"), "holds one team's answers: give the folder above it"),
        ("x" * 5000, "There is no folder"),
        ("~no-such-user/teams", "There is no folder"),
    ],
)
def test_a_folder_that_holds_no_teams_is_refused_before_anything_is_written(
    folder: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ReportError, match=said):
        make_reports(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()
