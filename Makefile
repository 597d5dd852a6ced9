# Labeler's commands. Type `make` for the list. Windows has no make: README.md gives the same commands for it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run test check-fast translations python-ready

# The interpreter: `make setup PYTHON=…`, else what .venv was made with, else the first that is new enough.
ifndef PYTHON
PYTHON := $(shell for p in .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
BIN := .venv/bin
STAMP := .venv/labeler-setup

# What an environment stands on, and what pyproject.toml asks for.
VERSION_OF = -c 'import platform, sys; print(platform.python_version(), sys.base_prefix)'
WANTED = $(PYTHON) -c 'import hashlib, pathlib; print(hashlib.sha256(pathlib.Path("pyproject.toml").read_bytes()).hexdigest())'

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: python-ready ## Make or refresh .venv, so that .venv/bin/labeler works
	@if [ "$$($(BIN)/python $(VERSION_OF) 2>/dev/null)" != "$$($(PYTHON) $(VERSION_OF))" ] \
			|| ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		echo "Making .venv with $$($(PYTHON) --version)"; \
		$(PYTHON) -m venv --clear .venv; \
	fi
	@wanted="$$($(WANTED)) $$PWD"; \
	if [ "$$(cat $(STAMP) 2>/dev/null)" != "$$wanted" ] || [ ! -x $(BIN)/labeler ]; then \
		echo "Installing what pyproject.toml asks for (PyTorch makes that several GB the first time)"; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'; \
		printf '%s\n' "$$wanted" > $(STAMP); \
	fi
	@$(BIN)/python -m labeler.cli.system_libraries --install

# Debian keeps venv and pip in a package of their own: say which, and install it where we may.
python-ready:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Labeler needs Python 3.11 or newer. On Debian: sudo apt-get install python3 python3-venv" >&2; exit 2; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		package="$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "+ apt-get install --yes $$package"; \
			apt-get update --quiet >/dev/null; \
			DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$$package" >/dev/null; \
		else \
			echo "Python's venv module is missing. Install it with: sudo apt-get install $$package" >&2; exit 2; \
		fi; \
	fi

run: setup ## Open the app on a sample project; without a display, go once around the whole loop in the terminal
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ] || [ "$$(uname)" = Darwin ]; then \
		exec $(BIN)/labeler demo demo; \
	else \
		echo "There is no display here, so the sample project goes around the loop in the terminal."; \
		exec $(BIN)/labeler demo --headless; \
	fi

test: setup ## Lint, formatting, strict types, import contracts, then every test
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest

check-fast: setup ## The same without slow tests, stopping at the first failure
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -m "not slow" --exitfirst --quiet

PO := resources/translations/zh_CN/LC_MESSAGES/labeler.po

translations: setup ## Collect every string that people see into the .po file, and compile it
	@$(BIN)/python -m babel.messages.frontend --quiet extract --keyword tr --keyword ntr:1,2 --no-location --sort-output \
		--output .venv/labeler.pot labeler
	@$(BIN)/python -m babel.messages.frontend --quiet update --domain labeler --locale zh_CN --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date --width 120 --input-file .venv/labeler.pot --output-file $(PO)
	@$(BIN)/python -m babel.messages.frontend compile --domain labeler --locale zh_CN --statistics \
		--input-file $(PO) --output-file $(PO:.po=.mo)
