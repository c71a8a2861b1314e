"""The kernel's side of the form: what arrives in a message reaches the callback, and the word that goes back."""

import json
import logging
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm
from hypothesis import given
from hypothesis import strategies as st

import cxassess.forms
from cxassess.answer_files import ResponseFile
from cxassess.documents import Saved
from cxassess.errors import AnswerError, SaveError
from cxassess.forms import Form
from cxassess.language import current_language, interface_texts

SPEC = {"key": "test", "language": "en", "title": "Test", "texts": {}, "sections": []}
POSITION = {"section": "direction", "field": "goals"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Every message that the kernel sends to the browser: its type and its data."""
    messages: list[tuple[str, Any]] = []

    class Recorder(BaseComm):
        def publish_msg(self, msg_type: str, data: Any = None, **_: Any) -> None:
            messages.append((msg_type, json.loads(json.dumps(data))))  # as it goes over the wire

    monkeypatch.setattr(comm, "create_comm", Recorder)
    return messages


def receive(form: Form, content: Any) -> None:
    """Lets `form` receive a custom message as a browser sends it."""
    form._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def batch(edits: dict[str, Any], seq: int = 7) -> dict[str, Any]:
    return {"type": "edits", "seq": seq, "edits": edits, "position": POSITION}


def words(sent: list[tuple[str, Any]]) -> list[Any]:
    """The form's own messages among those sent."""
    return [data["content"] for _, data in sent if data.get("method") == "custom"]


def test_a_batch_reaches_the_callback_and_is_acknowledged(sent: list[tuple[str, Any]]) -> None:
    batches = []
    form = Form(SPEC, {"goals": 1, "product": 3}, on_edits=lambda *batch: batches.append(batch))
    receive(form, batch({"goals": 4, "product": None}))
    assert batches == [({"goals": 4, "product": None}, POSITION)]
    assert form.values == {"goals": 4}
    assert form.position == POSITION
    [word] = words(sent)
    assert (word["type"], word["seq"], word["changed"]) == ("saved", 7, {})
    assert datetime.fromisoformat(word["at"]).tzinfo


@pytest.mark.parametrize(
    "receipt",
    [Saved("14:03", {"data": 2, "goals": None}), {"at": "14:03", "changed": {"data": 2, "goals": None}}],
)
def test_what_others_changed_is_told_and_kept(sent: list[tuple[str, Any]], receipt: Any) -> None:
    form = Form(SPEC, {"goals": 1}, on_edits=lambda edits, position: receipt)
    receive(form, batch({"product": 5}))
    assert words(sent) == [{"seq": 7, "type": "saved", "at": "14:03", "changed": {"data": 2, "goals": None}}]
    assert form.values == {"product": 5, "data": 2}


def test_a_refusal_is_passed_on_as_it_reads_and_changes_nothing(sent: list[tuple[str, Any]]) -> None:
    error = SaveError("not_saved", file="anna.json", found="No space left on device")

    def refuse(edits: Any, position: Any) -> None:
        raise error

    form = Form(SPEC, {"goals": 1}, on_edits=refuse)
    receive(form, batch({"goals": 4}))
    assert words(sent) == [{"seq": 7, "type": "failed", "message": str(error)}]
    assert "anna.json" in str(error)
    assert form.values == {"goals": 1}
    assert form.position == {}


def test_any_other_error_is_told_and_logged(
    sent: list[tuple[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(edits: Any, position: Any) -> None:
        raise ZeroDivisionError("division by zero")

    form = Form(SPEC, on_edits=fail)
    with caplog.at_level(logging.ERROR):
        receive(form, batch({"goals": 4}))
    [word] = words(sent)
    assert (word["type"], word["seq"]) == ("failed", 7)
    assert "ZeroDivisionError: division by zero" in word["message"]
    assert caplog.records[0].exc_info
    assert form.values == {}


def test_callback_and_refusal_speak_the_forms_language(sent: list[tuple[str, Any]]) -> None:
    spoken = []

    def refuse(edits: Any, position: Any) -> None:
        spoken.append(current_language())
        raise AnswerError("no_folder", file="team")

    receive(Form({**SPEC, "language": "ja"}, on_edits=refuse), batch({}))
    assert spoken == ["ja"]
    assert "フォルダー" in words(sent)[0]["message"]
    assert current_language() == "en"


def test_opening_sends_one_model_of_the_form_and_a_batch_two_messages(sent: list[tuple[str, Any]]) -> None:
    fields = [{"id": f"f{i}", "type": "text", "label": "?"} for i in range(100)]
    spec = {**SPEC, "sections": [{"id": "s", "title": "S", "fields": fields}]}
    form = Form(spec, {f"f{i}": "text" for i in range(100)}, on_edits=lambda edits, position: None)
    opened = [data["state"] for kind, data in sent if kind == "comm_open"]
    assert [state["spec"] for state in opened if "spec" in state] == [spec]
    assert {state["_model_name"] for state in opened} == {"AnyModel", "LayoutModel"}
    assert len(sent) == 2
    receive(form, batch({f"f{i}": "new" for i in range(100)}))
    assert [data["method"] for _, data in sent[2:]] == ["update", "custom"]


def test_messages_that_are_no_batch_are_left_alone(sent: list[tuple[str, Any]]) -> None:
    form = Form(SPEC, on_edits=lambda edits, position: pytest.fail("not a batch"))
    for content in ({"type": "hello"}, {}, "edits", None, ["edits"]):
        receive(form, content)
    assert words(sent) == []


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abcde"), st.none() | st.integers(1, 5) | st.text(max_size=3)),
        max_size=8,
    )
)
def test_values_are_the_fold_of_all_batches(batches: list[dict[str, Any]]) -> None:
    form = Form(SPEC, on_edits=lambda edits, position: None)
    expected: dict[str, Any] = {}
    for edits in batches:
        receive(form, batch(edits))
        expected |= edits
    assert form.values == {field: value for field, value in expected.items() if value is not None}


def test_importing_the_package_of_forms_brings_no_widgets_along() -> None:
    code = "import cxassess.forms, sys; print(sorted({'ipywidgets', 'anywidget'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_front_end_and_its_texts_agree() -> None:
    code = (Path(cxassess.forms.__file__).parent / "form.js").read_text("utf-8")
    english, japanese = interface_texts("form", "en"), interface_texts("form", "ja")
    assert set(re.findall(r'\bt\("(\w+)"', code)) <= english.keys()
    assert {key for key in english if f'"{key}"' not in code} == set()
    for key, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", japanese[key])), key


def test_a_refused_edit_is_told_and_does_not_hold_up_the_others(tmp_path: Path) -> None:
    file = ResponseFile(tmp_path, "anna")
    form = Form({"key": "k", "language": "en", "texts": {}, "sections": []}, on_edits=file.save)
    sent: list[dict[str, Any]] = []
    form.send = lambda content, buffers=None: sent.append(content)
    edits = {"element.goals": 3, "evidence.goals": "x" * 20_001, "element.success": 2}
    form._receive(form, {"type": "edits", "seq": 1, "edits": edits, "position": {}}, [])
    assert sent[0]["type"] == "saved"
    assert list(sent[0]["refused"]) == ["evidence.goals"]
    assert "was not kept" in sent[0]["refused"]["evidence.goals"]
    assert dict(ResponseFile(tmp_path, "anna").response.values) == {"element.goals": 3, "element.success": 2}
    assert form.values == {"element.goals": 3, "element.success": 2}
