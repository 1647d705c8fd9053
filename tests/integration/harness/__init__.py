# SPDX-License-Identifier: MIT
"""What the integration tests stand on: users, processes, snapshots, small programs.

Everything made here is undone at the end of the session, also after failed tests.
"""
