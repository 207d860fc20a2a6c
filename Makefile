# make demo   from nothing to a report on real data
# make test   every check that a change must pass
# make bench  the tables of benchmarks/RESULTS.md

VENV  := .venv
BIN   := $(VENV)/bin
PIP   := $(BIN)/python -m pip --disable-pip-version-check install --quiet
# Threads that spin while they wait slow a shared machine down.
export OMP_WAIT_POLICY := PASSIVE
TORCH := $(shell sed -n 's/^torch==//p' constraints.txt)
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	{ command -v $$p; break; }; done)

NO_PYTHON  = scenara needs Python 3.11 or newer, and found none. Install it, or name it: make PYTHON=/path/to/python3.11
NO_VENV    = scenara needs Python's venv module, and $(PYTHON) has none. Install it (on Debian: apt install python3-venv).
NO_INSTALL = scenara could not install its dependencies; pip's message above says why. Without a network, connect to one and run the same command again; what is there already is kept.
NO_DATA    = scenara's demo did not finish; the message above says why. Run the same command again once that is mended.

.PHONY: demo test bench clean setup
.DEFAULT_GOAL := demo

demo: $(VENV)/.user
	@$(BIN)/scenara demo --out demo --force || { echo "$(NO_DATA)" >&2; exit 1; }

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	PYTHONHASHSEED=0 OMP_NUM_THREADS=1 $(BIN)/python -m pytest --slow --quiet --durations=5 \
		--numprocesses 2 --dist loadfile
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --quiet --doctest-modules --pyargs \
		scenara.shared scenara.finance scenara.insurance scenara.retail

bench: setup
	$(PIP) --editable '.[bench]' --constraint constraints.txt || { echo "$(NO_INSTALL)" >&2; exit 1; }
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/python benchmarks/run.py --write

setup: $(VENV)/.developer build/types/scenara

build/types/scenara:
	@mkdir -p $@
	@for part in shared finance insurance retail; do ln -sfn "../../../$$part" "$@/$$part"; done

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "$(NO_PYTHON)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(NO_VENV)" >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv $(VENV)

# torch comes first, and alone: what follows must not replace it by another build.
$(VENV)/.torch: constraints.txt | $(BIN)/python
	@echo "Installing torch $(TORCH)"
	@$(PIP) torch==$(TORCH) --constraint constraints.txt || { echo "$(NO_INSTALL)" >&2; exit 1; }
	@touch $@

$(VENV)/.user: pyproject.toml $(VENV)/.torch
	@echo "Installing scenara"
	@$(PIP) --editable '.[finance,samples]' --constraint constraints.txt || { echo "$(NO_INSTALL)" >&2; exit 1; }
	@touch $@

$(VENV)/.developer: $(VENV)/.user
	@echo "Installing the developer's tools"
	@$(PIP) --editable '.[finance,samples,tune,dev]' --constraint constraints.txt || { echo "$(NO_INSTALL)" >&2; exit 1; }
	@touch $@

clean:
	rm -rf build dist demo *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
