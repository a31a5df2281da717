# Everything a person types to work on Cadence. `make` alone lists it.

# A virtual environment that happens to be active must not leak into ours.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME
export PYTHONUTF8 := 1
# uv may neither fetch an interpreter nor look outside .venv; certificates are the system's.
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv

export HOST ?= 127.0.0.1
export PORT ?= 8000
PY ?=
ARGS ?=
PAGES ?=
# make knows AS as the assembler; here it is a person.
AS =
# Each worker starts its own browser: more than four costs more memory than it saves time.
PYTEST := .venv/bin/python -m pytest -n auto --maxprocesses 4
MANAGE := .venv/bin/python manage.py
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup run test test-postgres coverage lint format bench shots browser messages lock clean

help:  ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-14s %s\n", $$1, $$2}' Makefile

setup: $(STAMP)  ## Make .venv with the locked packages (no-op when it is there)

$(STAMP): uv.lock requirements.lock pyproject.toml deploy/set_up.sh
	@sh deploy/set_up.sh $(PY)

run: setup  ## Serve a demo clinic on http://127.0.0.1:8000 (HOST= PORT= change it; data is kept)
	@.venv/bin/python deploy/check_port.py $(HOST) $(PORT)
	@.venv/bin/python deploy/compile_messages.py
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_catalogue plans/data/catalogue.yaml
	@$(MANAGE) demo --if-empty >/dev/null  # --show says the log-ins, once
	@$(MANAGE) collectstatic --no-input --verbosity 0
	@$(MANAGE) demo --show
	@echo "Cadence serves on http://$(HOST):$(PORT)/  (Ctrl-C stops it)"
	@exec .venv/bin/python -m gunicorn --config deploy/gunicorn.py clinic.wsgi

test: setup  ## Run the whole test suite on SQLite (ARGS="-k diary" narrows it)
	@.venv/bin/python deploy/compile_messages.py
	@$(PYTEST) $(ARGS)

# The browser and the pure core see no difference between databases.
test-postgres: setup  ## Run the database tests on a throw-away PostgreSQL
	@.venv/bin/python deploy/compile_messages.py
	@.venv/bin/python tests/throwaway_postgres.py $(PYTEST) -m "not browser" \
		--ignore tests/core $(ARGS)

coverage: setup  ## Say which lines and branches no test runs
	@.venv/bin/python -m coverage run -m pytest $(ARGS)
	@.venv/bin/python -m coverage report

lint: setup  ## Check style, types, walls between rooms, templates, migrations and locks
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy .
	.venv/bin/lint-imports
	.venv/bin/python -m djlint --quiet --lint templates
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check
	.venv/bin/python -m pytest --quiet tests/house/test_locks.py

format: setup  ## Put the Python files into the house's layout
	.venv/bin/python -m ruff check --fix .
	.venv/bin/python -m ruff format .

bench: setup  ## Measure the searches and the booking (takes minutes)
	.venv/bin/python -m bench $(ARGS)

shots: setup  ## Take pictures of the pages into .pictures/ (PAGES="/diary/" AS=reception)
	@.venv/bin/python deploy/compile_messages.py
	PAGES="$(PAGES)" AS="$(AS)" .venv/bin/python -m pytest tests/take_shots.py

browser: setup  ## Fetch a Chromium for the browser tests, without root
	.venv/bin/python tests/get_browser.py

messages: setup  ## Collect the texts to translate into locale/ (needs gettext)
	$(MANAGE) makemessages --all --no-obsolete --no-wrap --add-location file --ignore .venv --ignore tests

lock: setup  ## Renew uv.lock and requirements.lock after a change of dependencies
	.venv/bin/uv lock
	.venv/bin/uv export --quiet --frozen --all-groups --no-header --no-annotate --output-file requirements.lock

clean:  ## Remove the environment and what tools left behind (data/ stays)
	rm -rf .venv .browser .pictures .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf .coverage htmlcov
	find . -name __pycache__ -prune -exec rm -rf {} +
