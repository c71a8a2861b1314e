"""The form in a notebook: an anywidget whose front end is form.js."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import anywidget
import traitlets

from cxassess.documents import Saved
from cxassess.errors import CxError, RefusedError
from cxassess.language import language, say

Receipt: TypeAlias = Saved | Mapping[str, Any] | None
OnEdits: TypeAlias = Callable[[dict[str, Any], dict[str, str]], Receipt]

_FOLDER = Path(__file__).parent
_log = logging.getLogger(__name__)


class Form(anywidget.AnyWidget):
    """A form that hands each batch of edits to `on_edits` and tells the person what became of it.

    Args:
        spec: what to ask; see the types at the top of form.js.
        values: the answers so far, by field id.
        on_edits: keeps the edits (field id to value, `None` for blank) and the person's position (the
            ids of a `section` and a `field`). It may return when it saved and what others had `changed`
            meanwhile. A batch without edits says that the person went to another section. A `CxError`
            that it raises is shown to the person as it reads; any other exception in general words, and
            logged. Either way the edits stay in the person's browser and are sent again, unless the error is
            a `RefusedError`: then the person is told, that edit is dropped, and the others are kept.
        position: where the person stopped.

    Attributes:
        values: the answers as last saved, without blanks.
        position: where the person was then.

        >>> spec = {"key": "demo", "language": "en", "title": "Demo", "texts": {}, "sections": []}
        >>> form = Form(spec, {"goals": 3, "product": None}, on_edits=lambda edits, position: None)
        >>> form.values
        {'goals': 3}
    """

    _esm = _FOLDER / "form.js"
    _css = _FOLDER / "form.css"

    spec = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    position = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        spec: Mapping[str, Any],
        values: Mapping[str, Any] | None = None,
        *,
        on_edits: OnEdits,
        position: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(spec=dict(spec), values=_answered(values or {}), position=dict(position or {}))
        self._on_edits = on_edits
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        return f"Form({self.spec.get('title', '')!r})"

    def _receive(self, _widget: object, message: Any, _buffers: object) -> None:
        """Answer a batch of edits: saved, or why not."""
        if not isinstance(message, dict) or message.get("type") != "edits":
            return
        with language(self.spec.get("language")):
            self.send({"seq": message["seq"], **self._keep(message["edits"], message["position"])})

    def _keep(self, edits: dict[str, Any], position: dict[str, str]) -> dict[str, Any]:
        try:
            kept, refused, receipt = self._accepted(edits, position)
        except CxError as error:
            return {"type": "failed", "message": str(error)}
        except Exception as error:  # whatever it is, the person has to know that nothing was saved
            _log.exception("the edits of form %s could not be saved", self.spec.get("key"))
            found = f"{type(error).__name__}: {error}"
            return {"type": "failed", "message": say("form.crashed", error=found)}
        at, changed = _read(receipt)
        with self.hold_sync():  # one message for both
            self.values = _answered({**self.values, **kept, **changed})
            self.position = position
        return {"type": "saved", "at": at, "changed": changed, **({"refused": refused} if refused else {})}

    def _accepted(
        self, edits: dict[str, Any], position: dict[str, str]
    ) -> tuple[dict[str, Any], dict[str, str], Receipt]:
        """The edits that were kept, and why each other one was refused: it must not hold up the rest."""
        try:
            return edits, {}, self._on_edits(edits, position)
        except RefusedError as error:
            if len(edits) < 2:
                return {}, dict.fromkeys(edits, str(error)), self._on_edits({}, position)
        kept: dict[str, Any] = {}
        refused: dict[str, str] = {}
        receipt: Receipt = None
        for id, value in edits.items():
            good, bad, receipt = self._accepted({id: value}, position)
            kept |= good
            refused |= bad
        return kept, refused, receipt


def _read(receipt: Receipt) -> tuple[str, dict[str, Any]]:
    """When it was saved, and what others had changed."""
    if isinstance(receipt, Saved):
        return receipt.at, dict(receipt.changed)
    receipt = receipt or {}
    return receipt.get("at") or datetime.now(UTC).isoformat(), dict(receipt.get("changed", {}))


def _answered(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without blanks."""
    return {field: value for field, value in values.items() if value is not None}
