"""What one person does in the room: come in, answer the parts, look at the team's result."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from cxassess.app.picture import FEWEST, team_picture
from cxassess.app.seats import Seat, stamp, take_seat, teams
from cxassess.documents import now
from cxassess.errors import CxError
from cxassess.file_names import expanded
from cxassess.forms.assess import assess
from cxassess.forms.specs import SPECS
from cxassess.language import current_language, interface_texts, language, say
from cxassess.model import Model, load_model
from cxassess.reports.team_page import colours

RESULT = "result"
_FOLDER = Path(__file__).parent


class Visit(anywidget.AnyWidget):
    """The door and the bar above the form: it asks by messages, each of which is answered by one.

    Args:
        room: the folder of teams' folders.
        round: the folder of this round in a team's.
        body: where the form of the part that is open is laid.
    """

    _esm = _FOLDER / "visit.js"
    _css = _FOLDER / "visit.css"

    texts = traitlets.Dict().tag(sync=True)
    languages = traitlets.Dict().tag(sync=True)
    palette = traitlets.Unicode().tag(sync=True)

    def __init__(self, room: Path, round: str, body: ipywidgets.Box, model: Model | None = None) -> None:
        self._model = model or load_model()
        self._room, self._round, self._body = room, round, body
        self._seat: Seat | None = None
        self._part = ""
        self._stamp: tuple[tuple[str, int, int], ...] = ()
        self._language = current_language()
        codes = self._model.languages
        super().__init__(
            texts={code: _texts(code) for code in codes},
            languages={code: str(name) for code, name in codes.items()},
            palette=colours(self._model.colours),
        )
        self.on_msg(self._receive)

    def _receive(self, _widget: object, message: Any, _buffers: object) -> None:
        if not isinstance(message, dict) or message.get("type") not in self._answers:
            return
        if message.get("language") in self.languages:
            self._language = message["language"]
        with language(self._language):
            try:
                answer = self._answers[message["type"]](self, message)
            except CxError as problem:
                answer = {"problem": str(problem)}
        if answer:
            self.send({"type": message["type"], **answer})

    def _hello(self, _message: Mapping[str, Any]) -> dict[str, Any]:
        return {"teams": teams(self._room)}

    def _join(self, message: Mapping[str, Any]) -> dict[str, Any]:
        team, name, code = (str(message.get(key) or "") for key in ("team", "name", "code"))
        self._seat = seat = take_seat(self._room, team, name, self._round, code)
        self._part = ""
        return {"seat": {"team": seat.team, "name": seat.name, "code": seat.code}}

    def _open(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Open a part, or the same part in another language."""
        part = message.get("part")
        if self._seat is None or part not in {*SPECS, RESULT}:
            return {}
        self._part, self._stamp = part, ()
        if part == RESULT:
            self._body.children = ()
            return {"part": part, **self._look({})}
        form = assess(self._seat.folder, self._seat.name, part, self._model)
        own = {key: say(f"app.{key}") for key in ("not_answering", "not_answering_no_copy")}
        form.spec = {**form.spec, "texts": {**form.spec["texts"], **own}}  # nobody here knows of kernels
        self._body.children = (form,)
        return {"part": part}

    def _look(self, _message: Mapping[str, Any]) -> dict[str, Any]:
        """The team's picture, where any answer has changed since it was last asked for."""
        if self._seat is None or self._part != RESULT:
            return {}
        seen = stamp(self._seat.folder)
        if seen == self._stamp:
            return {}
        self._stamp = seen
        time = datetime.fromisoformat(now()).astimezone().strftime("%H:%M")
        return {"html": team_picture(self._seat.folder, self._model), "at": say("app.as_of", time=time)}

    _answers: Mapping[str, Callable[["Visit", Mapping[str, Any]], dict[str, Any]]] = {
        "hello": _hello, "join": _join, "open": _open, "look": _look,
    }  # fmt: skip


def visit(room: str | Path | None = None, round: str | None = None) -> ipywidgets.VBox:
    """What one person sees, from the door on.

    Args:
        room: the folder of teams' folders; by default the environment's `CXASSESS_ROOM`, else `workshop`.
        round: the round's name; by default the environment's `CXASSESS_ROUND`, else this month.
    """
    folder = expanded(room or os.environ.get("CXASSESS_ROOM") or "workshop")
    folder.mkdir(parents=True, exist_ok=True)
    body = ipywidgets.VBox()
    visitor = Visit(folder, round or os.environ.get("CXASSESS_ROUND") or this_month(), body)
    return ipywidgets.VBox([visitor, body])


def this_month() -> str:
    """The month where this machine is, `2026-04`."""
    return datetime.now().astimezone().strftime("%Y-%m")


def _texts(code: str) -> dict[str, str]:
    """What the page itself says, with what is the same for everybody filled in."""
    with language(code):
        parts = {part: say(f"assess.{part}") for part in SPECS}
        privacy = {"privacy": say("app.privacy", fewest=FEWEST)}
    return {**interface_texts("app", code), **parts, **privacy}
