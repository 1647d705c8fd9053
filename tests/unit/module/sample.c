/* SPDX-License-Identifier: MIT */
/* sample.c: a module that holds one number, for tests/unit/host/test_module.c. */
extern const int sample_number;
__attribute__((visibility("default"))) const int sample_number = 42;
