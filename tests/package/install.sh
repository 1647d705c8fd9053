#!/bin/bash
# SPDX-License-Identifier: MIT
# install.sh: in a clean root: installs the package /mnt/packages/hakurei_*.deb with apt, uses it as
# an ordinary user, and removes it again. /mnt/source is the tree of the tarball.
# shellcheck disable=SC2317 # the tests are called by holds
# shellcheck source=tests/package/lib.sh
. "${0%/*}/lib.sh"

# Everything that is there, with type, mode, owner, and the size of files; but what dpkg and apt keep
# books in, what ldconfig makes, and the copies that useradd leaves.
inventory() {
	find / -xdev \( -path /mnt -o -path /proc -o -path /sys -o -path /dev -o -path /run -o -path '/etc/*-' \
		-o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache -o -path /var/log \
		-o -path /etc/ld.so.cache \) -prune \
		-o -type d -printf '%p %y %m %u:%g\n' -o -printf '%p %y %m %u:%g %s\n' | sort
	dpkg-query -W -f '${Package} ${Status}\n'
}

has_mode() {
	local found
	found=$(stat -c '%a %U:%G %F' "$2")
	[ "$found" = "$1" ] || { echo "$2 is $found instead of $1"; return 1; }
}

# keeps LINE: the administrator's line is in the file, which hsu still accepts.
keeps_hsurc() {
	has_mode '400 root:root regular file' /etc/hsurc && grep -qxF "$1" /etc/hsurc
}

# systemd's own program, told to remove everything in /tmp whatever its age.
nobody_cleans() {
	mkdir -p /tmp/hakurei.0/7 /tmp/hakurei.u1000/7 /tmp/hakurei.other
	touch /tmp/hakurei.0/7/file /tmp/somebody
	echo 'e /tmp - - - 0' >/run/everything.conf
	systemd-tmpfiles --clean /usr/lib/tmpfiles.d/hakurei.conf /run/everything.conf || return
	local left
	left=$(cd /tmp && find . -mindepth 1 | sort | tr '\n' ' ')
	rm -rf /tmp/hakurei.* /tmp/somebody /run/everything.conf
	[ "$left" = './hakurei.0 ./hakurei.0/7 ./hakurei.0/7/file ./hakurei.u1000 ./hakurei.u1000/7 ' ] ||
		{ echo "left: $left"; return 1; }
}

deb=$(echo /mnt/packages/hakurei_*.deb)
line='4000000000 9999'
apt-get -qq -o Acquire::Retries=3 update >/dev/null
# What the tests need and the package only recommends; it stays.
apt-get -qq install -y --no-install-recommends uidmap systemd-standalone-tmpfiles >/run/log 2>&1 ||
	cat /run/log
inventory >/run/before

if holds "apt installs the package" apt-get install -y --no-install-recommends --no-remove "$deb"; then
	holds "hsu is setuid root and unreadable" has_mode '4511 root:root regular file' \
		/usr/libexec/hakurei/hsu
	holds "the shim is unreadable" has_mode '711 root:root regular file' \
		/usr/libexec/hakurei/hakurei-shim
	holds "hsu accepts the hsurc file, which serves nobody" has_mode \
		'400 root:root regular empty file' /etc/hsurc
	holds "an ordinary user runs programs as other users" /mnt/source/debian/tests/run-as-user
	holds "nobody cleans the directories of running programs" nobody_cleans
	echo "$line" >>/etc/hsurc
	holds "apt installs it again" apt-get install -y --reinstall "$deb"
	holds "an update keeps the administrator's hsurc file" keeps_hsurc "$line"
	holds "apt removes it" apt-get remove -y hakurei
	holds "its removal keeps the administrator's hsurc file" keeps_hsurc "$line"
	holds "apt purges it, and what only it needed" apt-get purge -y --autoremove hakurei
	inventory >/run/after
	holds "nothing is left" diff /run/before /run/after
fi
exit 0
