#!/bin/bash
# SPDX-License-Identifier: MIT
# coverage-hsu.sh: what of the setuid program its tests do not reach: tests/coverage/hsu.py. The
# reports of gcov stay in build/coverage-hsu.
set -eu
cd "$(dirname "$0")/.."
. tools/lib.sh

is_root || die "the tests of hsu make users and install a setuid program, which takes root"
need_packages gcc libc6-dev meson ninja-build pkg-config libjansson-dev libacl1-dev libseccomp-dev \
	libwayland-dev libwayland-bin python3 python3-pytest strace
exec /usr/bin/python3 tests/coverage/hsu.py build/coverage-hsu
