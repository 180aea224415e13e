# SPDX-License-Identifier: MIT
# Debian's linux-source 6.1 in the place of Linux 6.6 and Toradex's patches and configuration for it, configured for
# the emulated board (defconfig is the board's own): QEMU 7.2, Debian 12's, gives a later kernel no serial port.

FILESEXTRAPATHS:prepend := "${THISDIR}/files:"

TDX_PATCHES = ""
SRC_URI = "file://${HYBRID_SOURCES}/linux.tar file://defconfig"
S = "${WORKDIR}/linux"
SRCREV_machine = ""
LINUX_VERSION = "6.1"
PV = "6.1"
KCONFIG_MODE = "--allnoconfig"
KERNEL_DTB_PREFIX = ""
KERNEL_VERSION_SANITY_SKIP = "1"
