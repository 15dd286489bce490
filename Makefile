# make run   install and start the app        make test   install and run every test
# make bench speed against bare Keras         make clean  remove the virtual environment
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8501

.PHONY: run test bench lint clean

run: $(VENV)/.app
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/.dev lint
	$(BIN)/python scripts/find_chromium.py
	$(BIN)/python -m pytest

bench: $(VENV)/.dev
	$(BIN)/python scripts/bench_paint.py
	$(BIN)/python scripts/bench_clock.py
	$(BIN)/python scripts/bench_dial.py
	$(BIN)/python scripts/bench_cats.py
	$(BIN)/python scripts/bench_sweep.py
	$(BIN)/python scripts/bench.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .

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
