# SPDX-License-Identifier: MIT
"""Toradex Easy Installer: an image by its own rules, before it sees it."""
