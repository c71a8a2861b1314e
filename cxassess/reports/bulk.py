"""Reports in bulk: one for every team in a folder and one for the cohort, side by side, only where something changed."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cxassess.documents import alone
from cxassess.errors import CxError
from cxassess.file_names import expanded
from cxassess.language import model_folder, say
from cxassess.model import load_model
from cxassess.reports.bulk_folder import COHORT, Found, file_stems, files_of, find_teams, shown
from cxassess.reports.bulk_manifest import Entry, Manifest
from cxassess.reports.bulk_parts import ReportError

TEMPLATES = {"team": "report-team.ipynb", COHORT: "report-cohort.ipynb"}
PACKAGE = Path(__file__).parents[1]
CODE = frozenset({".py", ".toml", ".css"})
PRELOADED = (
    "cxassess.reports.bulk_parts",
    "cxassess.reports.review",
    "cxassess.change_estimate",
    "cxassess.planning_solver",
    "cxassess.planning_task",
    "cxassess.charts",
)
"""What a kernel has imported before it is forked."""


@dataclass(frozen=True, slots=True)
class Task:
    """One report: its file, whose it is, and everything it is made from."""

    file: str
    name: str
    language: str
    template: str
    parameters: Mapping[str, str]
    made_from: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the reports, by file name; `failed` has the reasons, `stopped` says that somebody interrupted."""

    folder: Path
    made: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: Mapping[str, CxError]
    outdated: tuple[str, ...]
    found: Found
    stopped: bool = False
    old: frozenset[str] = field(default_factory=frozenset)
    """Failed ones of which an earlier run's report is still there."""

    @property
    def complete(self) -> bool:
        """Whether every team and the cohort have their report."""
        return not self.failed and not self.stopped

    def lines(self) -> list[str]:
        """The summary in the current language."""
        counts = {"made": len(self.made), "unchanged": len(self.unchanged), "failed": len(self.failed)}
        lines = [say("bulk.made", folder=self.folder, **counts)]
        for name, problem in self.failed.items():
            told = say("bulk.failed_old", reason=problem, file=name) if name in self.old else str(problem)
            lines.append(say("bulk.failed", name=shown(name), reason=told))
        for key, names in (
            ("skipped", self.found.empty),
            ("loose", self.found.loose),
            ("outdated", self.outdated),
        ):
            if names:
                lines.append(say(f"bulk.{key}", names=say("bulk.join").join(map(shown, names))))
        lines += [say("bulk.beside_rounds", team=shown(one.name)) for one in self.found.teams if one.beside]
        return [*lines, say("bulk.stopped")] if self.stopped else lines


def make_reports(
    folder: str | Path,
    out: str | Path,
    languages: Sequence[str] = ("en", "ja"),
    jobs: int | None = None,
    templates: str | Path | None = None,
    progress: Callable[[Iterable[Any], int], Iterable[Any]] = lambda done, _: done,
) -> Summary:
    """Make what is missing or changed of the reports of all teams in a folder, and of their cohort.

    Args:
        folder: a folder with a folder per team; each holds response files, or a folder of them per round.
        out: where the reports go, `<team>.<language>.html`.
        languages: a report is made in each of them.
        jobs: how many are made side by side; without it, one per core.
        templates: a folder with other notebooks of the names in `TEMPLATES`.
        progress: wraps the finished reports as they come, given how many there will be (`tqdm` does).

    Raises:
        ReportError: there are no teams, a template cannot be read, or nothing can be written.
        ModelError: the model cannot be used.
    """
    load_model()
    folder, out = (Path(os.path.abspath(expanded(one))) for one in (folder, out))
    found = find_teams(folder)
    texts = {kind: _template(kind, templates) for kind in TEMPLATES}
    tasks = list(_tasks(folder, found, texts, languages))
    with _writable(out) as manifest:
        todo = [task for task in tasks if not manifest.holds(task.file, task.made_from)]
        made, failed, stopped = _run(todo, manifest, jobs or os.cpu_count() or 1, progress)
        broken = {team.name: team.problem for team in found.teams if team.problem}
        files = {task.file for task in tasks}
        stems = {COHORT, *file_stems(team.name for team in found.teams).values()}
        return Summary(
            folder=out,
            made=tuple(made),
            unchanged=tuple(sorted(files - {task.file for task in todo})),
            failed={**failed, **broken},
            outdated=tuple(sorted(file for file in manifest.files if file.rsplit(".", 2)[0] not in stems)),
            found=found,
            stopped=stopped,
            old=frozenset(failed) & manifest.files,
        )


def _run(
    todo: Sequence[Task],
    manifest: Manifest,
    jobs: int,
    progress: Callable[[Iterable[Any], int], Iterable[Any]],
) -> tuple[list[str], dict[str, CxError], bool]:
    """Make the reports; each is in the manifest as soon as its file is whole."""
    made: list[str] = []
    failed: dict[str, CxError] = {}
    if not todo:
        return made, failed, False
    try:
        from cxassess.reports.warm import WarmKernels

        starting = WarmKernels(PRELOADED)
        import cxassess.reports.bulk_page  # noqa: F401  while they start
    except ImportError as problem:
        raise ReportError("no_packages", found=problem.name or str(problem)) from problem
    with starting as kernels, ThreadPoolExecutor(max(1, min(jobs, len(todo)))) as pool:
        futures = {pool.submit(_make, task, manifest): task for task in todo}
        try:
            for future in progress(as_completed(futures), len(todo)):
                task = futures[future]
                if (wrong := future.exception()) is not None:
                    failed[task.file] = _told(wrong)
                else:
                    manifest.add(task.file, Entry(task.name, task.made_from, future.result()))
                    made.append(task.file)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            kernels.close()
            return made, failed, True
    return made, failed, False


def _told(problem: BaseException) -> CxError:
    """Whatever was wrong with one report, so that the others still come out."""
    if isinstance(problem, CxError):
        return problem
    return ReportError("not_made", found=f"{type(problem).__name__}: {problem}")


def _make(task: Task, manifest: Manifest) -> str:
    """Make one report and write it; the digest of what was written."""
    from cxassess.reports.bulk_page import page, run

    html = page(run(task.template, task.parameters), task.language)
    return manifest.write(task.file, html.encode("utf-8", "replace"))


def _tasks(
    folder: Path, found: Found, templates: Mapping[str, str], languages: Iterable[str]
) -> Iterator[Task]:
    stems = file_stems(team.name for team in found.teams)
    code = _digest(_code())
    everything = [path for team in found.teams for round in team.rounds for path in files_of(round)]
    for language in languages:
        for team in found.teams:
            if team.problem:
                continue
            *before, latest = team.rounds
            parameters = {
                "folder": str(latest), "before": str(before[-1]) if before else "", "name": shown(team.name),
                "language": language,
            }  # fmt: skip
            files = [path for round in team.rounds[-2:] for path in files_of(round)]
            yield _task(
                stems[team.name], shown(team.name), templates["team"], parameters, code, folder, files
            )
        parameters = {"folder": str(folder), "language": language}
        yield _task(COHORT, COHORT, templates[COHORT], parameters, code, folder, everything)


def _task(
    stem: str,
    name: str,
    template: str,
    parameters: Mapping[str, str],
    code: str,
    folder: Path,
    files: Iterable[Path],
) -> Task:
    """A report with the digest of all that goes into it. Where the folder lies does not matter, what is in it does."""
    language = parameters["language"]
    answers = _digest((str(path.relative_to(folder)), _bytes(path)) for path in files)
    made_from = _digest(
        [(code, template.encode()), (name, f"{language}{answers}".encode("utf-8", "replace"))]
    )
    return Task(f"{stem}.{language}.html", name, language, template, parameters, made_from)


def _template(kind: str, folder: str | Path | None) -> str:
    """The text of a template: from the folder given, else as it came with the package, else from the checkout."""
    places = [Path(folder)] if folder else [PACKAGE / "templates", PACKAGE.parent / "templates"]
    path = next(
        (one for place in places if (one := place / TEMPLATES[kind]).is_file()), places[-1] / TEMPLATES[kind]
    )
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as problem:
        raise ReportError(
            "no_template", file=str(path), found=getattr(problem, "strerror", None) or str(problem)
        ) from problem


@contextmanager
def _writable(out: Path) -> Iterator[Manifest]:
    """The folder's manifest, held alone; a second run waits for the first."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with alone(out):
            manifest = Manifest(out)
            yield manifest
            manifest.clear()
    except OSError as problem:
        raise ReportError("no_out", folder=str(out), found=problem.strerror or str(problem)) from problem


def _code() -> Iterator[tuple[str, bytes]]:
    """This package's files and the current model's, by name."""
    for root in dict.fromkeys((PACKAGE, model_folder())):
        for path in sorted(root.rglob("*")):
            if path.suffix in CODE:
                yield str(path.relative_to(root)), path.read_bytes()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        return f"{problem.errno}".encode()


def _digest(parts: Iterable[tuple[str, bytes]]) -> str:
    whole = sha256()
    for name, content in parts:
        for one in (os.fsencode(name), content):
            whole.update(len(one).to_bytes(8) + one)
    return whole.hexdigest()
