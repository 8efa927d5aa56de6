# `make run` and `make test` are all a newcomer needs; both install what is missing. `make help` lists the rest.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# What `make run` does: make run ARGS=demo
ARGS ?= serve
# dev compiles in minutes; `make run PROFILE=release` is for measuring and for real use.
PROFILE ?= dev
# What `make fuzz` runs, and how long each: make fuzz TARGET=lead_body SECONDS=600
TARGET ?= $(basename $(notdir $(sort $(wildcard fuzz/fuzz_targets/*.rs))))
SECONDS ?= 60

# Queries are checked against the committed .sqlx, not against a database that may or may not be there.
export SQLX_OFFLINE := true
# The tests get their settings from nobody.
CLEAN_ENV := env -u DATABASE_URL -u LEADRELAY_CONFIG -u LEADRELAY_ADMIN_TOKEN

.PHONY: help run test screenshots first-run drill bench bench-report lint fmt sqlx sqlx-check doc deny ci fuzz fuzz-build

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: ## build and start the server (ARGS=demo for one with sample data, PROFILE=release for speed)
	@scripts/install-missing $(if $(DATABASE_URL),--no-postgresql)
	@cargo run --locked --profile $(PROFILE) -- $(ARGS)

test: ## check the format, then run all tests
	@scripts/install-missing --browser $(if $(TEST_DATABASE_URL),--no-postgresql)
	cargo fmt --check
	@if cargo nextest --version >/dev/null 2>&1; then \
	  set -- nextest run --no-fail-fast; \
	else \
	  set -- test --no-fail-fast; \
	fi; \
	echo "cargo $$* --all-targets --locked"; \
	trap scripts/stop-test-cluster EXIT; \
	$(CLEAN_ENV) cargo "$$@" --all-targets --locked </dev/null

# One test of tests/browser that is left out otherwise, with what it prints.
BROWSER := $(CLEAN_ENV) cargo test --locked --test browser -- --ignored --nocapture

screenshots: ## a picture of every page at two widths, in light and dark, in target/screenshots
	@scripts/install-missing --browser $(if $(TEST_DATABASE_URL),--no-postgresql)
	@trap scripts/stop-test-cluster EXIT; $(BROWSER) every_page_has_its_picture_taken

first-run: ## the six steps of a new installation at a person's pace, and the time they take
	@scripts/install-missing --browser $(if $(TEST_DATABASE_URL),--no-postgresql)
	@trap scripts/stop-test-cluster EXIT; $(BROWSER) the_first_run_takes_less_than_ten_minutes

drill: ## the long form of the drills (ROUNDS=10 or MINUTES=60; SEED= and ONLY= repeat a failure)
	@scripts/install-missing --drills
	@$(CLEAN_ENV) ROUNDS="$(ROUNDS)" MINUTES="$(MINUTES)" SEED="$(SEED)" ONLY="$(ONLY)" scripts/drill

bench: ## measure the pipeline beside a floor (PARTS="intake through" for some parts, LEADS= for the size of the grown table)
	@scripts/install-missing
	@$(CLEAN_ENV) cargo bench --locked --bench pipeline -- $(PARTS) $(if $(LEADS),--leads=$(LEADS))

bench-report: ## the same, kept in docs/BENCHMARKS.md
	@scripts/install-missing
	@$(CLEAN_ENV) cargo bench --locked --bench pipeline -- --report $(PARTS) $(if $(LEADS),--leads=$(LEADS))

fmt: ## format the code
	cargo fmt

lint: ## format check and clippy without a warning
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings

sqlx: ## write .sqlx anew, from a throw-away database with all migrations
	@rm -rf .sqlx && mkdir .sqlx && touch src/lib.rs
	SQLX_OFFLINE_DIR=$(CURDIR)/.sqlx scripts/with-database cargo check --all-targets --locked

sqlx-check: sqlx ## the same, and fail when .sqlx was out of date
	@test -z "$$(git status --porcelain .sqlx)" || { git status --short .sqlx; echo ".sqlx was out of date"; exit 1; }

doc: ## documentation of the code, without a warning
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

deny: ## licences, sources and bans of all dependencies (needs cargo-deny)
	cargo deny --offline check bans licenses sources

# RUSTC_BOOTSTRAP: the instrumentation is unstable, the toolchain is not. The crate has no unsafe code, so that a
# sanitizer would find nothing in it and halve the speed.
FUZZ_ENV := RUSTC_BOOTSTRAP=1
FUZZ_LIMITS := -timeout=10 -rss_limit_mb=2048

fuzz-build: ## build the fuzz targets (needs cargo-fuzz: cargo install cargo-fuzz --locked)
	@cargo fuzz --version >/dev/null 2>&1 || { echo "cargo-fuzz is missing; run: cargo install cargo-fuzz --locked"; exit 1; }
	$(FUZZ_ENV) cargo fuzz build -s none

fuzz: fuzz-build ## fuzz every target for SECONDS=60 (TARGET=lead_body for one); findings are in fuzz/artifacts
	@for target in $(TARGET); do \
	  mkdir -p fuzz/corpus/$$target && cp -n fuzz/seeds/$$target/* fuzz/corpus/$$target/ || exit 1; \
	  dictionary=fuzz/dictionaries/$$target.dict; \
	  echo "fuzzing $$target for $(SECONDS) s"; \
	  $(FUZZ_ENV) cargo fuzz run -s none $$target -- -max_total_time=$(SECONDS) $(FUZZ_LIMITS) -print_final_stats=1 \
	    $$(test -e $$dictionary && echo -dict=$$dictionary) || exit 1; \
	done

ci: lint test doc sqlx-check ## everything that must pass before a change lands
	@if cargo deny --version >/dev/null 2>&1; then $(MAKE) --no-print-directory deny; fi
