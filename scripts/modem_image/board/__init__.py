# SPDX-License-Identifier: MIT
"""The emulated board: its description, with the kernel options and the files that only it needs."""
