# SPDX-License-Identifier: MIT
"""A run as a page: what happened when, drawn; all runs in one list; two of them side by side."""
