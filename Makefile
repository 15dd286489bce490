# make run   install and start the app        make test   install and run every test
# make bench speed against bare Keras         make clean  remove the virtual environment
# make coverage lines of lib/ that the tests without a browser run
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8501

.PHONY: run test coverage bench lint clean

run: $(VENV)/.app
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/.dev lint
	$(BIN)/python scripts/find_chromium.py
	@failed=0; $(BIN)/python -m pytest -m "not e2e" --numprocesses auto --maxprocesses 4 --dist loadfile || failed=1; \
	$(BIN)/python -m pytest -m e2e --numprocesses 2 --dist loadfile || failed=1; exit $$failed

coverage: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not e2e" --numprocesses auto --maxprocesses 4 --dist loadfile --cov=lib --cov-report=term

bench: $(VENV)/.dev
	@failed=0; for part in bench_paint bench_clock bench_dial bench_cats bench_sweep bench; do \
	  echo; echo "## $$part"; $(BIN)/python scripts/$$part.py || failed=1; done; exit $$failed

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)/.app: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Neural Lab needs Python 3.11 or newer: make run PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.app
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV)
