#!/bin/sh
# SPDX-License-Identifier: MIT
# page.sh SCDOC: a manual page out of standard input. The first line, which scdoc does not write,
# tells man that there may be a table.
set -eu
printf '%s\n' "'\\\" t"
exec "$1"
