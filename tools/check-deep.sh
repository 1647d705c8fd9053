#!/bin/bash
# SPDX-License-Identifier: MIT
# check-deep.sh: what make check has no time for: all of the integration tests with sanitizers,
# valgrind, the slow analyzers, and builds as distributions may want them. Ends like make check.
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/lib.sh
. tools/stages.sh

# hsu has no sanitizers, and its tests replace it. The address sanitizer reserves more address space
# than config_files allows. The others measure time, build for themselves, or are too slow with it.
NOT_SANITIZED=(hsu budget config_files descriptors examples desktop reproducible stress valgrind)
# Single ones likewise: limits of memory and processes, of which sanitizers need more; calls taken away
# that they make themselves; a flood of words.
NOT_SANITIZED_EITHER=(
	test_dbus.py::test_a_proxy_that_talks_without_end_holds_nobody_up
	test_limits.py::test_with_any_number_of_processes_it_works_or_says_why_not
	"test_limits.py::test_with_little_memory_it_works_or_says_why_not[AS-limits1]"
	"test_limits.py::test_with_little_memory_it_works_or_says_why_not[DATA-limits2]"
	security/test_missing_calls.py::test_without_one_call_a_start_is_refused_or_the_container_is_the_same
	"security/test_steps.py::test_a_step_that_fails_stops_the_start[clone]"
	"security/test_steps.py::test_each_single_call_that_fails_stops_the_start[prctl]"
)
ignored=()
for name in "${NOT_SANITIZED[@]}"; do
	ignored+=("--ignore=tests/integration/test_$name.py")
done
for name in "${NOT_SANITIZED_EITHER[@]}"; do
	ignored+=("--deselect=tests/integration/$name")
done

mkdir -p "$LOGS"
need_packages clang clang-tidy cppcheck valgrind
for engine in cppcheck gcc clang clang-tidy; do
	stage "analyzer $engine" tools/analyze.sh "$engine"
done
# Each level of optimization finds other values that may not be set.
for option in optimization=0 optimization=3 b_lto=true libc=system; do
	stage "build with gcc, $option" build gcc "build/check-odd/$option" -Dtests=false "-D$option"
done
if ! is_root; then
	say "skipped: the integration tests make users and install a setuid program, which takes root"
	count "integration tests" 0 0 1
else
	if stage "build with gcc" build gcc build/check --prefix="$PREFIX" -Dhsurc="$PREFIX/etc/hsurc"; then
		for backend in hsu subuid; do
			record="$LOGS/valgrind-$backend.xml"
			HK_BACKEND=$backend HK_BUILD_DIR=build/check counted \
				"valgrind, backend $backend" junit "$record" \
				/usr/bin/python3 -m pytest -p no:cacheprovider -q \
				--junit-xml="$record" tests/integration/test_valgrind.py
		done
	fi
	build_sanitized && for backend in hsu subuid; do
		integration_sanitized "all" "$backend" tests/integration "${ignored[@]}"
	done
fi
conclude
