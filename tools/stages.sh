# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# stages.sh: what check.sh and check-deep.sh share. Sourced, after lib.sh.

PREFIX=/opt/hakurei-test
LOGS=build/logs

if [ -z "${HK_MUST_RUN:-}" ] && { is_root || [ "${CI:-}" = true ]; }; then
	HK_MUST_RUN=1
fi
export HK_MUST_RUN=${HK_MUST_RUN:-0}

passed=0
failed=0
skipped=0

# Adds "PASSED FAILED SKIPPED" to the sums and tells the stage's own.
count() {
	local stage=$1 p=$2 f=$3 s=$4
	if [ "$HK_MUST_RUN" = 1 ]; then
		f=$((f + s))
		s=0
	fi
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
	printf '%-8s %s: %d passed, %d failed%s\n' "$([ "$f" -eq 0 ] && echo ok || echo 'NOT OK')" \
		"$stage" "$p" "$f" "$([ "$s" -eq 0 ] || echo ", $s skipped")"
}

# stage NAME COMMAND...: one that either works or does not.
stage() {
	local name=$1 log="$LOGS/${1// /-}"
	shift
	if "$@" >"$log" 2>&1; then
		count "$name" 1 0 0
	else
		cat "$log"
		count "$name" 0 1 0
		return 1
	fi
}

# counted NAME COUNTER FILE COMMAND...: one that leaves a record of its tests in FILE.
counted() {
	local name=$1 counter=$2 record=$3 log="$LOGS/${1// /-}" sums status=0
	shift 3
	rm -f "$record"
	"$@" >"$log" 2>&1 || status=$?
	read -ra sums < <(tools/count.py "$counter" "$record")
	[ "${#sums[@]}" -eq 3 ] || sums=(0 1 0)
	# A run that failed for a reason of its own (nothing collected, a crash) counts too.
	if [ "$status" -ne 0 ] && [ "${sums[1]}" -eq 0 ]; then
		sums[1]=1
	fi
	if [ "${sums[1]}" -ne 0 ] || { [ "$HK_MUST_RUN" = 1 ] && [ "${sums[2]}" -ne 0 ]; }; then
		cat "$log"
	else
		sed -n 's/^RERUN /tried twice: /p' "$log"
	fi
	count "$name" "${sums[@]}"
}

# build COMPILER DIRECTORY OPTION...
build() {
	local -x CC=$1
	local directory=$2
	shift 2
	# What an earlier build left must not pass for what this one failed to make.
	rm -f "$directory/src/cli/hakurei"
	configure "$directory" -Dwerror=true "$@" && ninja --quiet -C "$directory"
}

# unit NAME DIRECTORY
unit() {
	counted "$1" meson "$2/meson-logs/testlog.json" \
		meson test -C "$2" --no-rebuild --print-errorlogs -t 4
}

# integration BACKEND: all of the tests but those of what only another one has. They start servers
# and wait for them, on a machine that may be busy: one that fails is tried once more, and is named.
integration() {
	local record="$LOGS/integration-$1.xml"
	HK_BACKEND=$1 HK_BUILD_DIR=build/check counted "integration tests, backend $1" junit \
		"$record" /usr/bin/python3 -m pytest -p no:cacheprovider -q -rR --reruns 1 \
		--junit-xml="$record" tests/integration --ignore=tests/integration/test_valgrind.py
}

build_sanitized() {
	stage "build with sanitizers" build gcc build/check-sanitized --prefix="$PREFIX" \
		-Dhsurc="$PREFIX/etc/hsurc" -Db_sanitize=address,undefined -Db_lundef=false
}

# integration_sanitized NAME BACKEND WORD...: hakurei and the shim with sanitizers, hsu without. What they
# find is on standard error, which the harness reads. A start takes several times as long: what
# measures time, or builds by itself, is not among them.
integration_sanitized() {
	local name=$1 backend=$2 record="$LOGS/integration-sanitized-$2.xml"
	shift 2
	HK_BACKEND=$backend HK_BUILD_DIR=build/check-sanitized counted \
		"integration tests, sanitized, $name, backend $backend" junit "$record" \
		/usr/bin/python3 -m pytest -p no:cacheprovider -q -rR --reruns 1 \
		--junit-xml="$record" "$@"
}

# The last line, and the status that says the same.
conclude() {
	if [ "$skipped" -gt 0 ]; then
		echo "$passed passed, $failed failed, $skipped skipped"
	else
		echo "$passed passed, $failed failed"
	fi
	[ "$failed" -eq 0 ]
}
