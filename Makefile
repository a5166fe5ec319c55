# The short words. CMake does the work; CMakePresets.json holds the ways to build.
PREFIX ?= /usr/local

all: ## install what is missing, build the release: library, command, tests
	sh tools/build

run: ## install what is missing, serve an XGBoost model, score it once over HTTP
	sh tools/run

serve: ## the same, but stay: MODEL=<directory> PORT=5000
	sh tools/run --stay

test: ## install what is missing, run all tests in debug (ASan, UBSan) and release
	sh tools/test

check: ## the rules of the house only, without a build
	python3 -B tools/check

format: ## let clang-format lay out every C file
	git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

bench: ## the benchmarks; bench/README.md says what each measures
	sh bench/run

install: all ## DESTDIR and PREFIX as usual; PREFIX is /usr/local
	cmake --install build/release --prefix $(PREFIX)
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || ldconfig

clean: ## delete what was built
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile

.PHONY: all run serve test check format bench install clean help
