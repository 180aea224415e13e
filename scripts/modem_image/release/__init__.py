# SPDX-License-Identifier: MIT
"""Publish checked images as a feed that Easy Installer reads."""
