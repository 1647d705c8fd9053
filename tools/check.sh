#!/bin/bash
# SPDX-License-Identifier: MIT
# check.sh: everything that has to hold. Ends with one line, "N passed, N failed", and a status
# that says the same. A stage is silent as long as it succeeds.
#
#	HK_MUST_RUN=1	a test that is skipped is a failure; the default for root and for CI
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/lib.sh

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

check_lint() {
	counted "lint, and that it can fail" lines "$LOGS/lint-self-test.txt" \
		bash -o pipefail -c "tests/lint/lint.py --self-test | tee $LOGS/lint-self-test.txt"
	counted "lint" lines "$LOGS/lint.txt" \
		bash -o pipefail -c "tests/lint/lint.py | tee $LOGS/lint.txt"
}

check_gcc() {
	stage "build with gcc" build gcc build/check --prefix="$PREFIX" \
		-Dhsurc="$PREFIX/etc/hsurc" || return
	unit "unit tests" build/check
}

check_clang() {
	stage "build with clang" build clang build/check-clang || return
	unit "unit tests, built with clang" build/check-clang
}

check_sanitized() {
	stage "build with sanitizers" build gcc build/check-sanitized \
		-Db_sanitize=address,undefined -Db_lundef=false || return
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1 \
		unit "unit tests, sanitized" build/check-sanitized
}

check_integration() {
	if [ ! -x build/check/src/cli/hakurei ]; then
		say "without a build there is nothing to install for the integration tests"
		count "integration tests" 0 1 0
		return
	fi
	if ! is_root; then
		say "skipped: the integration tests make users and install a setuid program, which takes root"
		count "integration tests" 0 0 1
		return
	fi
	integration hsu
	integration subuid
	stage "coverage of hsu" tools/coverage-hsu.sh
}

# The tarball and the packages, in roots of their own.
check_packages() {
	if ! is_root; then
		say "skipped: the packages are tried in clean roots, which take root"
		count "packages" 0 0 1
		return
	fi
	counted "packages" lines "$LOGS/packages.txt" \
		bash -o pipefail -c "tools/check-package.sh | tee $LOGS/packages.txt"
}

# integration BACKEND: all of the tests but those of what only another one has. They start servers
# and wait for them, on a machine that may be busy: one that fails is tried once more, and is named.
integration() {
	local record="$LOGS/integration-$1.xml"
	HK_BACKEND=$1 HK_BUILD_DIR=build/check counted "integration tests, backend $1" junit \
		"$record" /usr/bin/python3 -m pytest -p no:cacheprovider -q -rR --reruns 1 \
		--junit-xml="$record" tests/integration
}

mkdir -p "$LOGS"
need_packages gcc libc6-dev clang llvm meson ninja-build pkg-config libjansson-dev libacl1-dev \
	libseccomp-dev musl-tools libcmocka-dev python3 python3-pytest python3-pytest-rerunfailures python3-jsonschema acl \
	clang-format shellcheck uidmap libcap2-bin strace procps git dbus xdg-dbus-proxy libglib2.0-bin libnotify-bin python3-gi libdbus-1-dev \
	libwayland-dev libwayland-bin wayland-protocols weston wayland-utils xvfb x11-utils \
	x11-xserver-utils pulseaudio pulseaudio-utils pipewire pipewire-pulse wireplumber \
	galculator speedcrunch chromium firefox-esr mpv gimp foot \
	xdotool imagemagick scdoc zsh fish bash-completion
check_lint
check_gcc
check_clang
check_sanitized
check_integration
check_packages

if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
