.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help env vllm-env demo test check docs format lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

env: .venv/.ready ## Create .venv with the project and all that its tests need

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Assay needs Python 3.11 or newer; name one with: make env PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

vllm-env: .vllm/.ready ## Create .vllm, in which the tests find vLLM for the CPU, and transformers

# torch is what the package index in use gives, best a build for the CPU; vLLM's own command needs a name.
.vllm/.ready: tests/vllm/requirements.lock
	test -x .vllm/bin/python || $(PYTHON) -m venv .vllm
	.vllm/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/vllm/requirements.lock
	.vllm/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	.vllm/bin/python tests/vllm/named.py
	touch $@

demo: env ## Train a tiny model, evaluate its checkpoints, compare the last two
	$(BIN)/assay demo

test: env ## Run all tests
	$(BIN)/python -m pytest

check: env ## Lint, check types and the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py

docs: env ## Build the documentation in build/site; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

format: env ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## Resolve the dependencies anew (needs uv)
	rm -f requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --fork-strategy fewest \
		--constraint tests/build-constraints.txt --generate-hashes --no-emit-index-url --no-annotate --no-header \
		-o requirements.lock
	rm -f tests/vllm/requirements.lock
	echo torch==2.13.0 | uv pip compile tests/vllm/requirements.in --python-version 3.11 --constraint - \
		$(foreach package,torch torchaudio torchcodec torchvision triton,--no-emit-package $(package)) \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -o tests/vllm/requirements.lock

clean: ## Remove what the other targets made
	rm -rf .venv .vllm build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
