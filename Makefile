.PHONY: help build zip build-Proxy screenshots test try-clients try-open-webui try-deploy fuzz simulate find-known-bugs sanitize lint format run bench bench-check soak clean bench-builds
sources := Sources Tests Package.swift Benchmarks/Sources Benchmarks/Tests Benchmarks/Package.swift
python := .venv/bin/python

help:  ## List the make targets (default)
	@sed -nE 's/^##@ (.*)/\n\1/p; s/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 23
	@echo; echo "VERBOSE=1 shows the compiler's output. Without it, only that of a step that fails is shown."

##@ Start

run:  ## Run the proxy here, with a small language model (PORT=9000, MODEL_PORT, OPENAI_SERVERS_FILE, CONFIGURATION=debug)
	@scripts/run

##@ Test

test:  ## Run all tests
	@scripts/test

lint:  ## Check the style of the Swift and Python code
	swift format lint --strict --recursive --parallel $(sources)
	scripts/install-python -q -r scripts/requirements-lint.txt
	$(python) -m ruff check --config Tests/ruff.toml scripts Tests Benchmarks examples
	$(python) -m ruff format --check --config Tests/ruff.toml scripts Tests Benchmarks examples

format:  ## Format the Swift and Python code
	swift format --in-place --recursive --parallel $(sources)
	scripts/install-python -q -r scripts/requirements-lint.txt
	$(python) -m ruff check --fix --config Tests/ruff.toml scripts Tests Benchmarks examples
	$(python) -m ruff format --config Tests/ruff.toml scripts Tests Benchmarks examples

simulate:  ## Run the program in simulated worlds (SECONDS=60 or SEEDS, FIRST_SEED; SEED for one, SHRINK=1)
	@SIMULATE_SECONDS=$(SECONDS) scripts/simulate

find-known-bugs:  ## Let the simulated worlds find bugs that are known (LIVES=12000 for each)
	@scripts/find-known-bugs

sanitize:  ## Run the Swift tests with AddressSanitizer, LeakSanitizer and ThreadSanitizer
	@scripts/sanitize

fuzz:  ## Fuzz the parsers (FUZZ_SECONDS=60 for each, FUZZ_TARGET=EventFuzz for one)
	@scripts/fuzz

soak:  ## Send 100,000 requests, some to failing servers (SOAK_INVOCATIONS, SOAK_CONCURRENCY=32)
	scripts/build-release bootstrap
	PROXY_PROGRAM=.build-static/release/bootstrap PYTHONPATH=Tests/EndToEnd python3 scripts/soak.py

try-clients:  ## Test real OpenAI clients from PyPI, and write docs/clients.md (CLIENTS="openai litellm" for some)
	@scripts/try-clients $(CLIENTS)

try-open-webui:  ## Chat in Open WebUI's page, in Chromium, with the proxy behind it
	@scripts/try-open-webui

try-deploy:  ## Deploy the zip to a local AWS emulator with the SAM CLI, call it, and delete it
	@scripts/try-deploy

##@ Deploy

build:  ## Build `bootstrap` and the local function URL for release
	scripts/build-release bootstrap function-url

zip:  ## Build a zip and its template for provided.al2023, without Docker (OPENAI_SERVERS_FILE)
	@scripts/zip

# `sam build` runs this target for the zip's template, where the function is called Proxy.
build-Proxy:
	@scripts/build-function "$(ARTIFACTS_DIR)"

##@ Measure

bench:  ## Compare the proxy with other proxies, and write Benchmarks/RESULTS.md (ROUNDS=5)
	cd Benchmarks && python3 -m bench measure $(if $(ROUNDS),--rounds $(ROUNDS))

bench-builds:  ## Compare build times with those of an older commit (ROUNDS=1)
	cd Benchmarks && python3 -m bench builds $(if $(ROUNDS),--rounds $(ROUNDS))

bench-check:  ## Fail if the proxy needs more instructions than before (UPDATE=1 saves the new counts)
	cd Benchmarks && python3 -m bench check $(if $(UPDATE),--update)

##@ Document

screenshots:  ## Draw the pictures of the playground in docs/images, with Chromium
	@scripts/screenshots

##@ Clean up

clean:  ## Delete everything that was built or downloaded
	rm -rf .build .build-* Benchmarks/.build .venv .aws-sam .pytest_cache .ruff_cache
