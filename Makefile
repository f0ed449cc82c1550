# The front door. `make help` lists what there is.
PYTHON  ?= python3
PORT    ?= 8080
DATA    ?= .dueline
EXECUTE ?= 1
EXAMPLES ?= 1000

# Of a deployment (docs/deploy.md)
ARCHITECTURE   ?= arm64
PYTHON_VERSION ?= 3.13
QUEUES         ?= default=1
TICKS          ?= 1
STACK          ?= dueline
STAGE          ?= prod
SAM_OPTIONS    ?=

VENV    := .venv
BIN     := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run-local status stop reset test test-unit faults lint types bench bench-peers
.PHONY: openapi contract requirements build deploy-sam deploy-chalice

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  Settings of run-local: PORT=$(PORT) DATA=$(DATA) EXECUTE=$(EXECUTE) (execute environments)"

run-local: $(VENV)/.local ## Start everything here: servers, the three functions, their triggers
	@exec $(BIN)/python -m local run --port $(PORT) --data $(DATA) --execute $(EXECUTE)

status: $(VENV)/.local ## Show what runs, where each server came from, and the counts of tasks
	@$(BIN)/python -m local status --data $(DATA)

stop: $(VENV)/.local ## End what run-local started (as Ctrl-C does)
	@$(BIN)/python -m local stop --data $(DATA)

reset: $(VENV)/.local ## Stop, and delete the local data: tasks, mails, reports
	@$(BIN)/python -m local reset --data $(DATA)

test: $(VENV)/.test ## Run all tests; servers are started as needed
	@$(BIN)/python -m pytest

test-unit: $(VENV)/.test ## Run the tests that need no server (under 5 s)
	@PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(BIN)/python -m pytest tests/unit

faults: $(VENV)/.test ## Kill, freeze and cut off real servers and functions (about 25 min; OPTIONS=)
	@$(BIN)/python -m tests.faults $(OPTIONS)

lint: $(VENV)/.test ## Check style, imports between folders, and formatting
	@$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/lint-imports

types: $(VENV)/.test ## Check types (mypy --strict)
	@$(BIN)/mypy

bench: $(VENV)/.bench ## Measure, into docs/benchmarks (OPTIONS='--scale 0.01' for a quick look)
	@$(BIN)/python -m bench $(OPTIONS)

bench-peers: $(VENV)/.bench ## The same work by other schedulers, interleaved (needs Node; about two hours)
	@$(BIN)/python -m bench --peers $(OPTIONS)

openapi: $(VENV)/.test ## Write docs/openapi.json, after a route or a model has changed
	@$(BIN)/python -m dueline.http_api.openapi

contract: $(VENV)/.test ## Generate requests against a local run: EXAMPLES= per operation
	@$(BIN)/python -m tests.contract.campaign $(EXAMPLES)

requirements: $(VENV)/.deploy ## Pin what the functions import, after pyproject.toml has changed
	@$(BIN)/python -m infra.pin

build: $(VENV)/.deploy ## Build what is deployed: build/lambda.zip (ARCHITECTURE=, PYTHON_VERSION=)
	@$(BIN)/python -m infra.artefact --python $(PYTHON_VERSION) --architecture $(ARCHITECTURE)

deploy-sam: build ## Deploy by AWS SAM (STACK=, QUEUES=, TICKS=; SAM_OPTIONS=--guided the first time)
	@$(BIN)/python -m infra.lanes --queues $(QUEUES) --ticks $(TICKS) > build/template.yaml
	@sam deploy --template-file build/template.yaml --stack-name $(STACK) --resolve-s3 \
		--capabilities CAPABILITY_IAM --config-file '$(CURDIR)/samconfig.toml' $(SAM_OPTIONS)

deploy-chalice: $(VENV)/.deploy ## Deploy by chalice (STAGE=), as functions/*/.chalice/config.json say
	@$(BIN)/python -m infra.chalice_project deploy --stage $(STAGE)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"dueline needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}. Try: make PYTHON=python3.12 run-local")'
	@echo "Making the environment in $(VENV)" && $(PYTHON) -m venv $(VENV)

$(VENV)/.local: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the local platform needs" && $(BIN)/pip install --quiet --disable-pip-version-check --editable '.[local]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need" && $(BIN)/pip install --quiet --disable-pip-version-check --editable '.[local,cli,rrule,deploy,test]'
	@touch $@ $(VENV)/.local $(VENV)/.deploy

$(VENV)/.bench: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the benchmarks need" && $(BIN)/pip install --quiet --disable-pip-version-check --editable '.[local,bench]'
	@touch $@

$(VENV)/.deploy: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what a deployment needs" && $(BIN)/pip install --quiet --disable-pip-version-check --editable '.[cli,deploy]'
	@touch $@
