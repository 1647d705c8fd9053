#!/bin/bash
# SPDX-License-Identifier: MIT
# source.sh: in a clean root with what debian/control asks for: builds and installs from the tarball
# as the README says, uses it as an ordinary user, and removes it again. /mnt/source is its tree.
# shellcheck disable=SC2317 # the tests are called by holds
# shellcheck source=tests/package/lib.sh
. "${0%/*}/lib.sh"

# files: what is in the directories that an installation writes to.
files() {
	find /usr /etc -xdev -not -path '*/__pycache__*' -not -type d | sort
}

works() {
	install -m 0400 -o root -g root /dev/null /etc/hsurc
	/mnt/source/debian/tests/run-as-user
	local status=$?
	rm -f /etc/hsurc
	return "$status"
}

same_files() {
	diff /run/before <(files)
}

useradd --create-home somebody # leaves copies of what it changes
userdel --remove somebody 2>/dev/null
files >/run/before
holds "meson configures it" meson setup /root/build /mnt/source --prefix=/usr --buildtype=release \
	-Dtests=false
holds "ninja builds it" ninja --quiet -C /root/build
if holds "meson installs it" meson install -C /root/build --no-rebuild; then
	holds "an ordinary user runs programs as other users" works
	holds "ninja removes it" ninja -C /root/build uninstall
	holds "nothing is left" same_files
fi
exit 0
