# SPDX-License-Identifier: MIT
"""Real parts from Debian: the kernel and the root file system of the emulated board."""
