"""The form that people answer in, in a notebook or on a page."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxassess.forms.widget import Form

__all__ = ["Form"]


def __getattr__(name: str) -> Any:
    if name == "Form":  # brings ipywidgets along: loaded where a form is shown
        from cxassess.forms.widget import Form

        return Form
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
