"""The playbook as data: TOML files in this folder, every text in every language.

To change the course's substance, change a TOML file; `records` says what a record holds.
"""

from cxassess.model.loading import KINDS, Model, load_model, references

__all__ = ["KINDS", "Model", "load_model", "references"]
