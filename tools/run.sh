#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh: builds hakurei and shows it at work: an ordinary user starts a program, which becomes
# a user of its own in a container. What that takes (a setuid helper, a list of persons; as root
# also a user to be the person) is made for it, below one directory, and removed again.
set -eu
cd "$(dirname "$0")/.."
. tools/lib.sh

# Not below the clone: the helper and the shim must be reachable for the users involved.
PREFIX=/opt/hakurei-demo
DEMO_USER=hakurei-demo
IDENTITY=7
TARGET=$((10000 + IDENTITY)) # of userid 0

cleanup() {
	if [ -e "$PREFIX/.hakurei-demo" ]; then
		as_root rm -rf "$PREFIX"
	fi
	if is_root && getent passwd "$DEMO_USER" >/dev/null; then
		userdel "$DEMO_USER"
	fi
}

# Who runs hakurei. It refuses to be run by root: a person's desktop is not root's.
make_person() {
	if is_root; then
		useradd --system --user-group --no-create-home --home-dir "$PREFIX/home" \
			--shell /bin/sh "$DEMO_USER"
		install -d -m 0700 -o "$DEMO_USER" -g "$DEMO_USER" "$PREFIX/home"
		person=$DEMO_USER
	else
		person=$(id -un)
	fi
	uid=$(id -u "$person")
}

as_person() {
	local home
	home=$(getent passwd "$person" | cut -d: -f6)
	local become=()
	if is_root; then
		become=(setpriv --reuid "$uid" --regid "$(id -g "$person")" --init-groups
			--inh-caps=-all)
	fi
	(cd / && exec "${become[@]}" env -i HOME="$home" USER="$person" SHELL=/bin/sh \
		PATH=/usr/bin:/bin TERM="${TERM:-dumb}" TMPDIR="$PREFIX/tmp" "$@")
}

build() {
	local log
	mkdir -p build
	log=build/run.log
	if ! { configure build/run --prefix="$PREFIX" -Dhsurc="$PREFIX/etc/hsurc" -Dtests=false &&
		ninja --quiet -C build/run; } >"$log" 2>&1; then
		cat "$log" >&2
		die "cannot build"
	fi
}

install_all() {
	if [ -e "$PREFIX" ] && [ ! -e "$PREFIX/.hakurei-demo" ]; then
		die "$PREFIX exists and is not ours"
	fi
	cleanup # of one that was killed
	trap cleanup EXIT
	trap 'exit 130' INT TERM
	as_root install -d "$PREFIX"
	as_root touch "$PREFIX/.hakurei-demo"
	as_root install -d -m 1777 "$PREFIX/tmp"
	as_root env PATH="$PATH" meson install -C build/run --no-rebuild >build/run-install.log 2>&1 ||
		{ cat build/run-install.log >&2; die "cannot install"; }
	make_person
	as_root install -d "$PREFIX/etc"
	printf '%s 0\n' "$uid" >build/run-hsurc
	as_root install -m 0400 -o root -g root build/run-hsurc "$PREFIX/etc/hsurc"
}

# What the program finds out about itself.
# shellcheck disable=SC2016 # for the shell in the container
INSIDE='
field() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; }
try() { "$@" 2>&1 | head -n 1; }
echo "who am I          $(id -un), uid $(id -u), pid $$ of $(ls /proc | grep -c "^[0-9]")"
echo "uid map           $(tr -s " " </proc/self/uid_map) (inside, outside, how many)"
echo "capabilities      $(field CapEff) effective, $(field CapBnd) bounding"
echo "no new privileges $(field NoNewPrivs); system call filters $(field Seccomp_filters)"
echo "mounts            $(grep -c . /proc/self/mountinfo); the root: $(sed -n "s,.* / / \([a-z]*\).*,\1,p" /proc/self/mountinfo | head -n 1)"
echo "the person'"'"'s home $(try ls "$PERSON_HOME")"
echo "a file in /usr    $(try touch /usr/hakurei-was-here)"
echo ready
read -r _
'

# The processes of the target as everybody else sees them.
show_outside() {
	local process
	for process in /proc/[0-9]*; do
		if [ "$(stat -c %u "$process" 2>/dev/null)" = "$TARGET" ]; then
			printf '  outside  uid %s  pid %-7s %s\n' "$TARGET" "${process#/proc/}" \
				"$(tr '\0\n' '  ' <"$process/cmdline" | cut -c1-50)"
		fi
	done
}

demonstrate() {
	local line home
	home=$(getent passwd "$person" | cut -d: -f6)
	say "\$ hakurei run -a $IDENTITY -- sh -c ...    (as $person, uid $uid)"
	coproc CONTAINER {
		as_person "$PREFIX/bin/hakurei" run -a "$IDENTITY" -- \
			sh -c "PERSON_HOME='$home'; $INSIDE"
	}
	local out=${CONTAINER[0]} in=${CONTAINER[1]} pid=$CONTAINER_PID ready=no
	while read -r line <&"$out"; do
		if [ "$line" = ready ]; then
			ready=yes
			break
		fi
		say "  inside   $line"
	done
	if [ $ready = yes ]; then
		show_outside
		echo >&"$in"
	fi
	local status=0
	wait "$pid" || status=$?
	if [ $ready = no ] || [ $status -ne 0 ]; then
		die "hakurei ended with status $status"
	fi
	say "  ended    status 0; processes of uid $TARGET left: $(show_outside | grep -c . || true)"
}

may_become_root ||
	die "installing a setuid helper takes root, and there is no sudo. To build only: see README.md"
need_packages gcc libc6-dev meson ninja-build pkg-config libjansson-dev libacl1-dev \
	libseccomp-dev
build
install_all
demonstrate
