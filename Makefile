# Two commands do everything: `make run` and `make test`. Neither needs root, Docker or an account.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -c constraints.txt

.PHONY: help setup setup-test run test faults bench clean

help:
	@echo "make run      install if needed, then start everything on http://127.0.0.1:8000/"
	@echo "make test     install if needed, then every check and test"
	@echo "make faults   the long fault test: processes are killed while texts pour in"
	@echo "make bench    the benchmarks, as ratios to a limit measured in the same run"
	@echo "make setup    install only; afterwards $(BIN)/bot exists"
	@echo "make clean    remove the installation (never your data in var/)"

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Puente needs Python 3.11 or newer; PYTHON=python3.12 make run picks another one." >&2; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "This Python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv." >&2; rm -rf $(VENV); exit 3; }
	@echo "Installing Puente into $(VENV) (one to three minutes, once) ..."
	@began=$$(date +%s); $(PIP) -e . && echo "Installed in $$(( $$(date +%s) - began )) s; $(VENV) takes $$(du -sm $(VENV) | cut -f1) MB."
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@began=$$(date +%s); $(PIP) -e '.[test]' && echo "Installed in $$(( $$(date +%s) - began )) s; $(VENV) takes $$(du -sm $(VENV) | cut -f1) MB."
	@touch $@

setup: $(VENV)/.installed

setup-test: $(VENV)/.installed-test

run: setup
	@exec $(BIN)/bot run

test: setup-test
	@$(BIN)/python .ci/checks.py

faults: setup-test
	@$(BIN)/python -m pytest tests/faults -m faults --long -n 0 -s -v

bench: setup-test
	@$(BIN)/python -m bench

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
