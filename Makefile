# Everything sets itself up: `make gauge` runs the main job, `make test` the tests. No step before them.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check -q install -c constraints.txt

.PHONY: gauge simulate cascade test check lint format score bench bench-peers record docs clean help
help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / - /'

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13)) or None' || \
	  { echo "manometer needs Python 3.11 to 3.13 (PYTHON=python3.12 make ...)"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e .
	@touch $@

$(VENV)/.full: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[plot,report,simulate]'
	@touch $@ $(VENV)/.core

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.core $(VENV)/.full

gauge: $(VENV)/.core ## read the pressure gauge on the packaged record, offline
	@$(BIN)/manometer gauge $(ARGS)

simulate: $(VENV)/.full ## an operator on thousands of paths: make simulate ARGS="examples/listed_2022.yaml"
	@$(BIN)/manometer fleet simulate $(or $(ARGS),examples/listed_2022.yaml)

cascade: $(VENV)/.full ## does a fall feed on itself? make cascade ARGS="--shock -0.2"
	@$(BIN)/manometer cascade $(ARGS)

test: $(VENV)/.dev ## set up and run the tests
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(VENV)/.dev ## format, lint, types, import law, file length
	$(BIN)/ruff format --check src tests tools benchmarks
	$(BIN)/ruff check src tests tools benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_length.py

lint: check
format: $(VENV)/.dev ## rewrite the sources in the house format
	$(BIN)/ruff format src tests tools benchmarks
	$(BIN)/ruff check --fix src tests tools benchmarks

score: $(VENV)/.dev ## the scorecard of truth -> build/score.json
	@$(BIN)/python -m tools.score $(ARGS)

bench: $(VENV)/.dev ## the benchmark table -> build/bench.json
	@$(BIN)/python -m benchmarks $(ARGS)

PEERS := jax mesa radcad
build/peers/%/.ready: benchmarks/peers/%.txt
	$(PYTHON) -m venv build/peers/$*
	build/peers/$*/bin/python -m pip --disable-pip-version-check -q install -r $<
	@touch $@

bench-peers: $(VENV)/.dev $(PEERS:%=build/peers/%/.ready) ## the population against its peers -> build/bench-peers.json
	@$(BIN)/python -m benchmarks.peers --peers $(PEERS) $(ARGS)

docs: $(VENV)/.dev ## write docs/reference from the program itself
	@$(BIN)/python -m tools.reference

record: $(VENV)/.dev ## compile the packaged record and catalogue again: make record DATA=FOLDER
	$(BIN)/python -m tools.compile_record $(DATA)
	$(BIN)/python -m tools.compile_machines $(DATA)

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .hypothesis
