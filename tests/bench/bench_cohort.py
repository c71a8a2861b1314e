"""Reading 500 teams of 10 respondents and showing what they have in common, beside scoring each team for itself."""

import json
import random
import tempfile
from pathlib import Path

import cxassess as cx
from tests.bench.timing import in_turn, peak_megabytes, seconds, table

TEAMS = 500
PEOPLE = 10


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        before = peak_megabytes()
        first = seconds(lambda: cx.show(cx.read_cohort(name)))
        memory = peak_megabytes()

        def each_team() -> object:
            return [cx.score(cx.read_answers(team)) for team in sorted(folder.iterdir())]

        ours, theirs = in_turn(3, lambda: cx.show(cx.read_cohort(name)), each_team)
        cohort = cx.read_cohort(name)
        reading = seconds(lambda: cx.read_cohort(name))
        from cxassess import charts

        drawn = seconds(
            lambda: (charts.cohort(cohort), charts.cohort_progress(cohort), charts.cohort_practices(cohort))
        )
    rows = [
        (f"`cx.show(cx.read_cohort(…))`, {TEAMS} teams × {PEOPLE} respondents", f"{ours:.2f} s", "1"),
        ("of it reading and working out the tables", f"{reading:.2f} s", f"{reading / ours:.1f}"),
        ("the first time in a process", f"{first:.2f} s", f"{first / ours:.1f}"),
        (
            "`cx.read_answers` and `cx.score` for each team, nothing shown",
            f"{theirs:.2f} s",
            f"{theirs / ours:.1f}",
        ),
        ("the three charts on top", f"{drawn:.2f} s", f"{drawn / ours:.1f}"),
    ]
    print(table(["", "time (median of 3 for both sides)", "ratio"], rows))
    print(f"\nPeak memory of the first: {memory:.0f} MB, {memory - before:.0f} MB of it for the cohort.")


def write(folder: Path) -> None:
    """A folder per team with every question answered, but for one in twelve."""
    model = cx.load_model()
    draw = random.Random(7)
    steps = [choice.value for choice in model.scales["practice"].choices]
    for team in range(TEAMS):
        place = folder / f"team {team + 1:03}"
        place.mkdir()
        for person in range(PEOPLE):
            answers: dict[str, object] = {f"element.{id}": draw.randint(1, 5) for id in model.elements}
            answers |= {f"practice.{id}": draw.choice(steps) for id in model.practices}
            response = {
                "schema": "cxassess.answers/1",
                "respondent": f"r{person}",
                "id": f"{team}-{person}",
                "model": {"version": model.version, "hash": model.hash},
                "answers": {key: value for key, value in answers.items() if draw.random() > 1 / 12},
            }
            (place / f"r{person}.json").write_text(json.dumps(response, indent=1), "utf-8")


if __name__ == "__main__":
    main()
