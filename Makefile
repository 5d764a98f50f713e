# make run   install the core (no torch) and serve the demo
# make test  install everything and run the tests
# Needs Python 3.11 or newer and make; everything else comes from the package registries.

PY ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
WEB := api/web
PIP := $(BIN)/pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt
export OMP_NUM_THREADS := 1
export OMP_WAIT_POLICY := PASSIVE

.PHONY: run test lint bench system clean

run: $(VENV)/.core
	$(BIN)/huida demo

test: $(VENV)/.all $(WEB)/node_modules system
	$(BIN)/python -m pytest -n 2 $(PYTEST)

lint: $(VENV)/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

bench: $(VENV)/.core
	$(BIN)/huida bench

$(BIN)/python:
	@$(PY) -c 'import sys; sys.exit("Python 3.11 or newer is needed, $(PY) is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PY) -c 'import ensurepip' 2>/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; } \
		|| { echo "Python's venv module is missing: install python3-venv"; exit 1; }
	$(PY) -m venv $(VENV)

# jieba and gensim's neighbours come as sources: setuptools builds them
$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e .
	@touch $@

$(VENV)/.all: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[train,customers,postgres,test]'
	@touch $@ $(VENV)/.core

# what builds the web pages; a test holds a new build against the files that are committed
$(WEB)/node_modules: $(WEB)/package-lock.json | $(VENV)/.all
	cd $(WEB) && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --no-audit --no-fund
	@touch $@

# the browser, its Chinese font and the database of the tests; without them those tests fail and say what to install
system:
	@missing=; command -v chromium >/dev/null || missing="$$missing chromium"; \
	ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || missing="$$missing postgresql"; \
	fc-list 2>/dev/null | grep -qi 'noto.*cjk' || missing="$$missing fonts-noto-cjk"; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing$$missing"; export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else echo "not installed:$$missing (their tests will fail; as root, apt-get install$$missing)"; fi

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
