"""Makes the lessons' data from fixed seeds: `python -m datasets.make [FOLDER]`.

A company is a package beside this file. Its `definitions/*.toml` say what its tables hold, and its
`tables()` gives their rows; from both come the CSV files and `datapackage.json`. A
`story.toml`, the company's or that of `teams`, tells how its people answer the assessment.
"""
