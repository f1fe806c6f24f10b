# Every target sets up what it needs by itself, once, from the lock. `make help` lists them.

SHELL := bash
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT ?= 8000
CONTROL_PORT ?= 8001
STAGE ?= default
WORKERS ?= 2
t ?= tests

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= us-east-1
export PYTHONPATH := $(CURDIR):$(CURDIR)/layers/commerce

hash = $(shell cat $(1) 2>/dev/null | cksum | cut -d' ' -f1)
VENV := .venv/made-from-$(call hash,requirements/dev.txt requirements/uv.txt)
ENGINE := node_modules/made-from-$(call hash,package-lock.json)
SAM_VENV := .tools/sam/made-from-$(call hash,requirements/sam.txt)

SAM := .tools/sam/bin/sam
TEMPLATES := template.yaml $(sort $(wildcard functions/*/template.yaml))
# SAM caches a layer by its folder; the script that builds all layers stands outside of it.
BUILD_CACHE := .aws-sam/cache/$(call hash,layers/build_layer.py)
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# What fpdf2 would draw pictures with; invoices have none.
NOT_FOR_DOCUMENTS := --no-emit-package pillow
# What Stripe's SDK would speak HTTP with; ours is urllib3 (layers/commerce/commerce/adapters/stripe_http.py).
NOT_FOR_STRIPE := $(addprefix --no-emit-package ,requests certifi charset-normalizer)
# What layers/dependencies ships, no other layer ships again.
IN_DEPENDENCIES = $$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' layers/dependencies/requirements.txt)
COMPILE := .venv/bin/uv pip compile --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.13 --quiet

##@ Use
.PHONY: help
help: ## List what make can do
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo

.PHONY: run
run: $(VENV) $(ENGINE) ## Start a seeded store on this machine (PORT=8000 CONTROL_PORT=8001)
	@.venv/bin/python -m local.run --port $(PORT) --control-port $(CONTROL_PORT)

.PHONY: demo
demo: $(VENV) ## Buy something from the running store, step by step
	@.venv/bin/python -m local.demo.purchase --control-port $(CONTROL_PORT)

.PHONY: seed
seed: $(VENV) ## Load the demo shop into the running store, through its admin API
	@.venv/bin/python -m local.demo.seed --control-port $(CONTROL_PORT)

##@ Change
.PHONY: setup
setup: $(VENV) $(ENGINE) $(SAM_VENV) ## Install everything now (the other targets do it when they need it)

.PHONY: test
test: $(VENV) $(ENGINE) ## Run the tests, then compare what they called with what the roles allow (t=tests/unit, WORKERS=2)
	@rm -rf .local/witness
	@.venv/bin/pytest $(t) -n $(WORKERS) --quiet
	@$(if $(filter tests,$(t)),.venv/bin/pytest tests/architecture/permissions/check_observed.py --quiet --durations=0)

.PHONY: format
format: $(VENV) ## Format the code and repair what ruff can repair
	@ruff format --quiet .
	@ruff check --fix --quiet .

.PHONY: lint
lint: $(VENV) ## Check format and nearly all of ruff's rules
	@ruff format --check --quiet . || (ruff format --diff --quiet . | head -40; echo "make format repairs it"; exit 1)
	@ruff check --quiet .
	@echo "✓ lint"

.PHONY: types
types: $(VENV) ## Check types, mypy strict
	@mypy --no-error-summary
	@echo "✓ types"

.PHONY: imports
imports: $(VENV) ## Check who may import whom, and that every dependency is declared and used
	@lint-imports --no-cache > .venv/lint-imports.txt || (cat .venv/lint-imports.txt; exit 1)
	@cd layers && deptry commerce ../functions --config ../pyproject.toml 2> ../.venv/deptry.txt || (cat ../.venv/deptry.txt; exit 1)
	@echo "✓ imports"

.PHONY: templates
templates: $(VENV) $(SAM_VENV) ## Validate and lint the templates, and run the tests of their shape
	@$(SAM) validate --lint > .venv/sam.txt 2>&1 || { cat .venv/sam.txt; exit 1; }
	@for nested in $(filter functions/%,$(TEMPLATES)); do \
	  $(SAM) validate --template $$nested > .venv/sam.txt 2>&1 || { cat .venv/sam.txt; exit 1; }; done
	@cfn-lint $(TEMPLATES)
	@pytest tests/architecture --quiet --durations=0
	@echo "✓ templates"

.PHONY: openapi
openapi: $(VENV) ## Write docs/openapi.json from the handlers
	@.venv/bin/python -m local.openapi --write docs/openapi.json

.PHONY: events
events: $(VENV) ## Write events/schemas/ from the code
	@.venv/bin/python -m local.event_schemas --write events/schemas

.PHONY: drift
drift: $(VENV) ## Check that docs/openapi.json and events/schemas/ are what the code says
	@.venv/bin/python -m local.openapi --check docs/openapi.json
	@.venv/bin/python -m local.event_schemas --check events/schemas
	@echo "✓ generated files"

.PHONY: lock
lock: $(VENV) ## Resolve the dependencies in pyproject.toml anew, into the lock files (then commit them)
	@$(COMPILE) --upgrade pyproject.toml --group stripe --group documents --group dev --output-file requirements/dev.txt
	@$(COMPILE) pyproject.toml --constraints requirements/dev.txt --output-file layers/dependencies/requirements.txt
	@$(COMPILE) --group stripe --constraints requirements/dev.txt --output-file layers/stripe/requirements.txt $(IN_DEPENDENCIES) $(NOT_FOR_STRIPE)
	@$(COMPILE) --group documents --constraints requirements/dev.txt --output-file layers/documents/requirements.txt $(IN_DEPENDENCIES) $(NOT_FOR_DOCUMENTS)
	@$(COMPILE) --upgrade --group sam --output-file requirements/sam.txt
	@$(COMPILE) --group uv --output-file requirements/uv.txt
	@git diff --stat -- requirements layers

##@ Prove
.PHONY: check
check: ## Everything that a change must pass; .ci/run calls it
	@$(MAKE) setup
	@echo "· lint, types, imports, generated files" && $(MAKE) -j2 $(SYNC) lint types imports drift
	@echo "· templates" && $(MAKE) templates
	@echo "· build" && $(MAKE) build
	@echo "· cold starts" && $(MAKE) cold-start CHECK=--check
	@echo "· tests" && $(MAKE) test
	@echo "✓ check"

.PHONY: prove
prove: $(VENV) $(ENGINE) ## Prove the promises: a fault at every call, every order, every mutant (only=refund, case=..., seed=1)
	@.venv/bin/python -m tests.faults.prove --processes $(WORKERS) $(if $(only),--only '$(only)') $(if $(case),--case '$(case)') $(if $(seed),--seed $(seed))

.PHONY: prove-quick
prove-quick: $(VENV) $(ENGINE) ## Run the slice of the proof that make test runs too
	@.venv/bin/pytest tests/faults -n $(WORKERS) --quiet

.PHONY: bench
bench: $(VENV) $(ENGINE) ## Measure a local store of 1,000 products, with 1 and with 8 clients (BENCH='--seconds 5 --only cart')
	@.venv/bin/python -m local.bench $(BENCH)

.PHONY: cost
cost: $(VENV) $(ENGINE) ## Price a recorded journey from the first page to the mail, and the idle month (PRICES=another-region.toml)
	@.venv/bin/python -m tests.cost $(if $(PRICES),--prices '$(PRICES)') $(COST)

.PHONY: contention
contention: $(VENV) ## Simulate how many can buy one SKU at the same moment, with 1, 4 and 16 shards
	@.venv/bin/python -m tests.contention

.PHONY: build
build: $(VENV) $(SAM_VENV) ## Build what is deployed, import it and invoke handlers in it, build the layers again and compare
	@$(SAM) build --cached --parallel --cache-dir $(BUILD_CACHE) > .venv/sam.txt 2>&1 || { cat .venv/sam.txt; exit 1; }
	@pytest tests/architecture/built/check_artefacts.py --quiet --durations=0
	@.venv/bin/python -m tests.architecture.built.artefacts

.PHONY: cold-start
cold-start: $(VENV) ## Measure the CPU of every function's imports against the floor (CHECK=--check: the limits alone)
	@.venv/bin/python -m tests.architecture.built.cold_start $(CHECK)

.PHONY: memory
memory: $(VENV) $(ENGINE) ## Write what each function takes and costs at each size of memory
	@.venv/bin/python -m tests.architecture.built.memory

##@ Deploy
.PHONY: deploy
deploy: build ## Deploy to the AWS account whose credentials are set (STAGE=default, a table of samconfig.toml)
	@.ci/preflight $(STAGE)
	@if grep -q '^\[$(STAGE)\.deploy\.parameters\]' samconfig.toml && grep -q '^parameter_overrides' samconfig.toml; \
	  then $(SAM) deploy --config-env $(STAGE); else $(SAM) deploy --guided --config-env $(STAGE); fi

##@ Tidy
.PHONY: clean
clean: ## Remove everything that make made
	@rm -rf .venv .tools .aws-sam .local node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV): requirements/dev.txt requirements/uv.txt
	@.ci/make_venv
	@touch $@

$(ENGINE): package-lock.json
	@.ci/make_engine $@

$(SAM_VENV): requirements/sam.txt $(VENV)
	@echo "· uv installs SAM into .tools/sam"
	@.venv/bin/uv venv --quiet --clear --python .venv/bin/python .tools/sam
	@.venv/bin/uv pip install --quiet --python .tools/sam/bin/python --require-hashes --requirement requirements/sam.txt
	@touch $@
