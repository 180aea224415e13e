# SPDX-License-Identifier: MIT
# Debian's linux-source 6.1 in the place of linux-yocto 6.6 and its metadata: the small configuration of the bench's
# kernel, and what QEMU's virt machine has over that.

FILESEXTRAPATHS:prepend := "${THISDIR}/qemuarm:${THISDIR}/files:"

SRC_URI = "file://${HYBRID_SOURCES}/linux.tar file://defconfig file://virt.cfg"
S = "${WORKDIR}/linux"
SRCREV_machine:forcevariable = ""
SRCREV_meta = ""
LINUX_VERSION = "6.1"
PV = "6.1"
KCONFIG_MODE = "--allnoconfig"
KERNEL_VERSION_SANITY_SKIP = "1"
# The features that core asks for are files of the metadata.
KERNEL_DANGLING_FEATURES_WARN_ONLY = "1"
