#!/bin/bash
# SPDX-License-Identifier: MIT
# bench.sh: how fast and how large hakurei is, next to others: a table, and build/bench.json.
#
#	BENCH_ROUNDS=100
#	PARTS=start,pss,ps,mounts,crowd,syscalls
#	CROWD=1000	instances at once; the default where there are 8 GiB of memory, else 0
set -eu
cd "$(dirname "$0")/.."
. tools/lib.sh
# shellcheck disable=SC2034 # for person.sh
DEMO_USER=hakurei-bench
. tools/person.sh

need_packages bubblewrap python3 uidmap crun firejail strace dbus xdg-dbus-proxy xvfb pulseaudio \
	libcmocka-dev wayland-protocols
install_for_person
if is_root; then
	# The other backend is measured too. No target of hsu is among these; userdel takes them away.
	usermod --add-subuids 700000000-700009999 --add-subgids 700000000-700009999 "$person"
fi
if ! { configure build/bench && ninja --quiet -C build/bench tests/compositor/hk-compositor \
	tests/bench/bench-{calls,floor,idmap,measure,proxy}; } >build/bench.log 2>&1; then
	cat build/bench.log >&2
	die "cannot build"
fi

programs=$PWD/build/bench/tests/bench
compositor=$PWD/build/bench/tests/compositor/hk-compositor
become=()
if may_become_root; then
	programs=$PREFIX/bench
	as_root install -D -t "$programs" build/bench/tests/bench/bench-{calls,floor,idmap,measure,proxy} \
		"$compositor"
	compositor=$programs/hk-compositor
	# A mount namespace, for the runtime directory: it is gone with us, whatever happens.
	become=(as_root unshare --mount --propagation private)
fi
"${become[@]}" /usr/bin/python3 -B tests/bench/bench.py --person "$person" --hakurei "$HAKUREI" \
	--backend "$BACKEND" --programs "$programs" --compositor "$compositor" --tmp "$tmp" \
	--json "$PWD/build/bench.json" --rounds "${BENCH_ROUNDS:-100}" \
	${PARTS:+--parts "$PARTS"} ${CROWD:+--crowd "$CROWD"}
