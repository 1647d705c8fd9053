#!/bin/bash
# SPDX-License-Identifier: MIT
# build.sh: in a clean root with what debian/control asks for, from the tarball /mnt/hakurei-*.tar.xz:
# builds the packages, as an ordinary user, and leaves them in /mnt/packages.
# shellcheck disable=SC2317 # the tests are called by holds
# shellcheck source=tests/package/lib.sh
. "${0%/*}/lib.sh"

as_builder() {
	runuser -u builder -- env -C "$source" HOME=/home/builder \
		DEB_BUILD_OPTIONS="nocheck terse parallel=$(nproc)" "$@"
}

profile_parses() {
	apparmor_parser --skip-kernel-load --skip-cache --kernel-features /etc/apparmor.d/abi/4.0 \
		"$source/debian/hakurei/etc/apparmor.d/hakurei"
}

useradd --create-home builder
tar -C /home/builder -xf "$(echo /mnt/hakurei-*.tar.xz)"
source=$(echo /home/builder/hakurei-*)
chown -R builder: /home/builder

if holds "the tarball becomes packages" as_builder dpkg-buildpackage -us -uc; then
	# One source for several Debians, whose policies have different numbers.
	holds "lintian has nothing to say" as_builder lintian --fail-on error,warning,info,pedantic \
		--display-info --pedantic --suppress-tags out-of-date-standards-version \
		"$(echo /home/builder/*.changes)"
	rm -rf /mnt/packages
	mkdir /mnt/packages
	cp /home/builder/*.deb /mnt/packages
	if [ -e "$source/debian/hakurei/etc/apparmor.d/hakurei" ]; then
		holds "AppArmor reads the profile" profile_parses
	fi
fi
exit 0
