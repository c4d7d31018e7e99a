# Two commands do all the set-up themselves: `make gtzan` and `make test`.
# A stamp file remembers what .venv was made from; a second run installs nothing.

PYTHON ?= python3
BIN := .venv/bin
MADE_FROM := pyproject.toml constraints.txt
# Worksteal gives each process a run of files, so that what is made once for a file is made in one process.
IN_PARALLEL := -n auto --dist worksteal
# Where it is set, each process of pytest makes the assertions of all tests anew, for as long as collection takes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help gtzan test test-quick test-slow test-lowest fuzz audit docs lint format clean

help:
	@echo "make gtzan      train and compare genre classifiers (on synthetic music; --data-home for real tracks)"
	@echo "make test       ruff, pytest and the doctests"
	@echo "make test-slow  the tests that take longer"
	@echo "make fuzz       spoil 10,000 audio files and load each in a child process (ARGS='--files N --seed S')"
	@echo "make test-lowest  the quick tests with the lowest versions that pyproject.toml allows"
	@echo "make audit      ask for known vulnerabilities of the versions in constraints.txt (needs the internet)"
	@echo "make docs       build the documentation in docs/_build, its gallery of examples included"
	@echo "make format     let ruff rewrite the code"
	@echo "make clean      remove .venv and caches"

# torch goes first: a pinned CPU build that is already there is then not replaced by a newer, larger one.
.venv/made: $(MADE_FROM)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[plots]'
	@touch $@

.venv/made-for-tests: .venv/made
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@

gtzan: .venv/made
	$(BIN)/python benchmarks/gtzan.py $(ARGS)

test: lint test-quick

lint: .venv/made-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

test-quick: .venv/made-for-tests
	$(BIN)/python -m pytest $(IN_PARALLEL) $(ARGS)

test-slow: .venv/made-for-tests
	$(BIN)/python -m pytest $(IN_PARALLEL) -m slow $(ARGS)

fuzz: .venv/made-for-tests
	$(BIN)/python -m tests.fuzz_audio $(ARGS)

# torch stays the tested one: its older builds are gigabytes.
.venv-lowest/made: pyproject.toml constraints.txt constraints-lowest.txt
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --constraint constraints.txt torch
	.venv-lowest/bin/python -m pip install --quiet --constraint constraints-lowest.txt --editable '.[test]'
	@touch $@

# Left out is what has no version in it: an older scikit-learn's checks of estimators are fewer than those of the tested
# one, pages and benchmarks are run as they are published, and a browser shows a page that is the same.
NOT_LOWEST := tests/test_estimator_checks.py tests/test_docs.py tests/benchmarks tests/reporting/test_page.py

test-lowest: .venv-lowest/made
	.venv-lowest/bin/python -m pytest $(IN_PARALLEL) $(addprefix --ignore=,$(NOT_LOWEST)) $(ARGS)

audit: .venv/made-for-tests
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/python -m pip_audit --requirement constraints.txt --no-deps --disable-pip

.venv/made-for-docs: .venv/made
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[docs]'
	@touch $@

# -W: a warning is an error.
docs: .venv/made-for-docs
	$(BIN)/python -m sphinx -W --keep-going -q -b html $(ARGS) docs docs/_build

format: .venv/made-for-tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .venv-lowest .pytest_cache .ruff_cache build dist docs/_build docs/auto_examples docs/api
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
