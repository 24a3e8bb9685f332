# HMM: `make demo` shows it, `make test` proves it. Everything else is a part of these two.
#
# Set-up is cached: the sBPF toolchain and the local network under the user's cache folder, npm packages in node_modules, builds in
# target. Each step runs again only when its inputs change.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# Builds of one crate share a folder; cargo makes use of the processors by itself.
.NOTPARALLEL:

MATH := $(shell find crates/math/src -name '*.rs') crates/math/Cargo.toml
PURE := $(shell find crates/attest/src crates/job/src -name '*.rs') crates/attest/Cargo.toml crates/job/Cargo.toml $(MATH)
PROGRAM := $(shell find programs/hmm/src -name '*.rs') programs/hmm/Cargo.toml Cargo.toml Cargo.lock $(PURE)
TOOLCHAIN := $(shell find toolchain -maxdepth 2 -type f -not -path '*/conformance/*')
SO := target/deploy/hmm.so
IDL := target/idl/hmm.json
NPM_TS := clients/ts/node_modules/.package-lock.json
NPM_TESTS := tests/node_modules/.package-lock.json
NPM_MIGRATIONS := migrations/node_modules/.package-lock.json
DIST := clients/ts/dist/index.js
WASM := clients/ts/src/math/module.ts

.PHONY: help demo test build bench generate localnet fmt lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

demo: build ## a market, its trades, and the whole life of a job, on an embedded VM
	@cd vm && cargo run --quiet -p hmm-cli -- demo

build: $(SO) $(IDL) ## the program and its IDL

$(SO): $(PROGRAM) $(TOOLCHAIN)
	toolchain/build.sh programs/hmm

$(IDL): $(PROGRAM) $(shell find tools/idl/src) tools/idl/Cargo.lock
	env -u RUSTUP_TOOLCHAIN cargo run --quiet --locked --manifest-path tools/idl/Cargo.toml -- programs/hmm $@

test: test-math test-toolchain test-generated test-program test-clients test-bench lint ## every test

.PHONY: test-math test-toolchain test-generated test-program test-clients test-bench

test-math: ## the mathematics against its oracles
	cargo test --release --locked -p hmm-math -p hmm-attest -p hmm-job
	python3 crates/math/oracle/oracle.py --check
	python3 crates/attest/oracle/oracle.py --check

.PHONY: conformance-build
conformance-build:
	toolchain/build.sh toolchain/conformance

test-toolchain: conformance-build ## the VM against the host
	cd vm && cargo test --locked --test conformance

test-generated: $(IDL) $(NPM_TS) ## generated code is what the IDL says
	cd clients/ts && npm run --silent generate -- --check

test-program: build conformance-build ## the program and the command line, on the embedded VM
	cargo test --locked -p hmm --lib
	cd vm && cargo test --locked --workspace

test-clients: build $(DIST) $(NPM_TESTS) localnet-build ## the TypeScript client, in process and on a local network
	cd clients/ts && npm run --silent check && npm test --silent
	cd tests && npm run --silent check && npm test --silent

test-bench: target/bench/hmm.so build ## compute units and sizes are what was committed
	cd vm && cargo run --quiet --locked -p hmm-bench -- --check

bench: target/bench/hmm.so build ## measure compute units and sizes, write target/bench, the snapshot and the tables
	cd vm && cargo run --quiet --locked -p hmm-bench -- --write

target/bench/hmm.so: $(PROGRAM) $(TOOLCHAIN)
	HMM_SO_DIR=target/bench toolchain/build.sh programs/hmm --features bench

$(NPM_TS): clients/ts/package-lock.json
	cd clients/ts && npm ci --no-audit --no-fund --silent

$(NPM_TESTS): tests/package-lock.json $(DIST)
	cd tests && npm ci --no-audit --no-fund --silent
	touch $@

$(NPM_MIGRATIONS): migrations/package-lock.json $(DIST)
	cd migrations && npm ci --no-audit --no-fund --silent
	touch $@

$(WASM): $(MATH) $(shell find clients/wasm/src -name '*.rs')
	toolchain/build-wasm.sh hmm-wasm target/wasm/hmm.wasm
	node clients/ts/wasm.mjs target/wasm/hmm.wasm

$(DIST): $(NPM_TS) $(WASM) $(shell find clients/ts/src -name '*.ts')
	cd clients/ts && npm run --silent build
	touch $@

generate: $(IDL) $(NPM_TS) ## write the generated clients anew
	cd clients/ts && npm run --silent generate

.PHONY: localnet-build
localnet-build: $(NPM_MIGRATIONS) ## the local network's binary, from the cache or built, and what migrates it
	vm/localnet/build.sh

localnet: build localnet-build ## a local network with the program and a market on it, until Ctrl-C
	@vm/localnet/run.sh

fmt: ## format everything
	cargo fmt --all && cd vm && cargo fmt --all

lint: ## formatting, and the lints that keep panics and unchecked arithmetic out of the program
	cargo fmt --all --check && (cd vm && cargo fmt --all --check)
	cargo clippy --locked -p hmm -p hmm-math -p hmm-attest -p hmm-job -p hmm-wasm --no-deps -- -D warnings
	cd vm && cargo clippy --locked --workspace --all-targets --no-deps -- -D warnings

clean: ## remove what was built here (the caches stay)
	rm -rf target vm/target vm/localnet/target tools/idl/target clients/ts/dist clients/ts/node_modules tests/node_modules migrations/node_modules
