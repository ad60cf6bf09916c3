# kinoform: `make demo` shows what it does, `make test` shows that it works.
# Needs Python 3.11 or newer, git and make; everything else is installed, at locked versions, in $(VENV).

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
BIN := $(VENV)/bin
INSTALL := -m pip install -qq --disable-pip-version-check --no-input
PIP := $(BIN)/python $(INSTALL)

.DEFAULT_GOAL := help
.PHONY: help demo test lint style format contracts types editor conformance docs pictures bench torture lock clean

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

demo: $(VENV)/.stamp-run ## run the demo film as a draft: no key, no cost
	@$(BIN)/kinoform run pipelines/lighthouse --draft

# Everything that is wrong is said in one go; the status is that of the whole.
test: $(VENV)/.stamp-dev ## run every check and test
	@failed=0; \
	$(MAKE) --no-print-directory --keep-going lint || failed=1; \
	$(BIN)/python -m pytest -n $(JOBS) || failed=1; \
	exit $$failed

lint: style format contracts types ## style, import contracts and types

style: $(VENV)/.stamp-dev
	$(BIN)/ruff check .

format: $(VENV)/.stamp-dev
	$(BIN)/ruff format --check .

contracts: $(VENV)/.stamp-dev
	$(BIN)/lint-imports

types: $(VENV)/.stamp-dev
	$(BIN)/mypy

editor: $(VENV)/.stamp-editor ## install the language server that the editor test drives (needs node and npm)

CLIENTS := runware runware-sdk wavespeed
conformance: $(CLIENTS:%=$(VENV)/.stamp-conformance-%) ## install the providers' own clients, which the emulator is held against

docs: $(VENV)/.stamp-dev ## write docs/reference anew from the program
	$(BIN)/python -m kinoform.cli.reference

pictures: demo ## draw the pictures of the docs anew, from what the demo made
	@$(BIN)/python tests/house/make_pictures.py

bench: $(VENV)/.stamp-dev $(VENV)/.stamp-peers ## print the benchmarks, as ratios from one run
	$(BIN)/python -m pytest tests/bench -s -p no:xdist -o faulthandler_timeout=0

torture: $(VENV)/.stamp-dev ## kill, starve and crowd runs at length; ask both schema engines ten thousand times (an hour)
	$(BIN)/python -m pytest tests/torture -n $(JOBS) -o faulthandler_timeout=0

# A stamp says: this environment holds exactly what this lock file names.
$(VENV)/.stamp-venv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kinoform needs Python 3.11 or newer; say which with PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.stamp-run: $(VENV)/.stamp-venv requirements.lock pyproject.toml
	@echo "installing kinoform and what it needs into $(VENV)"
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.stamp-dev: $(VENV)/.stamp-run requirements-dev.lock
	@echo "installing the tools that check it into $(VENV)"
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

NPM ?= npm
$(VENV)/.stamp-editor: $(VENV)/.stamp-venv tests/editor/package.json
	@echo "installing the language server into $(VENV)/editor"
	mkdir -p $(VENV)/editor
	cp tests/editor/package.json $(VENV)/editor/
	$(NPM) install --prefix $(VENV)/editor --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Two of them share an import name, so each has an environment of its own.
$(VENV)/.stamp-conformance-%: tests/conformance/%.lock $(VENV)/.stamp-venv
	@echo "installing $* into $(VENV)/conformance/$*"
	$(BIN)/python -m venv --clear $(VENV)/conformance/$*
	$(VENV)/conformance/$*/bin/python $(INSTALL) --require-hashes -r $<
	cp $< $(VENV)/conformance/$*/installed.lock
	@touch $@

# What the benches run beside kinoform, apart from what it needs itself.
$(VENV)/.stamp-peers: tests/bench/peers.lock $(VENV)/.stamp-venv
	@echo "installing the peers of the benches into $(VENV)/peers"
	$(BIN)/python -m venv --clear $(VENV)/peers
	$(VENV)/peers/bin/python $(INSTALL) --require-hashes -r $<
	@touch $@

UV ?= uv
EXPORT := $(UV) export --quiet --locked --no-header --no-emit-project --no-annotate --format requirements.txt
COMPILE := $(UV) pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock: ## resolve anew, after a change of dependencies (needs uv)
	$(UV) lock --no-config
	$(EXPORT) --no-dev --group build --output-file requirements.lock
	$(EXPORT) --all-groups --output-file requirements-dev.lock
	for name in $(CLIENTS); do \
	  file=tests/conformance/$$name.lock; \
	  grep -o "^$$name==[^ ]*" $$file | $(COMPILE) --output-file $$file - || exit 1; \
	done
	grep -oE "^(doit|snakemake)==[^ ]*" tests/bench/peers.lock | $(COMPILE) --output-file tests/bench/peers.lock -

clean: ## remove what was built; nothing that was paid for lies here
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find engine tests -name __pycache__ -type d -prune -exec rm -rf {} +
