# Every target works from a clean clone with Python 3.11+ and make, in any folder, also one with a space in its path.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
PY = "$(VENV)/bin/python"
ENV = PYTHONPATH=src:examples BLOG_SECRET_KEY=$${BLOG_SECRET_KEY:-read-by-tools-only-and-never-served-1}
WORKERS ?= 3
FRAMEWORK ?= flask

.DEFAULT_GOAL := help
.PHONY: help run test check bench lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.run ## serve the blog on this machine (PORT=8000, HTTPS=1, FRAMEWORK=flask or django)
	@$(ENV) $(PY) -m blog_$(FRAMEWORK) $(if $(PORT),--port $(PORT)) $(if $(HTTPS),--https)

test: check ## check everything and run every test
	$(ENV) $(PY) -m pytest -q -n $(WORKERS) --maxschedchunk 12 --ignore tests/core $(ARGS)

check: $(VENV)/.test ## lint, types, import rules, coverage of the core
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(ENV) $(PY) -m mypy
	$(ENV) $(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	$(ENV) $(PY) -m coverage run -m pytest -q tests/core
	$(PY) -m coverage report

bench: $(VENV)/.bench ## measure what the layers cost, beside the usual assemblies
	$(ENV) PYTHONPATH=src:examples:tests $(PY) -W ignore -m bench

lock: $(VENV)/.test ## pin the requirements anew, with hashes
	for group in run test bench; do \
		$(PY) -m uv pip compile pyproject.toml --extra flask --extra django --extra passkeys --extra images --extra documents --extra bcrypt --extra postgresql --group $$group --universal \
			--generate-hashes --no-header --python-version 3.11 --quiet -o requirements/$$group.txt; done

clean: ## remove what was made here, data included
	rm -rf "$(VENV)" var .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.%: requirements/%.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv "$(VENV)"
	@echo "Installing requirements/$*.txt"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$*.txt
	@touch "$@"
