# The whole developer interface; `make help` lists it. Needs Python 3.11 to 3.13 with venv, and make.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON := .venv/bin/python
FILE ?= examples/us_network.xlsx
EXIT ?=
STAGE ?= dev
JOBS ?= 1000
REQUESTS ?= 10000
SEED ?=
MINUTES ?= 10
PROBLEMS ?= 20000
CASES ?=
MAKEFLAGS += --no-print-directory

.PHONY: help run up down test chaos fuzz security restore-drill soak bench-jobs bench-api bench-resilience check synth format docs \
	fuzz-solver bench-solver \
	images clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile
	@echo '  FILE=your.xlsx runs another workbook; EXIT=1 stops after the result; NETWORX_HOME and NETWORX_PORT move a platform.'

run: .venv/.runtime ## Start the platform, solve the example (or FILE=), leave the web page up until Ctrl-C
	@$(PYTHON) -m cli run "$(FILE)" $(if $(EXIT),--exit)

up: .venv/.runtime ## Start the platform alone, until Ctrl-C
	@$(PYTHON) -m cli up

down: .venv/.runtime ## Stop the platform that runs on this home
	@$(PYTHON) -m cli down

check: .venv/.dev ## Lint, formatting, types and import contracts
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --check --quiet .
	@$(PYTHON) -m mypy
	@PYTHONPATH=. $(PYTHON) -c 'import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())'

test: check node_modules/.package-lock.json .venv/checkov/.made ## Everything: checks, then all tests (set-up included)
	@bin/browser
	@$(PYTHON) -m networx.solver.location.compiling
	@$(PYTHON) -m pytest -q -n 2 tests/core
	@$(PYTHON) -m pytest -q -n 2 --dist worksteal tests/chaos
	@$(PYTHON) -m pytest -q -n 2 --dist loadfile tests --ignore=tests/core --ignore=tests/chaos --ignore=tests/browser
	@$(PYTHON) -m pytest -q tests/browser

chaos: .venv/.dev ## Twenty failures of the job engine and a storm (JOBS=10000 for a large one, SEED= for the same again)
	@CHAOS_JOBS=$(JOBS) CHAOS_SEED=$(SEED) $(PYTHON) -m pytest -q -n 2 --dist worksteal tests/chaos

fuzz: .venv/.dev ## Requests nobody thought of (MINUTES=10), and two tenants at once (REQUESTS=10000); SEED= for the same again
	@SCHEMATHESIS_SECONDS=$$((60 * $(MINUTES))) SCHEMATHESIS_SEED=$(SEED) INTERLEAVED_REQUESTS=$(REQUESTS) \
		INTERLEAVED_SEED=$(SEED) $(PYTHON) -m pytest -q -s tests/core/api/test_schemathesis.py \
		tests/core/api/test_interleaved.py

fuzz-solver: .venv/.dev ## Location problems of every kind against HiGHS (PROBLEMS=20000), with every proof gone through; SEED= for others
	@SOLVER_FUZZ=$(PROBLEMS) SOLVER_SEED=$(SEED) $(PYTHON) -m pytest -q -n 2 tests/core/solver/location \
		tests/core/models/test_transport_agreement.py tests/core/models/test_transport_over_years.py \
		tests/core/models/test_transport_enumerated.py tests/core/models/test_transport_mixed.py \
		tests/core/models/test_capacity_rules.py tests/core/models/test_capacity_site_rules.py \
		tests/core/verify/test_warehouse_certificate.py

security: .venv/.dev ## Scan a platform of its own with wapiti (Python 3.12 or later; a few minutes)
	@bin/security

restore-drill: .venv/.dev ## Back up a platform under load, destroy it, restore it, compare
	@$(PYTHON) -m drills.restore

soak: .venv/.dev ## Steady load and continuous faults (MINUTES=10), watched for growth and loss
	@$(PYTHON) -m drills.soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

bench-jobs: .venv/.dev .venv/bench/.made ## Jobs beside procrastinate, Celery and dramatiq, in one run (a quarter of an hour)
	@$(PYTHON) -m bench.jobs

bench-resilience: .venv/.dev .venv/bench/.made ## Pool, breaker, limiter and outbound client beside their libraries alone, in one run (three minutes)
	@$(PYTHON) -m bench.resilience

bench-api: .venv/.dev ## The web process beside a bare FastAPI, then 500 open event streams (ten minutes)
	@$(PYTHON) -m bench.api
	@$(PYTHON) -m bench.api --streams 50 --streams 500

bench-solver: .venv/.dev .venv/bench/.made ## NetWORX's solvers beside HiGHS, SCIP, CP-SAT, CBC and javascript-lp-solver, in one run (hours)
	@$(PYTHON) -m bench.solver $(if $(CASES),--cases $(CASES))

synth: .venv/.cdk node_modules/.package-lock.json ## The cloud's templates into cdk.out (STAGE=dev, staging or prod)
	@bin/cdk synth --quiet -c stage=$(STAGE)

format: .venv/.dev ## Let ruff mend and format the code
	@$(PYTHON) -m ruff check --quiet --fix .
	@$(PYTHON) -m ruff format --quiet .

docs: .venv/.runtime ## Write the generated pages of docs/ anew
	@$(PYTHON) -m docs.generate

images: .venv/.dev ## Build the container images and try them (root, buildah; BASE= another base image)
	@bin/images
	@NETWORX_IMAGES=1 $(PYTHON) -m pytest -q tests/entrypoints/test_images.py

clean: ## Remove the environment, caches and the platform's data in .run
	@bin/clean

.venv/.runtime: requirements/runtime.txt bin/setup
	@bin/setup runtime

.venv/.dev: requirements/dev.txt bin/setup
	@bin/setup dev

.venv/.cdk: requirements/cdk.txt bin/setup
	@bin/setup cdk

.venv/bench/.made: requirements/bench.txt bench/solver/peers/package-lock.json bin/bench-peers | .venv/.dev
	@bin/bench-peers

.venv/checkov/.made: requirements/checkov.txt bin/checkov | .venv/.dev
	@bin/checkov

# The command line of the CDK and its judge of differences, by the lock file.
node_modules/.package-lock.json: package-lock.json bin/node-tools | .venv/.cdk
	@bin/node-tools ci
