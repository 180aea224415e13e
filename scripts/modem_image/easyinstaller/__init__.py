# SPDX-License-Identifier: MIT
"""Toradex Easy Installer: make an image it installs, and check one by its own rules before it sees it."""
