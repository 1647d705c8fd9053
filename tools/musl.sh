#!/bin/sh
# SPDX-License-Identifier: MIT
# musl.sh LINKS CC...: where musl is, for the static programs: its include directory and its library
# directory, a line each; and one with the kernel's headers alone, links in LINKS, because
# the directory that they come from is full of another C library's. Status 1 without musl.
# Distributions have musl in different places, so that is asked of musl-gcc and of the compiler.
set -eu
links=$1
shift

fail() {
	echo "musl.sh: $*" >&2
	exit 1
}

command -v musl-gcc >/dev/null || fail "there is no musl-gcc"

# included HEADER COMMAND...: the directory that <HEADER> comes from.
included() {
	header=$1
	shift
	echo "#include <$header>" | "$@" -E -xc - | sed -n "s,^# 1 \"\(/.*\)/$header\".*,\1,p" | head -n 1
}

include=$(included features.h musl-gcc)
[ -e "$include/features.h" ] || fail "musl-gcc does not say where its headers are"
start=$(musl-gcc '-###' -xc /dev/null -o none 2>&1 | grep -o '[^" ]*/crti\.o' | head -n 1)
library=${start%/*}
for file in rcrt1.o libc.a; do
	[ -e "$library/$file" ] || fail "musl-gcc does not say where $file is"
done

mkdir -p "$links"
for kind in linux/types.h asm/types.h asm-generic/types.h; do
	directory=$(included "$kind" "$@")
	[ -e "$directory/$kind" ] || fail "there is no <$kind>"
	ln -sfn "$directory/${kind%/*}" "$links/${kind%/*}"
done

printf '%s\n' "$include" "$library" "$links"
