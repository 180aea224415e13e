# SPDX-License-Identifier: MIT
"""The content of an image: root file system, kernel modules, initramfs."""
