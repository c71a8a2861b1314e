"""Transaction metrics beside what one would use instead: 5 million purchases of 300,000 customers.

Each contender runs in a process of its own on the same file, read beforehand into the form that it takes. Of
several runs in two such processes the fastest counts. Memory is what the first run needed at its peak beyond
the input and the libraries. Those by hand return what their engine returns; `Transactions` returns pandas
frames. `--small` measures a tenth; further words choose tasks.
"""

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.timing import table

END = "2024-12-31"
TURNS = 2  # processes of each contender, one after the other's, so that a slow moment strikes all


# The data: a skewed number of purchases each, uniform over three years; ids with gaps, as numbers or text.


def write_data(folder: Path, share: float) -> None:
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(1)
    rows, customers = int(5_000_000 * share), int(300_000 * share)
    weight = random.gamma(0.6, 1, customers) + 0.02
    who = random.choice(customers, rows, p=weight / weight.sum())
    numbers = 10**8 + random.permutation(34 * customers)[:customers]
    seconds = random.integers(0, 3 * 365 * 86_400, rows)
    frame = pd.DataFrame({
        "id": numbers[who],
        "ts": (np.datetime64("2022-01-01", "s") + seconds).astype("M8[us]"),
        "amt": random.lognormal(7.5, 1, rows).round().astype(np.int64),
    })  # fmt: skip
    frame.to_parquet(folder / "number.parquet", index=False)
    frame["id"] = np.array([f"C{number}" for number in numbers], dtype=object)[who]
    frame.to_parquet(folder / "text.parquet", index=False)
    answers = int(10_000_000 * share)
    pd.DataFrame(
        {
            "segment": np.array([f"segment {i}" for i in range(8)], dtype=object)[
                random.integers(0, 8, answers)
            ],
            "ts": (np.datetime64("2023-01-01", "s") + random.integers(0, 731 * 86_400, answers)).astype(
                "M8[us]"
            ),
            "score": random.choice(11, answers, p=np.arange(1, 12) / 66),
        }
    ).to_parquet(folder / "answers.parquet", index=False)


def pandas_frame(path: Path) -> Any:
    import pandas as pd

    return pd.read_parquet(path)


def polars_frame(path: Path) -> Any:
    import polars as pl

    return pl.read_parquet(path)


def duckdb_table(path: Path) -> Any:
    import duckdb

    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute(f"create table log as select * from '{path}'")
    return connection


# The contenders.


def ours(task: str) -> Callable[[Any], Any]:
    def run(frame: Any) -> Any:
        from cxassess import kpi

        if hasattr(frame, "table"):
            frame = frame.table("log")
        if task == "nps":
            return kpi.nps(frame, score="score", by=["segment", kpi.month("ts")])
        tx = kpi.Transactions(frame, customer="id", time="ts", amount="amt", as_of=END, tz="Asia/Tokyo")
        return {"summary": tx.summary, "rfm": tx.rfm, "cohorts": tx.cohorts, "report": tx.report}[task]()

    return run


def lifetimes_summary(frame: Any) -> Any:
    from lifetimes.utils import summary_data_from_transaction_data

    return summary_data_from_transaction_data(frame, "id", "ts", "amt", observation_period_end=END)


def pandas_summary(frame: Any) -> Any:
    import pandas as pd

    days = frame.groupby(["id", frame["ts"].dt.floor("D")])["amt"].sum().reset_index()
    first = days.groupby("id")["ts"].transform("min")
    sums = days.groupby("id").agg(first=("ts", "min"), last=("ts", "max"), days=("ts", "size"))
    after = days["amt"].where(days["ts"] > first).groupby(days["id"]).mean()
    return pd.DataFrame({
        "frequency": sums["days"] - 1, "recency": (sums["last"] - sums["first"]).dt.days,
        "T": (pd.Timestamp(END) - sums["first"]).dt.days, "monetary": after,
    })  # fmt: skip


def pandas_rfm(frame: Any) -> Any:
    sums = frame.groupby("id").agg(last=("ts", "max"), n=("ts", "size"), amt=("amt", "sum"))
    sums["last"] = sums["last"].dt.floor("D")
    for name in ("last", "n", "amt"):
        sums[f"{name}_score"] = 1 + 5 * (sums[name].rank(method="min").astype("int64") - 1) // len(sums)
    return sums


def pandas_cohorts(frame: Any) -> Any:
    month = frame["ts"].to_numpy().astype("M8[M]").astype("int64")
    active = frame[["id"]].assign(month=month).drop_duplicates()
    active["cohort"] = active.groupby("id")["month"].transform("min")
    return active.groupby(["cohort", "month"]).size()


def polars_summary(frame: Any) -> Any:
    import polars as pl

    end, day, amount = pl.lit(END).str.to_date(), pl.col("day"), pl.col("amt")
    days = frame.lazy().group_by("id", pl.col("ts").dt.date().alias("day")).agg(amount.sum())
    sums = days.group_by("id").agg(
        first=day.min(), last=day.max(), frequency=pl.len() - 1,
        after=amount.sum() - amount.get(day.arg_min()),
    )  # fmt: skip
    return sums.select(
        "id", "frequency", recency=(pl.col("last") - pl.col("first")).dt.total_days(),
        T=(end - pl.col("first")).dt.total_days(), monetary=pl.col("after") / pl.col("frequency"),
    ).collect()  # fmt: skip


def polars_rfm(frame: Any) -> Any:
    import polars as pl

    sums = (
        frame.lazy()
        .group_by("id")
        .agg(last=pl.col("ts").max().dt.date(), n=pl.len(), amt=pl.col("amt").sum())
    )
    score = (pl.col("last", "n", "amt").rank("min") - 1) * 5 // pl.len() + 1
    return sums.with_columns(score.name.suffix("_score")).collect()


def polars_cohorts(frame: Any) -> Any:
    import polars as pl

    month = pl.col("ts").dt.year() * 12 + pl.col("ts").dt.month()
    active = frame.lazy().select("id", month=month).unique()
    return (
        active.with_columns(cohort=pl.col("month").min().over("id"))
        .group_by("cohort", "month")
        .len()
        .collect()
    )


def polars_nps(frame: Any) -> Any:
    import polars as pl

    score = pl.col("score")
    net = ((score >= 9).mean() - (score <= 6).mean()) * 100
    return frame.lazy().group_by("segment", pl.col("ts").dt.truncate("1mo")).agg(net, pl.len()).collect()


SQL = {
    "summary": f"""
        with days as (select id, ts::date as day, sum(amt) as amt from log group by all)
        select id, count(*) - 1 as frequency, max(day) - min(day) as recency, date '{END}' - min(day) as T,
            (sum(amt) - arg_min(amt, day)) / nullif(count(*) - 1, 0) as monetary
        from days group by id""",
    "rfm": """
        with sums as (select id, max(ts)::date as last, count(*) as n, sum(amt) as amt from log group by id)
        select *, 1 + 5 * (rank() over (order by last) - 1) // count(*) over () as r,
            1 + 5 * (rank() over (order by n) - 1) // count(*) over () as f,
            1 + 5 * (rank() over (order by amt) - 1) // count(*) over () as m
        from sums""",
    "cohorts": """
        with active as (select distinct id, date_trunc('month', ts) as month from log),
            firsts as (select id, min(month) as cohort from active group by id)
        select cohort, month, count(*) from active join firsts using (id) group by all""",
    "nps": """
        select segment, date_trunc('month', ts) as month, count(*) as n,
            100 * (avg((score >= 9)::int) - avg((score <= 6)::int)) as nps
        from log group by all""",
}


def duckdb_by_hand(task: str) -> Callable[[Any], Any]:
    return lambda connection: connection.sql(SQL[task]).arrow().read_all()


def duckdb_from_pandas(task: str) -> Callable[[Any], Any]:
    def run(frame: Any) -> Any:
        import duckdb

        with duckdb.connect() as connection:
            connection.execute("set threads = 2")
            return connection.register("log", frame).sql(SQL[task]).df()

    return run


def polars_from_pandas(by_hand: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def run(frame: Any) -> Any:
        import polars as pl

        return by_hand(pl.from_pandas(frame))

    return run


POLARS = {"summary": polars_summary, "rfm": polars_rfm, "cohorts": polars_cohorts, "nps": polars_nps}
PANDAS = {"summary": pandas_summary, "rfm": pandas_rfm, "cohorts": pandas_cohorts}
OURS, OURS_POLARS, OURS_DUCKDB = (
    "`cxassess.kpi`, pandas frame",
    "`cxassess.kpi`, Polars frame",
    "`cxassess.kpi`, DuckDB table",
)
Contender = tuple[Callable[[Path], Any], Callable[[Any], Any], int]


def contenders(task: str) -> dict[str, Contender]:
    """Who does a task: what each takes, what it runs, how often."""
    if task == "report":
        return {
            OURS: (pandas_frame, ours("report"), 5),
            "DuckDB by hand, own table, summary only": (duckdb_table, duckdb_by_hand("summary"), 5),
            "DuckDB by hand, pandas frame, summary only": (pandas_frame, duckdb_from_pandas("summary"), 5),
        }
    found: dict[str, Contender] = {OURS: (pandas_frame, ours(task), 5)}
    if task == "summary":
        found["`lifetimes` 0.11"] = (pandas_frame, lifetimes_summary, 1)
    if task in PANDAS:
        found["pandas by hand"] = (pandas_frame, PANDAS[task], 1)
    return found | {
        "Polars by hand, pandas frame": (pandas_frame, polars_from_pandas(POLARS[task]), 5),
        "DuckDB by hand, pandas frame": (pandas_frame, duckdb_from_pandas(task), 5),
        OURS_POLARS: (polars_frame, ours(task), 5),
        "Polars by hand, own frame": (polars_frame, POLARS[task], 5),
        OURS_DUCKDB: (duckdb_table, ours(task), 5),
        "DuckDB by hand, own table": (duckdb_table, duckdb_by_hand(task), 5),
    }


# Running them.


def memory(what: str) -> float:
    """This process's memory in MB, by the kernel's name for it."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def measure(task: str, name: str, path: Path) -> None:
    """In a process of its own: the fastest run in seconds, and MB beyond the input."""
    read, run, runs = contenders(task)[name]
    if name.startswith("`cxassess"):
        from cxassess.kpi import ledger_engine, ledger_memory, surveys, transactions  # noqa: F401
    data = read(path)
    gc.collect()
    before = memory("VmRSS:")
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak counts from here
    times, peak = [], 0.0
    for _ in range(runs):
        start = time.perf_counter()
        result = run(data)
        times.append(time.perf_counter() - start)
        peak = peak or memory("VmHWM:")
        del result
    json.dump({"seconds": min(times), "megabytes": peak - before}, sys.stdout)


TITLES = {
    "summary": "Summary (frequency, recency, T, monetary)", "rfm": "RFM quintiles", "cohorts": "Monthly cohorts",
    "report": "Everything: `tx.report()`", "nps": "NPS by segment and month",
}  # fmt: skip


def main(arguments: list[str]) -> None:
    small = "--small" in arguments
    tasks = [task for task in TITLES if task in arguments] or list(TITLES)
    with tempfile.TemporaryDirectory() as folder:
        write_data(Path(folder), 0.1 if small else 1)
        for task in tasks:
            for ids in ("number", "text") if task != "nps" else ("answers",):
                show(task, ids, Path(folder) / f"{ids}.parquet", small)


def show(task: str, ids: str, path: Path, small: bool) -> None:
    """Run a task's contenders in turn and print their table."""
    found: dict[str, dict[str, float]] = {}
    for turn in range(1 if small else TURNS):
        for name, (_, _, runs) in contenders(task).items():
            if turn and runs == 1:
                continue
            command = [sys.executable, "-m", "tests.bench.bench_transactions", "--one", task, name, str(path)]
            run = subprocess.run(command, stdout=subprocess.PIPE, check=True, encoding="utf-8")
            one = json.loads(run.stdout)
            known = found.setdefault(name, one)
            known["seconds"] = min(known["seconds"], one["seconds"])
    fastest = {name: one["seconds"] for name, one in found.items()}
    own = {
        name: fastest[OURS_POLARS if name.startswith("Polars") else OURS_DUCKDB]
        for name in fastest if name.endswith(("own frame", "own table")) and OURS_POLARS in fastest
    }  # fmt: skip
    rows = [
        (
            name, f"{one['seconds']:.3f} s", f"{one['megabytes']:.0f} MB", f"{one['seconds'] / fastest[OURS]:.2f}",
            f"{one['seconds'] / own[name]:.2f}" if name in own else "",
        )
        for name, one in found.items()
    ]  # fmt: skip
    rows_of = {"answers": "10 million answers", "number": "ids are numbers", "text": "ids are text"}[ids]
    print(f"**{TITLES[task]}**, {rows_of}{', a tenth of the data' if small else ''}\n")
    head = ["", "fastest", "memory beyond the input", "times ours on pandas", "times ours on the same engine"]
    print(table(head, rows), end="\n\n", flush=True)


if __name__ == "__main__":
    if "--one" in sys.argv:
        measure(*sys.argv[2:4], Path(sys.argv[4]))
    else:
        main(sys.argv[1:])
