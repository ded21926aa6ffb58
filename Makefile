.PHONY: help build zip build-Proxy test try-clients try-deploy fuzz sanitize lint format run bench bench-check soak clean bench-builds
sources := Sources Tests Package.swift Benchmarks/Sources Benchmarks/Tests Benchmarks/Package.swift
python := .venv/bin/python

help:  ## Say what can be made (default)
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

build:  ## Build the proxy (`bootstrap`) and the local function URL, for release
	scripts/build-release bootstrap function-url

zip:  ## Make a zip for Lambda's runtime provided.al2023, and its template, without Docker (OPENAI_SERVERS_FILE)
	@scripts/zip

# What `sam build` runs for the zip's template: the function is called Proxy there.
build-Proxy:
	@scripts/build-function "$(ARTIFACTS_DIR)"

test:  ## Set up and run all tests
	@scripts/test

try-clients:  ## Try real OpenAI clients from PyPI with the proxy, and write docs/clients.md (CLIENTS="openai litellm")
	@scripts/try-clients $(CLIENTS)

try-deploy:  ## Deploy the zip with the real SAM CLI to an AWS emulator on this machine, call it, and delete it
	@scripts/try-deploy

fuzz:  ## Feed the parsers with made-up inputs (FUZZ_SECONDS=60 for each, FUZZ_TARGET=EventFuzz for one)
	@scripts/fuzz

sanitize:  ## Run the Swift tests with the sanitizers for memory, leaks and threads
	@scripts/sanitize

lint:  ## Check the style of Swift and Python sources
	swift format lint --strict --recursive --parallel $(sources)
	scripts/install-python -q -r scripts/requirements-lint.txt
	$(python) -m ruff check --config Tests/ruff.toml scripts Tests Benchmarks
	$(python) -m ruff format --check --config Tests/ruff.toml scripts Tests Benchmarks

format:  ## Bring Swift and Python sources into shape
	swift format --in-place --recursive --parallel $(sources)
	scripts/install-python -q -r scripts/requirements-lint.txt
	$(python) -m ruff check --fix --config Tests/ruff.toml scripts Tests Benchmarks
	$(python) -m ruff format --config Tests/ruff.toml scripts Tests Benchmarks

run:  ## Run the proxy on this machine with a small real model (PORT=9000, MODEL_PORT, OPENAI_SERVERS_FILE, CONFIGURATION=debug)
	@scripts/run

bench:  ## Measure the proxy against what people run today: Benchmarks/RESULTS.md (ROUNDS=5)
	cd Benchmarks && python3 -m bench measure $(if $(ROUNDS),--rounds $(ROUNDS))

bench-builds:  ## Time the first builds beside an older commit's, for the results (ROUNDS=1)
	cd Benchmarks && python3 -m bench builds $(if $(ROUNDS),--rounds $(ROUNDS))

bench-check:  ## Fail if the proxy has come to need more instructions (UPDATE=1 keeps the new counts)
	cd Benchmarks && python3 -m bench check $(if $(UPDATE),--update)

soak:  ## Serve 100,000 invocations with faults among them (SOAK_INVOCATIONS, SOAK_CONCURRENCY=32)
	scripts/build-release bootstrap
	PROXY_PROGRAM=.build-static/release/bootstrap PYTHONPATH=Tests/EndToEnd python3 scripts/soak.py

clean:  ## Remove everything that was built or downloaded
	rm -rf .build .build-* Benchmarks/.build .venv .aws-sam .pytest_cache .ruff_cache
