#!/bin/bash
# SPDX-License-Identifier: MIT
# fuzz.sh: runs fuzz targets, each for some time, starting from its corpus.
#
#	TIME=30s		for each: 30, 30s, 10m, 1h
#	ENGINE=libfuzzer	or afl (AFL++); or coverage: runs over the inputs there are, and says
#				how much of each parser they reach
#	TARGETS="wire id"	all of tests/fuzz otherwise
#
# What is found is left in build/fuzz-found; inputs that reach new code go to build/fuzz-corpus and
# are the start of the next run.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1
. tools/lib.sh

ENGINE=${ENGINE:-libfuzzer}
OUT=build/fuzz-$ENGINE

# In seconds.
seconds() {
	local number=${1%[smh]}
	case $number in
	'' | *[!0-9]*) die "TIME=$1: a number, with s, m or h behind it or not" ;;
	esac
	case $1 in
	*m) echo $((number * 60)) ;;
	*h) echo $((number * 3600)) ;;
	*) echo "$number" ;;
	esac
}

SECONDS_EACH=$(seconds "${TIME:-30s}") || exit 1

build() {
	if [ "$ENGINE" = coverage ]; then
		CC=gcc configure "$OUT" -Db_coverage=true -Dtests=true
	elif [ "$ENGINE" = afl ]; then
		need_packages afl++
		CC=afl-clang-fast configure "$OUT" -Dfuzz=true -Db_sanitize=address,undefined \
			-Db_lundef=false -Dtests=true
	else
		# The fuzzer itself, in a package of the compiler's version that clang only
		# recommends.
		need_packages "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
		CC=clang configure "$OUT" -Dfuzz=true -Db_sanitize=address,undefined \
			-Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link
	fi && ninja --quiet -C "$OUT" fuzzers
}

# run_ENGINE NAME PROGRAM LOG; says what was done.
run_libfuzzer() {
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$2" -timeout=10 -print_final_stats=1 \
		-max_total_time="$SECONDS_EACH" -artifact_prefix="build/fuzz-found/$1-" \
		"build/fuzz-corpus/$1" "tests/fuzz/corpus/$1" >"$3" 2>&1 || return
	local executions reached total
	executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$3")
	reached=$(grep -o 'cov: [0-9]*' "$3" | tail -n 1)
	total=$(sed -n 's/^INFO: Loaded .* (\([0-9]*\) inline 8-bit counters).*/\1/p' "$3")
	say "ok     $1: $executions executions; ${reached#cov: } of $total edges"
}

run_afl() {
	local state="build/fuzz-afl-state/$1" stats
	mkdir -p build/fuzz-afl-state
	# Its state is the start of the next run, if there is one already.
	local from="tests/fuzz/corpus/$1"
	[ -d "$state" ] && from=-
	AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_AUTORESUME=1 \
		AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
		UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:symbolize=0 \
		ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0 \
		afl-fuzz -i "$from" -o "$state" -V "$SECONDS_EACH" -t 1000 -m none -- "$2" \
		>"$3" 2>&1 || return
	stats=$state/default/fuzzer_stats
	cp -n "$state"/default/queue/id:* "build/fuzz-corpus/$1/" 2>/dev/null
	if compgen -G "$state/default/crashes/id:*" >/dev/null ||
		compgen -G "$state/default/hangs/id:*" >/dev/null; then
		cp "$state"/default/crashes/id:* "$state"/default/hangs/id:* build/fuzz-found/ 2>/dev/null
		return 1
	fi
	say "ok     $1: $(stat_of "$stats" execs_done) executions; $(stat_of "$stats" edges_found) of $(stat_of "$stats" total_edges) edges"
}

run_coverage() {
	tests/coverage/fuzz.py "$OUT" "$1" "build/fuzz-corpus/$1" "tests/fuzz/corpus/$1" | tee "$3"
}

stat_of() {
	sed -n "s/^$2 *: //p" "$1"
}

need_packages clang llvm gcc libc6-dev meson ninja-build pkg-config libjansson-dev libacl1-dev \
	libseccomp-dev libcmocka-dev libwayland-dev libwayland-bin
case $ENGINE in
libfuzzer | afl | coverage) ;;
*) die "ENGINE=$ENGINE: libfuzzer, afl or coverage" ;;
esac
mkdir -p build/fuzz-found build/logs
if ! build >build/logs/fuzz 2>&1; then
	cat build/logs/fuzz
	die "cannot build the fuzzers"
fi

failed=0
count=0
for name in ${TARGETS:-$(cd tests/fuzz/corpus && echo *)}; do
	target=$OUT/tests/fuzz/fuzz-$name
	if [ ! -x "$target" ] || [ ! -d "tests/fuzz/corpus/$name" ]; then
		say "NOT OK $name: a target and a corpus go together"
		failed=$((failed + 1))
		continue
	fi
	mkdir -p "build/fuzz-corpus/$name"
	count=$((count + 1))
	if ! "run_$ENGINE" "$name" "$target" "build/logs/fuzz-$name"; then
		tail -n 60 "build/logs/fuzz-$name"
		say "NOT OK $name: see build/fuzz-found"
		failed=$((failed + 1))
	fi
done
say "$count fuzzed with $ENGINE for $SECONDS_EACH s each, $failed failed"
[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
