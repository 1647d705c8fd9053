#!/bin/bash
# SPDX-License-Identifier: MIT
# analyze.sh [cppcheck|gcc|clang|clang-tidy]...: static analyzers over src; no word, all of them.
# Status 1 where one has a finding, which is printed. What is suppressed, and why: tests/analyze and
# .clang-tidy.
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/lib.sh

# built COMPILER DIRECTORY: a build of the programs, for its commands and generated headers.
built() {
	CC=$1 configure "$2" -Dtests=false >/dev/null && ninja --quiet -C "$2" >/dev/null
}

# run ENGINE
run() {
	case $1 in
	cppcheck)
		need_packages cppcheck
		mkdir -p build/analyze/cppcheck
		built gcc build/analyze/gcc &&
			cppcheck --project=build/analyze/gcc/compile_commands.json --quiet -j "$(nproc)" \
				--file-filter='*/src/*' --enable=warning,performance,portability \
				--error-exitcode=1 --cppcheck-build-dir=build/analyze/cppcheck
		;;
	gcc)
		built gcc build/analyze/gcc && tools/each-file.py gcc build/analyze/gcc
		;;
	clang | clang-tidy)
		need_packages clang clang-tidy
		built clang build/analyze/clang && tools/each-file.py "$1" build/analyze/clang
		;;
	*)
		die "no analyzer '$1'"
		;;
	esac
}

failed=0
if [ $# -eq 0 ]; then
	set -- cppcheck gcc clang clang-tidy
fi
for engine; do
	if run "$engine"; then
		say "ok $engine"
	else
		say "NOT OK $engine"
		failed=1
	fi
done
exit "$failed"
