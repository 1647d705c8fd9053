# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# lib.sh: tests by shell, one line each, which tools/check-package.sh counts. Sourced by the scripts
# beside it, whose status is 0 when they came to their end.
set -u

# holds SENTENCE COMMAND...: a test; the last of what the command says is shown if it fails.
holds() {
	local sentence=$1 output
	shift
	if output=$("$@" 2>&1); then
		echo "ok $sentence"
	else
		echo "not ok $sentence"
		printf '%s\n' "$output" | tail -n 30 | sed 's/^/    /'
		return 1
	fi
}

# The kernel knows users by number, and processes of a number that a user outside has too would be
# that user's: new users get numbers from here.
sed -i 's/^UID_MIN.*/UID_MIN 59000/' /etc/login.defs
