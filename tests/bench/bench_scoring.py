"""Scoring the answers of 100,000 respondents, beside the same means and spreads by hand in pandas."""

import random
import statistics

import cxassess as cx
from tests.bench.timing import in_turn, peak_megabytes, seconds, table

PEOPLE = 100_000


def main() -> None:
    model = cx.load_model()
    draw = random.Random(7)
    choices = [1, 2, 3, 4, 5, "na", None]
    responses = tuple(
        cx.Response(
            f"r{number}",
            {f"element.{id}": value for id in model.elements if (value := draw.choice(choices)) is not None},
        )
        for number in range(PEOPLE)
    )
    answers = cx.Answers(cx.Team("many"), responses)
    ours = statistics.median(seconds(lambda: cx.score(answers)) for _ in range(3))
    memory = peak_megabytes()

    import pandas as pd

    def by_hand() -> object:
        frame = pd.DataFrame([dict(one.values) for one in responses])
        numbers = frame.apply(pd.to_numeric, errors="coerce")
        return numbers.agg(["mean", "std", "count"]), numbers.mean().mean()

    (theirs,) = in_turn(1, by_hand)
    rows = [
        (f"`cx.score`: everything, {PEOPLE:,} respondents", f"{ours:.2f} s", "1"),
        ("pandas by hand: means, deviations and counts only", f"{theirs:.2f} s", f"{theirs / ours:.1f}"),
    ]
    print(table(["", "median", "ratio"], rows))
    print(f"\nPeak memory with all answers in it: {memory:.0f} MB.")


if __name__ == "__main__":
    main()
