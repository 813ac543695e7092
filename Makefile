PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
AWSCLI := .venv-awscli/.installed
NODE_SDK := .node-sdk/.installed
PIP := -m pip install --quiet --disable-pip-version-check

# Of the pure core at least so much has to be executed by its own tests.
COVERED := --cov=rcl_flow.core --cov-fail-under=95

.PHONY: help dev demo detection-demo test slow check lint types contracts coverage chaos bench clean

help:
	@echo "make demo    run the whole workflow on real images, without an AWS account"
	@echo "make detection-demo    the same with boxes around objects, on composed scenes"
	@echo "make test    run the tests"
	@echo "make slow    the slow tests, which make test leaves out"
	@echo "make dev     create .venv with everything for development"
	@echo "make check   what decides whether a change lands: lint, types, contracts, tests"
	@echo "make chaos   kill a run at each of its moments, then random bad days: SEEDS=200 STATE=local|s3"
	@echo "make bench   print the speed figures"

dev: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) -c constraints.txt -e '.[dev]'
	@touch $@

# The AWS CLI pins its own botocore, so the test that drives it gets an environment of its own.
$(AWSCLI): constraints-awscli.txt
	$(PYTHON) -m venv .venv-awscli
	.venv-awscli/bin/python $(PIP) -c constraints-awscli.txt awscli
	@touch $@

# The JavaScript SDK, where npm is present; without it its tests are skipped. No lock file: one
# would record a registry's address.
$(NODE_SDK): tests/e2e/js/package.json
	@mkdir -p .node-sdk && cp tests/e2e/js/package.json .node-sdk/
	@if command -v npm >/dev/null; then \
	  npm install --prefix .node-sdk --no-package-lock --no-audit --no-fund --loglevel=error; \
	else echo "npm is not installed: the tests of the JavaScript SDK are skipped"; fi
	@touch $@

demo: $(INSTALLED)
	$(BIN)/rcl-flow demo-data demo-data
	$(BIN)/rcl-flow run config/demo.yaml

detection-demo: $(INSTALLED)
	$(BIN)/rcl-flow demo-data demo-data/scenes --kind scenes
	$(BIN)/rcl-flow run config/detection-demo.yaml

test: $(INSTALLED) $(AWSCLI) $(NODE_SDK)
	$(BIN)/pytest -q -n auto -m "not slow" tests/unit/core $(COVERED) --cov-report=
	$(BIN)/pytest -q -n auto --dist worksteal -m "not slow" --ignore=tests/unit/core

# What is tested in `make test` in a short form, or by units.
slow: $(INSTALLED)
	$(BIN)/pytest -q -n auto --dist worksteal -m slow

check: lint types contracts test

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/mypy

contracts: $(INSTALLED)
	$(BIN)/lint-imports

# What `make test` measures too, with the lines that are missing.
coverage: $(INSTALLED)
	$(BIN)/pytest -q -n auto tests/unit/core $(COVERED) --cov-report=term

SEEDS ?= 200
STATE ?= local

# Exhaustive; `make test` runs a short form of it.
chaos: $(INSTALLED)
	$(BIN)/python -m tests.chaos --seeds $(SEEDS) --state $(STATE)

# Flask, for moto's own server: the peer that the emulator's server is measured against.
.bench/.installed: constraints-bench.txt $(INSTALLED)
	$(BIN)/python $(PIP) -c constraints-bench.txt --target .bench/moto --upgrade flask flask-cors
	@touch $@

# The peers of the audit of images, which bring OpenCV, pandas and more: 600 MB of their own.
.bench/peers/.installed: constraints-bench.txt
	$(PYTHON) -m venv .bench/peers
	.bench/peers/bin/python $(PIP) -c constraints-bench.txt cleanvision imgeda ImageHash scikit-image
	@touch $@

bench: $(INSTALLED) .bench/.installed .bench/peers/.installed
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .venv-awscli .node-sdk .bench .rcl-flow demo-data
