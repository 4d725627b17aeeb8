# Everything a fresh machine needs is Python 3.11 or newer and a package index.
PYTHON ?= python3
VENV   ?= .venv
EXTRAS ?= eval
TORCH  ?=
BIN     = $(VENV)/bin
PIP     = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test check docs numbers clean
help:
	@echo "make demo     install, read examples/, print the timeline, write report.html"
	@echo "make test     install with what the tests need, run them (EXTRAS=eval,train TORCH=torch==2.13.0 adds training)"
	@echo "make check    formatting, lint, types and the house tests"
	@echo "make docs     generate the pages made from the catalogue"
	@echo "make numbers  measure speed and memory, then accuracy where INSULA_DATA names the corpora"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Insula needs Python 3.11 or newer, this is " + sys.version'
	$(PYTHON) -m venv $(VENV)

$(VENV)/default.installed: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/dev.installed: pyproject.toml | $(BIN)/python
	$(PIP) --upgrade pip
	$(if $(TORCH),$(PIP) $(TORCH))
	$(PIP) --editable '.[$(EXTRAS)]' --group dev
	@touch $@ $(VENV)/default.installed

demo: $(VENV)/default.installed
	$(BIN)/insula read examples/* --show -o report.html

test: $(VENV)/dev.installed
	$(BIN)/python -m pytest -n auto

check: $(VENV)/dev.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/python -m pytest tests/house

docs: $(VENV)/dev.installed
	$(BIN)/python docs/generate.py
	$(BIN)/python -m pytest -n auto tests/docs

numbers: $(VENV)/dev.installed
	for room in benchmarks/[a-z]*.py; do $(BIN)/python -m benchmarks.$$(basename $$room .py) --json || exit 1; done

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis report.html
