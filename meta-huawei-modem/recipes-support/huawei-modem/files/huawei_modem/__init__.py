# SPDX-License-Identifier: MIT
"""Helper for Huawei USB modems under ConnMan and oFono: what it sees, and why it does not work."""

__version__ = "0.1.0"
