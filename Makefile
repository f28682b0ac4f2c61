.DEFAULT_GOAL := help
.PHONY: help install run test test-trl check format words bench-intake bench-formats bench-reward bench-coverage bench-leaks bench-next bench-ui bench-load bench-scale bench-near bench-topics bench-language lock
PYTHON ?= python3
BIN := .venv/bin

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.venv/.installed: requirements.lock
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Rankdesk needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

install: .venv/.installed ## Make .venv and install what the app needs

run: .venv/.installed ## Start the app on http://localhost:8501 with the sample project
	@$(BIN)/python -m data sample
	@$(BIN)/python -m streamlit run streamlit_app.py

test: .venv/.installed-dev ## Install the test tools and run everything that `make check` runs
	@$(BIN)/python -m tests.browser
	@$(MAKE) --no-print-directory check

check: .venv/.installed-dev ## Format check, lint, types, tests with coverage
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-trl: .venv/.installed-dev ## Give exported files to TRL's own trainers, in an environment of their own (build/trl)
	$(BIN)/python -m pytest -m slow tests/test_trl.py

format: .venv/.installed-dev ## Format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

words: .venv/.installed-dev ## Bring the catalogues of the interface's languages up to the sources, and list what they lack
	$(BIN)/python -m app.catalogues

bench-intake: .venv/.installed-dev ## Measure the load of a generated 1 GB file with 500,000 tasks, and of other kinds of files
	$(BIN)/python -m tests.bench_intake

bench-formats: .venv/.installed-dev ## Count what public sets of judgements in FOLDER=… bring in, beside what their owners state
	$(BIN)/python -m tests.bench_formats $(FOLDER)

bench-reward: .venv/.installed-dev ## Measure the reward model on the public sets in FOLDER=…
	$(BIN)/python -m tests.bench_reward $(FOLDER)

bench-coverage: .venv/.installed-dev ## Count how often 95 % intervals hold the truth, on simulated judgements
	$(BIN)/python -m tests.bench_coverage

bench-next: .venv/.installed-dev ## Measure what the queues of what to judge next save and find, on the public sets in FOLDER=…
	$(BIN)/python -m tests.bench_next $(FOLDER)

bench-leaks: .venv/.installed-dev ## Measure whether prompts that are nearly the same flatter the reward model, on the sets in FOLDER=…
	$(BIN)/python -m tests.bench_leaks $(FOLDER)

bench-ui: .venv/.installed-dev ## Measure the ranking page in a browser: keys, key to paint, submit to next task
	$(BIN)/python -m tests.bench_ui

bench-load: .venv/.installed-dev ## Measure a hundred annotators at one process
	$(BIN)/python -m tests.bench_load

bench-scale: .venv/.installed-dev ## Measure the reward model at 10,000, 100,000 and 1,000,000 pairs
	$(BIN)/python -m tests.bench_scale

bench-near: .venv/.installed-dev ## Measure the search for near duplicates among 100,000 generated responses
	$(BIN)/python -m tests.bench_near

bench-topics: .venv/.installed-dev ## Measure the detectors of sensitive topics and of offence on the public sets in FOLDER=…
	$(BIN)/python -m tests.bench_topics $(FOLDER)

bench-language: .venv/.installed-dev ## Measure how well the language of short texts is told, on the public sets in FOLDER=…
	$(BIN)/python -m tests.bench_language $(FOLDER)

lock: ## Pin the newest versions that requirements*.txt allow
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade requirements.txt -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade -c requirements.lock requirements-dev.txt -o requirements-dev.lock
