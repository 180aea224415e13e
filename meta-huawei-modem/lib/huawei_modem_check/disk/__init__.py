# SPDX-License-Identifier: MIT
"""Disk images, read in place: partition tables, ext2 to ext4, FAT. Nothing is mounted, nothing is copied."""
