"""A real browser, a server for plain pages, and a real JupyterLab for the tests of what people see."""

import copy
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cxassess.language import interface_texts

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_CHROMIUM = (
    "BROWSER TESTS NOT RUN: no Chromium on this machine. Install one (Debian: apt-get install chromium) "
    "or name it in the environment's CHROMIUM."
)


def find_chromium() -> str | None:
    """The Chromium of this machine: the environment's `CHROMIUM`, else the first known name on the path."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(NO_CHROMIUM in str(report.longrepr) for report in skipped):
        terminalreporter.write_sep("!", NO_CHROMIUM, red=True, bold=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium. Without one the tests are skipped, loudly; in CI they fail."""
    path = find_chromium()
    if not path:
        if os.environ.get("CI"):
            pytest.fail(NO_CHROMIUM)
        warnings.warn(NO_CHROMIUM, stacklevel=1)
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def chromium_page(chromium: Browser) -> Iterator[Page]:
    """A page with storage of its own. An error that no code caught fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, errors


@pytest.fixture
def violations() -> Callable[..., list[str]]:
    """What axe finds wrong with a page, or with the part of it under a selector."""

    def check(page: Page, within: str | None = None) -> list[str]:
        found = Axe().run(page, context=within).response["violations"]
        return [f"{rule['id']}: {node['html']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]

    return check


# Plain pages


@pytest.fixture
def form_page(tmp_path: Path) -> Iterator[Callable[[Mapping[str, Any]], str]]:
    """Serves a page that mounts a form spec; gives its address."""
    folder = tmp_path / "site"
    folder.mkdir()
    for source in (ROOT / "cxassess/forms/form.js", ROOT / "cxassess/forms/form.css", Path(__file__).parent / "form_page.html"):
        shutil.copy(source, folder)

    def write(spec: Mapping[str, Any]) -> str:
        (folder / "spec.json").write_text(json.dumps(spec), "utf-8")
        return f"{address}/form_page.html?spec=spec"

    with serve(folder) as address:
        yield write


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serves `folder` on a free loopback port while the block runs."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


# Form specs with every kind of field


def _text(en: str, ja: str) -> dict[str, str]:
    return {"en": en, "ja": ja}


LEVELS = [
    _text("Targets are about this quarter’s sales only.", "目標は四半期の売上だけ。"),
    _text("Someone reports a satisfaction figure once a year.", "顧客満足度は年に一度、誰かが報告する。"),
    _text("Each team knows one customer figure and looks at it monthly.", "各チームが顧客の指標をひとつ持ち、毎月確かめている。"),
    _text("A project without an expected benefit to customers does not start.", "顧客へのメリットが示されない企画は始まらない。"),
    _text(
        "Long-term value to customers decides when targets conflict, and people can name a case in the last six months.",
        "目標が食い違うときは顧客の長期的な価値で決め、直近半年の事例を誰もが挙げられる。",
    ),
]
STATES = [_text("Not started", "未着手"), _text("Planned", "計画中"), _text("Trial", "試行中"), _text("In place", "定着"), _text("Second nature", "習慣化")]
NOT_APPLICABLE = _text("Not applicable to us", "該当なし")


def _scale(id: str, title: dict[str, str], label: dict[str, str]) -> dict[str, Any]:
    return {
        "id": id,
        "type": "scale",
        "title": title,
        "label": label,
        "help": _text("Choose what you see at work.", "職場で目にしていることにいちばん近いものを選んでください。"),
        "options": [{"value": value, "label": text} for value, text in enumerate(LEVELS, 1)],
        "extra": [{"value": "na", "label": NOT_APPLICABLE}],
        "note": {
            "id": f"{id}.evidence",
            "label": _text("What could you show a visitor?", "訪問者に見せられる根拠は何ですか。"),
            "help": _text("One sentence is enough.", "ひとことで十分です。"),
            "examples": [_text("The goal sheet of this quarter", "今期の目標シート")],
            "when": [4, 5],
        },
    }


SPEC = {
    "title": _text("How customer-centric are we?", "わたしたちはどれくらい顧客中心か"),
    "intro": _text("About ten minutes. There are no right answers.", "10分ほどです。正解はありません。"),
    "sections": [
        {
            "id": "direction",
            "title": _text("Direction", "方向づけ"),
            "intro": _text("What the organisation aims at.", "組織が何をめざしているか。"),
            "colour": "#0b6e99",
            "fields": [
                _scale("goals", _text("Goals", "組織の目標"), _text("What do our targets measure?", "目標は何を測っていますか。")),
                _scale("decisions", _text("Decisions", "意思決定"), _text("What settles an argument?", "意見が割れたとき、何で決めますか。")),
            ],
        },
        {
            "id": "practice",
            "title": _text("Practices and figures", "施策と数字"),
            "colour": "#8a5a00",
            "fields": [
                {
                    "id": "interviews",
                    "type": "choice",
                    "title": _text("Product", "製品開発"),
                    "label": _text("Interview customers before building", "作る前に顧客へ聞き取りをする"),
                    "options": [{"value": value, "label": text} for value, text in zip("abcde", STATES, strict=True)],
                    "details": [{"title": _text("Early signs", "早めに気づくためのしるし"), "items": [_text("Nobody can name a customer", "顧客の名前を誰も挙げられない")]}],
                },
                {"id": "people", "type": "number", "label": _text("How many people work here?", "何人が働いていますか。"), "min": 1, "max": 500, "unit": _text("people", "人")},
                {"id": "since", "type": "date", "label": _text("When did the last survey end?", "直近の調査はいつ終わりましたか。")},
            ],
        },
        {
            "id": "plan",
            "title": _text("Plan", "計画"),
            "colour": "#0f7b5c",
            "fields": [
                {
                    "id": "promise",
                    "type": "text",
                    "multiline": True,
                    "maxlength": 200,
                    "label": _text("What do we promise our customers?", "顧客に何を約束しますか。"),
                    "good": _text("A call back within one working day", "1営業日以内に折り返し電話する"),
                    "poor": _text("The best service", "最高のサービス"),
                },
                {
                    "id": "actions",
                    "type": "table",
                    "label": _text("Who does what by when?", "誰が、いつまでに、何をしますか。"),
                    "columns": [
                        {"id": "what", "type": "text", "label": _text("What", "内容"), "width": 2},
                        {"id": "function", "type": "choice", "label": _text("Function", "部門"), "options": [{"value": "sales", "label": _text("Sales", "営業")}, {"value": "it", "label": _text("IT", "IT")}]},
                        {"id": "days", "type": "number", "label": _text("Days", "日数"), "min": 1},
                    ],
                    "max_rows": 3,
                },
                {"id": "remarks", "type": "text", "optional": True, "label": _text("Anything else?", "ほかに何かありますか。")},
            ],
        },
    ],
}


def _in_language(part: Any, language: str) -> Any:
    """`part` with each text in every language replaced by the one in `language`."""
    if isinstance(part, dict):
        if part.keys() == {"en", "ja"}:
            return part[language]
        return {key: _in_language(value, language) for key, value in part.items()}
    return [_in_language(item, language) for item in part] if isinstance(part, list) else part


@pytest.fixture
def form_spec() -> Callable[..., dict[str, Any]]:
    """A form spec of three sections with every kind of field."""

    def make(language: str = "en", key: str = "test") -> dict[str, Any]:
        return {"key": key, "language": language, "texts": interface_texts("form", language), **_in_language(copy.deepcopy(SPEC), language)}

    return make


# JupyterLab


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab and what a person does in it."""

    address: str
    token: str
    folder: Path

    def write_notebook(self, name: str, *cells: str) -> None:
        """Makes a notebook of code cells in the folder."""
        notebook = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "cells": [
                {"cell_type": "code", "id": f"cell-{i}", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
                for i, source in enumerate(cells)
            ],
        }
        (self.folder / name).write_text(json.dumps(notebook), "utf-8")

    def open(self, page: Page, name: str) -> None:
        """Opens a notebook by its address, and waits until its kernel is idle."""
        page.goto(f"{self.address}/lab/tree/{name}?token={self.token}")
        expect(page.locator(".jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(timeout=60_000)

    def run_cell(self, page: Page, index: int = 0) -> None:
        """Runs a cell by keyboard, and stays in it."""
        page.locator(".jp-Notebook .jp-CodeCell .cm-content").nth(index).focus()
        page.keyboard.press("Control+Enter")


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Lab]]:
    """Starts JupyterLab on a folder, with environment variables of your own."""
    with ExitStack() as running:
        yield lambda folder, env=None: running.enter_context(_jupyterlab(folder, env or {}, tmp_path_factory.mktemp("jupyter")))


@contextmanager
def _jupyterlab(folder: Path, env: Mapping[str, str], home: Path) -> Iterator[Lab]:
    token = secrets.token_hex(16)
    settings = {name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")}
    search = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={_free_port()}"]
    command += [f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={token}", "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with (home / "jupyterlab.log").open("w") as log:
        process = subprocess.Popen(command, env={**os.environ, **settings, "PYTHONPATH": search, **env}, stdout=log, stderr=log)
    try:
        yield Lab(_address(process, Path(settings["JUPYTER_RUNTIME_DIR"]), log.name), token, folder)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(process: subprocess.Popen[bytes], runtime: Path, log: str) -> str:
    """Waits until the server has written down where it listens."""
    for _ in range(600):
        for file in runtime.glob("jpserver-*.json"):
            try:
                return str(json.loads(file.read_text())["url"]).rstrip("/")
            except ValueError:  # still being written
                pass
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{Path(log).read_text()}")
