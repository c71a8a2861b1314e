# Everything that `make` does here is also written out as plain commands in CONTRIBUTING.md.
PYTHON ?= python3
BIN := .venv/bin/python
export CXASSESS_LANG ?= en
# The lessons of another language than English stand in a folder of their own, and its pages in a book of their own.
OTHER := $(filter-out en,$(CXASSESS_LANG))
LESSONS := notebooks$(OTHER:%=-%)
export PYTHONUTF8 = 1
# The stored outputs of the lessons are English.
lessons notebooks quick test: override export CXASSESS_LANG = en

.PHONY: help lab test book site learners slides app hub links bench lock data lessons translations sheets pictures quick lint notebooks browser clean

help:            ## show what can be made
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

lab: .venv/course  ## set up if needed, then open JupyterLab on the first lesson; in Japanese: make lab CXASSESS_LANG=ja
	$(if $(OTHER),$(BIN) -m book.translation.lessons $(OTHER))
	$(BIN) -m jupyter trust $(LESSONS)/*.ipynb >/dev/null
	$(BIN) -m jupyterlab $(LESSONS)/01-start-here.ipynb $(if $(OTHER),--LabApp.app_settings_dir=templates/lab/$(OTHER)) $(LAB_OPTIONS)

book: .venv/course  ## build the pages alone into _build/html; in Japanese: make book CXASSESS_LANG=ja
	$(if $(OTHER),$(BIN) -m book.translation.edition $(OTHER))
	.venv/bin/jupyter-book build $(if $(OTHER),_build/editions/$(OTHER),.) -n -W --keep-going

learners: .venv/course  ## write the exercises without their solutions into _build/learners
	$(if $(OTHER),$(BIN) -m book.translation.lessons $(OTHER))
	$(BIN) -m cxassess.exchange.learners _build/learners --language $(CXASSESS_LANG)

slides: .venv/course  ## write the slides of each part into _build/slides
	$(BIN) -m cxassess.exchange.slides _build/slides --language $(CXASSESS_LANG)

app: .venv/course  ## serve the assessment to one room: make app ROOM=workshop PEOPLE=20 ROUND=2026-04
	$(BIN) -m cxassess.app $(or $(ROOM),workshop) $(if $(PEOPLE),--people $(PEOPLE)) $(if $(ROUND),--round $(ROUND)) $(if $(HOST),--host $(HOST))

hub: .venv/hub   ## open a hub for everybody on a roster, as root: make hub ROSTER=people.csv
	$(if $(OTHER),$(BIN) -m book.translation.lessons $(OTHER))
	$(BIN) templates/hub/accounts.py $(ROSTER)
	$(BIN) -m jupyterhub -f templates/hub/jupyterhub_config.py

site: .venv/site  ## build all that is published into _build/site, and the zip for use offline
	$(BIN) -m book.site $(if $(PYODIDE),--pyodide $(PYODIDE))

test: .venv/checks lint quick notebooks browser  ## set up if needed, then run every check

lint: .venv/checks
	$(BIN) -m ruff check .
	$(BIN) -m ruff format --check .
	$(BIN) -m mypy

quick: .venv/checks  ## the unit, property and engine tests
	$(BIN) -m pytest -n 2 --dist loadscope cxassess book/translation tests --ignore tests/browser --ignore tests/bench

notebooks: .venv/checks  ## run the lessons and compare every output with the stored one
	$(BIN) -m pytest -n 2 --dist loadscope --nbval --nbval-sanitize-with tests/nbval.cfg notebooks

browser: .venv/checks site  ## use the site, the form and JupyterLab in a real browser
	$(BIN) -m pytest tests/browser

links: .venv/course  ## list the links that lead outside into _build/linkcheck, and ask whether they answer
	.venv/bin/jupyter-book build . --builder linkcheck

bench: .venv/checks  ## measure, both sides in one run, and print the tables
	$(BIN) -m tests.bench $(ONLY)

data: .venv/course  ## make the data sets anew
	$(BIN) -m datasets.make

translations: .venv/course  ## bring the PO files of book/locale up to date, and say what waits for a translation
	$(BIN) -m book.translation

sheets: .venv/course  ## make the printable sheets of templates/ anew
	$(BIN) -m cxassess.exchange.sheets templates

lessons: .venv/course  ## run the lessons and store their outputs
	$(BIN) -m jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.store_widget_state=False notebooks/*.ipynb

lock:            ## compile the locks anew from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --no-header --extra course -o requirements.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --no-header --extra course --extra site \
	  -c requirements.txt -o requirements-site.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --no-header --extra course --extra site --extra hub --extra checks \
	  -c requirements-site.txt -o requirements-checks.txt pyproject.toml

clean:           ## remove what commands make anew
	rm -rf _build build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/course: requirements.txt pyproject.toml
	@echo "Setting up .venv: this takes a few minutes the first time."
	$(BIN) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(BIN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN) -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/site: requirements-site.txt .venv/course
	$(BIN) -m pip install --quiet --disable-pip-version-check -r requirements-site.txt
	touch $@

.venv/hub: requirements-checks.txt .venv/course
	$(BIN) -m pip install --quiet --disable-pip-version-check -c requirements-checks.txt -e ".[hub]"
	touch $@

.venv/checks: requirements-checks.txt .venv/site
	$(BIN) -m pip install --quiet --disable-pip-version-check -r requirements-checks.txt
	touch $@

pictures: .venv/checks  ## take the book's pictures of form and result anew
	$(BIN) -m tests.browser.pictures
