# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tarball.sh: what is committed, as a tarball. Sourced, after lib.sh.

# make_tarball DIRECTORY: leaves hakurei-VERSION.tar.xz there, and its path in $tarball.
make_tarball() {
	local directory=$1 log
	[ -e .git ] || die "takes a clone: meson makes the tarball of what is committed"
	# The owner of a clone may be somebody else than who runs this.
	local -x GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$PWD
	if [ -n "$(git status --porcelain)" ]; then
		say "note: changes that are not committed are not in the tarball"
	fi
	mkdir -p "$directory"
	log=$directory/tarball.log
	if ! { configure "$directory/dist" -Dtests=false &&
		meson dist -C "$directory/dist" --no-tests --allow-dirty; } >"$log" 2>&1; then
		cat "$log" >&2
		die "cannot make the tarball"
	fi
	rm -f "$directory"/hakurei-*.tar.xz
	mv "$directory"/dist/meson-dist/hakurei-*.tar.xz "$directory"
	# shellcheck disable=SC2034 # for those who source this
	tarball=$(echo "$directory"/hakurei-*.tar.xz)
}
