#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh: builds hakurei and shows it at work: an ordinary user starts a program, which becomes
# a user of its own in a container. What that takes (a setuid helper, a list of persons; as root
# also a user to be the person) is made for it, below one directory, and removed again. Who cannot
# become root uses the build tree as it is, and a subordinate id.
set -eu
cd "$(dirname "$0")/.."
. tools/lib.sh
. tools/person.sh

# What the program finds out about itself.
# shellcheck disable=SC2016 # for the shell in the container
INSIDE='
field() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; }
try() { "$@" 2>&1 | head -n 1; }
root_is() { sed -n "s,^[0-9 :]* / / \([a-z]*\).*,\1,p" /proc/self/mountinfo; }
echo "user          $(id -un), uid $(id -u); outside that is $(tr -s " " </proc/self/uid_map | cut -d " " -f 3)"
echo "processes     $(ls -d /proc/[0-9]* | wc -l) to be seen; this one has pid $$"
echo "capabilities  $(field CapEff) effective, $(field CapBnd) bounding"
echo "filters       $(field Seccomp_filters); no new privileges: $(field NoNewPrivs)"
echo "mounts        $(wc -l </proc/self/mountinfo); the root is $(root_is)"
echo "ls \$HOME      $(try ls "$1")"
echo ready
read -r _
'

# The processes of a user as everybody else sees them; those whose command line starts with $2.
show_outside() {
	local process line
	for process in /proc/[0-9]*; do
		if [ "$(stat -c %u "$process" 2>/dev/null)" = "$1" ]; then
			line=$(tr '\0\n' '  ' <"$process/cmdline") 2>/dev/null || continue
			case $line in
			"$2"*) printf '  outside  uid %-6s pid %-7s %.44s\n' "$1" "${process#/proc/}" "$line" ;;
			esac
		fi
	done
}

demonstrate() {
	local line home
	home=$(getent passwd "$person" | cut -d: -f6)
	say "\$ hakurei run -a $IDENTITY -- sh -c ...    (as $person, uid $uid)"
	coproc CONTAINER {
		# Private directories: what stays would belong to the identity, and only root removes that.
		as_person "$HAKUREI" run -a "$IDENTITY" --backend "$BACKEND" --private-runtime \
			--private-tmpdir -- sh -c "$INSIDE" sh "$home"
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
		show_outside "$uid" "$HAKUREI"
		show_outside "$TARGET" ''
		echo >&"$in"
	fi
	local status=0
	wait "$pid" || status=$?
	if [ $ready = no ] || [ $status -ne 0 ]; then
		die "hakurei ended with status $status"
	fi
	say "  ended    status 0; processes of uid $TARGET left: $(show_outside "$TARGET" "" | grep -c . || true)"
}

install_for_person
demonstrate
