#!/bin/bash
# SPDX-License-Identifier: MIT
# check.sh: everything that has to hold. Ends with one line, "N passed, N failed", and a status
# that says the same. A stage is silent as long as it succeeds.
#
#	HK_MUST_RUN=1	a test that is skipped is a failure; the default for root and for CI
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/lib.sh

. tools/stages.sh

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
	stage "build with clang" build clang build/check-clang
}

check_sanitized() {
	build_sanitized || return
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1 \
		unit "unit tests, sanitized" build/check-sanitized
}

# Those that take less than a minute; make check-deep has the others.
check_analyzers() {
	local engine
	for engine in cppcheck gcc; do
		stage "analyzer $engine" tools/analyze.sh "$engine"
	done
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
	if [ -x build/check-sanitized/src/cli/hakurei ]; then
		integration_sanitized "a selection" hsu tests/integration/test_run.py
	fi
	stage "coverage of hsu" tools/coverage-hsu.sh
}

# The tarball and the packages, in roots of their own: of one Debian, for the time that it takes.
# `make check-package` does it for all of them, and from source. Begun beside the integration tests,
# which wait more than they compute.
begin_packages() {
	packages=
	if is_root; then
		SUITES=bookworm tools/check-package.sh >"$LOGS/packages-beside.txt" 2>&1 &
		packages=$!
	fi
}

# shellcheck disable=SC2317 # called by counted
end_packages() {
	local status=0
	wait "$packages" || status=$?
	tee "$LOGS/packages.txt" <"$LOGS/packages-beside.txt"
	return "$status"
}

check_packages() {
	if [ -z "$packages" ]; then
		say "skipped: the packages are tried in clean roots, which take root"
		count "packages" 0 0 1
		return
	fi
	counted "packages" lines "$LOGS/packages.txt" end_packages
}

mkdir -p "$LOGS"
need_packages gcc libc6-dev clang llvm meson ninja-build pkg-config libjansson-dev libacl1-dev \
	libseccomp-dev musl-tools libcmocka-dev python3 python3-pytest python3-pytest-rerunfailures python3-jsonschema acl \
	clang-format shellcheck uidmap libcap2-bin strace procps git dbus xdg-dbus-proxy libglib2.0-bin libnotify-bin python3-gi libdbus-1-dev \
	libwayland-dev libwayland-bin wayland-protocols weston wayland-utils xvfb x11-utils \
	x11-xserver-utils pulseaudio pulseaudio-utils pipewire pipewire-pulse wireplumber \
	galculator speedcrunch chromium firefox-esr mpv gimp foot \
	xdotool imagemagick scdoc zsh fish bash-completion cppcheck
check_lint
check_gcc
check_clang
check_sanitized
begin_packages
check_integration
check_analyzers
check_packages

conclude
