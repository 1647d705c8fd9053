# SPDX-License-Identifier: MIT
# For people in a fresh clone. The build itself is meson's: see README.md.

.PHONY: help run check bench fuzz clean

help:
	@echo 'make run     build hakurei and see it at work'
	@echo 'make check   everything that has to hold, tested'
	@echo 'make bench   how long a start takes, next to bubblewrap'
	@echo 'make fuzz    every parser, for FUZZ_SECONDS=30 each'
	@echo 'make clean   remove what these have built'

run:
	@tools/run.sh

check:
	@tools/check.sh

bench:
	@tools/bench.sh

fuzz:
	@tools/fuzz.sh

clean:
	rm -rf build
