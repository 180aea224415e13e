# SPDX-License-Identifier: MIT
"""A real board with a real stick, over SSH: the bench's steps, table, report and capture."""
