#!/bin/bash
# SPDX-License-Identifier: MIT
# check-package.sh: Debian packages, built from the tarball, looked at, installed, used, and purged,
# each time in a clean root of each Debian in SUITES. The roots are kept in build/package/roots.
# Ends with one line, "N passed, N failed", and a status that says the same.
set -u
cd "$(dirname "$0")/.." || exit 1
. tools/lib.sh
. tools/tarball.sh

SUITES=${SUITES:-bookworm trixie}
FROM_SOURCE=trixie # one is enough: contributors build it all the time
OUT=$PWD/build/package

# Debian's mirror, as apt knows it.
mirror() {
	# shellcheck disable=SC2016 # apt's own variable
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
		'Label: Debian' | head -n 1
}

# make_root DIRECTORY SUITE PACKAGE...: a minimal system with the packages, unless it is there.
make_root() {
	local directory=$1 suite=$2 stamp
	shift 2
	stamp="$suite $*"
	if [ "$(cat "$directory.stamp" 2>/dev/null)" = "$stamp" ]; then
		return
	fi
	rm -rf "$directory" "$directory.stamp"
	mmdebstrap --quiet --variant=minbase ${1:+--include="$*"} "$suite" "$directory" "$(mirror)" ||
		return
	printf '%s\n' "$stamp" >"$directory.stamp"
}

# What building takes in a clean root: what debian/control asks for, and what looks at the result.
tools() {
	sed -n '/^Build-Depends:/,/^[^ ]*:/s/^ \([a-z0-9+.-]*\).*,$/\1/p' debian/control |
		sed 's/^debhelper-compat$/debhelper/'
	echo build-essential lintian apparmor uidmap
}

# run ROOT WORK SCRIPT: one of tests/package, with WORK at /mnt.
run() {
	tools/clean-root.sh "$1" "$2" "/mnt/tests/$3" || echo "not ok tests/package/$3 came to its end"
}

# check SUITE: in a directory of its own, so that several can run at a time.
check() {
	local suite=$1 work=$OUT/check/$1 root=$OUT/roots/$1
	rm -rf "$work"
	mkdir -p "$work/source"
	cp "$tarball" "$work"
	cp -r tests/package "$work/tests"
	tar -C "$work/source" --strip-components=1 -xf "$tarball"
	# shellcheck disable=SC2046 # words are meant
	if ! make_root "$root-tools" "$suite" $(tools) || ! make_root "$root" "$suite"; then
		echo "not ok the mirror serves this Debian"
		return
	fi
	run "$root-tools" "$work" build.sh
	run "$root" "$work" install.sh
	if [ "$suite" = "$FROM_SOURCE" ]; then
		run "$root-tools" "$work" source.sh
	fi
}

is_root || die "takes root: it makes roots of other systems"
mkdir -p "$OUT/roots" "$OUT/check"
need_packages git meson ninja-build mmdebstrap debian-archive-keyring
make_tarball "$OUT"
[ -n "$(mirror)" ] || apt-get update
# shellcheck disable=SC2046 # words are meant
trap 'kill $(jobs -p) 2>/dev/null' EXIT
trap 'exit 130' INT TERM HUP
for suite in $SUITES; do
	check "$suite" >"$OUT/check/$suite.log" 2>&1 &
done
wait
for suite in $SUITES; do
	sed "s/^\(ok\|not ok\) /\1 $suite: /" "$OUT/check/$suite.log"
done | tee "$OUT/check.log"
passed=$(grep -c '^ok ' "$OUT/check.log")
failed=$(grep -c '^not ok ' "$OUT/check.log")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
