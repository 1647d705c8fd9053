# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# lib.sh: what the scripts behind the Makefile share. Sourced, from the root of the tree.

# The distribution's tools, not what a person may have in front of them.
PATH=/usr/bin:/usr/sbin:/bin:/sbin:$PATH
export PATH LC_ALL=C.UTF-8

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# Runs a command as root: directly, or through a sudo that is there.
as_root() {
	if is_root; then
		"$@"
	else
		sudo "$@"
	fi
}

# Asks for the password if need be; not everybody whose system has sudo is allowed to use it.
may_become_root() {
	is_root || { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || sudo -v; }; }
}

# The packages among the arguments that are not installed.
missing_packages() {
	local package
	for package; do
		# shellcheck disable=SC2016 # dpkg's own variable
		if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
			printf '%s\n' "$package"
		fi
	done
}

# Installs those of the packages (Debian's names) that are missing.
need_packages() {
	if ! command -v dpkg-query >/dev/null; then
		say "not a Debian: what is needed has to be there already ($*)"
		return
	fi
	local missing
	mapfile -t missing < <(missing_packages "$@")
	if [ "${#missing[@]}" -eq 0 ]; then
		return
	fi
	may_become_root || die "packages are missing: ${missing[*]}"
	say "installing: ${missing[*]}"
	local log
	log=$(mktemp)
	if ! { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
		cat "$log" >&2
		rm -f "$log"
		die "cannot install packages"
	fi
	rm -f "$log"
}

# configure DIRECTORY OPTION...: a build directory with exactly these options. One that was made
# with others, or for another place, is made anew.
configure() {
	local directory=$1
	shift
	local stamp="$PWD ${CC:-} $*"
	if [ -f "$directory/build.ninja" ] && [ "$(cat "$directory/hk-options" 2>/dev/null)" = "$stamp" ]; then
		return
	fi
	rm -rf "$directory"
	meson setup "$directory" "$@" || return
	printf '%s\n' "$stamp" >"$directory/hk-options"
}
