# SPDX-License-Identifier: MIT
# For people in a fresh clone. The build itself is meson's: see README.md.

.PHONY: help run check coverage-hsu bench fuzz clean

help:
	@echo 'make run     build hakurei and see it at work'
	@echo 'make check   everything that has to hold, tested'
	@echo 'make coverage-hsu   what of the setuid program its tests do not reach'
	@echo 'make bench   how long a start takes, next to bubblewrap'
	@echo 'make fuzz    every parser, for FUZZ_SECONDS=30 each'
	@echo 'make clean   remove what these have built'

run:
	@tools/run.sh

check:
	@tools/check.sh

coverage-hsu:
	@tools/coverage-hsu.sh

bench:
	@tools/bench.sh

fuzz:
	@tools/fuzz.sh

clean:
	rm -rf build
