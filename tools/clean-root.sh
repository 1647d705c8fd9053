#!/bin/bash
# SPDX-License-Identifier: MIT
# clean-root.sh: a command in a fresh copy of a system, as root, as the first process there.
#
#	clean-root.sh ROOT DIRECTORY COMMAND...
#
# What the command changes is gone when it ends, but for DIRECTORY, which it finds at /mnt. Mounts
# and processes are its own; the network is the host's. Not a chroot: in one, the kernel makes no
# user namespaces.
set -eu

if [ "$1" != --inside ]; then
	# With whoever called this, everything in there ends.
	exec setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child -- "$0" --inside "$@"
fi
root=$(realpath "$2")
directory=$(realpath "$3")
shift 3

# The name of this directory is seen nowhere else, for the mount on it is ours alone.
scratch=/mnt
mount -t tmpfs tmpfs "$scratch"
cd "$scratch"
mkdir lower upper work root
mount --bind "$root" lower
mount -t overlay overlay -o "lowerdir=$scratch/lower,upperdir=$scratch/upper,workdir=$scratch/work" root
mount --rbind /dev root/dev
mount -t sysfs -o ro sysfs root/sys
mount -t proc proc root/proc
mount --bind "$directory" root/mnt
cat /etc/resolv.conf >root/etc/resolv.conf
cat /etc/hosts >root/etc/hosts
cd root
pivot_root . .
umount -l .
exec env -i -C / PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
	DEBIAN_FRONTEND=noninteractive TERM=dumb ${http_proxy:+http_proxy="$http_proxy"} "$@"
