# The doors of this project. `make` alone lists them.
# Needs Python 3.11 or newer and nothing else: no Node, no database, no caches, no HOME.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
KILLS ?= 50
SECONDS ?= 3600

# the same versions everywhere, those of the build included
LOCK := $(CURDIR)/requirements.lock
PIP := PIP_CONSTRAINT="$(LOCK)" PIP_BUILD_CONSTRAINT="$(LOCK)" PIP_ROOT_USER_ACTION=ignore \
	PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet
INSTALLED_FROM := pyproject.toml requirements.lock hatch_build.py
WEB_SOURCES := $(shell find webapp/web -type f -not -path '*/node_modules/*')

.PHONY: help setup run test check bench chaos pages gallery fuzz web browser develop lock clean

help: ## list what can be made
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 12

setup: $(VENV)/.installed ## virtual environment, pinned packages, front end

run: setup ## start everything: database, web, worker, agency sandbox, demo data
	@exec $(BIN)/yijianshi serve

test: develop browser check ## every check and every test
	$(BIN)/pytest -n $(WORKERS)

check: develop ## style, types, layers, and the region packs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yijianshi check

bench: develop ## measure submits per second against the baseline, and pages among 100,000 open tasks
	$(BIN)/python -m bench
	$(BIN)/python -m bench.pages

chaos: develop ## kill processes at random, KILLS times, and audit what is left
	KILLS=$(KILLS) $(BIN)/pytest tests/chaos -m chaos -s

pages: develop browser ## fill in every form of every region in a browser; half an hour
	EVERY_FORM=1 $(BIN)/pytest -n $(WORKERS) tests/browser/test_regions.py

gallery: develop browser ## take the pictures of docs/pages.md anew
	rm -rf docs/images/pages
	GALLERY=1 $(BIN)/pytest -n $(WORKERS) tests/browser/test_every_page.py

fuzz: develop ## go on for SECONDS with what fuzzes for a minute in `test`, and guided by coverage
	$(PIP) --editable '.[dev,fuzz]'
	FUZZ_SECONDS=$$(( $(SECONDS) / 2 )) $(BIN)/pytest tests/fuzz -n $(WORKERS)
	$(BIN)/python -m tests.fuzz.coverage_guided --seconds $$(( $(SECONDS) / 2 ))

web: develop ## build the front end after a change to webapp/web
	$(BIN)/python hatch_build.py

develop: $(VENV)/.installed-dev ## what `setup` does, and the tools for developers

# A browser and Chinese fonts: Debian's when we are root, else Playwright's own. Its absence is said
# loudly; with CI=true it is a failure.
browser: develop
	@$(BIN)/python -m tests.browser.install

lock: develop ## renew requirements.lock from what is installed now
	@{ head -2 requirements.lock; $(BIN)/python -m pip freeze --exclude-editable | grep -v '^atheris='; } > requirements.lock.new
	@mv requirements.lock.new requirements.lock

clean: ## remove what was built; data under var/ stays
	rm -rf $(VENV) build dist webapp/static/dist webapp/web/node_modules

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "需要 Python 3.11 或更高版本。（Python 3.11 or newer is needed.）" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "此 Python 缺少 venv 模块：$(PYTHON)。\
	Debian/Ubuntu 请先运行 apt-get install python3-venv。（the venv module is missing）" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 2; }

# Editable, so that the front end and the packs are used from this folder; the build hook runs here.
$(VENV)/.installed: $(INSTALLED_FROM) $(WEB_SOURCES) | $(BIN)/python
	@echo "正在安装（首次约一分钟）…… installing"
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: $(INSTALLED_FROM) $(WEB_SOURCES) | $(BIN)/python
	@echo "正在安装开发工具…… installing with developer tools"
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.installed
