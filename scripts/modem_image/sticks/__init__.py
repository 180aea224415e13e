# SPDX-License-Identifier: MIT
"""The database of sticks as the host reads it, and what follows from it for each stick."""
