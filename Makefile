# Everything a fresh Debian 12 needs is installed by the first target that needs it; a second call starts at once.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.ready

.PHONY: setup run test bench screenshots clean

setup: $(STAMP)

$(STAMP): pyproject.toml packaging/constraints.txt packaging/setup.sh
	PYTHON=$(PYTHON) VENV=$(VENV) bash packaging/setup.sh
	@touch $@

# With a display: the window. Without: the sample's main job in the terminal.
run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" != Linux ]; then $(RUN) -m tlstudio; else $(RUN) -m tlstudio demo; fi

test: setup
	bash tests/run.sh

bench: setup
	bash tests/on_virtual_screen.sh $(RUN) -m benchmarks

screenshots: setup
	bash tests/on_virtual_screen.sh $(RUN) -m benchmarks.screenshots

# The hours of work in build/starter stay; remove that folder by hand.
clean:
	if [ -d build ]; then find build -mindepth 1 -maxdepth 1 ! -name starter -exec rm -rf {} +; fi
	rm -rf dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
