"""What `import cxassess` costs over a bare interpreter, and reading the model on top."""

from functools import partial

from tests.bench.timing import in_turn, python, table

SIDES = {
    "a bare interpreter": "pass",
    "`import cxassess`": "import cxassess",
    "… and `load_model()`": "import cxassess; cxassess.load_model()",
    "`import pandas`, for comparison": "import pandas",
}


def main() -> None:
    bare, *others = in_turn(15, *(partial(python, code) for code in SIDES.values()))
    rows = [
        (name, f"{(time - bare) * 1000:.0f} ms") for name, time in zip(list(SIDES)[1:], others, strict=True)
    ]
    print(table(["a fresh process", "median over a bare interpreter"], rows))


if __name__ == "__main__":
    main()
