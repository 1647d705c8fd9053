# SPDX-License-Identifier: MIT
# For people in a fresh clone. The build itself is meson's: see README.md.

.PHONY: help run check check-deep analyze coverage-hsu bench fuzz package check-package clean

help:
	@echo 'make run              build hakurei and see it at work'
	@echo 'make check            everything that has to hold, tested'
	@echo 'make check-deep       what it has no time for: sanitizers, valgrind, analyzers'
	@echo 'make analyze          the static analyzers alone; WITH="gcc clang" picks some'
	@echo 'make coverage-hsu     what of the setuid program its tests do not reach'
	@echo 'make bench            how fast and how large it is, next to bubblewrap and others'
	@echo 'make fuzz             every parser, for TIME=30s each (h, m); ENGINE=afl is AFL++'
	@echo 'make package          a tarball and Debian packages, in build/package'
	@echo 'make check-package    them, tried in a clean Debian 12 and 13 (part of check)'
	@echo 'make clean            remove what these have built'

run:
	@tools/run.sh

check:
	@tools/check.sh

check-deep:
	@tools/check-deep.sh

analyze:
	@tools/analyze.sh $(WITH)

coverage-hsu:
	@tools/coverage-hsu.sh

bench:
	@PARTS='$(PARTS)' CROWD='$(CROWD)' tools/bench.sh

fuzz:
	@TIME='$(TIME)' ENGINE='$(ENGINE)' TARGETS='$(TARGETS)' tools/fuzz.sh

package:
	@tools/package.sh

check-package:
	@tools/check-package.sh

clean:
	rm -rf build
