# One word each. `make` alone lists them.
PYTHON ?= python3
PY := .venv/bin/python
# More for pytest, for example: make test PYTEST_ARGS=--cov
PYTEST_ARGS ?=
# As many as cores: a third worker on two cores was tried, and gained nothing.
WORKERS ?= 2
# More for the pictures, for example: make screens SCREENS='--role can-bo'
SCREENS ?=
TIER ?= T2
SEED ?= 20231205

# Sizes, engines, parts: make bench BENCH_ARGS="--sizes 1000,10000 --engines sqlite --parts pages"
BENCH_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run check test nightly bench evidence languages format lock sbom audit screens deploy-check clean env-run env-dev browser markup proxy lint style types

help: ## List these words.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: env-run ## Start the service with demonstration data.
	@$(PY) -m config.run

# Types take one core most of a minute, and tests do not keep two busy all the time.
TYPES_MEANWHILE = mkdir -p var; $(MAKE) --no-print-directory types > var/types.txt 2>&1 & types=$$!
TELL_TYPES = wait $$types || code=1; cat var/types.txt

check: env-dev style ## Style, types, imports and the quick tests: about a minute.
	@echo "==> Running the quick tests of the law, the record and the house (make test runs the doors too)"
	@$(TYPES_MEANWHILE); \
	$(PY) -m pytest tests/workflow tests/models tests/house -m "not slow and not browser and not postgres" -n 2 $(PYTEST_ARGS); code=$$?; \
	$(TELL_TYPES); exit $$code

test: env-dev browser markup proxy style ## Everything, with browser and PostgreSQL: what CI runs.
	@echo "==> Running all tests, and checking types and imports meanwhile"
	@rm -f var/tests.xml; $(TYPES_MEANWHILE); \
	$(PY) -m pytest tests -n $(WORKERS) --dist loadfile --no-loadscope-reorder --junitxml=var/tests.xml $(PYTEST_ARGS); code=$$?; \
	$(TELL_TYPES); \
	$(PY) -m config.report var/tests.xml; exit $$code

nightly: env-dev browser markup ## The promises, tried as often as a night allows (TIER=T3: a release).
	@echo "==> Trying the promises, tier $(TIER), seed $(SEED)"
	@rm -f var/nightly.xml; mkdir -p var; \
	TIER=$(TIER) SEED=$(SEED) $(PY) -m pytest tests -m promise -v --durations=10 -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
		--junitxml=var/nightly.xml $(PYTEST_ARGS); \
	$(PY) -m config.report var/nightly.xml; $(PY) -m config.promises var/nightly.xml

evidence: env-dev ## The last night; RUNS="a.xml b.xml" brings results into docs/evidence.
	@$(PY) -m config.nights $(RUNS)

bench: env-dev ## How fast the service is, against the bare driver (docs/benchmarks.md).
	@echo "==> Measuring steps, pages and jobs"
	@$(PY) -m benchmarks $(BENCH_ARGS)

languages: env-dev ## Bring the catalogues up to date; names what has no translation.
	@echo "==> Bringing the catalogues up to date"
	@$(PY) -m config.languages

format: env-dev ## Put the style right.
	@echo "==> Putting the style right"
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

lock: ## Renew the locked lists of packages (needs uv on the path).
	@command -v uv >/dev/null || { echo "This needs uv on the path: pip install uv"; exit 1; }
	@for list in requirements requirements-dev; do \
		echo "==> Locking $$list.in into $$list.txt"; \
		UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --universal \
			--generate-hashes --python-version 3.11 $$list.in -o $$list.txt || exit 1; \
	done

sbom: env-dev ## What the service is made of, as CycloneDX: var/sbom.cdx.json.
	@mkdir -p var
	@$(PY) -m config.bom var/sbom.cdx.json

audit: env-dev ## What is known against the locked packages, from a copy of OSV (OSV=folder or all.zip).
	@$(PY) -m config.audit $(OSV)

screens: env-dev browser ## Every page as each role sees it: var/screens/index.html.
	@echo "==> Taking pictures of every page"
	@$(PY) -m tests.screens $(SCREENS)

deploy-check: env-dev proxy ## The service behind nginx over TLS, with the files of deploy/ as they are.
	@echo "==> Running the service behind nginx"
	@$(PY) -m pytest tests/deploy -v $(PYTEST_ARGS)

clean: ## Remove the environment and all caches; demonstration data stay.
	@echo "==> Removing the environment and caches"
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Steps of the above -------------------------------------------------------

env-run:
	@$(PYTHON) -m config.bootstrap run

env-dev:
	@$(PYTHON) -m config.bootstrap dev

browser:
	@$(PYTHON) -m config.bootstrap browser

proxy:
	@$(PYTHON) -m config.bootstrap proxy

markup: env-dev
	@$(PY) -m config.markup

lint: style types

style: env-dev
	@echo "==> Checking the style (ruff)"
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types:
	@echo "==> Checking the types (mypy)"
	@$(PY) -m mypy
	@echo "==> Checking the law of imports (import-linter)"
	@.venv/bin/lint-imports --no-logo
