"""Exports as four survey tools write them, each with the faults that such exports have.

People answer twice, leave questions out, type what nobody asked, or only try the survey; two answers are none.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cxassess.answers import NOT_APPLICABLE, Value
from cxassess.language import language, say
from cxassess.model import Model, load_model
from datasets.make.draws import Draws

PEOPLE = ("sakura", "hazel", "kaede", "olive", "momiji", "rowan", "tsubaki")
START = datetime(2026, 7, 6, 9, 5)
WORDS = {1: "Not like us at all", 2: "A little like us", 3: "Partly like us", 4: "Mostly like us", 5: "Exactly like us",
         NOT_APPLICABLE: "Does not concern us"}  # fmt: skip
EVIDENCE = {
    "en": ("We call before customers notice the delay.", "=SUM(visits) is on the wall, 40 last year.", "-"),
    "ja": ("荷物が遅れるときは、先にこちらから電話します。", "=訪問件数の表を壁に貼っています。", "-"),
}
Person = dict[str, Value]
Rows = list[list[str]]


def write(folder: Path) -> None:
    """Write one export of each tool into `folder`."""
    model = load_model()
    folder.mkdir(parents=True, exist_ok=True)
    exports = {
        "google-forms.csv": (_google, "utf-8", ",", "ja"),
        "microsoft-forms.csv": (_microsoft, "cp932", ",", "ja"),
        "qualtrics.csv": (_qualtrics, "utf-8-sig", ",", "en"),
        "surveymonkey.csv": (_surveymonkey, "utf-16", "\t", "en"),
    }
    for name, (make, encoding, delimiter, code) in exports.items():
        with language(code):
            rows = make(model, _people(name, model, code))
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter).writerows(rows)
        text = out.getvalue()
        # Which of the two byte orders `utf-16` writes depends on the machine.
        data = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16" else text.encode(encoding)
        (folder / name).write_bytes(data)


def _people(name: str, model: Model, code: str) -> dict[str, Person]:
    draws, people = Draws(name), {}
    for number, person in enumerate(PEOPLE):
        values: Person = {}
        for key in _keys(model):
            kind, _, id = key.partition(".")
            if draws.chance(0.05) or (number == 5 and kind != "element"):
                continue
            if kind == "element":
                values[key] = (
                    NOT_APPLICABLE if draws.chance(0.04) else draws.score(3 + draws.normal(), 1, model.levels)
                )
                if values[key] in (4, 5) and draws.chance(0.7):
                    values[f"evidence.{id}"] = draws.pick(EVIDENCE[code])
            else:
                values[key] = draws.pick(model.scales[kind].choices).value
        people[person] = values
    return people


def _keys(model: Model) -> list[str]:
    return [
        f"{kind}.{id}" for kind in ("element", "practice", "condition", "cause") for id in model.records[kind]
    ]


def _name(key: str, model: Model) -> str:
    return str(model.records[key.partition(".")[0]][key.partition(".")[2]].name)


def _shown(key: str, values: Mapping[str, Value], model: Model) -> str:
    """An answer as its option is called; a level by its text."""
    value, kind = values.get(key, ""), key.partition(".")[0]
    if value == NOT_APPLICABLE:
        return say("assess.not_applicable")
    if kind == "element" and isinstance(value, int):
        return str(model.elements[key.partition(".")[2]].levels[value - 1])
    return next((str(one.name) for one in model.scales.get(kind, model.scales["practice"]).choices if one.value == value), "")  # fmt: skip


def _when(number: int) -> datetime:
    return START + timedelta(minutes=47 * number, seconds=7 * number, days=number)


def _google(model: Model, people: Mapping[str, Person]) -> Rows:
    elements, practices = (_part(kind, model) for kind in ("element", "practice"))
    head = ["タイムスタンプ", "メールアドレス", "ニックネーム"]
    for key in elements:
        element = model.elements[key.partition(".")[2]]
        head += [f"{element.name}\n{element.question}", say("assess.evidence")]
    head += [f"次の施策はどこまで進んでいますか [{_name(key, model)}]" for key in practices]
    rows = [head]
    for number, (person, values) in enumerate(people.items()):
        when = _when(number)
        half = "午前" if when.hour < 12 else "午後"
        row = [
            f"{when:%Y/%m/%d} {(when.hour - 1) % 12 + 1}:{when:%M:%S} {half} GMT+9",
            f"{person}@example.com",
            person,
        ]
        for key in elements:
            row += [_shown(key, values, model), str(values.get(key.replace("element", "evidence"), ""))]
        rows.append(row + [_shown(key, values, model) for key in practices])
    again = [rows[1][0].replace("2026/07/06", "2026/07/20"), rows[1][1].upper(), *rows[1][2:]]
    again[3] = str(model.elements[elements[0].partition(".")[2]].levels[4])
    return [
        *rows,
        again,
        ["2026/07/21 9:00:00 午前 GMT+9", "test@example.com", "テスト", *[""] * (len(head) - 3)],
    ]


def _microsoft(model: Model, people: Mapping[str, Person]) -> Rows:
    elements = _part("element", model)
    rows = [["ID", "開始時刻", "完了時刻", "メール", "名前", "ニックネームを入力してください",
             *(str(model.elements[key.partition(".")[2]].question) for key in elements)]]  # fmt: skip
    for number, (person, values) in enumerate(people.items()):
        start, end = _when(number), _when(number) + timedelta(minutes=14)
        rated = [str(values.get(key, "")).replace("na", "該当なし") for key in elements]
        rows.append([str(number + 1), _american(start), _american(end), "anonymous", "", person, *rated])
    rows[2][6], rows[3][7], rows[4][8] = "7", "3.5", "４"
    return rows


def _american(when: datetime) -> str:
    return f"{when.month}/{when.day}/{when:%y} {when.hour}:{when:%M:%S}"


def _qualtrics(model: Model, people: Mapping[str, Person]) -> Rows:
    meta = ["StartDate", "EndDate", "Status", "Progress", "Finished", "RecordedDate", "ResponseId", "DistributionChannel",
            "UserLanguage"]  # fmt: skip
    told = ["Start Date", "End Date", "Response Type", "Progress", "Finished", "Recorded Date", "Response ID",
            "Distribution Channel", "User Language"]  # fmt: skip
    keys = _keys(model)
    ids = [f"Q{2 + at}" for at in range(len(keys))]
    head, text, machine = [*meta, "Q1"], [*told, "Your nickname"], [*meta, "QID1_TEXT"]
    for key, id in zip(keys, ids, strict=True):
        record = model.records[key.partition(".")[0]][key.partition(".")[2]]
        question = getattr(record, "question", None) or getattr(record, "what", None)
        head.append(id)
        text.append(f"{record.name} - {question}")
        machine.append(id.replace("Q", "QID"))
        if key.startswith("element."):
            head.append(f"{id}_E")
            text.append(f"{record.name}: {say('assess.evidence')}")
            machine.append(id.replace("Q", "QID") + "_TEXT")
    rows = [head, text, [json.dumps({"ImportId": one}) for one in machine]]
    for number, (person, values) in enumerate(people.items()):
        partial = number == 5
        start, end = _when(number), _when(number) + timedelta(minutes=16)
        row = [f"{start:%Y-%m-%d %H:%M:%S}", f"{end:%Y-%m-%d %H:%M:%S}", "IP Address", "38" if partial else "100",
               str(not partial), f"{end:%Y-%m-%d %H:%M:%S}", f"R_{number}xQ7b", "anonymous", "EN", person]  # fmt: skip
        for key in keys:
            if key.startswith("element."):
                value = values.get(key, "")
                row += [f"{value} - {_shown(key, values, model)}" if isinstance(value, int) else _shown(key, values, model),
                        str(values.get(key.replace("element", "evidence"), ""))]  # fmt: skip
            else:
                row.append(_shown(key, values, model))
        rows.append(row)
    preview = [*rows[3]]
    preview[2], preview[6], preview[7], preview[9] = "Survey Preview", "R_0preview", "preview", "Our test"
    return [*rows[:3], preview, *rows[3:]]


def _surveymonkey(model: Model, people: Mapping[str, Person]) -> Rows:
    elements, conditions = (_part(kind, model) for kind in ("element", "condition"))
    head = ["Respondent ID", "Collector ID", "Start Date", "End Date", "Email Address", "First Name",
            "How far is this like your company?", *[""] * (len(elements) - 1), "How true is each of these today?",
            *[""] * (len(conditions) - 1), "What shall we call you?"]  # fmt: skip
    second = [*[""] * 6, *(_name(key, model) for key in (*elements, *conditions)), "Open-Ended Response"]
    rows = [head, second]
    for number, (person, values) in enumerate(people.items()):
        start, end = _when(number), _when(number) + timedelta(minutes=11)
        rows.append([
            str(11_400_000_000 + 37 * number), "431", f"{start:%m/%d/%Y %I:%M:%S %p}", f"{end:%m/%d/%Y %I:%M:%S %p}", "", "",
            *(WORDS.get(values.get(key, ""), "") for key in elements),
            *(_shown(key, values, model) for key in conditions), person,
        ])  # fmt: skip
    rows[4][6] = "No idea"
    return rows


def _part(kind: str, model: Model) -> Sequence[str]:
    return [f"{kind}.{id}" for id in model.records[kind]]


if __name__ == "__main__":
    write(Path(__file__).parent.parent / "survey-tools")
