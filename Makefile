# Everything that a user types; `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
export DBT_PROFILES_DIR := $(CURDIR)
export AS_OF

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-nightly test-spark test-spark-small signal nightly brief docs status explain study study-calibration bench lint test-mcp

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: .venv/.installed  ## The environment alone, in .venv

.venv/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "insider_filings needs Python 3.11, 3.12 or 3.13; name one with PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: setup  ## From nothing to a ranking of synthetic filings, in demo/
	$(BIN)/python -m runner demo

signal: setup  ## Load from the configured sources, build with tests, publish, export; AS_OF=YYYY-MM-DD for a past day
	$(BIN)/python -m runner signal

status: setup  ## What is loaded and published, how fresh it is, what waits, what the last run did
	$(BIN)/python -m runner status

nightly: setup  ## As signal, and with the unit tests of the models
	$(BIN)/python -m runner signal --full

brief: setup  ## The page of what is published; PUBLISHED=FILE for another file, AS_OF=YYYY-MM-DD for a past day
	$(BIN)/python -m brief $(if $(PUBLISHED),--published "$(PUBLISHED)")

explain: setup  ## Why an issuer has its score, and what would change it: ISSUER="ticker, name or id", AS_OF=YYYY-MM-DD
	@$(BIN)/python -m explain "$(ISSUER)"

study: setup  ## Does the signal work? Build, measure and publish the event study of the last signal; print its verdict, and where its pictures are
	$(BIN)/python -m event_study run
	$(BIN)/python -m event_study show
	$(BIN)/python -m event_study draw

study-calibration: setup  ## The statistics held against 1,000 markets whose truth is known (minutes)
	$(BIN)/python -m event_study calibration

docs: setup  ## The dbt documentation as one file
	$(BIN)/python -m runner docs

bench: setup  ## The benchmark; FILINGS=N or LINES=N for another size, ONLY="load scores" for some of it
	$(BIN)/python -m tools.benchmarks $(if $(FILINGS),--filings $(FILINGS)) $(if $(LINES),--lines $(LINES)) $(if $(ONLY),--only $(ONLY))

test: setup  ## Every test but those of Spark and the longest
	$(BIN)/python -m pytest

test-nightly: setup  ## The longest tests (minutes each)
	$(BIN)/python -m pytest -m nightly

test-spark: .venv/.spark  ## The same models on Spark (needs Java 17): equal marts on this machine, and on a cluster that loses a worker
	$(BIN)/python -m pytest --numprocesses=0 -m spark tests/spark tests/python/test_macros.py

test-spark-small: .venv/.spark  ## A small archive on both engines, and every macro on Spark
	$(BIN)/python -m pytest --numprocesses=0 -m "spark and not nightly" tests/spark/test_small.py tests/python/test_macros.py

.venv/.spark: .venv/.installed requirements-spark.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.lock
	touch $@

test-mcp: setup  ## A session of an MCP client on the published file (docs/readers.md); makes an environment in .mcp
	test -x .mcp/bin/mcp-server-motherduck || { $(PYTHON) -m venv .mcp && .mcp/bin/python -m pip install --quiet --disable-pip-version-check mcp-server-motherduck==1.1.0; }
	INSIDER_MCP_PYTHON=.mcp/bin/python $(BIN)/python -m pytest --numprocesses=0 tests/python/test_runner.py -k mcp

lint: setup  ## The linters
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --processes 2 models tests analyses
	$(BIN)/dbt --quiet parse
	$(BIN)/dbt-bouncer
