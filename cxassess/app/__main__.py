"""Opens a room: serves the app on the local network, and prints how to come in.

python -m cxassess.app workshop --people 20
"""

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from cxassess.app.seats import RoomError, new_code
from cxassess.cli.parsing import new_parser, translated, whole_number
from cxassess.errors import CxError
from cxassess.file_names import expanded, safe_name
from cxassess.language import current_language, interface_texts, say
from cxassess.model import load_model

TEMPLATES = Path(__file__).parents[2] / "templates" / "app"
LEFT = 1200
"""Seconds after which the kernel of somebody who is no longer connected is closed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl+C; 1 when the room cannot be opened."""
    with translated():
        given = _options().parse_args(arguments)
    try:
        _serve(given)
    except CxError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.ArgumentParser:
    parser = new_parser("python -m cxassess.app", say("cli.app"))

    def add(name: str, value: str, default: object, **how: Any) -> None:
        told, shown = say(f"cli.app_{name.strip('-')}"), say(f"cli.arg_{value}")
        parser.add_argument(name, default=default, help=told, metavar=shown, **how)

    add("folder", "folder", "workshop", nargs="?", type=Path)
    add("--round", "round", "")
    add("--people", "number", 10, type=whole_number)
    add("--port", "number", 8866, type=whole_number)
    add("--host", "address", "")
    add("--code", "code", "")
    add("--notebook", "notebook", TEMPLATES / "app.ipynb", type=Path)
    return parser


def _serve(given: argparse.Namespace) -> None:
    try:
        voila = import_module("voila.app")
    except ImportError as problem:
        raise RoomError("no_voila", found=problem.name) from problem
    if not given.notebook.is_file():
        raise RoomError("no_notebook", file=given.notebook)
    if given.round and safe_name(given.round) != given.round:
        raise RoomError("bad_round", found=given.round[:60])
    _check_free(given.port)
    folder = expanded(given.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    code = given.code or new_code()
    os.environ["CXASSESS_ROOM"] = str(folder)
    if given.round:
        os.environ["CXASSESS_ROUND"] = given.round
    templates = given.notebook.resolve().parent
    os.environ["JUPYTER_PATH"] = os.pathsep.join(
        filter(None, [str(templates), os.environ.get("JUPYTER_PATH")])
    )
    print(_invitation(given.host or _own_address(), given.port, code, folder), flush=True)
    voila.Voila.launch_instance(argv=[], config=_settings(given, code, templates))


def _settings(given: argparse.Namespace, code: str, templates: Path) -> Any:
    """Voilà's settings: a kernel for everybody, some ready before they come, closed when they have gone."""
    from jupyter_server import DEFAULT_TEMPLATE_PATH_LIST
    from traitlets.config import Config

    return Config(
        Voila={
            "notebook_path": str(given.notebook.resolve()),
            "ip": "0.0.0.0",  # noqa: S104  the room is to reach it
            "port": given.port,
            "port_retries": 0,
            "token": code,
            "open_browser": False,
            "log_level": "ERROR",
            "tornado_settings": {"jinja2_env": _pages([str(templates), *DEFAULT_TEMPLATE_PATH_LIST])},
        },
        VoilaConfiguration={
            "template": "room",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "file_allowlist": [],
            "preheat_kernel": True,
            "default_pool_size": max(given.people, 1),
            "extension_allowlist": [
                "@jupyter-widgets/jupyterlab-manager",
                "@voila-dashboards/widgets-manager8",
                "anywidget",
            ],
        },
        KernelManager={
            "transport": "tcp" if os.name == "nt" else "ipc"
        },  # not even other users here can listen
        MappingKernelManager={"cull_idle_timeout": LEFT, "cull_interval": 60},
    )


def _pages(folders: list[str]) -> Any:
    from jinja2 import Environment, FileSystemLoader

    pages = Environment(loader=FileSystemLoader(folders), autoescape=True, extensions=["jinja2.ext.i18n"])
    pages.install_null_translations()  # type: ignore[attr-defined]
    texts = {code: interface_texts("app", code) for code in load_model().languages}
    pages.globals.update(texts=texts, language=current_language())
    return pages


def _invitation(host: str, port: int, code: str, folder: Path) -> str:
    """How to come in, as text and as a code for a phone's camera."""
    import segno

    address = f"http://{host}:{port}/"
    width = max(len(say(f"app.{key}")) for key in ("address", "room_code", "folder"))
    lines = {"address": address, "room_code": code, "folder": str(folder)}
    table = "\n".join(f"  {say(f'app.{key}'):{width}}  {value}" for key, value in lines.items())
    picture = StringIO()
    segno.make(f"{address}?token={code}", micro=False).terminal(picture, border=2, compact=True)
    alone = f"\n{say('app.only_here')}" if host == "127.0.0.1" else ""
    return f"\n{say('app.open')}\n\n{table}\n{alone}\n{picture.getvalue()}\n{say('app.stop')}\n"


def _own_address() -> str:
    """This machine's address in the network that it would reach others through; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104
        except OSError as problem:
            raise RoomError("port_taken", port=port) from problem


if __name__ == "__main__":
    sys.exit(main())
