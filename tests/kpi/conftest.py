"""The engines that every metric must give the same answers on.

Use `native` (a function from a pandas frame to a frame of the engine) in a test that takes it as an argument:
the test runs once an engine. Missing numbers come as null and as `NaN` in turn, wherever the engine can tell
them apart, and the pandas index is neither sorted nor unique, so that no code can lean on it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

# No test asserts a time; the first call of an engine takes long.
settings.register_profile("kpi", deadline=None)
settings.load_profile("kpi")

Native = Callable[[pd.DataFrame], Any]

ENGINES = ["pandas", "pandas-nullable", "pandas-arrow", "polars", "polars-lazy", "duckdb", "dask", "pyspark"]
FEWEST = 2
EXAMPLES = {"duckdb": 3, "dask": FEWEST, "pyspark": FEWEST}


def arrow_table(frame: pd.DataFrame) -> Any:
    """The frame as an Arrow table in which every other missing number is `NaN`, the rest null."""
    import pyarrow as pa

    columns = {}
    for name, column in frame.items():
        if column.dtype.kind == "f":
            missing = column.isna().to_numpy()
            null = missing & (np.cumsum(missing) % 2 == 1)
            columns[name] = pa.array(column.to_numpy(), mask=null, from_pandas=False)
        elif column.dtype == object and set(map(type, column.dropna())) <= {bool}:
            columns[name] = pa.array(column.tolist(), type=pa.bool_())
        elif column.dtype == object and set(map(type, column.dropna())) <= {str}:
            columns[name] = pa.array([v if isinstance(v, str) else None for v in column], type=pa.string())
        elif column.dtype.kind == "M":
            unit = pa.timestamp("us", tz=str(column.dt.tz) if column.dt.tz else None)
            columns[name] = pa.array(column, from_pandas=True).cast(unit)
        else:
            columns[name] = pa.array(column, from_pandas=True)
    return pa.table(columns)


def _pandas(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(np.arange(len(frame))[::-1] // 2, axis=0)


def _pandas_nullable(frame: pd.DataFrame) -> pd.DataFrame:
    return _pandas(frame.convert_dtypes(infer_objects=True))


def _pandas_arrow(frame: pd.DataFrame) -> pd.DataFrame:
    return _pandas(arrow_table(frame).to_pandas(types_mapper=pd.ArrowDtype))


def _polars(frame: pd.DataFrame) -> Any:
    import polars as pl

    return pl.from_arrow(arrow_table(frame))


def _polars_lazy(frame: pd.DataFrame) -> Any:
    return _polars(frame).lazy()


def _dask(frame: pd.DataFrame) -> Any:
    import dask.dataframe as dd

    # Dask takes a column of Python objects for text.
    flags = {name: "boolean" for name in frame if pd.api.types.infer_dtype(frame[name]) == "boolean"}
    return dd.from_pandas(frame.astype(flags).reset_index(drop=True), npartitions=2, sort=False)


def _spark(session: Any, frame: pd.DataFrame) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    table = arrow_table(frame)
    return session.createDataFrame(table, schema=from_arrow_schema(table.schema, prefer_timestamp_ntz=True))


@pytest.fixture(scope="session")
def duckdb_connection() -> Iterator[Any]:
    import duckdb

    connection = duckdb.connect()
    connection.execute("set timezone = 'America/New_York'")
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One local Spark session, in a zone that no test asks for; without Java a skip, on CI a failure."""
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        message = "PySpark is not tested: it needs a Java runtime, such as Debian's default-jre-headless"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.sql.session.timeZone": "America/New_York",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.sql.codegen.wholeStage": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("cxassess tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="session", params=ENGINES)
def native(request: pytest.FixtureRequest) -> Native:
    """A function that makes a frame of the engine out of a pandas frame."""
    if request.param == "duckdb":
        connection = request.getfixturevalue("duckdb_connection")
        return lambda frame: connection.from_arrow(arrow_table(frame))
    if request.param == "pyspark":
        session = request.getfixturevalue("spark")
        return lambda frame: _spark(session, frame)
    return {
        "pandas": _pandas,
        "pandas-nullable": _pandas_nullable,
        "pandas-arrow": _pandas_arrow,
        "polars": _polars,
        "polars-lazy": _polars_lazy,
        "dask": _dask,
    }[request.param]


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> int:
    """How many random examples the engine at hand is tried on: few on a slow one."""
    return EXAMPLES.get(request.node.callspec.params["native"], 5)
