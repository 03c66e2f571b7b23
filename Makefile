# What CI runs is `make check`; everything else is for people. Needs Python 3.11 or later, pip and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.made
LOCK   ?=
SPLINK ?=
SECONDS ?= 60
FIRST  ?= 0
PART   ?= seeds
SEED   ?=
WRITE  ?=
NAME   ?=
DIR    ?= ..

.DEFAULT_GOAL := help
.PHONY: help setup test test-long check demo docs record lock clean bench-pull bench-org bench-apply bench-migrate simulate new-vendor

help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) ## make .venv with the locked packages and orgweave itself; PYTHON=python3.12 picks another Python

test: setup ## run the tests
	$(BIN)/pytest

test-long: setup ## run the long searches, and the further cases of what the test run tries once
	$(BIN)/pytest -m long

check: setup ## all that CI runs: format, lint, types, imports, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

demo: setup ## the whole loop against emulated vendors
	$(BIN)/orgweave demo

docs: setup ## write docs/model.md and docs/cli.md, and the answers in docs/queries.md, anew
	$(BIN)/python -m tests.docs

record: setup ## record the cassettes anew, from the sandboxes
	$(BIN)/python -m tests.record

bench-pull: setup ## measure a pull beside its peers and write its part of docs/performance.md; takes some 20 minutes
	$(BIN)/python -m tests.bench.pull

bench-org: setup ## measure matching, reconciling and planning, and write its part of docs/performance.md; SPLINK=PYTHON adds Splink
	$(BIN)/python -m tests.bench.org $(if $(SPLINK),--splink $(SPLINK))

bench-apply: setup ## measure an apply against the vendor's latency, and write its part of docs/performance.md
	$(BIN)/python -m tests.bench.apply

bench-migrate: setup ## move 5,000 departments to each vendor, killed ten times on the way, and write its part of docs/performance.md
	$(BIN)/python -m tests.bench.migrate

simulate: setup ## live through simulated worlds; SECONDS=60, SEED=n replays one aloud, PART=points|planted|whole, WRITE=1 keeps the figures
	$(BIN)/python -m tests.simulate --seconds $(SECONDS) --first $(FIRST) --part $(PART) $(if $(SEED),--seed $(SEED)) $(if $(WRITE),--write)

new-vendor: setup ## make a package that brings a vendor, its contract suite passing: NAME=acme, DIR=.. (docs/new-vendor.md)
	$(BIN)/python -m tests.new_vendor $(NAME) --into $(DIR)

lock: $(BIN)/python ## write requirements.lock anew; LOCK=--upgrade moves to the newest versions
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-config --no-emit-index-url --no-emit-find-links --no-header --quiet $(LOCK) --output-file requirements.lock

clean: ## remove caches and builds; .venv stays
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -exec rm -rf {} +

# Some distributions ship venv without ensurepip: there the pip of $(PYTHON) installs into the environment.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.version_info >= (3, 11) or sys.exit(f"orgweave needs Python 3.11 or later, $(PYTHON) is {v}: make setup PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV) || $(PYTHON) -m venv --clear --without-pip $(VENV)

# The build backend is locked too, so the build needs no isolated environment with packages nobody hashed.
$(STAMP): requirements.lock pyproject.toml | $(BIN)/python
	@set -e; pip="$(BIN)/python -m pip"; \
	$$pip --version >/dev/null 2>&1 || pip="$(PYTHON) -m pip --python $(BIN)/python"; \
	$$pip install --quiet --require-hashes --requirement requirements.lock; \
	$$pip install --quiet --no-build-isolation --no-deps --editable .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true # where PYTHONDONTWRITEBYTECODE is set, pip leaves that to every run
	@touch $@
