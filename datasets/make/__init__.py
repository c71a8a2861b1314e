"""Makes the lessons' data from fixed seeds: `python -m datasets.make [FOLDER]`.

A company is a package beside this file. Its `definitions/*.toml` say what its tables hold, and its
`tables()` gives their rows; from both come the CSV files and `datapackage.json`. `teams` makes
answers to the assessment.
"""
