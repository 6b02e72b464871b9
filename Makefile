# Names for commands, no logic of its own. Try: make help

PYTHON := python3.11
PROFILE := full
ARGS :=
KILLS := 50
EVERY := 1

# Named by module, not as .venv/bin/dvc: those scripts hold the folder's path and break when the checkout is moved.
VENV_PYTHON := .venv/bin/python
PIPELINE_full := dvc.yaml
PIPELINE_smoke := smoke/dvc.yaml
COMPARE_smoke := models=smoke/models report=smoke/report
PIPELINE_families := families/dvc.yaml
COMPARE_families := models=families/models report=families/report
PIPELINE := $(or $(PIPELINE_$(PROFILE)),$(error PROFILE is '$(PROFILE)'; it may be full, smoke or families. Try: make run PROFILE=smoke))

export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := 1

.PHONY: help venv data run test crashtest check bench peers dashboard sync prune lock
.DEFAULT_GOAL := help

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 11

venv: .venv/installed ## make .venv with the exact packages of requirements.lock (PYTHON=python3.12 for another Python)

data: venv ## download the declared corpora into data/raw and check their sha256
	$(VENV_PYTHON) src/collect.py

run: data ## clean, learn tokenizers, train, compare (PROFILE=smoke: the small form; families: one of each); what is up to date is skipped
	PATH="$$PWD/.venv/bin:$$PATH" $(VENV_PYTHON) -m dvc repro $(PIPELINE)
	$(VENV_PYTHON) src/compare.py $(COMPARE_$(PROFILE))

test: venv ## run all tests (ARGS="-k name" for some)
	$(VENV_PYTHON) -m pytest --numprocesses logical --dist worksteal $(ARGS)

crashtest: venv ## kill a training KILLS times in one run, then at every EVERYth write, and compare it with an undisturbed one
	$(VENV_PYTHON) tests/faults/crash.py $(KILLS) $(EVERY)

check: venv ## style and types
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy

bench: venv ## measure the figures of docs/benchmarks.md again (ARGS=name for one)
	$(VENV_PYTHON) benchmarks/run.py $(ARGS)

peers: .venv-peers/installed ## make .venv-peers with the packages that benchmarks are held against (benchmarks/peers.txt)

.venv-peers/installed: benchmarks/peers.txt
	$(PYTHON) -m venv --clear .venv-peers
	.venv-peers/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps -r benchmarks/peers.txt
	@touch $@

dashboard: venv ## open MLflow on mlruns/ at the charts of the last experiment
	$(VENV_PYTHON) src/dashboard.py $(ARGS)

sync: venv ## bring mlflow.db up to date with the runs' journals, and the server that MLFLOW_TRACKING_URI names
	$(VENV_PYTHON) src/sync.py

prune: venv ## list what data/cache keeps for recipes and code of the past, and its size (ARGS=remove to free it)
	$(VENV_PYTHON) src/prune.py $(ARGS)

# Keeps the locked versions that still fit pyproject.toml and adds what is missing. It is told of no torch: a lock that held
# torch would force its CUDA packages on everybody, or keep them from those who have a GPU.
lock: venv ## write requirements.lock again after a change of pyproject.toml (ARGS=--upgrade for the newest versions)
	$(VENV_PYTHON) -m pip install --disable-pip-version-check --no-input --quiet uv
	echo torch | $(VENV_PYTHON) -m uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --quiet --excludes - --custom-compile-command "make lock" --output-file requirements.lock $(ARGS)

# torch comes first and outside the lock: each platform has a build of its own, with or without CUDA.
# A .venv without a working pip is a half-made one, and is made again.
.venv/installed: requirements.lock
	@$(VENV_PYTHON) -m pip --version >/dev/null 2>&1 || \
	  $(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || \
	  { echo "Expected Python 3.11, 3.12 or 3.13; found '$(PYTHON)': $$($(PYTHON) --version 2>&1 || true)"; \
	    echo "  Install one, then run: make venv PYTHON=/path/to/python3.11"; exit 2; }
	@$(VENV_PYTHON) -m pip --version >/dev/null 2>&1 || { echo "making .venv with $(PYTHON)"; $(PYTHON) -m venv --clear .venv; }
	@echo "installing torch, then the packages of requirements.lock; this takes minutes the first time"
	$(VENV_PYTHON) -m pip install --disable-pip-version-check --no-input torch==2.13.0
	$(VENV_PYTHON) -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps -r requirements.lock
	@touch $@
