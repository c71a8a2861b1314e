"""A real browser, a server for plain pages, and a real JupyterLab for the tests of what people see."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from cxassess.language import interface_texts

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FORMS = ROOT / "cxassess" / "forms"
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
    """What axe finds wrong with a page, or with the part of it under a selector; by all its rules or by some."""

    def check(page: Page, within: str | None = None, tags: Sequence[str] = ()) -> list[str]:
        options = {"runOnly": {"type": "tag", "values": [*tags]}} if tags else None
        found = Axe().run(page, context=within, options=options).response["violations"]
        return [
            f"{rule['id']}: {node['html']} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]

    return check


@pytest.fixture
def tab_to() -> Callable[[Locator], None]:
    """Presses Tab until the focus is on an element."""

    def press(target: Locator) -> None:
        for _ in range(80):
            if target.evaluate("element => element === document.activeElement"):
                return
            target.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never came to {target}")

    return press


# Plain pages


@pytest.fixture
def form_page(tmp_path: Path) -> Iterator[Callable[[Mapping[str, Any]], str]]:
    """Serves a page that mounts a form spec; gives its address."""
    folder = tmp_path / "site"
    folder.mkdir()
    for source in (FORMS / "form.js", FORMS / "form.css", HERE / "form_page.html"):
        shutil.copy(source, folder)

    def write(spec: Mapping[str, Any]) -> str:
        (folder / "spec.json").write_text(json.dumps(spec), "utf-8")
        return f"{address}/form_page.html?spec=spec"

    with serve(folder) as address:
        yield write


@contextmanager
def serve(folder: Path, handler: type[SimpleHTTPRequestHandler] | None = None) -> Iterator[str]:
    """Serves `folder` on a free loopback port while the block runs; by default nothing is cached."""
    answer = partial(handler or QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


# The built site


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site that `make site` built, served under a path of its own."""
    built = ROOT / "_build" / "site"
    if not (built / "index.html").is_file():
        pytest.fail("There is no built site in _build/site: run `make site` first.")
    host = tmp_path_factory.mktemp("host")
    (host / "some").mkdir()
    (host / "some" / "course").symlink_to(built)
    with serve(host) as address:
        yield f"{address}/some/course"


@pytest.fixture(scope="session")
def site(whole_site: str) -> str:
    """The address of its English pages."""
    return f"{whole_site}/en"


@pytest.fixture
def requests(chromium_page: Page) -> list[str]:
    """The addresses that the page asks for, as it goes on."""
    asked: list[str] = []
    chromium_page.context.on("request", lambda request: asked.append(request.url))
    return asked


def outside(addresses: Iterable[str], site: str) -> list[str]:
    """Those addresses that are not the site's own host's."""
    own = (f"{site.partition('/some/course')[0]}/", "data:", "blob:")
    return sorted({address for address in addresses if not address.startswith(own)})


# A form spec


def _in_language(part: Any, language: str) -> Any:
    """`part` with each text in every language replaced by the one in `language`."""
    if isinstance(part, dict):
        if part.keys() == {"en", "ja"}:
            return part[language]
        return {key: _in_language(value, language) for key, value in part.items()}
    return [_in_language(item, language) for item in part] if isinstance(part, list) else part


@pytest.fixture
def form_spec() -> Callable[..., dict[str, Any]]:
    """Makes a form spec of three sections with every kind of field, in a language."""
    table = tomllib.loads((HERE / "form_spec.toml").read_text("utf-8"))

    def make(language: str = "en") -> dict[str, Any]:
        texts = interface_texts("form", language)
        return {"key": "test", "language": language, "texts": texts, **_in_language(table, language)}

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
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.folder / name)

    def open(self, page: Page, name: str) -> None:
        """Opens a notebook by its address, and waits until it can be run; the focus is on its first cell."""
        page.goto(f"{self.address}/lab/tree/{name}?token={self.token}")
        expect(
            page.locator(".jp-StatusBar-TextItem", has_text=re.compile(r"\| (Idle|アイドル)"))
        ).to_be_visible(timeout=60_000)
        expect(page.locator(".jp-Cell:focus, .jp-Cell :focus")).to_have_count(1, timeout=60_000)

    def restart_kernel(self, page: Page) -> None:
        """Restarts the kernel of the only notebook that runs."""
        headers = {"Authorization": f"token {self.token}"}
        [kernel] = page.request.get(f"{self.address}/api/kernels", headers=headers).json()
        answer = page.request.post(f"{self.address}/api/kernels/{kernel['id']}/restart", headers=headers)
        assert answer.ok, answer.text()


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Lab]]:
    """Starts JupyterLab on a folder, with environment variables of your own; it ends with the tests."""
    with ExitStack() as running:

        def start(folder: Path, env: Mapping[str, str] | None = None) -> Lab:
            home = tmp_path_factory.mktemp("jupyter")
            return running.enter_context(_jupyterlab(folder, env or {}, home))

        yield start


@contextmanager
def _jupyterlab(folder: Path, env: Mapping[str, str], home: Path, language: str = "en") -> Iterator[Lab]:
    """JupyterLab with settings of its own in `home`, so that it neither sees nor changes the person's."""
    token = secrets.token_hex(16)
    notices = home / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    notices.mkdir(parents=True)
    (notices / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    own = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_RUNTIME_DIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
        "IPYTHONDIR",
    )
    places = {name: str(home / name.lower()) for name in own}
    search = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    options = [
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={_free_port()}",
        f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={token}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if (words := ROOT / "templates" / "lab" / language).is_dir():
        options.append(f"--LabApp.app_settings_dir={words}")
    with (home / "jupyterlab.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "lab", *options],
            env={**os.environ, **places, "PYTHONPATH": search, **env},
            stdout=log,
            stderr=log,
        )
    try:
        yield Lab(_address(process, Path(places["JUPYTER_RUNTIME_DIR"]), log.name), token, folder)
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
