# From a fresh clone: `make book` makes the environment, runs every chapter, builds the site.
# What depends on what stands in the Snakefile; this file only makes the environment and calls it.
PYTHON ?= python3
SCALE ?= laptop
ifeq ($(filter $(SCALE),smoke laptop paper),)
  $(error SCALE=$(SCALE) is unknown; choose smoke, laptop or paper)
endif
BIN := .venv/bin
READY := .venv/.ready
export OMP_NUM_THREADS ?= 1
export PYTHONUNBUFFERED := 1
unexport PYTHONDONTWRITEBYTECODE # else every notebook compiles all its libraries anew
export TQDM_MININTERVAL := $(shell [ -t 2 ] && echo 0.1 || echo 20) # a log wants few bars
export PATH := $(abspath $(BIN)):$(PATH)

# The scheduler looks around once in a timespan; at every second that took a tenth of a core.
SNAKEMAKE := $(BIN)/snakemake --cores all --nolock --keep-going --rerun-incomplete \
  --max-checksum-file-size 4GB --max-jobs-per-timespan 100/5s \
  --quiet rules progress host reason --config scale=$(SCALE) --

# One build at a time in a folder; a build that was killed leaves nothing to clean up by hand.
define run
@mkdir -p build; pid=$$(cat build/.running 2>/dev/null); \
if [ -n "$$pid" ] && kill -0 $$pid 2>/dev/null; then \
  echo "A build runs here already (process $$pid); if it does not, delete build/.running."; \
  exit 1; fi; \
echo $$$$ > build/.running; trap 'rm -f build/.running' EXIT; $(SNAKEMAKE) $(1)
endef

.PHONY: help book test lab figures bench tables clean
help:
	@echo "make book     run every chapter and build the site    (SCALE=smoke|laptop|paper)"
	@echo "make test     run every test"
	@echo "make lab      open the chapters as notebooks in JupyterLab"
	@echo "make figures  run the reproductions of the papers     (SCALE=smoke|laptop|paper)"
	@echo "make bench    measure the library's speed as ratios"
	@echo "make tables   make data/tables anew: value tables of several networks (three hours)"
	@echo "make clean    delete what was generated (build/, not .venv)"

book: $(READY)
	$(call run,site)
	@echo "The book: build/site/html/index.html"

figures: $(READY)
	$(call run,figures)

test: $(READY)
	@$(BIN)/python -m pytest

lab: $(READY)
	@$(BIN)/jupytext-config --settings-file build/lab/overrides.json set-default-viewer markdown
	@$(BIN)/jupyter lab --LabApp.app_settings_dir=build/lab chapters

bench: $(READY)
	@$(BIN)/python -m tests.bench

tables: $(READY)
	@$(BIN)/python -m pip install -qq --no-deps -r requirements-tables.lock
	@for name in $$($(BIN)/python -m harsanyi.networks.tables); do \
	  $(BIN)/python -m harsanyi.networks.tables $$name || exit 1; done

clean:
	rm -rf build .snakemake

$(READY): requirements.lock requirements-nodeps.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo \
	  "$(PYTHON) is not installed; the book needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
	  "The book needs Python 3.11 or newer, found $$($(PYTHON) -V 2>&1); name another one:" \
	  "make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo \
	  "$(PYTHON) has no venv module; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making the environment in .venv (a few minutes the first time)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check \
	  --no-build-isolation --no-deps -r requirements-nodeps.lock -e .
	@touch $@
