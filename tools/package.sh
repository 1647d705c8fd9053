#!/bin/bash
# SPDX-License-Identifier: MIT
# package.sh: the tarball, and the Debian packages made out of it, for this system; in build/package.
set -eu
cd "$(dirname "$0")/.."
. tools/lib.sh
. tools/tarball.sh

OUT=build/package

# What debian/control says is needed for building.
need_build_dependencies() {
	dpkg-checkbuilddeps >/dev/null 2>&1 && return
	may_become_root || die "$(dpkg-checkbuilddeps 2>&1)"
	say "installing what debian/control asks for"
	{ as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get build-dep -y --no-install-recommends "$PWD"; } >"$OUT/build-dep.log" 2>&1 ||
		{ cat "$OUT/build-dep.log" >&2; die "cannot install packages"; }
}

command -v dpkg-query >/dev/null || die "takes a Debian"
mkdir -p "$OUT"
need_packages dpkg-dev git meson ninja-build
need_build_dependencies
make_tarball "$OUT"
# shellcheck disable=SC2154 # set by make_tarball
source=$OUT/$(basename "$tarball" .tar.xz)
rm -rf "$source" "$OUT"/*.deb
tar -C "$OUT" -xf "$tarball"
if ! (cd "$source" && dpkg-buildpackage -us -uc) >"$OUT/package.log" 2>&1; then
	cat "$OUT/package.log" >&2
	die "cannot build the packages"
fi
rm -rf "$source"
ls "$tarball" "$OUT"/*.deb
