"""Builds the whole site: the book in every language, live pages, live lessons, search, and a zip for use offline.

python -m book.site [--pyodide FOLDER]
"""

import argparse
import os
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jinja2 import Template

from book.site import fonts, lite, pyodide
from book.translation import edition
from book.translation.catalogs import ENGLISH, TranslationError
from cxassess.language import language, say
from cxassess.model import load_model

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "site"
NAME = "customer-course"
START = "START-HERE.html"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m book.site", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pyodide", type=Path, metavar="FOLDER", help="a folder with the files of Pyodide")
    try:
        build(parser.parse_args().pyodide)
    except (
        pyodide.PyodideError,
        fonts.FontError,
        TranslationError,
        subprocess.CalledProcessError,
    ) as problem:
        print(f"The site was not built. {problem}", file=sys.stderr)
        return 1
    print(
        f"{SITE.relative_to(ROOT)}: {megabytes(SITE)}; {archive().relative_to(ROOT)}: {megabytes(archive())}"
    )
    return 0


def build(local: Path | None = None) -> None:
    """Build into `_build/site`, and the zip beside it."""
    languages = load_model().languages
    sources = {code: ROOT if code == ENGLISH else edition.write(code) for code in languages}
    shutil.rmtree(SITE, ignore_errors=True)
    with ThreadPoolExecutor() as pool:
        list(pool.map(build_book, sources.values(), (SITE / code for code in languages)))
    pyodide.gather(SITE / "pyodide", local)
    lite.build(SITE, SITE / "pyodide", [code for code in languages if code != ENGLISH])
    for code in languages:
        fonts.write(SITE / code, code)
        index(SITE / code)
    template = Template((Path(__file__).parent / "start.html").read_text("utf-8"), autoescape=True)
    titles = {code: edition.title(code) for code in languages}
    (SITE / "index.html").write_text(template.render(languages=languages, titles=titles), "utf-8")
    write_archive()


def build_book(source: Path, target: Path) -> None:
    """Build the pages of one language into a folder of the site."""
    built = source / "_build" / "html"
    shutil.rmtree(built, ignore_errors=True)  # no page of an earlier build
    program = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    command = ["-c", program, "build", str(source), "--all", "-n", "-W", "--keep-going", "-q"]
    environment = {**os.environ, "CXASSESS_SITE": "1"}
    subprocess.run([sys.executable, *command], check=True, env=environment, stdout=subprocess.DEVNULL)
    shutil.copytree(built, target)


def index(site: Path) -> None:
    """Let Pagefind index every page of the book; its extended build knows Japanese words."""
    options = [
        "--glob",
        "{book,notebooks}/**/*.html",
        "--root-selector",
        ".bd-article",
        "--exclude-selectors",
        ".headerlink",
        "--quiet",
    ]
    subprocess.run([sys.executable, "-m", "pagefind", "--site", str(site), *options], check=True)


def archive() -> Path:
    """Where the zip for use offline is."""
    return SITE.with_name(f"{NAME}.zip")


def write_archive() -> None:
    """Zip the site in one folder, with a page that says how to start it."""
    paths = [path for path in sorted(SITE.rglob("*")) if path.is_file()]
    with zipfile.ZipFile(archive(), "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(f"{NAME}/{START}", start_page())
        for path in paths:
            kind = zipfile.ZIP_STORED if path.suffix in {".whl", ".zip", ".png"} else zipfile.ZIP_DEFLATED
            target.write(path, f"{NAME}/{path.relative_to(SITE).as_posix()}", kind)


def start_page() -> str:
    """How to start the course from a folder, in every language."""
    parts = []
    for code in load_model().languages:
        with language(code):
            parts.append(
                f'<section lang="{code}"><h1>{say("live.start_title")}</h1><p>{say("live.start_serve")}</p>'
                f"<pre>python -m http.server --bind 127.0.0.1 8000</pre>"
                f'<p><a href="http://127.0.0.1:8000/">http://127.0.0.1:8000/</a></p><p>{say("live.start_read")} '
                '<a href="index.html">index.html</a></p></section>'
            )
    style = "body{font:1.05rem/1.7 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}pre{padding:1rem;background:#f4f6f8;color:#1f2933;overflow:auto}"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Start here</title><style>{style}</style>{''.join(parts)}</html>"
    )


def megabytes(path: Path) -> str:
    paths = path.rglob("*") if path.is_dir() else [path]
    return f"{sum(one.stat().st_size for one in paths if one.is_file()) / 1e6:.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
