#!/bin/bash
# SPDX-License-Identifier: MIT
# bench.sh: how long hakurei takes to start and end a program, next to bubblewrap.
# BENCH_ROUNDS=100
set -eu
cd "$(dirname "$0")/.."
. tools/lib.sh
. tools/person.sh

need_packages bubblewrap python3
install_for_person
if is_root; then
	# The other backend is measured too. No target of hsu is among these; userdel takes them away.
	usermod --add-subuids 700000000-700009999 --add-subgids 700000000-700009999 "$person"
fi
as_root install -m 0644 tests/bench/run.py "$PREFIX/bench.py"
as_person /usr/bin/python3 "$PREFIX/bench.py" --hakurei "$PREFIX/bin/hakurei" \
	--identity "$IDENTITY" --rounds "${BENCH_ROUNDS:-100}"
