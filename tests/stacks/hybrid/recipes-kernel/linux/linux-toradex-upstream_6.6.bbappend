# SPDX-License-Identifier: MIT
# Debian's linux-source 6.1 in the place of Linux 6.6 and Toradex's patches and configuration for it, configured for
# the emulated board (defconfig is the board's own): QEMU 7.2, Debian 12's, gives a later kernel no serial port.

FILESEXTRAPATHS:prepend := "${THISDIR}/files:"

TDX_PATCHES = ""
SRC_URI = "file://${HYBRID_SOURCES}/linux-${HYBRID_KERNEL}.tar;subdir=linux file://defconfig"
S = "${UNPACKDIR}/linux"
SRCREV_machine = ""
LINUX_VERSION = "${HYBRID_KERNEL}"
PV = "${HYBRID_KERNEL}"
KCONFIG_MODE = "--allnoconfig"
KERNEL_DTB_PREFIX = ""
KERNEL_VERSION_SANITY_SKIP = "1"
