# SPDX-License-Identifier: MIT
"""How much of anything is taken: an image is anybody's, and the check has 96 MiB for itself and 256 with its
tools.

Each limit is several times what real images have; what is beyond is refused with a sentence. Sizes are bytes.
"""

from __future__ import annotations

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

# Archives
ARCHIVE_TOTAL = 8 * GIB  # what one inflates to; the eMMC of a Colibri iMX7D 1GB holds 4 GB
ARCHIVE_RATIO = 250  # zeros in xz reach far more, so small archives are exempt:
ARCHIVE_RATIO_FROM = 256 * MIB
ARCHIVE_MEMBERS = 500_000
ARCHIVE_FOLDERS = 20_000  # that are remembered; a root file system has some thousand
EXTENDED_HEADER = 256 * KIB  # names and attributes of one member
SPARSE_PIECES = 100_000
HOLES = 8 * GIB  # zeros that sparse files of one archive stand for, and that are read
PATH = 4096  # PATH_MAX of Linux
HALF_WRITTEN_FROM = 64 * MIB  # a packed file of which less than half was written; smaller ones are read
XZ_MEMORY = 160 * MIB  # for the whole of one xz; a dictionary of xz -9 takes 65
XZ_BLOCK = 32 * MIB  # kept whole, one for each thread

# Files of an image's folder
IMAGE_FILE = 16 * GIB  # the largest eMMC of a Toradex module, and nobody writes one that is full
SMALL_FILE = 256 * KIB  # of which the content is kept, until
SMALL_FILES = 16 * MIB  # are kept in all
CHECKSUMS = 4 * MIB
ALIASES = 10_000  # lines of modprobe.d that are held against sticks; an image has some ten
HELD_FILES = 10_000  # kernels, trees and texts before files of modprobe.d; one has some hundred

# Kernels and device trees
KERNEL = 32 * MIB  # a zImage of this board has 4 to 12 MB, the BOOT partition 16 to 64 MB
KERNEL_STARTS = 64  # places at which a compressed kernel may begin, for each format
DEVICE_TREE = 4 * MIB
DEVICE_TREE_NODES = 50_000
DEVICE_TREE_NAME = 256  # of a node or property; 31 by the specification
FIT_IMAGES = 32

# Modules, indexes, lists
MODULE = 32 * MIB  # inflated; the largest of Debian's has 9 MB
MODULES = 12_000  # of one release; Debian has 4,000
RELEASES = 100  # folders of modules; an image has one, a distribution a few
INDEX = 4 * MIB  # modules.dep and its like; Debian's modules.alias has 1.4 MB
CONFIG = 1 * MIB  # Debian has 260 KB
SYMBOLS = 100_000  # that a kernel exports; Debian's and its modules 27,000
LIST = 16 * MIB  # dpkg's status, System.map, Module.symvers

# What is said
PROBLEMS = 100  # of one kind, before the rest is only counted
NAME_SHOWN = 200  # characters of a name
