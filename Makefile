# Parley. `make` shows what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# Python 3.11, under either name. Nothing else is needed: no compiler, no Node; gettext for translators only.
PYTHON := $(firstword $(foreach name,python3.11 python3 python,$(if $(shell $(name) -c 'import sys; print(sys.version_info[:2] == (3, 11) or "")' 2>/dev/null),$(name))))
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

# The stamps carry a hash of the lock: a new lock is installed, a touched one is not.
LOCK := $(VENV)/.runtime-$(shell cksum < requirements.lock | cut -d' ' -f1)
DEV_LOCK := $(VENV)/.dev-$(shell cksum < requirements-dev.lock | cut -d' ' -f1)

# xdist workers for the tests, 0 for none; which tests, and which of those with a browser.
WORKERS ?= 2
TESTS ?= tests
BROWSER_TESTS ?= $(TESTS)
CHROMIUM ?= /usr/bin/chromium
export CHROMIUM

.PHONY: help run setup test lint messages messages-check bench bench-send clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile
	@echo
	@echo '  PORT=8000             where it listens        PARLEY_DATA=./data    where it keeps everything'
	@echo '  DATABASE_URL, REDIS_URL, BROKER_URL           set them, and it runs on services (docs/deployment.md)'

run: $(LOCK) ## set up what is missing, start everything, print the addresses
	@$(BIN)/python manage.py run

setup: $(LOCK) ## only set up: dependencies, translations, static files, tables
	@$(BIN)/python manage.py prepare

test: $(DEV_LOCK) ## every test that this machine can run; TESTS=tests/chat for some
	@echo "Tests in $(if $(DATABASE_URL),services,embedded) mode."
	@test -x "$(CHROMIUM)" || echo "No Chromium at $(CHROMIUM): browser tests are left out (Debian: apt-get install chromium)."
	@$(BIN)/python manage.py prepare --translations
	@$(PYTEST) -m "not browser" $(call RESULTS,python) $(TESTS) || test $$? -eq 5
	@$(PYTEST) -m browser --reruns 1 $(call RESULTS,browser) $(BROWSER_TESTS) || test $$? -eq 5

# The browser's tests in a run of their own: their driver leaves a loop running, on which no other test can stand.
# One more try for each: they drive real browsers on machines that are busy with other things. The summary counts the
# tries, and tests/conftest.py fails a run with many.
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(PYTEST_OPTIONS)
# Where the results go as JUnit files, if anywhere: .ci/run adds them up.
RESULTS = $(if $(RESULTS_DIR),--junitxml=$(RESULTS_DIR)/$(if $(DATABASE_URL),services,embedded)-$(1).xml)

lint: $(DEV_LOCK) ## style, floors, types, templates, migrations, deployment check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

messages: $(DEV_LOCK) ## put new strings into the catalogues of translations (needs gettext; docs/translating.md)
	$(BIN)/python manage.py messages

messages-check: $(DEV_LOCK) ## whether the catalogues have every string of the sources (needs gettext)
	$(BIN)/python manage.py messages --check

# Settings as in production; nothing of it is asked.
PRODUCTION = env PARLEY_URL=https://support.example.com DEBUG=0 \
	SECRET_KEY=$(shell head -c 60 /dev/urandom | base64 | tr -d '\n=+/') \
	DATABASE_URL=postgres://parley@db.example.com:5432/parley REDIS_URL=redis://redis.example.com:6379/0 \
	BROKER_URL=amqp://parley@mq.example.com:5672/parley

bench: $(DEV_LOCK) ## measure what is read, searched, exported and held open, by size: SIZES="10000 100000" chats (needs the three services; bench/README.md)
	@$(BIN)/python bench/analytics.py $(SIZES)
	@$(BIN)/python bench/history.py $(SIZES)
	@$(BIN)/python bench/chatflow.py $(SIZES)
	@BENCH_KEEP=1 $(BIN)/python bench/inbox.py $(SIZES)
	@BENCH_KEEP=1 $(BIN)/python bench/search.py $(SIZES)
	@$(BIN)/python bench/export.py $(SIZES)
	@$(BIN)/python bench/sockets.py
	@$(BIN)/python bench/widget.py
	@$(BIN)/python bench/pages.py
	@$(BIN)/python bench/limiter.py

bench-send: $(DEV_LOCK) ## measure sending: messages a second, and the delay at 300 a second (needs the three services)
	@$(BIN)/python bench/send.py
	@$(BIN)/python bench/send.py --rate 300

chaos: $(DEV_LOCK) ## kill everything by turns under load and look for losses: KILLS=300 SEED=7 (needs the three servers' packages)
	@$(BIN)/python -m tests.chaos --kills $(or $(KILLS),300) $(if $(SEED),--seed $(SEED))

clean: ## forget everything that was made, but for the data
	rm -rf $(VENV) staticfiles .pytest_cache .ruff_cache .mypy_cache .import_linter_cache config/locale/*/LC_MESSAGES/*.mo

$(BIN)/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { echo "Parley needs Python 3.11 (python3.11 or python3). See https://www.python.org/downloads/" >&2; exit 1; }
	@echo "Python: $$($(PYTHON) --version), its own environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(LOCK): $(BIN)/python
	@test -e $(DEV_LOCK) || { $(call install,requirements.lock); }
	@rm -f $(VENV)/.runtime-*; touch $@

$(DEV_LOCK): $(BIN)/python
	@$(call install,requirements-dev.lock)
	@rm -f $(VENV)/.dev-* $(VENV)/.runtime-*; touch $@ $(LOCK)

# uv takes a few seconds where pip takes half a minute; both check the hashes.
ifdef UV
install = echo "Installing $(1) with uv …"; $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(1)
else
install = echo "Installing $(1) with pip …"; \
	{ $(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes -r $(1) \
	|| touch $(VENV)/.failed; } | sed -n 's/^Collecting \([^ ]*\).*/  \1/p'; ! rm $(VENV)/.failed 2>/dev/null
endif
