# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# person.sh: hakurei installed in a place of its own for one person, until the script that
# sources this ends. As root the person is a user made for it, else it is whoever calls.

# Not below the clone: the helper and the shim must be reachable for the users involved.
DEMO_USER=${DEMO_USER:-hakurei-demo}
PREFIX=/opt/$DEMO_USER
tmp=$PREFIX/tmp
IDENTITY=7
# shellcheck disable=SC2034 # for those who source this
{
	HAKUREI=$PREFIX/bin/hakurei
	BACKEND=hsu
	TARGET=$((10000 + IDENTITY)) # of userid 0
}

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
		PATH=/usr/bin:/bin TERM="${TERM:-dumb}" TMPDIR="$tmp" "$@")
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

# Nothing is installed: newuidmap, which most systems have, makes another user of a program too.
# shellcheck disable=SC2034 # for those who source this
use_build_tree() {
	HAKUREI=$PWD/build/run/src/cli/hakurei
	BACKEND=subuid
	person=$(id -un)
	uid=$(id -u)
	tmp=$(mktemp -d)
	chmod 1777 "$tmp"
	trap 'rm -rf "$tmp"' EXIT
	local first
	# Of the backend in use; those of each backend are further in.
	first=$("$HAKUREI" --json show | sed -n 's/^    "first_target": \([0-9]*\),*$/\1/p')
	[ -n "$first" ] || die "$("$HAKUREI" run --backend subuid true 2>&1)"
	TARGET=$((first + IDENTITY))
}

# Everything, so that as_person "$PREFIX/bin/hakurei" works until the script ends.
install_for_person() {
	need_packages gcc libc6-dev meson ninja-build pkg-config libjansson-dev libacl1-dev \
		libseccomp-dev libwayland-dev libwayland-bin musl-tools
	build
	if ! may_become_root; then
		use_build_tree
		return
	fi
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
