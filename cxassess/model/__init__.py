"""The playbook as data: TOML files in this folder, every text in every language.

To change the course's substance, change a TOML file; `records` says what a record holds.
"""

from cxassess.model.building import references
from cxassess.model.loading import Model, load_model
from cxassess.model.records import KINDS

__all__ = ["KINDS", "Model", "load_model", "references"]
