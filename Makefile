# `make demo` and `make test` set everything up on their own; they need Python >= 3.11, Node >= 20 and no root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SET_UP := $(VENV)/.set-up
export HOMING_PORT ?= 8700

.PHONY: help demo test dev console lint types layers docs bench up clean

help:
	@echo "make demo    a real year of a grocer through the whole loop, console on port $(HOMING_PORT)"
	@echo "make test    every test; browser tests need a Chromium"
	@echo "make dev     set up for working on Homing, console with hot reload on port 5173"
	@echo "make lint types layers docs    what .ci/run checks besides the tests"
	@echo "make bench   the benchmarks; one of them: $(BIN)/homing bench NAME"

$(SET_UP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python is %d.%d, wanted 3.11 or newer" % sys.version_info[:2])'
	@echo "setting up $(VENV): a few minutes the first time"
	$(PYTHON) -m venv $(VENV)
	HOMING_CONSOLE=skip $(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

console: $(SET_UP)
	@$(BIN)/python hatch_build.py

demo: $(SET_UP) console
	@$(BIN)/homing demo

up: $(SET_UP) console
	@$(BIN)/homing up

test: $(SET_UP) console
	$(BIN)/pytest --numprocesses 2 --dist loadfile

dev: $(SET_UP) console
	@echo "the server: $(BIN)/homing up    the console with hot reload: http://127.0.0.1:5173"
	cd console && npm run dev

lint: $(SET_UP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(SET_UP)
	$(BIN)/mypy

layers: $(SET_UP)
	$(BIN)/lint-imports

docs: $(SET_UP)
	$(BIN)/pytest tests/docs

bench: $(SET_UP)
	$(BIN)/homing bench all

clean:
	rm -rf $(VENV) console/node_modules src/homing/console/static .demo
