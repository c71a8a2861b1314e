"""Opening the assessment's form in a real JupyterLab, beside the same questions in stock ipywidgets."""

import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, WebSocket, expect, sync_playwright

from tests.bench.timing import table
from tests.browser.conftest import FLAGS, _jupyterlab, find_chromium

RUNS = 5
COMM = re.compile(rb'"msg_type":\s*"comm_\w+"')
OURS = (
    "import cxassess as cx\nfrom cxassess.forms import Form",
    'cx.assess("team", "anna")',
    ".cx-form input[type=radio]",
)
STOCK = (
    "import cxassess as cx\nimport ipywidgets as w\nfrom cxassess.forms.specs import assessment_spec",
    """w.VBox([w.VBox([w.HTML(f["title"]), w.HTML(f["label"]), w.HTML(f["help"]),
        w.RadioButtons(options=[(o["label"], o["value"]) for o in f["options"] + f["extra"]], value=None,
                       layout=w.Layout(width="auto")),
        w.Textarea(placeholder=f["note"]["label"])])
    for s in assessment_spec()["sections"] for f in s["fields"]])""",
    ".widget-radio-box input[type=radio]",
)


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        found: dict[str, list[tuple[float, int, int]]] = {"ours": [], "stock": []}
        for _ in range(RUNS):
            for name, side in (("ours", OURS), ("stock", STOCK)):
                found[name].append(open_form(browser, *side))
        browser.close()
    ours, stock = (
        tuple(map(statistics.median, zip(*found[name], strict=True))) for name in ("ours", "stock")
    )
    print(
        table(
            ["opening the form", "ours", "stock ipywidgets", "ratio"],
            [
                (
                    "time until it can be answered",
                    f"{ours[0]:.2f} s",
                    f"{stock[0]:.2f} s",
                    f"{stock[0] / ours[0]:.1f}",
                ),
                ("comm messages", f"{ours[1]:.0f}", f"{stock[1]:.0f}", f"{stock[1] / ours[1]:.0f}"),
                (
                    "their bytes",
                    f"{ours[2] / 1000:.0f} kB",
                    f"{stock[2] / 1000:.0f} kB",
                    f"{stock[2] / ours[2]:.1f}",
                ),
            ],
        )
    )
    print(
        f"\nMedian of {RUNS} runs in turn, each in a JupyterLab of its own, from the key press to the first question."
    )


def open_form(browser: Browser, before: str, cell: str, radio: str) -> tuple[float, int, int]:
    """Seconds, comm messages and their bytes until the form's first radio button can be used."""
    messages: list[int] = []

    def listen(socket: WebSocket) -> None:
        for event in ("framereceived", "framesent"):
            socket.on(event, count)

    def count(payload: str | bytes) -> None:
        content = payload.encode() if isinstance(payload, str) else payload
        if COMM.search(content):
            messages.append(len(content))

    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name) / "course", Path(name) / "home"
        folder.mkdir()
        home.mkdir()
        with _jupyterlab(folder, {}, home) as lab:
            lab.write_notebook("form.ipynb", before, cell)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.on("websocket", listen)
            lab.open(page, "form.ipynb")
            page.keyboard.press("Shift+Enter")
            expect(page.locator(".jp-InputPrompt").first).to_have_text("[1]:", timeout=60_000)
            messages.clear()
            start = time.perf_counter()
            page.keyboard.press("Shift+Enter")
            page.locator(radio).first.wait_for(state="visible", timeout=60_000)
            page.locator(radio).first.is_enabled()
            taken = time.perf_counter() - start
            page.wait_for_timeout(1500)
            page.close()
    return taken, len(messages), sum(messages)


if __name__ == "__main__":
    main()
