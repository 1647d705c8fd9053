#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh: builds hakurei and shows it at work: an ordinary user starts a program, which becomes
# a user of its own in a container. What that takes (a setuid helper, a list of persons; as root
# also a user to be the person) is made for it, below one directory, and removed again.
set -eu
cd "$(dirname "$0")/.."
. tools/lib.sh
. tools/person.sh

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

install_for_person
demonstrate
