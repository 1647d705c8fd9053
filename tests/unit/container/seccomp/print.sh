#!/bin/sh
# SPDX-License-Identifier: MIT
# hakurei-filter, whose path is the argument, prints the filters; and the first one is, byte for
# byte, the program that hakurei makes for x86_64: these are the digests it is known by.
set -eu
filter=$1
failed=0

check() {
	want=$1
	shift
	got=$("$filter" "$@" --raw first | sha512sum | cut -d ' ' -f 1)
	if [ "$got" != "$want" ]; then
		echo "hakurei-filter $*: $got instead of $want"
		failed=1
	fi
}

check 95ec69d017733e072160e0da80fdebecdf27ae8166f5e2a731270c98ea2d2946cb5231029063668af215879155da21aca79b070e04c0ee9acdf58f55cfa815a5 \
	--compat --userns --tty --devel
check c698b081ff957afe17a6d94374537d37f2a63f6f9dd75da7546542407a9e32476ebda3312ba7785d7f618542bcfaf27ca27dcc2dddba852069d28bcfe8cad39a \
	--userns --tty
check 0b76007476c1c9e25dbf674c29fdf609a1656a70063e49327654e1b5360ad3da06e1a3e32bf80e961c5516ad83d4b9e7e9bde876a93797e27627d2555c25858b \
	--tty

[ "$("$filter" --list | wc -l)" -eq 129 ] || { echo "--list: not 128 presets"; failed=1; }
for preset in "" --compat --multiarch "--compat --multiarch" "--userns --can --bluetooth"; do
	# shellcheck disable=SC2086 # several words are meant
	text=$("$filter" $preset) || { echo "no listing for '$preset'"; failed=1; }
	for line in "== x86_64 ? 2" "(keyctl) ?" "fail with EPERM" "  kill"; do
		case $text in
		*"$line"*) ;;
		*) echo "listing for '$preset' without '$line'"; failed=1 ;;
		esac
	done
done
if "$filter" --raw third >/dev/null 2>&1 || "$filter" --nonsense >/dev/null 2>&1 ||
	"$filter" word >/dev/null 2>&1; then
	echo "takes arguments that it does not know"
	failed=1
fi
exit "$failed"
