#!/bin/bash
# SPDX-License-Identifier: MIT
# fuzz.sh: runs every fuzz target for FUZZ_SECONDS (30), starting from its corpus. What is found
# is left in build/fuzz-found; inputs that reach new code go to build/fuzz-corpus and are the
# start of the next run.
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/lib.sh

need_packages clang llvm gcc libc6-dev meson ninja-build pkg-config libjansson-dev libacl1-dev \
	libseccomp-dev libcmocka-dev libwayland-dev libwayland-bin
# The fuzzer itself, in a package of the compiler's version that clang only recommends.
need_packages "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
mkdir -p build/fuzz-found build/logs
export CC=clang
if ! { configure build/fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
	-Dc_args=-fsanitize=fuzzer-no-link && ninja --quiet -C build/fuzz fuzzers; } >build/logs/fuzz 2>&1; then
	cat build/logs/fuzz
	die "cannot build the fuzzers"
fi

failed=0
count=0
for corpus in tests/fuzz/corpus/*/; do
	name=$(basename "$corpus")
	target=build/fuzz/tests/fuzz/fuzz-$name
	if [ ! -x "$target" ]; then
		say "NOT OK $name: a corpus without a target"
		failed=$((failed + 1))
		continue
	fi
	mkdir -p "build/fuzz-corpus/$name"
	count=$((count + 1))
	if UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$target" -timeout=10 \
		-max_total_time="${FUZZ_SECONDS:-30}" -artifact_prefix="build/fuzz-found/$name-" \
		"build/fuzz-corpus/$name" "$corpus" >"build/logs/fuzz-$name" 2>&1; then
		say "ok     $name: $(grep -o 'Done [0-9]* runs in [0-9]* second' "build/logs/fuzz-$name")s"
	else
		tail -n 60 "build/logs/fuzz-$name"
		say "NOT OK $name: see build/fuzz-found"
		failed=$((failed + 1))
	fi
done
say "$count fuzzed, $failed failed"
[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
