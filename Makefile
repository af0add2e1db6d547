# Everything that is done with this repository, from a clean machine with Python 3.11 or newer and make.
# `make help` lists the targets; `make demo` and `make test` set up what they need by themselves.

PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
DEMO    := build/demo
PEERS   := hledger ledger
SOURCES := src projections audit api
TIDY    := tests/test_tidy.py tests/test_docs.py tests/tidy

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-system demo demo-year test check types tidy bench verifier sbom soak docs lock clean
export PIP_DISABLE_PIP_VERSION_CHECK = 1

help: ## 列出全部目标 · list the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)$$/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

setup: $(READY) ## 建虚拟环境并按锁定清单安装 · virtual environment from the lock

# The lock names every file by digest. Hatchling is in it too, so the editable install needs no network of its own.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '需要 Python 3.11 或更新版本 · Python 3.11 or newer is needed (make PYTHON=…)' >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

setup-system: ## 安装测试用的独立记账程序 (hledger, ledger) · independent peers that the tests compare with
	@missing=(); for name in $(PEERS); do command -v "$$name" >/dev/null || missing+=("$$name"); done; \
	if [ $${#missing[@]} -eq 0 ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  export DEBIAN_FRONTEND=noninteractive; apt-get update -q >/dev/null; apt-get install -qy --no-install-recommends "$${missing[@]}" >/dev/null; \
	else \
	  echo "测试要用独立程序核对账目,请先安装: $${missing[*]}  ·  the tests compare the books with independent programs, please install: $${missing[*]}" >&2; exit 1; \
	fi

demo: $(READY) ## 用随附的十七份样例文件走完一遍 · the whole road with the seventeen sample files
	rm -rf $(DEMO)
	$(BIN)/charity-ledger demo $(DEMO)

demo-year: $(READY) ## 一个县全年的救助发放,约二十一万行花名册 · a whole county's year of relief from invented files
	rm -rf $(DEMO)-year
	$(BIN)/charity-ledger demo $(DEMO)-year --year --scale 1

# One worker more than the machine has cores: tests also wait for disks, servers and clocks. In the order of the folders,
# for modules of few and long tests, which come last where the largest come first, would keep one core at work. What
# `make check` ran just before need not be run twice by whoever runs both: `make test CHECKED=1`.
test: $(READY) setup-system ## 运行全部测试 · all tests
	$(BIN)/python -m pytest -n "$$(( $$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN) + 1 ))" --dist loadscope --no-loadscope-reorder $(if $(CHECKED),$(TIDY:%=--ignore=%))

# Types take as long as all else together, and one core.
check: $(READY) ## 格式、静态检查、类型、房间界线、死代码、整洁与文档 · format, lint, types, doors, dead code, tidiness, docs
	@$(MAKE) --no-print-directory --jobs=2 types tidy

types: $(READY)
	$(BIN)/mypy

tidy: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/vulture
	$(BIN)/python -m pytest -q $(TIDY)

bench: $(READY) ## 测量性能承诺 · what the performance promises are measured with
	@for script in benchmarks/bench_*.py; do echo "== $$script"; PYTHONPATH=. $(BIN)/python "$$script"; done

# One file that runs wherever Python and PyNaCl are: equal sources give equal bytes.
verifier: $(READY) ## 生成单文件核验程序 build/ledger-verify.pyz · the stranger's verifier in one file
	rm -rf build/verifier build/ledger-verify.pyz
	mkdir -p build/verifier/ledger_audit
	cp audit/ledger_audit/__init__.py build/verifier/ledger_audit/
	cp -R audit/ledger_audit/verifier build/verifier/ledger_audit/
	printf 'import sys\n\nfrom ledger_audit.verifier.__main__ import main\n\nsys.exit(main())\n' > build/verifier/__main__.py
	find build/verifier -name __pycache__ -prune -exec rm -rf {} +
	find build/verifier -exec touch -d '1980-01-02 00:00:00 UTC' {} +
	$(BIN)/python -m zipapp build/verifier --python '/usr/bin/env python3' --output build/ledger-verify.pyz
	$(BIN)/python build/ledger-verify.pyz --help >/dev/null

sbom: $(READY) ## 按锁定清单生成物料清单 build/sbom.json(CycloneDX) · the bill of materials, from the lock
	$(BIN)/python deploy/sbom.py build/sbom.json

soak: $(READY) setup-system ## 用多得多的随机例子长跑 · the same tests with many more random examples
	$(BIN)/python -m pytest --hypothesis-profile=soak
	@if command -v strace >/dev/null; then PYTHONPATH=. $(BIN)/python benchmarks/sweep_faults.py; else echo "没有 strace,略过逐点故障注入 · strace is not installed: the sweep of faults is left out" >&2; fi

docs: $(READY) ## 重新生成 docs/errors.md、docs/events.md 与 docs/api/openapi.json · write the generated pages anew
	$(BIN)/python -m ledger.catalogue.page docs/errors.md
	$(BIN)/python -m ledger.flows.page docs/events.md
	$(BIN)/python -m ledger_api.http.document docs/api/openapi.json

lock: $(READY) ## 重新解析依赖并写 requirements.lock · resolve the dependencies anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 --upgrade --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --output-file requirements.lock

clean: ## 删除生成的一切 · remove everything made here
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find $(SOURCES) tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
